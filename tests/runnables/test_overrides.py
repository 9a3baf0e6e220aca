"""Overriding methods of runnables that have some already, and calling them by super()."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from streamflow.errors import MissingImplementationError
from streamflow.language_models import FakeMessagesListChatModel, ReplayChatModel
from streamflow.messages import AIMessage
from streamflow.runnables import Runnable, RunnableConfig, RunnableLambda, RunnableParallel
from tests.runnables.ways import Outcome, everywhere, names_of, on_loop, without_loop

Config = RunnableConfig | None


class Plain(RunnableLambda[str, str]):
    """Calls all that it replaces, marking what passes."""

    def invoke(self, input: str, config: Config = None, **kwargs: Any) -> str:
        return f"({super().invoke(input, config, **kwargs)})"

    def stream(self, input: str, config: Config = None, **kwargs: Any) -> Any:
        yield "("
        yield from super().stream(input, config, **kwargs)
        yield ")"

    def transform(self, input: Iterator[str], config: Config = None, **kwargs: Any) -> Any:
        yield "("
        yield from super().transform(input, config, **kwargs)
        yield ")"


class Awaited(RunnableLambda[str, str]):
    async def ainvoke(self, input: str, config: Config = None, **kwargs: Any) -> str:
        return f"({await super().ainvoke(input, config, **kwargs)})"

    async def astream(self, input: str, config: Config = None, **kwargs: Any) -> Any:
        yield "("
        async for chunk in super().astream(input, config, **kwargs):
            yield chunk
        yield ")"

    async def atransform(
        self, input: AsyncIterator[str], config: Config = None, **kwargs: Any
    ) -> Any:
        yield "("
        async for chunk in super().atransform(input, config, **kwargs):
            yield chunk
        yield ")"


class PlainTwice(Plain):
    def invoke(self, input: str, config: Config = None, **kwargs: Any) -> str:
        return f"[{super().invoke(input, config, **kwargs)}]"

    def transform(self, input: Iterator[str], config: Config = None, **kwargs: Any) -> Any:
        yield "["
        yield from super().transform(input, config, **kwargs)
        yield "]"


class AwaitedTwice(Awaited):
    async def ainvoke(self, input: str, config: Config = None, **kwargs: Any) -> str:
        return f"[{await super().ainvoke(input, config, **kwargs)}]"

    async def atransform(
        self, input: AsyncIterator[str], config: Config = None, **kwargs: Any
    ) -> Any:
        yield "["
        async for chunk in super().atransform(input, config, **kwargs):
            yield chunk
        yield "]"


ONCE = pytest.mark.parametrize("kind", [Plain, Awaited])
TWICE = pytest.mark.parametrize("kind", [PlainTwice, AwaitedTwice])


@ONCE
async def test_super_reaches_what_was_replaced(kind: Any) -> None:
    chunks = ["(", "a", ")"]
    assert await everywhere(kind(str), "a") == Outcome("(a)", chunks, chunks)


@TWICE
async def test_super_at_two_levels(kind: Any) -> None:
    chunks = ["[", "(", "a", ")", "]"]
    assert await everywhere(kind(str), "a") == Outcome("[(a)]", chunks, chunks)


@pytest.mark.parametrize("kind", [Plain, Awaited, PlainTwice, AwaitedTwice])
async def test_one_call_is_one_run(kind: Any) -> None:
    def inner(value: str) -> str:
        return RunnableLambda(str, name="below").invoke(value)

    runnable = kind(inner, name="outer")
    for messages in (
        [(m.kind, m.run.name, len(m.run.parent_ids)) async for m in runnable.events("a")],
        [(m.kind, m.run.name, len(m.run.parent_ids)) for m in runnable.stream_events("a")],
    ):
        assert messages.count(("start", "outer", 0)) == 1
        assert messages.count(("end", "outer", 0)) == 1
        assert messages.count(("start", "below", 1)) == 1
        chunks = messages.count(("stream", "outer", 0))
        assert chunks == len(without_loop(runnable, "a").streamed), "each is published once"


@pytest.mark.parametrize("kind", [Plain, Awaited])
async def test_super_with_another_config_is_a_run_below(kind: Any) -> None:
    class Tags(kind):
        def invoke(self, input: str, config: Config = None, **kwargs: Any) -> str:
            inner: str = RunnableLambda.invoke(self, input, {"tags": ["inner"]}, **kwargs)
            return inner

        async def ainvoke(self, input: str, config: Config = None, **kwargs: Any) -> str:
            inner: str = await RunnableLambda.ainvoke(self, input, {"tags": ["inner"]}, **kwargs)
            return inner

    def tags(_: str, config: RunnableConfig) -> str:
        return ",".join(config["tags"])

    runnable = Tags(tags, name="mine")
    assert runnable.invoke("", {"tags": ["outer"]}) == "inner,outer"
    assert await runnable.ainvoke("", {"tags": ["outer"]}) == "inner,outer"
    runs = names_of(RunnableLambda(runnable.invoke, name="root"), "")
    assert runs.count(("start", "mine")) == 2


async def test_super_without_config_goes_on_in_the_run() -> None:
    class Bare(RunnableLambda[str, Any]):
        def invoke(self, input: str, config: Config = None, **kwargs: Any) -> Any:
            return super().invoke(input)

    def tags(_: str, config: RunnableConfig) -> list[str]:
        return config["tags"]

    assert Bare(tags).invoke("", {"tags": ["t"]}) == ["t"]
    assert await Bare(tags).ainvoke("", {"tags": ["t"]}) == ["t"]


async def test_an_override_may_call_itself() -> None:
    class Countdown(Runnable[int, str]):
        def invoke(self, input: int, config: Config = None, **kwargs: Any) -> str:
            return f"{input} {self.invoke(input - 1, config)}" if input else "0"

    assert Countdown().invoke(3) == "3 2 1 0"
    assert await Countdown().ainvoke(3) == "3 2 1 0"
    depths = [len(m.run.parent_ids) for m in Countdown().stream_events(2) if m.kind == "start"]
    assert depths == [0, 1, 2]


async def test_an_override_may_try_again() -> None:
    class Again(RunnableLambda[str, str]):
        def invoke(self, input: str, config: Config = None, **kwargs: Any) -> str:
            try:
                return super().invoke(input, config, **kwargs)
            except LookupError:
                return super().invoke(input.upper(), config, **kwargs)

    def fussy(text: str) -> str:
        if text.islower():
            raise LookupError
        return text

    assert Again(fussy).invoke("a") == "A"
    assert await Again(fussy).ainvoke("a") == "A"


# ------------------------------------------------------------------------------- models


class Watched(ReplayChatModel):
    async def ainvoke(self, input: Any, config: Config = None, **kwargs: Any) -> Any:
        return await super().ainvoke(input, config, **kwargs)

    async def astream(self, input: Any, config: Config = None, **kwargs: Any) -> Any:
        async for chunk in super().astream(input, config, **kwargs):
            yield chunk


class PlainWatched(ReplayChatModel):
    def invoke(self, input: Any, config: Config = None, **kwargs: Any) -> Any:
        return super().invoke(input, config, **kwargs)

    def stream(self, input: Any, config: Config = None, **kwargs: Any) -> Any:
        yield from super().stream(input, config, **kwargs)


@pytest.mark.parametrize("kind", [Watched, PlainWatched])
async def test_an_overridden_model_publishes_its_tokens_once(kind: Any) -> None:
    model = kind(recording=["to", "ken"], speed=None, model="small")

    async def calls(text: str) -> Any:
        return await model.ainvoke(text)

    def calls_plainly(text: str) -> Any:
        return model.invoke(text)

    for runnable in (model, RunnableLambda(calls), RunnableLambda(calls_plainly)):
        events = runnable.astream_events("x", include_types=["chat_model"])
        seen = [
            (event["event"], event["metadata"]["ls_model_name"], event) async for event in events
        ]
        tokens = [e["data"]["chunk"].content for kind, _, e in seen if kind.endswith("_stream")]
        assert tokens == ["to", "ken"]
        assert [kind for kind, *_ in seen].count("on_chat_model_start") == 1
        assert seen[-1][0] == "on_chat_model_end"
        assert seen[-1][2]["data"]["output"].content == "token"
        assert {name for _, name, _ in seen} == {"small"}


async def test_the_stream_of_a_model_that_does_not_stream_follows_invoke() -> None:
    class Louder(FakeMessagesListChatModel):
        def invoke(self, input: Any, config: Config = None, **kwargs: Any) -> Any:
            return AIMessage(super().invoke(input, config, **kwargs).content + "!")

    model = Louder(responses=[AIMessage("hi")])
    assert [chunk.content for chunk in model.stream("x")] == ["hi!"]
    assert [chunk.content async for chunk in model.astream("x")] == ["hi!"]


# ------------------------------------------------------------------------------ classes


class InvokeMixin:
    def invoke(self, input: Any, config: Config = None, **kwargs: Any) -> Any:
        return f"mixed {input}"


class SuperMixin:
    def invoke(self, input: Any, config: Config = None, **kwargs: Any) -> Any:
        return f"mixed {super().invoke(input, config, **kwargs)}"


class OtherMixin:
    def invoke(self, input: Any, config: Config = None, **kwargs: Any) -> Any:
        return f"other {super().invoke(input, config, **kwargs)}"


async def test_a_mixin_that_is_no_runnable_may_bring_the_method() -> None:
    class Mixed(InvokeMixin, Runnable[Any, Any]):
        pass

    assert await everywhere(Mixed(), 1) == Outcome("mixed 1", ["mixed 1"], ["mixed 1"])
    assert (Mixed() | Mixed()).invoke(1) == "mixed mixed 1"
    assert names_of(Mixed(), 1)[0] == ("start", "Mixed")


async def test_a_mixin_may_call_super() -> None:
    class Mixed(SuperMixin, RunnableLambda[Any, Any]):
        pass

    class Further(OtherMixin, Mixed):
        pass

    assert Mixed(str).invoke(1) == "mixed 1"
    assert await Mixed(str).ainvoke(1) == "mixed 1"
    assert Further(str).invoke(1) == "other mixed 1"
    assert await (Further(str) | str.upper).ainvoke(1) == "OTHER MIXED 1"


async def test_two_bases_that_each_override_a_method() -> None:
    class Left(Runnable[Any, Any]):
        def invoke(self, input: Any, config: Config = None, **kwargs: Any) -> Any:
            return "left"

    class Right(Runnable[Any, Any]):
        def stream(self, input: Any, config: Config = None, **kwargs: Any) -> Any:
            yield "right"

    class Both(Left, Right):
        pass

    assert await on_loop(Both(), 1) == Outcome("left", ["right"], ["right"])
    assert without_loop(Both(), 1) == Outcome("left", ["right"], ["right"])


async def test_an_override_of_a_combinator() -> None:
    class Keys(RunnableParallel[Any]):
        def invoke(self, input: Any, config: Config = None, **kwargs: Any) -> Any:
            return sorted(super().invoke(input, config, **kwargs))

    assert Keys(b=str, a=str).invoke(1) == ["a", "b"]
    assert await Keys(b=str, a=str).ainvoke(1) == ["a", "b"]
    assert (Keys(b=str, a=str) | len).invoke(1) == 2


def test_super_of_a_base_without_methods_says_so() -> None:
    class Invokes(Runnable[Any, Any]):
        def invoke(self, input: Any, config: Config = None, **kwargs: Any) -> Any:
            return super().invoke(input, config, **kwargs)

    with pytest.raises(MissingImplementationError):
        Invokes().invoke(1)
