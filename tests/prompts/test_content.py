"""Content of several parts: texts, images, and dicts of any kind."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from streamflow._json import dumps, loads
from streamflow.errors import ModelInputError, PromptInputError, PromptTemplateError
from streamflow.messages import HumanMessage
from streamflow.prompt_values import ImagePromptValue
from streamflow.prompts import (
    ChatPromptTemplate,
    DictPromptTemplate,
    FewShotPromptTemplate,
    HumanMessagePromptTemplate,
    ImagePromptTemplate,
    PromptTemplate,
)

URL = "data:image/png;base64,{data}"


@pytest.mark.parametrize(
    ("item", "block"),
    [
        ("hi {x}", {"type": "text", "text": "hi X"}),
        ({"text": "hi {x}"}, {"type": "text", "text": "hi X"}),
        ({"type": "text", "text": "{x} {{}}"}, {"type": "text", "text": "X {}"}),
        (PromptTemplate("hi {x}"), {"type": "text", "text": "hi X"}),
        ({"image_url": "u/{x}"}, {"type": "image_url", "image_url": {"url": "u/X"}}),
        (
            {"type": "image_url", "image_url": {"url": "u/{x}", "detail": "{x}"}},
            {"type": "image_url", "image_url": {"url": "u/X", "detail": "X"}},
        ),
        (
            ImagePromptTemplate({"url": "u/{x}"}),
            {"type": "image_url", "image_url": {"url": "u/X"}},
        ),
        (
            {"type": "text", "text": "{x}", "cache_control": {"type": "ephemeral"}},
            {"type": "text", "text": "X", "cache_control": {"type": "ephemeral"}},
        ),
        (
            {"type": "audio", "{x}": [1, None, ["{x}", {"a": "{x}"}]]},
            {"type": "audio", "{x}": [1, None, ["X", {"a": "X"}]]},
        ),
        (DictPromptTemplate({"a": "{x}"}), {"a": "X"}),
        (
            FewShotPromptTemplate(examples=[], example_prompt=PromptTemplate(""), suffix="{x}"),
            {"type": "text", "text": "X"},
        ),
    ],
)
async def test_what_becomes_of_an_item(item: Any, block: dict[str, Any]) -> None:
    prompt = ChatPromptTemplate([("human", [item])])
    assert prompt.input_variables == ["x"]
    assert prompt.format_messages(x="X") == [HumanMessage([block])]
    assert (await prompt.ainvoke("X")).to_messages() == [HumanMessage([block])]
    assert pickle.loads(pickle.dumps(prompt)).invoke("X").to_messages()[0].content == [block]


@pytest.mark.parametrize("item", [3, None, ["text"]])
def test_what_is_no_content(item: Any) -> None:
    with pytest.raises(ModelInputError, match="is no content"):
        HumanMessagePromptTemplate.from_template([item])


def test_values_and_blocks_are_not_shared() -> None:
    item = {"type": "audio", "audio": {"rate": 8}}
    prompt = ChatPromptTemplate([("human", [item])])
    first, second = (prompt.format_messages()[0].content for _ in range(2))
    assert first == second
    assert first[0] is not second[0]  # type: ignore[comparison-overlap]  # blocks, not texts
    item["type"] = "video"
    assert prompt.format_messages()[0].content == first


def test_a_dict() -> None:
    prompt = DictPromptTemplate({"a": "{x}", "b": ["{y}", 3]}).partial(y=2)
    assert prompt.input_variables == ["x"]
    assert prompt.format(x="{y}") == prompt.invoke("{y}") == {"a": "{y}", "b": ["2", 3]}
    assert prompt.get_output_jsonschema()["type"] == "object"
    assert prompt.pretty_repr() == "{'a': '{x}', 'b': ['{y}', 3]}"
    assert repr(prompt) == (
        "DictPromptTemplate(input_variables=['x'], partial_variables={'y': 2}, "
        "template={'a': '{x}', 'b': ['{y}', 3]})"
    )
    with pytest.raises(PromptInputError, match="DictPromptTemplate is missing 'x'"):
        prompt.format()
    with pytest.raises(PromptTemplateError, match="is made of a dict"):
        DictPromptTemplate("{x}")  # type: ignore[arg-type]  # the point
    mustache = DictPromptTemplate({"a": "{{x.y}}"}, template_format="mustache")
    assert mustache.format(x={"y": 1}) == {"a": "1"}


async def test_an_image() -> None:
    prompt = ImagePromptTemplate({"url": URL, "detail": "low"})
    url = {"url": "data:image/png;base64,AA", "detail": "low"}
    value = prompt.invoke({"data": "AA"})
    assert prompt.format(data="AA") == await prompt.aformat(data="AA") == url
    assert value == await prompt.ainvoke("AA") == ImagePromptValue(url)  # type: ignore[arg-type]  # a literal
    assert value.to_string() == url["url"]
    assert value.to_messages() == [HumanMessage([{"type": "image_url", "image_url": url}])]
    assert loads(dumps(value)) == value
    assert URL in prompt.pretty_repr()
    assert repr(prompt).startswith("ImagePromptTemplate(input_variables=['data'], template={")


@pytest.mark.parametrize("template", [{}, {"detail": "low"}, {"url": 3}, {"path": "/etc/passwd"}])
def test_an_image_needs_an_address(template: dict[str, Any]) -> None:
    with pytest.raises(PromptTemplateError, match="an image needs a text as 'url'"):
        ImagePromptTemplate(template)


def test_how_content_looks(capsys: pytest.CaptureFixture[str]) -> None:
    prompt = HumanMessagePromptTemplate.from_template(["see {x}", {"image_url": "{y}"}])
    prompt.pretty_print()
    assert capsys.readouterr().out.splitlines()[1:] == [
        "",
        "see {x}",
        "",
        "{'type': 'image_url', 'image_url': {'url': '{y}'}}",
    ]
