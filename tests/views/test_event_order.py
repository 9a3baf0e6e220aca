"""The order of events, which is the same on every execution; and what ends a stream early."""

from __future__ import annotations

from typing import Any

import pytest
from anyio import to_thread

from streamflow.bus import ChunkStreamed, EventFilter, RunEnded, RunStarted
from streamflow.errors import EventVersionError
from streamflow.runnables import Runnable, RunnableGenerator, RunnableLambda
from tests.views.reading import read
from tests.views.scenes import SCENES, calls, each, events_shown, fails, messages_shown, shout

SCENE = pytest.mark.parametrize("name", sorted(SCENES))


def alone(runnable: Runnable[Any, Any]) -> list[Any]:
    with runnable.stream_events("x") as messages:
        return messages_shown(messages)


@SCENE
async def test_the_same_messages_with_and_without_a_loop(name: str) -> None:
    runnable = SCENES[name]
    async with runnable.events("x") as messages:
        shown = messages_shown([message async for message in messages])
    assert await to_thread.run_sync(alone, runnable) == shown
    assert alone(runnable) == shown, "in the thread of a running loop"
    assert [number for _, number, *_ in shown] == list(range(1, len(shown) + 1))


@SCENE
async def test_events_are_the_messages(name: str) -> None:
    runnable = SCENES[name]
    kinds = {"start": "start", "stream": "stream", "end": "end"}
    expected = [
        (f"on_{type_}_{kinds[kind]}", name, tags, metadata, place)
        for kind, _, name, type_, tags, metadata, place, _ in alone(runnable)
    ]
    events = events_shown([event async for event in runnable.astream_events("x")])
    assert expected == [
        (event["event"], event["name"], event["tags"], event["metadata"], event["runs"])
        for event in events
    ]


@SCENE
async def test_every_run_is_balanced(name: str) -> None:
    begun: dict[str, list[str]] = {}
    open_: list[str] = []
    async for event in SCENES[name].astream_events("x"):
        run, kind = event["run_id"], event["event"].rsplit("_", 1)[1]
        assert all(parent in open_ for parent in event["parent_ids"]), "a parent ends after"
        if kind == "start":
            assert run not in begun
            open_.append(run)
        elif kind == "end":
            open_.remove(run)
        begun.setdefault(run, []).append(kind)
    assert open_ == []
    for kinds in begun.values():
        assert kinds == ["start", *["stream"] * (len(kinds) - 2), "end"]


@SCENE
async def test_the_keys_of_events(name: str) -> None:
    start = ["event", "data", "name", "tags", "run_id", "metadata", "parent_ids"]
    other = ["event", "data", "run_id", "name", "tags", "metadata", "parent_ids"]
    async for event in SCENES[name].astream_events("x"):
        kind = event["event"].rsplit("_", 1)[1]
        assert list(event) == (start if kind == "start" else other)
        keys = list(event["data"])
        assert (
            keys
            in {
                "start": ([], ["input"]),
                "stream": (["chunk"],),
                "end": (["output"], ["output", "input"]),
            }[kind]
        )


async def test_the_table_of_events() -> None:
    """The reference table of the documents: types, names, and where the data are."""
    seen: dict[str, Any] = {}
    chain = SCENES["chain"]
    async for event in chain.astream_events("cats"):
        seen.setdefault(f"{event['event']} {event['name']}", event["data"])
    messages = seen["on_chat_model_start ReplayChatModel"]["input"]["messages"]
    assert [message.content for [message] in messages] == ["about cats"]
    end = seen["on_chat_model_end ReplayChatModel"]
    assert end["input"] == {"messages": messages}
    assert end["output"].content == "token"
    assert seen["on_prompt_start ChatPromptTemplate"] == {"input": {"topic": "cats"}}
    prompted = seen["on_prompt_end ChatPromptTemplate"]
    assert prompted["input"] == {"topic": "cats"}
    assert prompted["output"].to_string() == "Human: about cats"
    assert "on_prompt_stream ChatPromptTemplate" not in seen
    assert seen["on_parser_end StrOutputParser"]["output"] == "token"
    text: dict[str, Any] = {}
    async for event in SCENES["streamed text"].astream_events("hello"):
        text.setdefault(event["event"], event["data"])
    assert text == {
        "on_llm_start": {"input": "hello"},
        "on_llm_stream": {"chunk": "t"},
        "on_llm_end": {"output": "text"},
    }


@pytest.mark.parametrize("version", ["v0", "v3", "", None, 2, ["v2"]])
async def test_an_unknown_version(version: Any) -> None:
    with pytest.raises(EventVersionError) as caught:
        RunnableLambda(shout).astream_events("x", version=version)
    assert repr(version) in str(caught.value)
    assert "'v2'" in str(caught.value)
    assert isinstance(caught.value, ValueError)


