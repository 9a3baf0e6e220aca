"""Prompts that are one text, and what all prompts have in common."""

from __future__ import annotations

import pickle
from typing import Any

import attrs
import pytest

from streamflow.errors import PromptInputError
from streamflow.messages import HumanMessage
from streamflow.prompt_values import StringPromptValue
from streamflow.prompts import PromptTemplate


def test_the_ways_to_fill_in_a_prompt() -> None:
    prompt = PromptTemplate.from_template("tell me a joke about {topic}")
    text = "tell me a joke about parrots"
    assert prompt.format(topic="parrots") == text
    assert prompt.format_prompt(topic="parrots") == StringPromptValue(text)
    assert prompt.invoke({"topic": "parrots"}) == StringPromptValue(text)
    assert prompt.invoke("parrots") == StringPromptValue(text)
    assert list(prompt.stream({"topic": "parrots"})) == [StringPromptValue(text)]


async def test_the_ways_to_fill_in_a_prompt_on_a_loop() -> None:
    prompt = PromptTemplate.from_template("tell me a joke about {topic}")
    value = StringPromptValue("tell me a joke about parrots")
    assert await prompt.ainvoke({"topic": "parrots"}) == value
    assert [chunk async for chunk in prompt.astream("parrots")] == [value]


def test_a_template_is_a_step_of_a_chain() -> None:
    prompt = PromptTemplate.from_template("say {word}")
    chain = {"word": lambda text: text.upper()} | prompt | (lambda value: value.to_string())
    assert chain.invoke("hi") == "say HI"


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({}, "is missing 'x', 'y'. It needs 'x', 'y'; the input has nothing"),
        ({"y": 1, "z": 2}, "is missing 'x'. It needs 'x', 'y'; the input has 'y', 'z'"),
        ({}, "double its braces: {{x}}"),
    ],
)
def test_missing_variables_are_listed(values: dict[str, Any], told: str) -> None:
    prompt = PromptTemplate.from_template("{x} {y}")
    for use in (lambda: prompt.invoke(values), lambda: prompt.format(**values)):
        with pytest.raises(PromptInputError) as caught:
            use()
        assert told in str(caught.value)
        assert "PromptTemplate" in str(caught.value)


async def test_missing_variables_are_listed_on_a_loop() -> None:
    with pytest.raises(PromptInputError, match="missing 'x'"):
        await PromptTemplate.from_template("{x}").ainvoke({})


@pytest.mark.parametrize("template", ["{x} {y}", "no variables"])
def test_only_one_variable_needs_no_dict(template: str) -> None:
    with pytest.raises(PromptInputError, match=r"expects a dict with .*, got int: 3"):
        PromptTemplate.from_template(template).invoke(3)


def test_a_name_in_errors() -> None:
    with pytest.raises(PromptInputError, match=r"^greeting is missing"):
        PromptTemplate("{x}", name="greeting").invoke({})


def test_partial_variables() -> None:
    calls: list[int] = []

    def count() -> int:
        calls.append(1)
        return len(calls)

    prompt = PromptTemplate.from_template("{a} {b} {c}", partial_variables={"a": "A"})
    partial = prompt.partial(b=count)
    assert prompt.input_variables == ["b", "c"]
    assert partial.input_variables == ["c"]
    assert [partial.format(c="C"), partial.invoke("D").to_string()] == ["A 1 C", "A 2 D"]
    assert partial.format(a="Z", b="Y", c="X") == "Z Y X"
    assert len(calls) == 2


def test_variables_may_have_any_name() -> None:
    assert PromptTemplate("{self} {values} {input}").format(self=1, values=2, input=3) == "1 2 3"


def test_prompts_can_be_added_up() -> None:
    prompt = PromptTemplate.from_template("{a} ").partial(a="A") + "and {b}"
    assert prompt.template == "{a} and {b}"
    assert (prompt + PromptTemplate(" or {c}")).format(b="B", c="C") == "A and B or C"
    with pytest.raises(TypeError):
        prompt + 3


def test_prompts_do_not_change() -> None:
    prompt = PromptTemplate.from_template("{x}")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        prompt.template = "{y}"  # type: ignore[misc]  # the point of the test
    prompt.partial(x=1)
    assert prompt.input_variables == ["x"]


def test_how_a_prompt_looks(capsys: pytest.CaptureFixture[str]) -> None:
    prompt = PromptTemplate.from_template("hi {x}{y}")
    assert repr(prompt) == "PromptTemplate(input_variables=['x', 'y'], template='hi {x}{y}')"
    assert repr(prompt.partial(y=1)) == (
        "PromptTemplate(input_variables=['x'], partial_variables={'y': 1}, template='hi {x}{y}')"
    )
    prompt.pretty_print()
    assert capsys.readouterr().out == "hi {x}{y}\n"


def test_prompts_survive_a_journey() -> None:
    prompt = pickle.loads(pickle.dumps(PromptTemplate("{x}{y}").partial(y=1)))
    assert prompt.format(x=0) == "01"


def test_runs_are_named_after_the_class() -> None:
    prompt = PromptTemplate.from_template("{x}")
    assert (prompt.get_name(), prompt.run_type) == ("PromptTemplate", "prompt")


def test_a_text_is_what_the_human_says() -> None:
    value = StringPromptValue("hi")
    assert value.to_string() == "hi"
    assert value.to_messages() == [HumanMessage("hi")]
    assert repr(value) == "StringPromptValue(text='hi')"
