"""Random trees of runnables: what fails, waits, stops early or forgives is among them.

A tree is drawn as a recipe, so that it can be built anew for each execution, and shrinks to
something that can be read.
"""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import anyio
from anyio.lowlevel import checkpoint
from attrs import field, frozen
from hypothesis import strategies as st

from streamflow.runnables import (
    Runnable,
    RunnableGenerator,
    RunnableLambda,
    RunnableParallel,
    RunnablePassthrough,
    RunnablePick,
    RunnableSequence,
)
from tests.cancellation.probes import Ledger

PLAIN_LEAVES = [
    "function",
    "afunction",
    "inline",
    "generator",
    "agenerator",
    "generating",
    "agenerating",
    "passthrough",
    "looking",
]
FAILING_LEAVES = ["fails", "afails", "fails_later", "afails_later", "fails_when_closed"]
WAITING_LEAVES = ["waits", "waits_later"]
STOPPING_LEAVES = ["stops_early", "astops_early", "ignores"]
ONE_BELOW = [
    "named",
    "tagged",
    "bound",
    "limited",
    "assigned",
    "called",
    "acalled",
    "streamed",
    "astreamed",
    "watched",
    "returned",
    "forgiven",
]
SEVERAL_BELOW = ["sequence", "parallel"]
CONCURRENT = ["parallel", "assigned", "limited", "watched"]


class TreeError(Exception):
    """What a failing leaf raises."""


@frozen
class Tree:
    """A recipe of a runnable."""

    kind: str
    at: int = 0
    """After how many items something happens."""
    below: tuple[Tree, ...] = field(default=(), converter=tuple)

    def kinds(self) -> set[str]:
        return {self.kind}.union(*(tree.kinds() for tree in self.below))


