"""Parsers that work while the answer still comes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from .._merge import merge
from ..execution import closing
from ..messages import message_to_chunk
from ..outputs import ChatGeneration, ChatGenerationChunk, Generation, GenerationChunk
from ..runnables._user_code import iterate_user, iterate_user_async
from ._base import BaseOutputParser, generation_of
from ._patch import Operation, make_patch

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from ..bus import Run

T = TypeVar("T", covariant=True)


class BaseTransformOutputParser(BaseOutputParser[T]):
    """A parser that reads each chunk by itself, as it comes.

    To make one, subclass it and implement ``parse`` as for `BaseOutputParser`. Where an
    item may begin in one chunk and end in another, implement
    ``_transform(self, input: Iterator) -> Iterator`` too, a generator that is given the
    chunks; or ``_atransform``, the same with ``async``.

    >>> class Loud(BaseTransformOutputParser[str]):
    ...     def parse(self, text: str) -> str:
    ...         return text.upper()
    >>> list(Loud().transform(iter(["so ", "it goes"])))
    ['SO ', 'IT GOES']
    """

    _starts_whole = False
    _flow = "passes"

    def _iterate(self, inputs: AsyncIterator[Any], run: Run, **kwargs: Any) -> AsyncIterator[Any]:
        return self._own_generator(inputs, run) or self._each_parsed(inputs, run)

    def _own_generator(self, inputs: AsyncIterator[Any], run: Run) -> AsyncIterator[Any] | None:
        plain, async_ = getattr(self, "_transform", None), getattr(self, "_atransform", None)
        if plain is not None and (run.execution.blocking or async_ is None):
            return iterate_user(run, plain, inputs)
        return None if async_ is None else iterate_user_async(run, async_, inputs)

    async def _each_parsed(self, inputs: AsyncIterator[Any], run: Run) -> AsyncIterator[Any]:
        parsed = self._method(run)
        async with closing(inputs):
            async for chunk in inputs:
                yield await parsed([generation_of(chunk, self)], partial=False)


class BaseCumulativeTransformOutputParser(BaseTransformOutputParser[T]):
    """A parser that reads all that has come, again with each chunk that comes.

    To make one, subclass it and implement ``parse_result(result, partial=False)``. With
    ``partial=True`` it is given the beginning of an answer, and returns what that makes so
    far, or ``None``. A value is passed on when it differs from the one before.

    To read the beginning again each time takes longer the more has come. A parser that
    keeps its place, such as `JsonOutputParser`, does not.

    Args:
        diff: Pass on how each value differs from the one before: see ``_diff``.

    >>> class Words(BaseCumulativeTransformOutputParser[dict[str, int]]):
    ...     def parse_result(self, result, *, partial=False):
    ...         return {"words": len(result[0].text.split())}
    >>> list(Words().transform(iter(["so ", "it", " goes"])))
    [{'words': 1}, {'words': 2}, {'words': 3}]
    """

    _flow = "passes"
    diff: bool = False

    def _diff(self, prev: Any, next: Any) -> list[Operation]:  # noqa: A002 - as it is known
        """Return the JSON patch that makes ``next`` of ``prev``, ``None`` at first."""
        return make_patch(prev, next)

    def _iterate(self, inputs: AsyncIterator[Any], run: Run, **kwargs: Any) -> AsyncIterator[Any]:
        return self._own_generator(inputs, run) or self._each_so_far(inputs, run)

    async def _each_so_far(self, inputs: AsyncIterator[Any], run: Run) -> AsyncIterator[Any]:
        parsed, so_far, last = self._method(run), None, None
        async with closing(inputs):
            async for chunk in inputs:
                part = generation_of(chunk, self)
                so_far = part if so_far is None else _joined(so_far, part)
                value = await parsed([so_far], partial=True)
                if value is not None and (last is None or value != last):
                    yield self._diff(last, value) if self.diff else value
                    last = value


def _joined(so_far: Generation, part: Generation) -> Generation:
    both = (_as_chunk(so_far), _as_chunk(part))
    return merge(both)


def _as_chunk(generation: Generation) -> Generation:
    # What came whole adds up with nothing, but a message may be split into whole ones.
    if isinstance(generation, ChatGeneration):
        return ChatGenerationChunk(message_to_chunk(generation.message))
    return GenerationChunk(generation.text, generation_info=generation.generation_info)
