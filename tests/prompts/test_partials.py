"""Functions as partial variables: plain and async, at any depth, with and without a loop."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any

import anyio
import pytest
from anyio.lowlevel import checkpoint

from streamflow.bus import current_run
from streamflow.messages import BaseMessage, HumanMessage, SystemMessage
from streamflow.prompts import (
    ChatPromptTemplate,
    DictPromptTemplate,
    FewShotChatMessagePromptTemplate,
    FewShotPromptTemplate,
    FewShotPromptWithTemplates,
    HumanMessagePromptTemplate,
    PromptTemplate,
)


def plain() -> str:
    return "now"


async def waits() -> str:
    await checkpoint()
    return "now"


class Callable_:
    async def __call__(self) -> str:
        return await waits()


FUNCTIONS = {
    "plain": plain,
    "async": waits,
    "partial": functools.partial(waits),
    "lambda": lambda *_: waits(),
    "object": Callable_(),
}


def chat(function: Callable[[], Any]) -> ChatPromptTemplate:
    """Has the function as deep as it goes, and where it has no effect."""
    inner = ChatPromptTemplate.from_messages([("ai", "in {t} {x}")]).partial(t=function)
    text = PromptTemplate("text {t}").partial(t=function)
    blocks = HumanMessagePromptTemplate.from_template(
        [{"type": "text", "text": "{t}"}, {"type": "image_url", "image_url": {"url": "{t}/{x}"}}],
        partial_variables={"t": function},
    )
    outer = ChatPromptTemplate.from_messages([("system", "{t}"), inner, text, blocks])
    return outer.partial(t=function, never=lambda: 1 / 0, given=lambda: 1 / 0)


EXPECTED = [
    ("system", "now"),
    ("ai", "in now X"),
    ("human", "text now"),
    (
        "human",
        [
            {"type": "text", "text": "now"},
            {"type": "image_url", "image_url": {"url": "now/X"}},
        ],
    ),
]


def seen(messages: list[BaseMessage]) -> list[tuple[str, Any]]:
    return [(message.type, message.content) for message in messages]


@pytest.fixture(params=FUNCTIONS)
def function(request: pytest.FixtureRequest) -> Any:
    return FUNCTIONS[request.param]


def prompt_of(function: Callable[[], Any]) -> ChatPromptTemplate:
    return ChatPromptTemplate(chat(function).messages, partial_variables={"t": function, "x": "X"})


def test_without_a_loop(function: Any) -> None:
    prompt = prompt_of(function)
    assert prompt.input_variables == []
    assert seen(prompt.format_messages()) == EXPECTED
    assert seen(prompt.invoke({}).to_messages()) == EXPECTED
    assert seen(prompt.format_prompt(t="now").to_messages()) == EXPECTED
    assert prompt.format().startswith("System: now\nAI: in now X")


async def test_on_a_loop(function: Any) -> None:
    prompt = prompt_of(function)
    assert seen(await prompt.aformat_messages()) == EXPECTED
    assert seen((await prompt.ainvoke({})).to_messages()) == EXPECTED
    assert seen((await prompt.aformat_prompt()).to_messages()) == EXPECTED
    assert (await prompt.aformat()).startswith("System: now\nAI: in now X")
    assert seen((await anyio.to_thread.run_sync(prompt.invoke, {})).to_messages()) == EXPECTED


async def test_in_texts_and_few_shot_prompts(function: Any) -> None:
    example = PromptTemplate("{t} {q}").partial(t=function)
    few_shot = FewShotPromptTemplate(
        examples=[{"q": 1}], example_prompt=example, suffix="{t}", example_separator="|"
    ).partial(t=function)
    templates = FewShotPromptWithTemplates(
        examples=[{"q": 1}],
        example_prompt=example,
        prefix=example.partial(q=0),
        suffix=PromptTemplate("{t}").partial(t=function),
        example_separator="|",
    )
    for prompt, text in ((few_shot, "now 1|now"), (templates, "now 0|now 1|now")):
        assert prompt.input_variables == []
        assert await prompt.aformat() == text
        assert (await prompt.ainvoke({})).to_string() == text
        assert await anyio.to_thread.run_sync(prompt.format) == text
    messages = FewShotChatMessagePromptTemplate(
        examples=[{"q": 1}], example_prompt=HumanMessagePromptTemplate(example)
    )
    assert await messages.aformat_messages() == [HumanMessage("now 1")]
    block = DictPromptTemplate({"a": ["{t}"]}, partial_variables={"t": function})
    assert await block.aformat() == await block.ainvoke({}) == {"a": ["now"]}


def test_a_value_given_now_has_precedence_and_spares_the_call() -> None:
    prompt = PromptTemplate("{a}").partial(a=lambda: 1 / 0)
    assert prompt.format(a="A") == "A"
    assert prompt.invoke({"a": "A"}).to_string() == "A"
    with pytest.raises(ZeroDivisionError):
        prompt.invoke({})


def test_what_a_function_returns_is_not_called_again() -> None:
    prompt = PromptTemplate("{a}").partial(a=Shown)
    assert prompt.format() == "shown"


class Shown:
    def __call__(self) -> str:
        raise AssertionError

    def __str__(self) -> str:
        return "shown"


async def test_a_plain_function_does_not_block_the_loop() -> None:
    threads = []

    def slow() -> str:
        threads.append(threading.get_ident())
        return "x"

    prompt = PromptTemplate("{a}").partial(a=slow)
    await prompt.ainvoke({})
    await prompt.aformat()
    assert threading.get_ident() not in threads
    assert len(threads) == 2


async def test_functions_are_called_in_the_run_of_the_prompt() -> None:
    def name() -> str:
        run = current_run()
        return "none" if run is None else run.name

    async def aname() -> str:
        return name()

    for function in (name, aname):
        prompt = PromptTemplate("{a}", name="greeting").partial(a=function)
        assert (await prompt.ainvoke({})).to_string() == "greeting"
        assert prompt.invoke({}).to_string() == "greeting"
        assert await prompt.aformat() == "none"


async def test_one_run_and_one_start_and_end() -> None:
    prompt = ChatPromptTemplate([("system", "{t}"), "{x}"]).partial(t=waits)
    events = [event async for event in prompt.astream_events("hi", version="v2")]
    assert [event["event"] for event in events] == ["on_prompt_start", "on_prompt_end"]
    assert events[-1]["data"]["output"].to_messages() == [SystemMessage("now"), HumanMessage("hi")]


def test_partial_variables_are_the_prompts_own() -> None:
    given = {"a": 1}
    prompt = PromptTemplate("{a}", partial_variables=given)
    given["a"] = 2
    assert prompt.format() == "1"
