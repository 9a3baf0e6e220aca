"""Putting steps in a row: ``a | b`` and ``a.pipe(b, c)``.

What a step yields is read off its type, also where it is a function that only becomes a
runnable. What it takes is not checked: a model's messages are chunks while they stream, so
a function that says ``AIMessageChunk`` is right behind a model that says ``AIMessage``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping

    from ._base import Runnable
    from ._sequence import RunnableSequence

Input = TypeVar("Input", contravariant=True)
Output = TypeVar("Output", covariant=True)
Other = TypeVar("Other")


class Pipes(Generic[Input, Output]):
    """The part of the Runnable interface that puts steps in a row."""

    # An async function is a function that returns an awaitable, and so on: what a function
    # returns tells how its output is made of it, and the first form that fits counts.

    @overload
    def __or__(self, other: Runnable[Any, Other]) -> RunnableSequence[Input, Other]: ...
    @overload
    def __or__(self, other: Mapping[str, Any]) -> RunnableSequence[Input, dict[str, Any]]: ...
    @overload
    def __or__(
        self, other: Callable[..., Runnable[Any, Other]]
    ) -> RunnableSequence[Input, Other]: ...
    @overload
    def __or__(
        self, other: Callable[..., Awaitable[Runnable[Any, Other]]]
    ) -> RunnableSequence[Input, Other]: ...
    @overload
    def __or__(
        self, other: Callable[..., AsyncIterator[Other]]
    ) -> RunnableSequence[Input, Other]: ...
    @overload
    def __or__(self, other: Callable[..., Iterator[Other]]) -> RunnableSequence[Input, Other]: ...
    @overload
    def __or__(self, other: Callable[..., Awaitable[Other]]) -> RunnableSequence[Input, Other]: ...
    @overload
    def __or__(self, other: Callable[..., Other]) -> RunnableSequence[Input, Other]: ...
    def __or__(self, other: Any) -> RunnableSequence[Input, Any]:
        """Return a sequence: this runnable, then ``other``.

        Raises:
            CoercionError: ``other`` is not and does not become a runnable.
        """
        return self._row((self, other), None)

    @overload
    def __ror__(self, other: Mapping[str, Any]) -> RunnableSequence[Any, Output]: ...
    @overload
    def __ror__(
        self, other: Callable[[AsyncIterator[Other]], AsyncIterator[Any]]
    ) -> RunnableSequence[Other, Output]: ...
    @overload
    def __ror__(
        self, other: Callable[[Iterator[Other]], Iterator[Any]]
    ) -> RunnableSequence[Other, Output]: ...
    @overload
    def __ror__(self, other: Callable[[Other], Any]) -> RunnableSequence[Other, Output]: ...
    @overload
    def __ror__(self, other: Callable[..., Any]) -> RunnableSequence[Any, Output]: ...
    def __ror__(self, other: Any) -> RunnableSequence[Any, Output]:
        """Return a sequence: ``other``, then this runnable.

        Raises:
            CoercionError: ``other`` is not and does not become a runnable.
        """
        return self._row((other, self), None)

    @overload
    def pipe(
        self, last: Runnable[Any, Other], /, *, name: str | None = None
    ) -> RunnableSequence[Input, Other]: ...
    @overload
    def pipe(
        self, second: Any, last: Runnable[Any, Other], /, *, name: str | None = None
    ) -> RunnableSequence[Input, Other]: ...
    @overload
    def pipe(
        self, second: Any, third: Any, last: Runnable[Any, Other], /, *, name: str | None = None
    ) -> RunnableSequence[Input, Other]: ...
    @overload
    def pipe(self, *others: Any, name: str | None = None) -> RunnableSequence[Input, Any]: ...
    def pipe(self, *others: Any, name: str | None = None) -> RunnableSequence[Input, Any]:
        """Return a sequence of this runnable and ``others``.

        Raises:
            CoercionError: one of them is not and does not become a runnable.

        >>> from streamflow.runnables import RunnableLambda
        >>> RunnableLambda(len).pipe(str, name="digits").invoke("abc")
        '3'
        """
        return self._row((self, *others), name)

    def _row(self, steps: tuple[Any, ...], name: str | None) -> RunnableSequence[Any, Any]:
        raise NotImplementedError
