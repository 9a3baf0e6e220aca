"""Prompts that are lists of messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from streamflow._json import dumps, loads
from streamflow.errors import ModelInputError, PromptInputError
from streamflow.messages import (
    AIMessage,
    BaseMessage,
    ChatMessage,
    HumanMessage,
    SystemMessage,
)
from streamflow.prompt_values import ChatPromptValue
from streamflow.prompts import (
    AIMessagePromptTemplate,
    ChatMessagePromptTemplate,
    ChatPromptTemplate,
    HumanMessagePromptTemplate,
    MessagesPlaceholder,
    PromptTemplate,
    SystemMessagePromptTemplate,
)

JSON = '{"a": {"b": [{}]}}'


def made(*parts: Any, **values: Any) -> list[BaseMessage]:
    return ChatPromptTemplate.from_messages(parts).format_messages(**values)


def test_one_text_is_said_by_the_human() -> None:
    prompt = ChatPromptTemplate.from_template("tell me a joke about {topic}")
    value = ChatPromptValue([HumanMessage("tell me a joke about parrots")])
    assert prompt.invoke({"topic": "parrots"}) == value
    assert prompt.invoke("parrots") == value
    assert prompt.format_prompt(topic="parrots") == value
    assert prompt.format_messages(topic="parrots") == value.messages
    assert prompt.format(topic="parrots") == "Human: tell me a joke about parrots"
    assert list(prompt.stream("parrots")) == [value]


async def test_prompts_run_on_a_loop() -> None:
    prompt = ChatPromptTemplate.from_template("tell me a joke about {topic}")
    value = ChatPromptValue([HumanMessage("tell me a joke about parrots")])
    assert await prompt.ainvoke({"topic": "parrots"}) == value
    assert [chunk async for chunk in prompt.astream({"topic": "parrots"})] == [value]
    with pytest.raises(PromptInputError, match="missing 'topic'"):
        await prompt.ainvoke({})


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ("hi {x}", HumanMessage("hi X")),
        (("human", "hi {x}"), HumanMessage("hi X")),
        (("user", "hi {x}"), HumanMessage("hi X")),
        (["system", "hi {x}"], SystemMessage("hi X")),
        (("ai", "hi {x}"), AIMessage("hi X")),
        (("assistant", "hi {x}"), AIMessage("hi X")),
        ((SystemMessage, "hi {x}"), SystemMessage("hi X")),
        (("system", PromptTemplate("hi {x}")), SystemMessage("hi X")),
        ({"role": "system", "content": "hi {x}"}, SystemMessage("hi X")),
        (PromptTemplate("hi {x}"), HumanMessage("hi X")),
        (HumanMessagePromptTemplate.from_template("hi {x}"), HumanMessage("hi X")),
        (SystemMessagePromptTemplate.from_template("hi {x}"), SystemMessage("hi X")),
        (AIMessagePromptTemplate.from_template("hi {x}"), AIMessage("hi X")),
        (
            ChatMessagePromptTemplate.from_template("hi {x}", role="judge"),
            ChatMessage("hi X", role="judge"),
        ),
        (
            HumanMessagePromptTemplate.from_template("{x}", additional_kwargs={"k": "{x}"}),
            HumanMessage("X", additional_kwargs={"k": "{x}"}),
        ),
        (ChatPromptTemplate.from_template("hi {x}"), HumanMessage("hi X")),
    ],
)
def test_forms_of_a_part(part: Any, message: BaseMessage) -> None:
    assert made(part, x="X") == [message]
    assert ChatPromptTemplate.from_messages([part]).input_variables == ["x"]


@pytest.mark.parametrize(
    "given", ["{x}", ("system", "{x}"), HumanMessage("x"), MessagesPlaceholder("x")]
)
def test_a_single_part_needs_no_list(given: Any) -> None:
    assert len(ChatPromptTemplate(given).messages) == 1


def test_messages_are_passed_on_untouched() -> None:
    message = AIMessage(f"{{x}} {{{{y}}}} {JSON}")
    (passed,) = made(message)
    assert passed is message


def test_values_and_history_are_never_looked_into() -> None:
    history = [("human", "{x} {y.z}"), AIMessage(JSON)]
    messages = made(("placeholder", "{history}"), "{question}", history=history, question="{x}")
    assert [message.content for message in messages] == ["{x} {y.z}", JSON, "{x}"]


def test_texts_inside_content_blocks_have_places() -> None:
    blocks = [
        {"type": "text", "text": "what is {this}? {{}}"},
        {"type": "image_url", "image_url": {"url": "https://{host}/{{x}}", "detail": 3}},
    ]
    prompt = ChatPromptTemplate.from_messages([("human", blocks)])
    assert prompt.input_variables == ["this", "host"]
    assert prompt.format_messages(this="it", host="h") == [
        HumanMessage(
            [
                {"type": "text", "text": "what is it? {}"},
                {"type": "image_url", "image_url": {"url": "https://h/{x}", "detail": 3}},
            ]
        )
    ]
    template = HumanMessagePromptTemplate.from_template(blocks, partial_variables={"this": "it"})
    assert template.input_variables == ["host"]
    assert template.format(host="h") == prompt.format_messages(this="it", host="h")[0]
    assert "what is {this}" in template.pretty_repr()


@pytest.mark.parametrize(
    "part",
    [3, ("bad", "x"), ("ai",), ("tool", "x"), ("human", 3), {"role": "user"}, (int, "x"), None],
)
def test_what_is_no_part(part: Any) -> None:
    with pytest.raises(ModelInputError, match="is no part of a chat prompt"):
        ChatPromptTemplate.from_messages([part])


# ------------------------------------------------------------------------- placeholders


@pytest.mark.parametrize(
    ("given", "messages"),
    [
        ([], []),
        (
            [("ai", "a"), "b", HumanMessage("c")],
            [AIMessage("a"), HumanMessage("b"), HumanMessage("c")],
        ),
        ("b", [HumanMessage("b")]),
        (ChatPromptValue([AIMessage("a")]), [AIMessage("a")]),
    ],
)
def test_a_placeholder_takes_messages(given: Any, messages: list[BaseMessage]) -> None:
    assert made(MessagesPlaceholder("history"), history=given) == messages


def test_a_placeholder_must_be_given_unless_it_is_optional() -> None:
    with pytest.raises(PromptInputError, match="missing 'history'"):
        made(MessagesPlaceholder("history"))
    for part in (MessagesPlaceholder("h", optional=True), ("placeholder", "{h}")):
        assert made(part) == made(part, h=None) == []
        assert made(part, h=["a"]) == [HumanMessage("a")]
    required = ChatPromptTemplate.from_messages([("placeholder", ["{h}", False])])
    assert required.input_variables == ["h"]


def test_a_placeholder_may_take_the_last_ones_only() -> None:
    part = MessagesPlaceholder("h", n_messages=2)
    assert made(part, h=["a", "b", "c"]) == [HumanMessage("b"), HumanMessage("c")]
    assert made(part, h=["a"]) == [HumanMessage("a")]
    with pytest.raises(ValueError, match="n_messages"):
        MessagesPlaceholder("h", n_messages=0)


@pytest.mark.parametrize("given", [3, [3], None])
def test_a_placeholder_that_gets_no_messages_says_so(given: Any) -> None:
    with pytest.raises(ModelInputError, match="placeholder 'h'"):
        made(MessagesPlaceholder("h"), h=given)


@pytest.mark.parametrize("template", ["h", "{h} {i}", "x{h}", 3, ["{h}", 1]])
def test_how_a_placeholder_is_not_written(template: Any) -> None:
    with pytest.raises(ModelInputError, match="a placeholder is written"):
        ChatPromptTemplate.from_messages([("placeholder", template)])


# ---------------------------------------------------------------------------- variables


def test_variables_are_in_order_of_appearance() -> None:
    prompt = ChatPromptTemplate.from_messages(
        [
            ("system", "{z} {a}"),
            MessagesPlaceholder("m"),
            ("placeholder", "{o}"),
            ("placeholder", "{a}"),
            ("human", "{a} {b}"),
        ]
    )
    assert prompt.input_variables == ["z", "a", "m", "b"]
    assert prompt.optional_variables == ["o"]
    assert prompt.partial(o=[], b=1).optional_variables == []
    assert prompt.partial(o=[], b=1).input_variables == ["z", "a", "m"]


@pytest.mark.parametrize(
    "use", [lambda prompt, v: prompt.invoke(v), lambda prompt, v: prompt.format_messages(**v)]
)
def test_missing_variables_are_listed(use: Callable[..., object]) -> None:
    prompt = ChatPromptTemplate.from_messages([("system", "{a} {b}"), ("human", "{c}")])
    with pytest.raises(PromptInputError) as caught:
        use(prompt, {"b": 1})
    assert str(caught.value) == (
        "ChatPromptTemplate is missing 'a', 'c'. It needs 'a', 'b', 'c'; the input has 'b'. "
        "If {a} is text rather than a variable, double its braces: {{a}}."
    )


def test_a_template_of_one_message_checks_its_variables() -> None:
    with pytest.raises(PromptInputError, match="HumanMessagePromptTemplate is missing 'x'"):
        HumanMessagePromptTemplate.from_template("{x}").format()


def test_partial_variables() -> None:
    prompt = ChatPromptTemplate.from_messages([("system", "{a}"), ("human", "{b}")])
    partial = prompt.partial(a=lambda: "now")
    assert partial.invoke("x").to_messages() == [SystemMessage("now"), HumanMessage("x")]
    assert partial.format_messages(a="then", b="x")[0] == SystemMessage("then")
    assert prompt.input_variables == ["a", "b"]
    again = ChatPromptTemplate.from_template("{a} {b}", partial_variables={"a": 1})
    assert again.format(b=2) == "Human: 1 2"


def test_what_a_nested_prompt_knows_holds_inside_it() -> None:
    inner = ChatPromptTemplate.from_template("in {x} {y}").partial(x="X")
    prompt = ChatPromptTemplate.from_messages([inner, "out {x}", inner.partial(x="Z")])
    assert prompt.input_variables == ["y", "x"]
    messages = prompt.format_messages(x="x", y="Y")
    assert [message.text for message in messages] == ["in X Y", "out x", "in Z Y"]


# -------------------------------------------------------------------------- composition


def test_prompts_add_up_with_prompts_messages_and_texts() -> None:
    system = SystemMessage("be {brief}")
    prompt = ChatPromptTemplate.from_messages([system]) + "a {x}" + AIMessage("b")
    prompt = prompt + ("ai", "c {y}") + [MessagesPlaceholder("h"), "d"]
    prompt = prompt + HumanMessagePromptTemplate.from_template("e {x}")
    assert prompt.input_variables == ["x", "y", "h"]
    messages = prompt.format_messages(x=1, y=2, h=["m"])
    assert [message.text for message in messages] == [
        "be {brief}",
        "a 1",
        "b",
        "c 2",
        "m",
        "d",
        "e 1",
    ]


def test_messages_and_texts_add_up_with_prompts() -> None:
    prompt = ChatPromptTemplate.from_template("{x}")
    for left in (
        SystemMessage("s"),
        "s",
        [("system", "s")],
        SystemMessagePromptTemplate.from_template("s"),
    ):
        messages = (left + prompt).format_messages(x=1)  # type: ignore[operator]  # __radd__
        assert [message.text for message in messages] == ["s", "1"]


def test_two_prompts_become_one() -> None:
    left = ChatPromptTemplate.from_template("{x}").partial(x=1)
    right = ChatPromptTemplate.from_template("{y}").partial(y=2)
    both = left + right
    assert len(both.messages) == 2
    assert both.format() == "Human: 1\nHuman: 2"
    assert len(left.messages) == 1


def test_what_does_not_add_up() -> None:
    with pytest.raises(ModelInputError, match="3 is no part"):
        ChatPromptTemplate.from_template("{x}") + 3


# ------------------------------------------------------------------------------- looks


def test_reprs() -> None:
    prompt = ChatPromptTemplate.from_messages(
        [("system", "{a}"), ("placeholder", "{h}"), HumanMessage("hi")]
    )
    assert repr(prompt.partial(h=[])) == (
        "ChatPromptTemplate(input_variables=['a'], partial_variables={'h': []}, messages=["
        "SystemMessagePromptTemplate(prompt=PromptTemplate(input_variables=['a'], "
        "template='{a}')), MessagesPlaceholder(variable_name='h', optional=True), "
        "HumanMessage(content='hi')])"
    )
    assert "optional_variables=['h']" in repr(prompt)
    assert repr(MessagesPlaceholder("h", n_messages=2)) == (
        "MessagesPlaceholder(variable_name='h', n_messages=2)"
    )
    assert repr(ChatMessagePromptTemplate.from_template("x", role="r")) == (
        "ChatMessagePromptTemplate(prompt=PromptTemplate(input_variables=[], template='x'), "
        "role='r')"
    )


def test_pretty_print(capsys: pytest.CaptureFixture[str]) -> None:
    ChatPromptTemplate.from_messages([("system", "{a}"), MessagesPlaceholder("h")]).pretty_print()
    HumanMessagePromptTemplate.from_template("{x}").pretty_print()
    assert capsys.readouterr().out.splitlines() == [
        "================================ System Message ================================",
        "",
        "{a}",
        "",
        "============================= Messages Placeholder =============================",
        "",
        "{h}",
        "================================ Human Message =================================",
        "",
        "{x}",
    ]


def test_the_value_of_a_chat_prompt() -> None:
    value = ChatPromptValue((SystemMessage("a"), HumanMessage("b")))
    assert repr(value) == (
        "ChatPromptValue(messages=[SystemMessage(content='a'), HumanMessage(content='b')])"
    )
    assert value.to_string() == "System: a\nHuman: b"
    value.to_messages().clear()
    assert len(value.messages) == 2
    assert loads(dumps(value)) == value


def test_runs_are_named_after_the_class() -> None:
    prompt = ChatPromptTemplate.from_template("{x}")
    assert (prompt.get_name(), prompt.run_type) == ("ChatPromptTemplate", "prompt")