async def test_version_two_is_what_one_gets() -> None:
    runnable = SCENES["chain"]
    default = events_shown([event async for event in runnable.astream_events("x")])
    asked = events_shown([event async for event in runnable.astream_events("x", version="v2")])
    assert default == asked


def nothing(chunks: Any) -> Any:
    yield from (chunk for chunk in chunks if False)


async def test_steps_that_get_no_input() -> None:
    """What starts with its whole input has no run then; what reads chunks has an empty one."""

    async def told(step: Runnable[Any, Any]) -> list[str]:
        chain = RunnableGenerator(nothing) | step
        events = [event async for event in chain.astream_events("x")]
        return [event["event"] for event in events if event["name"] == step.get_name()]

    assert await told(SCENES["model"]) == []
    assert await told(RunnableLambda(shout)) == ["on_chain_start", "on_chain_end"]
    assert await told(RunnableGenerator(each)) == ["on_chain_start", "on_chain_end"]


def mixed(chunks: Any) -> Any:
    for chunk in chunks:
        yield chunk
        yield chunk
        yield 1


async def test_chunks_that_do_not_add_up_are_all_told(caplog: pytest.LogCaptureFixture) -> None:
    events = [event async for event in RunnableGenerator(mixed).astream_events("x")]
    assert [e["data"]["chunk"] for e in events[1:-1]] == ["x", "x", 1]
    assert events[-1]["data"]["output"] == ["xx", 1]
    [record] = caplog.records
    assert "'mixed'" in record.getMessage()
    assert "type int to a stream of str" in record.getMessage()


# ----------------------------------------------------------------------------- failures


def half(chunks: Any) -> Any:
    yield "half"
    raise LookupError("on purpose")


@pytest.mark.parametrize(
    "failing",
    [
        RunnableLambda(fails),
        RunnableLambda(shout) | fails,
        RunnableGenerator(half) | RunnableGenerator(half),
        RunnableLambda(calls) | fails,
        RunnableLambda(lambda _: RunnableLambda(fails)),
    ],
    ids=repr,
)
async def test_the_exception_comes_after_what_preceded_it(failing: Runnable[Any, Any]) -> None:
    events, error = await read(failing.astream_events("x", include_errors=True))
    assert isinstance(error, LookupError)
    kinds = [event["event"].rsplit("_", 1)[1] for event in events]
    assert kinds[0] == "start"
    assert kinds[-1] == "error"
    # A step whose consumer fails is cut short.
    ends = [kinds.count(kind) for kind in ("end", "error", "cancelled")]
    assert kinds.count("start") == sum(ends)
    messages, error = await read(failing.events("x"))
    assert isinstance(error, LookupError)
    assert [message.kind for message in messages] == kinds
    alone: list[str] = []
    with pytest.raises(LookupError):
        alone.extend(_seen(failing, alone))
    assert alone == kinds


def _seen(runnable: Runnable[Any, Any], seen: list[str]) -> Any:
    for message in runnable.stream_events("x"):
        seen.append(message.kind)
        yield from ()


async def test_an_exception_is_the_one_that_was_raised() -> None:
    error = LookupError("mine")

    async def raises(_: Any) -> None:
        raise error

    with pytest.raises(LookupError) as caught:
        [event async for event in RunnableLambda(raises).astream_events("x")]
    assert caught.value is error
    assert "raises" in [entry.name for entry in caught.traceback]


# -------------------------------------------------------------------------------- typed


async def test_typed_messages_and_a_filter() -> None:
    only_models = EventFilter(include_types=["chat_model"])
    async with SCENES["chain"].events("x", filter=only_models) as messages:
        kinds = [type(message) async for message in messages]
    assert kinds == [RunStarted, *[ChunkStreamed] * 3, RunEnded]
    with SCENES["chain"].stream_events("x", filter=only_models) as messages:
        assert [type(message) for message in messages] == kinds


async def test_keyword_arguments_reach_the_runnable() -> None:
    def add(text: str, more: str = "") -> str:
        return text + more

    runnable = RunnableLambda(add)
    events = [event async for event in runnable.astream_events("x", more="y")]
    assert events[-1]["data"]["output"] == "xy"
    assert [m.kind async for m in runnable.events("x", more="y")] == ["start", "stream", "end"]


async def test_config_reaches_the_runnable() -> None:
    config: Any = {"run_id": "mine", "run_name": "named", "tags": ["t"], "metadata": {"m": 1}}
    [start, *_] = [event async for event in RunnableLambda(shout).astream_events("x", config)]
    assert start == {
        "event": "on_chain_start",
        "data": {"input": "x"},
        "name": "named",
        "tags": ["t"],
        "run_id": "mine",
        "metadata": {"m": 1},
        "parent_ids": [],
    }