def trees(*, waiting: bool = True, concurrent: bool = True) -> st.SearchStrategy[Tree]:
    """Trees with up to eight leaves.

    Args:
        waiting: With leaves that wait for ever.
        concurrent: With what works at the same time as something else.
    """
    # Most of the leaves are harmless, so that something gets to happen.
    kinds = 2 * PLAIN_LEAVES + FAILING_LEAVES + STOPPING_LEAVES
    leaves = st.builds(
        Tree,
        st.sampled_from(kinds + (WAITING_LEAVES if waiting else [])),
        st.integers(0, 3),
    )
    several = [kind for kind in SEVERAL_BELOW if concurrent or kind not in CONCURRENT]
    one = [kind for kind in ONE_BELOW if concurrent or kind not in CONCURRENT]

    def extend(below: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
        return st.one_of(
            st.builds(
                Tree,
                st.sampled_from(several),
                below=st.lists(below, min_size=1, max_size=3),
            ),
            st.builds(Tree, st.sampled_from(one), st.integers(0, 3), st.tuples(below)),
        )

    return st.recursive(leaves, extend, max_leaves=8)


class Nursery:
    """Where trees grow: one for each execution of a tree.

    Attributes:
        ledger: Which generators are open.
        waiting: Called by a leaf that is about to wait for ever.
    """

    def __init__(self, waiting: Callable[[], object]) -> None:
        self.ledger = Ledger()
        self.waiting = waiting
        self._lock = threading.Lock()

    def grow(self, tree: Tree) -> Runnable[Any, Any]:
        """Build the runnable that ``tree`` is the recipe of."""
        below = [self.grow(branch) for branch in tree.below]
        make: Callable[..., Runnable[Any, Any]] = getattr(self, f"_{tree.kind}")
        return make(tree.at, *below)

    def _opened(self, name: str) -> None:
        with self._lock:
            self.ledger.enter(name)

    def _closed(self, name: str) -> None:
        with self._lock:
            self.ledger.leave(name)

    # Harmless leaves.

    def _function(self, _: int) -> Runnable[Any, Any]:
        return RunnableLambda(lambda value: value, name="function")

    def _inline(self, _: int) -> Runnable[Any, Any]:
        return RunnableLambda(lambda value: value, name="inline", inline=True)

    def _afunction(self, at: int) -> Runnable[Any, Any]:
        async def afunction(value: Any) -> Any:
            for _ in range(at):
                await checkpoint()
            return value

        return RunnableLambda(afunction)

    def _agenerator(self, at: int, *, fail: bool = False, wait: bool = False) -> Runnable[Any, Any]:
        async def agenerator(items: AsyncIterator[Any]) -> AsyncIterator[Any]:
            self._opened("agenerator")
            try:
                count = 0
                async for item in items:
                    for _ in range(2):
                        if count == at and fail:
                            raise TreeError("agenerator")
                        if count == at and wait:
                            self.waiting()
                            await anyio.sleep_forever()
                        await checkpoint()
                        yield item
                        count += 1
            finally:
                self._closed("agenerator")

        return RunnableGenerator(agenerator)

    def _generator(self, at: int, *, fail: bool = False) -> Runnable[Any, Any]:
        def generator(items: Iterator[Any]) -> Iterator[Any]:
            self._opened("generator")
            try:
                count = 0
                for item in items:
                    for _ in range(2):
                        if count == at and fail:
                            raise TreeError("generator")
                        yield item
                        count += 1
            finally:
                self._closed("generator")

        return RunnableGenerator(generator)

    def _agenerating(self, at: int) -> Runnable[Any, Any]:
        async def agenerating(value: Any) -> AsyncIterator[Any]:
            for _ in range(at):
                await checkpoint()
                yield value

        return RunnableLambda(agenerating, per_chunk=at % 2 == 0)

    def _generating(self, at: int) -> Runnable[Any, Any]:
        def generating(value: Any) -> Iterator[Any]:
            for _ in range(at):
                yield value

        return RunnableLambda(generating, per_chunk=at % 2 == 0)

    def _passthrough(self, _: int) -> Runnable[Any, Any]:
        return RunnablePassthrough()

    def _looking(self, at: int) -> Runnable[Any, Any]:
        async def look(_: Any) -> None:
            await checkpoint()

        return RunnablePassthrough(look if at % 2 else lambda _: None)

    # Leaves that fail, wait for ever, or read no further.

    def _fails(self, _: int) -> Runnable[Any, Any]:
        def fails(_: Any) -> Any:
            raise TreeError("fails")

        return RunnableLambda(fails)

    def _afails(self, at: int) -> Runnable[Any, Any]:
        async def afails(_: Any) -> Any:
            for _ in range(at):
                await checkpoint()
            raise TreeError("afails")

        return RunnableLambda(afails)

    def _fails_later(self, at: int) -> Runnable[Any, Any]:
        return self._generator(at, fail=True)

    def _afails_later(self, at: int) -> Runnable[Any, Any]:
        return self._agenerator(at, fail=True)

    def _fails_when_closed(self, at: int) -> Runnable[Any, Any]:
        async def clumsy(items: AsyncIterator[Any]) -> AsyncIterator[Any]:
            try:
                async for item in items:
                    for _ in range(at + 1):
                        yield item
            except GeneratorExit:
                raise TreeError("clumsy") from None

        return RunnableGenerator(clumsy)

    def _waits(self, _: int) -> Runnable[Any, Any]:
        async def waits(_: Any) -> Any:
            self._opened("waits")
            try:
                self.waiting()
                await anyio.sleep_forever()
            finally:
                self._closed("waits")

        return RunnableLambda(waits)

    def _waits_later(self, at: int) -> Runnable[Any, Any]:
        return self._agenerator(at, wait=True)

    def _astops_early(self, at: int) -> Runnable[Any, Any]:
        async def astops(items: AsyncIterator[Any]) -> AsyncIterator[Any]:
            left = at
            async for item in items:
                if left == 0:
                    break
                left -= 1
                yield item

        return RunnableGenerator(astops)

    def _stops_early(self, at: int) -> Runnable[Any, Any]:
        def stops(items: Iterator[Any]) -> Iterator[Any]:
            for left, item in zip(range(at), items, strict=False):
                yield item
                if left == at - 1:
                    return

        return RunnableGenerator(stops)

    def _ignores(self, at: int) -> Runnable[Any, Any]:
        async def ignores(_: AsyncIterator[Any]) -> AsyncIterator[Any]:
            for number in range(at):
                yield number

        return RunnableGenerator(ignores)

    # What has others below.

    def _sequence(self, _: int, *below: Runnable[Any, Any]) -> Runnable[Any, Any]:
        return RunnableSequence(*below)

    def _parallel(self, _: int, *below: Runnable[Any, Any]) -> Runnable[Any, Any]:
        return RunnableParallel({"abc"[n]: branch for n, branch in enumerate(below)})

    def _named(self, at: int, below: Runnable[Any, Any]) -> Runnable[Any, Any]:
        return below.with_config(run_name=f"named {at}")

    def _tagged(self, at: int, below: Runnable[Any, Any]) -> Runnable[Any, Any]:
        return below.with_config(tags=[f"tag {at}"], metadata={"at": at})

    def _bound(self, _: int, below: Runnable[Any, Any]) -> Runnable[Any, Any]:
        return below.bind()

    def _limited(self, at: int, below: Runnable[Any, Any]) -> Runnable[Any, Any]:
        return below.with_config(max_concurrency=1 + at, channel_capacity=1 + at)

    def _assigned(self, _: int, below: Runnable[Any, Any]) -> Runnable[Any, Any]:
        as_dict = RunnableLambda(lambda value: {"value": value}, inline=True, per_chunk=True)
        return as_dict | RunnablePassthrough.assign(more=below) | RunnablePick(["more", "value"])

    def _acalled(self, _: int, below: Runnable[Any, Any]) -> Runnable[Any, Any]:
        async def acalled(value: Any) -> Any:
            return await below.ainvoke(value)

        return RunnableLambda(acalled)

    def _called(self, _: int, below: Runnable[Any, Any]) -> Runnable[Any, Any]:
        return RunnableLambda(below.invoke, name="called")

    def _astreamed(self, at: int, below: Runnable[Any, Any]) -> Runnable[Any, Any]:
        async def astreamed(value: Any) -> AsyncIterator[Any]:
            left = at
            async for chunk in below.astream(value):  # bare, as users write it
                yield chunk
                left -= 1
                if left == 0:
                    break

        return RunnableLambda(astreamed)

    def _streamed(self, at: int, below: Runnable[Any, Any]) -> Runnable[Any, Any]:
        def streamed(value: Any) -> Iterator[Any]:
            left = at
            for chunk in below.stream(value):
                yield chunk
                left -= 1
                if left == 0:
                    break

        return RunnableLambda(streamed)

    def _watched(self, at: int, below: Runnable[Any, Any]) -> Runnable[Any, Any]:
        async def watched(value: Any) -> Any:
            seen = 0
            async with below.events(value, capacity=at + 1) as messages:
                async for _ in messages:
                    seen += 1
                    if seen == 2 * at:
                        break
            return value

        return RunnableLambda(watched)

    def _returned(self, _: int, below: Runnable[Any, Any]) -> Runnable[Any, Any]:
        return RunnableLambda(lambda _: below, name="returned")

    def _forgiven(self, _: int, below: Runnable[Any, Any]) -> Runnable[Any, Any]:
        async def forgiven(value: Any) -> Any:
            try:
                return await below.ainvoke(value)
            except TreeError:
                return value

        return RunnableLambda(forgiven)
