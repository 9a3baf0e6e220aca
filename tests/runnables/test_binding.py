"""A runnable with arguments and a config that each call starts from."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from streamflow.bus import Bus, EventFilter
from streamflow.errors import StrictStreamingError
from streamflow.runnables import (
    Runnable,
    RunnableBinding,
    RunnableConfig,
    RunnableGenerator,
    RunnableLambda,
    RunnablePassthrough,
)
from tests.runnables.ways import Outcome, everywhere, names_of


def add(number: int, more: int = 0, most: int = 0) -> int:
    return number + more + most


def tags(_: Any, config: RunnableConfig) -> list[str]:
    return config["tags"]


def doubled(chunks: Iterator[str]) -> Iterator[str]:
    for chunk in chunks:
        yield chunk * 2


async def test_bound_arguments_reach_every_call() -> None:
    bound = RunnableLambda(add).bind(more=10)
    assert await everywhere(bound, 1) == Outcome(11, [11], [11])
    assert bound.invoke(1, more=20) == 21, "those of the call count more"
    assert bound.bind(most=100).invoke(1) == 111
    assert bound.bind(more=3).invoke(1) == 4


async def test_bound_config_is_under_that_of_the_call() -> None:
    bound = RunnableLambda(tags).with_config(tags=["bound"])
    assert (await everywhere(bound, 1)).whole == ["bound"]
    assert (await everywhere(bound, 1, config={"tags": ["call"]})).whole == ["bound", "call"]
    assert bound.with_config({"tags": ["more"]}).invoke(1) == ["bound", "more"]
    assert RunnableLambda(tags).with_config({"tags": ["x"]}, tags=["y"]).invoke(1) == ["x", "y"]


async def test_chunks_pass_through_a_binding() -> None:
    bound = RunnableGenerator(doubled).with_config(tags=["x"]).bind()
    assert await everywhere(bound, "a", ["a", "b"]) == Outcome("aa", ["aa"], ["aa", "bb"])


def test_a_binding_has_no_run_of_its_own() -> None:
    bound = RunnableLambda(add).with_config(run_name="named").bind(more=1)
    assert names_of(bound, 1) == [("start", "named"), ("stream", "named"), ("end", "named")]
    sequence = RunnablePassthrough() | bound
    assert [name for kind, name in names_of(sequence, 1) if kind == "start"] == [
        "RunnableSequence",
        "RunnablePassthrough",
        "named",
    ]


def test_metadata_and_the_name_are_for_the_runs() -> None:
    run_id = uuid4()
    inner = RunnableLambda(add)
    outer = RunnableLambda(inner.invoke).with_config(
        run_name="outer", run_id=run_id, metadata={"user": 1}, tags=["t"]
    )
    with outer.stream_events(1) as messages:
        runs = {message.run.name: message.run for message in messages}
    assert runs["outer"].id == str(run_id)
    # What is inherited, and what is not.
    assert runs["add"].metadata == {"user": 1}
    assert runs["add"].tags == ["t"]
    assert runs["add"].id != str(run_id)


def test_bindings_do_not_change_what_they_bind() -> None:
    inner = RunnableLambda(tags)
    one = inner.with_config(tags=["one"])
    two = one.with_config(tags=["two"])
    assert inner.invoke(1) == []
    assert one.invoke(1) == ["one"]
    assert two.invoke(1) == ["one", "two"]
    config: RunnableConfig = {"tags": ["mine"]}
    two.invoke(1, config)
    assert config == {"tags": ["mine"]}


def test_strict_streaming_may_be_bound() -> None:
    sequence = RunnableGenerator(doubled) | (lambda text: text)
    strict = sequence.with_config(strict_streaming=True)
    with pytest.raises(StrictStreamingError):
        strict.transform(iter("ab"))
    assert list(strict.transform(iter("ab"), {"strict_streaming": False})) == ["aabb"]


def test_a_bound_listener_hears_each_call_once() -> None:
    heard: list[str] = []
    bound = RunnableLambda(add).with_config(callbacks=[lambda message: heard.append(message.kind)])
    assert bound.invoke(1) == 1
    assert heard == ["start", "end"]
    assert list(bound.stream(1)) == [1]
    assert heard == ["start", "end", "start", "stream", "end"]


def test_a_bound_bus_hears_each_call_once() -> None:
    bus = Bus()
    with bus.subscribe(EventFilter(include_names=["add"])) as messages:
        RunnableLambda(add).with_config(bus=bus).invoke(1, {"bus": bus})
        bus.close()
        assert [message.kind for message in messages] == ["start", "end"]


def test_a_bound_config_names_the_parent_run() -> None:
    """``inner.with_config(config)`` is as good as passing ``config``, in a bare thread, too."""
    inner = RunnableLambda(add)

    def in_a_thread(number: int, config: RunnableConfig) -> int:
        bound, results = inner.with_config(config), []
        # A thread of the user's own, which knows nothing of the run.
        thread = threading.Thread(target=lambda: results.append(bound.invoke(number)))
        thread.start()
        thread.join()
        return results[0]

    with RunnableLambda(in_a_thread).stream_events(1) as messages:
        parents = {message.run.name: message.run.parent_ids for message in messages}
    assert len(parents["add"]) == 1


class Louder(RunnableBinding[Any, Any]):
    def invoke(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> Any:
        return super().invoke(input, config, **kwargs) * 10


class Ends(RunnableBinding[Any, Any]):
    def stream(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> Any:
        yield from super().stream(input, config, **kwargs)
        yield "!"


async def test_a_subclass_may_override_streaming() -> None:
    louder = Ends(RunnableLambda(str), config={"tags": ["loud"]})
    assert await everywhere(louder, 1) == Outcome("1", ["1", "!"], ["1", "!"])
    assert (await everywhere(louder | str.upper, 1)).streamed == ["1!"]


async def test_a_subclass_may_override_methods() -> None:
    louder = Louder(RunnableLambda(add), kwargs={"more": 1}, config={"tags": ["loud"]})
    assert louder.invoke(1) == 20
    assert await louder.ainvoke(1) == 20
    assert (louder | str).invoke(1) == "20"
    assert louder.with_config(tags=["x"]).invoke(1) == 20
    assert louder.invoke(1, more=2) == 30
    # Then it has a run of its own, named like the one that it binds.
    runs = [name for kind, name in names_of(RunnableLambda(louder.invoke), 1) if kind == "start"]
    assert runs == ["invoke", "add", "add"]


def test_names() -> None:
    bound = RunnableLambda(add).bind(more=1)
    assert bound.get_name() == "add"
    assert RunnableLambda(add).with_config(run_name="mine").get_name() == "mine"
    assert repr(bound) == "RunnableLambda(add)"
    assert isinstance(bound, Runnable)
