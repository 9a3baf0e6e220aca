"""Prompts as lists of messages, sums of messages, and classes of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import pytest

from streamflow.errors import (
    ChunkMergeError,
    MissingImplementationError,
    ModelInputError,
)
from streamflow.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from streamflow.prompt_values import ChatPromptValue, StringPromptValue
from streamflow.prompts import (
    BaseChatPromptTemplate,
    BaseMessagePromptTemplate,
    ChatPromptTemplate,
    HumanMessagePromptTemplate,
    MessagesPlaceholder,
    PromptTemplate,
    StringPromptTemplate,
    SystemMessagePromptTemplate,
)
from streamflow.runnables import RunnableGenerator


def texts(prompt: ChatPromptTemplate, **values: Any) -> list[str]:
    return [message.text for message in prompt.format_messages(**values)]


def test_parts_can_be_appended() -> None:
    prompt = ChatPromptTemplate(["{a}"])
    assert prompt.input_variables == ["a"]
    prompt.append(("ai", "{b}"))
    prompt.extend([SystemMessage("{c}"), MessagesPlaceholder("d", optional=True)])
    assert prompt.input_variables == ["a", "b"]
    assert prompt.optional_variables == ["d"]
    assert texts(prompt, a=1, b=2, d=["3"]) == ["1", "2", "{c}", "3"]
    with pytest.raises(ModelInputError):
        prompt.append(3)
    assert len(prompt) == 4


async def test_what_is_appended_may_have_to_be_awaited() -> None:
    async def later() -> str:
        return "later"

    prompt = ChatPromptTemplate(["a"])
    assert prompt.format() == "Human: a"
    prompt.append(PromptTemplate("{b}").partial(b=later))
    assert await prompt.aformat() == "Human: a\nHuman: later"


def test_appending_does_not_reach_other_prompts() -> None:
    inner = ChatPromptTemplate(["{a}"])
    outer = ChatPromptTemplate([inner, "{b}"])
    total = inner + "{c}"
    partial = inner.partial(a=1)
    inner.append("{d}")
    assert (outer.input_variables, total.input_variables) == (["a", "b"], ["a", "c"])
    assert texts(outer, a=1, b=2) == ["1", "2"]
    assert texts(partial) == ["1"]
    assert texts(inner, a=1, d=4) == ["1", "4"]


def test_parts_by_index() -> None:
    message = SystemMessage("s")
    prompt = ChatPromptTemplate([message, "{a}", ("ai", "{b}")]).partial(b=2)
    assert prompt[0] is message
    assert isinstance(prompt[-1], BaseMessagePromptTemplate)
    assert isinstance(prompt[1:], ChatPromptTemplate)
    assert (prompt[1:].input_variables, len(prompt[1:])) == (["a"], 2)
    assert texts(prompt[::-1], a=1) == ["2", "1", "s"]
    with pytest.raises(IndexError):
        prompt[3]


# --------------------------------------------------------------------- sums of messages


def test_messages_add_up_to_a_prompt() -> None:
    prompt = SystemMessage("be {brief}") + HumanMessage("hi") + AIMessage("hm") + "{question}"
    assert isinstance(prompt, ChatPromptTemplate)
    assert prompt.input_variables == ["question"]
    assert texts(prompt, question="{why}") == ["be {brief}", "hi", "hm", "{why}"]
    assert prompt.invoke("why") == ChatPromptValue(
        [SystemMessage("be {brief}"), HumanMessage("hi"), AIMessage("hm"), HumanMessage("why")]
    )


@pytest.mark.parametrize(
    "left",
    [
        HumanMessage("l"),
        HumanMessagePromptTemplate.from_template("l"),
        MessagesPlaceholder("l", optional=True),
    ],
)
def test_what_adds_up_to_the_right(left: Any) -> None:
    for right in ("r", ("ai", "r"), ["r"], ChatPromptTemplate(["r"]), AIMessage("r")):
        total = left + right
        assert isinstance(total, ChatPromptTemplate)
        assert texts(total)[-1] == "r"
        assert len(total) == 2
    total = left + (ChatPromptTemplate(["{r}"]).partial(r=1))
    assert texts(total)[-1] == "1"
    with pytest.raises(ModelInputError):
        left + 3


def test_whole_messages_of_a_stream_do_not_become_a_prompt() -> None:
    """Where chunks are joined, a whole message is the state so far, not a part."""

    def snapshots(_: Any) -> Any:
        yield HumanMessage("a")
        yield HumanMessage("b")

    assert RunnableGenerator(snapshots).invoke(None) == HumanMessage("b")
    with pytest.raises(ChunkMergeError):
        HumanMessage.merge_chunks((HumanMessage("a"), AIMessage("b")))


# --------------------------------------------------------------------- files and examples


def test_templates_from_files(tmp_path: Path) -> None:
    file = tmp_path / "prompt.txt"
    file.write_text("grüß {x}", encoding="utf-8")
    assert PromptTemplate.from_file(file).format(x=1) == "grüß 1"
    part = SystemMessagePromptTemplate.from_template_file(str(file), input_variables=["x"])
    assert part.format(x=1) == SystemMessage("grüß 1")
    file.write_text("grüß", encoding="latin-1")
    assert PromptTemplate.from_file(file, "latin-1").format() == "grüß"


def test_a_template_from_examples() -> None:
    prompt = PromptTemplate.from_examples(["a", "b {x}"], "end {y}", ["x", "y"], prefix="start")
    assert prompt.format(x=1, y=2) == "start\n\na\n\nb 1\n\nend 2"


def test_variables_may_be_listed_and_typed() -> None:
    prompt = PromptTemplate(template="{n}", input_variables=["n"], input_types={"n": int})
    assert prompt.input_variables == ["n"]
    assert prompt.input_types == {"n": int}
    assert prompt.get_input_jsonschema()["properties"]["n"]["type"] == "integer"
    chat = ChatPromptTemplate([MessagesPlaceholder("h"), "{x}"], input_types={"x": bool})
    assert chat.input_types == {"h": list[BaseMessage], "x": bool}


# ------------------------------------------------------------------ classes of one's own


@attrs.frozen(eq=False, repr=False, slots=False)
class Shout(StringPromptTemplate):
    mark: str = "!"

    def format(self, **values: Any) -> str:
        return f"{values['x']}{values['y']}{self.mark}".upper()


class Twice(BaseChatPromptTemplate):
    def format_messages(self, **values: Any) -> list[BaseMessage]:
        return [HumanMessage(values["x"]), AIMessage(values["x"])]


class Part(BaseMessagePromptTemplate):
    @property
    def input_variables(self) -> list[str]:
        return ["x"]

    def format_messages(self, /, **values: Any) -> list[BaseMessage]:
        return [SystemMessage(str(values))]


async def test_texts_of_ones_own() -> None:
    prompt = Shout("?", input_variables=["x", "y"]).partial(y=lambda: "b")
    value = StringPromptValue("AB?")
    assert prompt.input_variables == ["x"]
    assert prompt.invoke("a") == await prompt.ainvoke({"x": "a"}) == value
    assert prompt.format_prompt(x="a") == await prompt.aformat_prompt(x="a") == value
    assert await prompt.aformat(x="a") == "AB?"
    assert texts(ChatPromptTemplate([prompt]), x="a") == ["AB?"]
    assert repr(prompt).startswith("Shout(input_variables=['x'], partial_variables={'y': ")


async def test_chats_of_ones_own() -> None:
    prompt = Twice(input_variables=["x"])
    messages = [HumanMessage("a"), AIMessage("a")]
    assert prompt.invoke("a").to_messages() == (await prompt.ainvoke("a")).to_messages() == messages
    assert await prompt.aformat_messages(x="a") == messages
    assert prompt.format(x="a") == "Human: a\nAI: a"
    assert ChatPromptTemplate([prompt, "{y}"]).input_variables == ["x", "y"]
    assert repr(prompt) == "Twice(input_variables=['x'])"


async def test_parts_of_ones_own() -> None:
    prompt = ChatPromptTemplate([Part(), "{y}"])
    assert prompt.input_variables == ["x", "y"]
    assert texts(prompt, x=1, y=2) == ["{'x': 1}", "2"]
    assert await Part().aformat_messages(x=1) == [SystemMessage("{'x': 1}")]
    for use in (
        lambda: BaseMessagePromptTemplate().fill({}),
        lambda: BaseMessagePromptTemplate().input_variables,
        lambda: Part().pretty_repr(),
    ):
        with pytest.raises(MissingImplementationError):
            use()


async def test_templates_of_one_message_on_a_loop() -> None:
    async def later() -> str:
        return "later"

    template = HumanMessagePromptTemplate.from_template("{x}", partial_variables={"x": later})
    assert await template.aformat() == HumanMessage("later")
    assert await template.aformat_messages() == [HumanMessage("later")]
