"""The methods that take many inputs: ``batch``, ``abatch``, ``..._as_completed`` and ``map``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, cast, overload

from ..execution import BLOCKING, LOOP, AsyncStream, Stream, drive
from ._batch import as_completed, batch_of, whole

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Iterable

    from ..execution import Execution
    from ._base import Runnable
    from ._batch import Batch, Configs
    from ._each import RunnableEach

Input = TypeVar("Input", contravariant=True)
Output = TypeVar("Output", covariant=True)


class Batches(Generic[Input, Output]):
    """The part of the Runnable interface that takes many inputs."""

    @overload
    def batch(
        self,
        inputs: Iterable[Input],
        config: Configs = None,
        *,
        return_exceptions: Literal[False] = False,
        **kwargs: Any,
    ) -> list[Output]: ...

    @overload
    def batch(
        self,
        inputs: Iterable[Input],
        config: Configs = None,
        *,
        return_exceptions: bool,
        **kwargs: Any,
    ) -> list[Output | Exception]: ...

    def batch(
        self,
        inputs: Iterable[Input],
        config: Configs = None,
        *,
        return_exceptions: bool = False,
        **kwargs: Any,
    ) -> list[Any]:
        """Run on many inputs and return the outputs in their order; needs no event loop.

        The items run in threads, at most ``max_concurrency`` of the config at once, or 32.

        >>> from streamflow.runnables import RunnableLambda
        >>> RunnableLambda(lambda number: number + 1).batch([1, 2, 3])
        [2, 3, 4]

        Args:
            inputs: The inputs.
            config: How to run each of them; or a list, with a config for each. Of a list, the
                first says how many run at once. A single ``run_id`` goes to the first item.
            return_exceptions: Return the exception of an item that fails in the place of its
                output. If not given, the first failure stops the others, waits for those that
                run, and is raised.
            kwargs: Passed to the implementation.

        Raises:
            ConfigError: there are more configs than inputs, or fewer.
            Exception: what an item raises, unchanged; what others raised meanwhile, as notes.
        """
        return drive(whole(self._batch(BLOCKING, config, return_exceptions, kwargs), inputs))

    @overload
    async def abatch(
        self,
        inputs: Iterable[Input],
        config: Configs = None,
        *,
        return_exceptions: Literal[False] = False,
        **kwargs: Any,
    ) -> list[Output]: ...

    @overload
    async def abatch(
        self,
        inputs: Iterable[Input],
        config: Configs = None,
        *,
        return_exceptions: bool,
        **kwargs: Any,
    ) -> list[Output | Exception]: ...

    async def abatch(
        self,
        inputs: Iterable[Input],
        config: Configs = None,
        *,
        return_exceptions: bool = False,
        **kwargs: Any,
    ) -> list[Any]:
        """Run on many inputs. As :meth:`batch`, awaited, with tasks in the place of threads.

        At most ``max_concurrency`` items run at once, or 100.

        >>> import anyio
        >>> from streamflow.runnables import RunnableLambda
        >>> add = RunnableLambda(lambda number: number + 1, inline=True)
        >>> anyio.run(add.abatch, [1, 2, 3])
        [2, 3, 4]
        """
        return await whole(self._batch(LOOP, config, return_exceptions, kwargs), inputs)

    @overload
    def batch_as_completed(
        self,
        inputs: Iterable[Input],
        config: Configs = None,
        *,
        return_exceptions: Literal[False] = False,
        **kwargs: Any,
    ) -> Stream[tuple[int, Output]]: ...

    @overload
    def batch_as_completed(
        self,
        inputs: Iterable[Input],
        config: Configs = None,
        *,
        return_exceptions: bool,
        **kwargs: Any,
    ) -> Stream[tuple[int, Output | Exception]]: ...

    def batch_as_completed(
        self,
        inputs: Iterable[Input],
        config: Configs = None,
        *,
        return_exceptions: bool = False,
        **kwargs: Any,
    ) -> Stream[Any]:
        """Run on many inputs and yield ``(index, output)`` as they are done; needs no loop.

        The inputs may be any iterable, also one without an end: they are read one at a time,
        by the threads that work on them, and at most ``max_concurrency`` of them (or 32) have
        been read and not yet given out as results. Closing the stream stops the rest.

        >>> from streamflow.runnables import RunnableLambda
        >>> add = RunnableLambda(lambda number: number + 1)
        >>> with add.batch_as_completed(iter([1, 2, 3])) as results:
        ...     sorted(results)
        [(0, 2), (1, 3), (2, 4)]

        Args:
            inputs: The inputs; closed at the end, if they can be.
            config: As for :meth:`batch`.
            return_exceptions: As for :meth:`batch`. If not given, what was done before the
                first failure is yielded, and then the failure is raised.
            kwargs: Passed to the implementation.

        Raises:
            ConfigError: there are more configs than inputs, or fewer.
            Exception: what an item raises, unchanged.
        """
        return Stream(
            as_completed(self._batch(BLOCKING, config, return_exceptions, kwargs), inputs)
        )

    @overload
    def abatch_as_completed(
        self,
        inputs: Iterable[Input] | AsyncIterable[Input],
        config: Configs = None,
        *,
        return_exceptions: Literal[False] = False,
        **kwargs: Any,
    ) -> AsyncStream[tuple[int, Output]]: ...

    @overload
    def abatch_as_completed(
        self,
        inputs: Iterable[Input] | AsyncIterable[Input],
        config: Configs = None,
        *,
        return_exceptions: bool,
        **kwargs: Any,
    ) -> AsyncStream[tuple[int, Output | Exception]]: ...

    def abatch_as_completed(
        self,
        inputs: Iterable[Input] | AsyncIterable[Input],
        config: Configs = None,
        *,
        return_exceptions: bool = False,
        **kwargs: Any,
    ) -> AsyncStream[Any]:
        """Run on many inputs and yield ``(index, output)`` as they are done.

        As :meth:`batch_as_completed`, with ``async``. The inputs may arrive asynchronously; at
        most ``max_concurrency`` of them (or 100) are held at once.

        >>> import anyio
        >>> from streamflow.runnables import RunnableLambda
        >>> add = RunnableLambda(lambda number: number + 1, inline=True)
        >>> async def main():
        ...     async with add.abatch_as_completed(range(3)) as results:
        ...         return sorted([result async for result in results])
        >>> anyio.run(main)
        [(0, 1), (1, 2), (2, 3)]
        """
        batch = self._batch(LOOP, config, return_exceptions, kwargs)
        return AsyncStream(as_completed(batch, inputs), batch.owner)

    def map(self) -> RunnableEach[Input, Output]:
        """Return a runnable that runs this one on each element of a list.

        >>> from streamflow.runnables import RunnableLambda
        >>> RunnableLambda(lambda number: number + 1).map().invoke([1, 2, 3])
        [2, 3, 4]
        """
        from ._each import RunnableEach

        return RunnableEach(cast("Runnable[Input, Output]", self))

    def _batch(
        self, execution: Execution, config: Configs, keep_errors: bool, kwargs: dict[str, Any]
    ) -> Batch:
        runnable = cast("Runnable[Any, Any]", self)
        return batch_of(runnable, execution, config, keep_errors, kwargs)
