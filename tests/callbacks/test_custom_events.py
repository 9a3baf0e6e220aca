"""Events of the user's own: who hears of them, and from where they can be sent."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

import pytest
from anyio import create_task_group, to_thread

from streamflow.bus import CustomEvent
from streamflow.callbacks import (
    BaseCallbackHandler,
    adispatch_custom_event,
    dispatch_custom_event,
)
from streamflow.errors import NoActiveRunError
from streamflow.runnables import RunnableConfig, RunnableLambda
from tests.callbacks.recorders import AsyncRecorder, Recorder, in_all_ways


def send(_: Any) -> str:
    dispatch_custom_event("step", {"n": 1})
    dispatch_custom_event("step", {"n": 2})
    return "done"


async def send_later(_: Any) -> str:
    await adispatch_custom_event("step", {"n": 1})
    await adispatch_custom_event("step", {"n": 2})
    return "done"


def send_and_yield(_: Any) -> Iterator[str]:
    yield "do"
    dispatch_custom_event("step", {"n": 1})
    dispatch_custom_event("step", {"n": 2})
    yield "ne"


async def send_and_yield_later(_: Any) -> AsyncIterator[str]:
    yield "do"
    await adispatch_custom_event("step", {"n": 1})
    await adispatch_custom_event("step", {"n": 2})
    yield "ne"


def send_from_a_thread(_: Any, config: RunnableConfig) -> str:
    thread = threading.Thread(
        target=dispatch_custom_event, args=("step", {"n": 1}), kwargs={"config": config}
    )
    thread.start()
    thread.join()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(copy_context().run, dispatch_custom_event, "step", {"n": 2}).result()
    return "done"


SENDERS = [send, send_later, send_and_yield, send_and_yield_later, send_from_a_thread]


@pytest.mark.parametrize("sender", SENDERS)
@pytest.mark.parametrize("kind", [Recorder, AsyncRecorder])
async def test_handlers_and_listeners_hear_of_them(sender: Any, kind: type[Recorder]) -> None:
    handlers: list[Recorder] = []
    messages: list[Any] = []

    def config() -> Any:
        handlers.append(kind())
        return {"callbacks": [handlers[-1], messages.append], "tags": ["mine"]}

    assert await in_all_ways(lambda: RunnableLambda(sender), 0, config) == ["done"] * 3
    for handler in handlers:
        calls = handler.of("on_custom_event")
        assert [args for _, args, _ in calls] == [("step", {"n": 1}), ("step", {"n": 2})]
        start = handler.of("on_chain_start")[0][2]
        assert [kwargs["run_id"] for _, _, kwargs in calls] == [start["run_id"]] * 2
        assert [kwargs["tags"] for _, _, kwargs in calls] == [["mine"]] * 2
    sent = [message for message in messages if isinstance(message, CustomEvent)]
    assert [(message.name, message.data["n"]) for message in sent] == [("step", 1), ("step", 2)] * 3


@pytest.mark.parametrize("sender", SENDERS)
async def test_they_are_events_of_version_2_only(sender: Any) -> None:
    for version, expected in ("v2", [{"n": 1}, {"n": 2}]), ("v1", []):
        events: list[Any] = [
            event
            async for event in RunnableLambda(sender, name="s").astream_events(0, version=version)
        ]
        sent = [event for event in events if event["event"] == "on_custom_event"]
        assert [event["data"] for event in sent] == expected
        assert {event["name"] for event in sent} <= {"step"}
        assert {event["run_id"] for event in sent} <= {events[0]["run_id"]}


async def test_a_sender_in_a_task_of_its_own_is_heard() -> None:
    async def work(_: Any) -> None:
        async with create_task_group() as group:
            for n in range(3):
                group.start_soon(adispatch_custom_event, "step", n)

    handler = Recorder()
    await RunnableLambda(work).ainvoke(0, {"callbacks": [handler]})
    assert sorted(args[1] for _, args, _ in handler.of("on_custom_event")) == [0, 1, 2]


async def test_a_subscriber_that_is_slow_slows_the_sender() -> None:
    def many(_: Any) -> None:
        for n in range(200):
            dispatch_custom_event("step", n)

    async with RunnableLambda(many).events(0, capacity=2) as messages:
        got = [each.data async for each in messages if isinstance(each, CustomEvent)]
    assert got == list(range(200))


def test_nobody_has_to_listen() -> None:
    assert RunnableLambda(send).invoke(0) == "done"


async def test_outside_of_a_run_the_error_names_the_way_out() -> None:
    with pytest.raises(NoActiveRunError, match=r"^dispatch_custom_event\(\).*config="):
        dispatch_custom_event("step")
    with pytest.raises(NoActiveRunError, match=r"^adispatch_custom_event\(\).*config="):
        await adispatch_custom_event("step")


async def test_a_run_that_has_ended_takes_no_more_events() -> None:
    kept: list[RunnableConfig] = []
    await RunnableLambda(lambda _, config: kept.append(config)).ainvoke(
        0, {"callbacks": [Recorder()]}
    )
    with pytest.raises(NoActiveRunError, match="had ended"):
        await to_thread.run_sync(lambda: dispatch_custom_event("step", config=kept[0]))


def test_a_handler_may_ignore_them() -> None:
    class Silent(Recorder):
        ignore_custom_event = True

    class Only(BaseCallbackHandler):
        def on_custom_event(self, name: str, data: Any, **kwargs: Any) -> None:
            heard.append((name, data))

    heard: list[Any] = []
    silent = Silent()
    RunnableLambda(send).invoke(0, {"callbacks": [silent, Only()]})
    assert not silent.of("on_custom_event")
    assert heard == [("step", {"n": 1}), ("step", {"n": 2})]
