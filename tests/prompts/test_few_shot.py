"""Prompts that show examples, and what chooses the examples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from anyio.lowlevel import checkpoint

from streamflow.errors import (
    MissingImplementationError,
    PromptInputError,
    PromptTemplateError,
)
from streamflow.example_selectors import BaseExampleSelector, LengthBasedExampleSelector
from streamflow.messages import AIMessage, HumanMessage, SystemMessage
from streamflow.prompts import (
    ChatPromptTemplate,
    FewShotChatMessagePromptTemplate,
    FewShotPromptTemplate,
    FewShotPromptWithTemplates,
    HumanMessagePromptTemplate,
    PromptTemplate,
)

EXAMPLE = PromptTemplate("{q} -> {a}")
EXAMPLES = [{"q": "1", "a": "one"}, {"q": "{x}", "a": "{{y}} {z.w}"}]
PAIR = ChatPromptTemplate([("human", "{q}"), ("ai", "{a}")])


class Chosen(BaseExampleSelector):
    """Chooses one example by a variable of the input."""

    def __init__(self) -> None:
        self.seen: list[dict[str, Any]] = []

    def add_example(self, example: dict[str, str]) -> None:
        raise NotImplementedError

    def select_examples(self, input_variables: Mapping[str, Any]) -> list[Any]:
        self.seen.append(dict(input_variables))
        return [{"q": input_variables["x"], "a": "chosen"}]


class ChosenLater(Chosen):
    async def aselect_examples(self, input_variables: Mapping[str, Any]) -> list[Any]:
        await checkpoint()
        return [{**example, "a": "later"} for example in self.select_examples(input_variables)]


def test_a_text_with_examples() -> None:
    prompt = FewShotPromptTemplate(
        examples=EXAMPLES, example_prompt=EXAMPLE, prefix="Say {x}:", suffix="{y!r} ->"
    )
    assert prompt.input_variables == ["x", "y"]
    text = "Say {q}:\n\n1 -> one\n\n{x} -> {{y}} {z.w}\n\n'Y' ->"
    assert prompt.format(x="{q}", y="Y") == text
    assert prompt.invoke({"x": "{q}", "y": "Y"}).to_string() == text
    assert prompt.partial(y="Y").invoke("{q}").to_string() == text
    assert prompt.pretty_repr() == ("Say {x}:\n\n1 -> one\n\n{x} -> {{y}} {z.w}\n\n{y!r} ->")
    assert repr(prompt).startswith(
        "FewShotPromptTemplate(input_variables=['x', 'y'], examples=[{'q': '1', 'a': 'one'}"
    )


async def test_a_text_with_examples_on_a_loop() -> None:
    prompt = FewShotPromptTemplate(
        examples=EXAMPLES[:1],
        example_prompt=EXAMPLE,
        suffix="{{y}}",
        example_separator="\n",
        template_format="mustache",
    )
    assert await prompt.aformat(y=2) == (await prompt.ainvoke(2)).to_string() == "1 -> one\n2"


def test_between_two_prompts() -> None:
    prompt = FewShotPromptWithTemplates(
        examples=EXAMPLES[:1],
        example_prompt=EXAMPLE,
        prefix=PromptTemplate("p {x}"),
        suffix=PromptTemplate("s {{y}}", template_format="mustache"),
        example_separator="|",
    )
    assert prompt.input_variables == ["x", "y"]
    assert prompt.format(x=1, y=2) == "p 1|1 -> one|s 2"
    assert prompt.partial(y=2).invoke(1).to_string() == "p 1|1 -> one|s 2"
    assert prompt.pretty_repr() == "p {x}|1 -> one|s {{y}}"
    assert "prefix=PromptTemplate(" in repr(prompt)
    assert prompt.input_types == {"y": Any}


def test_messages_as_examples() -> None:
    examples = FewShotChatMessagePromptTemplate(examples=EXAMPLES, example_prompt=PAIR)
    messages = [
        HumanMessage("1"),
        AIMessage("one"),
        HumanMessage("{x}"),
        AIMessage("{{y}} {z.w}"),
    ]
    assert examples.format_messages() == messages
    assert examples.invoke({}).to_messages() == messages
    prompt = ChatPromptTemplate([("system", "{q}"), examples, "{x}"])
    assert prompt.input_variables == ["q", "x"]
    assert prompt.format_messages(q="Q", x="X") == [
        SystemMessage("Q"),
        *messages,
        HumanMessage("X"),
    ]
    assert examples.pretty_repr().count("Human Message") == 2
    assert (examples.format()).startswith("Human: 1\nAI: one\n")


@pytest.mark.parametrize(("selector", "on_loop"), [(Chosen(), "chosen"), (ChosenLater(), "later")])
async def test_a_selector_chooses(selector: Chosen, on_loop: str) -> None:
    text = FewShotPromptTemplate(
        example_selector=selector, example_prompt=EXAMPLE, suffix="{x}", example_separator=" "
    )
    assert text.format(x="X") == text.invoke("X").to_string() == "X -> chosen X"
    assert await text.aformat(x="X") == f"X -> {on_loop} X"
    assert (await text.ainvoke("X")).to_string() == f"X -> {on_loop} X"
    examples = FewShotChatMessagePromptTemplate(
        example_selector=selector, example_prompt=PAIR, input_variables=["x"]
    )
    prompt = ChatPromptTemplate([examples, "{y}"]).partial(y="Y")
    assert prompt.input_variables == ["x"]
    expected = [HumanMessage("X"), AIMessage(on_loop), HumanMessage("Y")]
    selector.seen.clear()
    assert (await prompt.ainvoke("X")).to_messages() == expected
    assert await prompt.aformat_messages(x="X") == expected
    assert selector.seen == [{"x": "X", "y": "Y"}] * 2
    assert [m.text for m in prompt.format_messages(x="X")] == ["X", "chosen", "Y"]
    assert "example_selector=" in repr(text)
    assert text.pretty_repr() == "{q} -> {a} {x}"


@pytest.mark.parametrize("given", [{}, {"examples": [], "example_selector": Chosen()}])
def test_either_examples_or_a_selector(given: dict[str, Any]) -> None:
    with pytest.raises(PromptTemplateError, match="either examples or an example_selector"):
        FewShotPromptTemplate(example_prompt=EXAMPLE, suffix="", **given)


def test_an_example_that_lacks_something_is_named() -> None:
    prompt = FewShotPromptTemplate(
        examples=[*EXAMPLES, {"q": "2"}], example_prompt=EXAMPLE, suffix=""
    )
    with pytest.raises(PromptInputError, match="of example 2 is missing 'a'"):
        prompt.format()
    none = FewShotChatMessagePromptTemplate(
        examples=["x"],  # type: ignore[list-item]  # the point
        example_prompt=HumanMessagePromptTemplate.from_template("{q}"),
    )
    with pytest.raises(PromptInputError, match="example 0 is no dict but 'x'"):
        none.format_messages()


# ------------------------------------------------------------------------------ by length


def by_length(**given: Any) -> LengthBasedExampleSelector:
    examples = [{"q": "a b c"}, {"q": "d e"}, {"q": "f"}]
    return LengthBasedExampleSelector(
        examples=examples, example_prompt=PromptTemplate("{q}"), **given
    )


@pytest.mark.parametrize(
    ("max_length", "chosen"), [(0, 0), (3, 0), (4, 1), (5, 1), (6, 2), (7, 3), (2048, 3)]
)
async def test_as_many_examples_as_fit(max_length: int, chosen: int) -> None:
    selector = by_length(max_length=max_length)
    assert len(selector.select_examples({"x": 1})) == chosen
    assert selector.select_examples({"x": 1}) == selector.examples[:chosen]
    assert await selector.aselect_examples({"x": 1}) == selector.examples[:chosen]


async def test_examples_can_be_added() -> None:
    selector = by_length(get_text_length=len)
    selector.add_example({"q": "ghi"})
    await selector.aadd_example({"q": "j"})
    assert selector.example_text_lengths == [5, 3, 1, 3, 1]
    assert selector.select_examples({})[-1] == {"q": "j"}


async def test_a_selector_of_ones_own_needs_no_async_methods() -> None:
    class Adding(Chosen):
        def add_example(self, example: dict[str, str]) -> None:
            self.seen.append(dict(example))

    selector = Adding()
    await selector.aadd_example({"a": "b"})
    assert selector.seen == [{"a": "b"}]
    assert await selector.aselect_examples({"x": 1}) == [{"q": 1, "a": "chosen"}]


def test_what_a_class_must_define() -> None:
    from streamflow.prompts import BaseChatPromptTemplate, StringPromptTemplate

    with pytest.raises(MissingImplementationError, match="does not define format"):
        StringPromptTemplate().format()
    with pytest.raises(MissingImplementationError, match="does not define format_messages"):
        BaseChatPromptTemplate().invoke({})
