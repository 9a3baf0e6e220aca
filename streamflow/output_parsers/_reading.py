"""What parsers of streamflow's own are made of: they keep their place while they read.

Such a parser makes a *reading* for each answer: the state of one parse, which is fed chunks
and gives values, and knows nothing of streams, loops and threads. Whole answers are read by
the same code, as one chunk.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from .._merge import merge
from ..execution import closing
from ..outputs import Generation
from ._base import generation_of, owner_of
from ._patch import Operation, make_patch
from ._transform import BaseCumulativeTransformOutputParser, BaseTransformOutputParser

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence

    from ..bus import Run

T = TypeVar("T", covariant=True)


class Reading(Protocol):
    """One answer that is being read."""

    def feed(self, chunk: Any) -> Iterable[Any]:
        """Return what a chunk of the answer gives: a string, a message or a generation."""

    def close(self) -> Iterable[Any]:
        """Return what is left at the end of the answer.

        Raises:
            OutputParserException: this is no end for it.
        """


class ReadingParser(BaseTransformOutputParser[T]):
    """A parser whose values, over a stream, are those of a reading."""

    _inline = True

    @abstractmethod
    def _reading(self) -> Reading:
        """Return a new reading."""

    def parse(self, text: str) -> T:
        """Read one answer.

        Raises:
            OutputParserException: it is not what the parser reads.
        """
        return self.parse_result([Generation(text)])

    def parse_result(self, result: Sequence[Generation], *, partial: bool = False) -> T:
        """Read the first of the answers of a model.

        Args:
            result: The answers, of which most models give one.
            partial: The answer is not complete: return what can be read of it.

        Raises:
            OutputParserException: it is not what the parser reads.
        """
        reading = self._reading()
        values = [*reading.feed(result[0]), *(() if partial else reading.close())]
        whole: T = merge(values) if values else self._nothing()
        return whole

    def _nothing(self) -> Any:
        """Return what an answer is of which no value came."""
        return None

    def _iterate(self, inputs: AsyncIterator[Any], run: Run, **kwargs: Any) -> AsyncIterator[Any]:
        if self._is_another():
            return super()._iterate(inputs, run, **kwargs)
        return self._read(inputs)

    async def _read(self, inputs: AsyncIterator[Any]) -> AsyncIterator[Any]:
        reading, came = self._reading(), False
        async with closing(inputs):
            async for chunk in inputs:
                came = True
                for value in reading.feed(chunk):
                    yield value
        if came:
            for value in reading.close():
                yield value

    def _is_another(self) -> bool:
        """Whether a subclass has changed how an answer is read, so that the reading is not it."""
        return self._differs_from(owner_of(type(self), "_reading"))


class CumulativeReadingParser(ReadingParser[T], BaseCumulativeTransformOutputParser[T]):
    """One whose values stand, each, for the whole answer so far."""

    def parse_result(self, result: Sequence[Generation], *, partial: bool = False) -> T:
        """Read the first of the answers of a model.

        Args:
            result: The answers, of which most models give one.
            partial: The answer is not complete: return what can be read of it.

        Raises:
            OutputParserException: it is not what the parser reads.
        """
        whole: Any = super().parse_result(result, partial=partial)
        plain: T = [*whole] if isinstance(whole, Snapshot) else whole  # type: ignore[assignment]  # a T as well
        return plain

    def _diff(self, prev: Any, next: Any) -> list[Operation]:  # noqa: A002 - as it is known
        return make_patch(prev, next, grows=not self._is_another())

    def _iterate(self, inputs: AsyncIterator[Any], run: Run, **kwargs: Any) -> AsyncIterator[Any]:
        values = super()._iterate(inputs, run, **kwargs)
        return self._patches(values) if self.diff and not self._is_another() else values

    async def _patches(self, values: AsyncIterator[Any]) -> AsyncIterator[Any]:
        last: Any = None
        async with closing(values):
            async for value in values:
                yield self._diff(last, value)
                last = value


class Snapshot(list[Any]):
    """A list that stands for all so far: of several, the last one is what they add up to."""

    __slots__ = ()

    def __add__(self, other: Any) -> Any:
        return other if isinstance(other, Snapshot) else [*self, *other]

    @classmethod
    def merge_chunks(cls, chunks: Sequence[Any]) -> Any:
        """Return the last one, as a plain list."""
        return [*chunks[-1]]


def standing(value: Any) -> Any:
    """Return a value of a stream so that it stands for all so far, also if it is a list."""
    return Snapshot(value) if type(value) is list else value


def text_in(chunk: Any, reader: object) -> str:
    """Return the text of a chunk of an answer."""
    return generation_of(chunk, reader).text
