"""Many chunks of one stream become one value, in linear time.

A stream of *n* chunks that is added up pairwise copies the first characters *n* times.
So everything that knows how is joined once: text, bytes, lists and tuples here, and any
class that offers ``merge_chunks`` (`MergesChunks`) by itself. The rest is added with
``+``, which for numbers and small objects is as good.

Values that cannot be added at all, a plain dict for instance, are *snapshots*: each
stands for the whole so far, so the last one is the result.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast

from .errors import ChunkMergeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")


class MergesChunks(Protocol):
    """A class that merges a whole sequence of its own chunks better than ``+`` can."""

    @classmethod
    def merge_chunks(cls, chunks: Sequence[Any]) -> Any:
        """Merge one or more chunks; the first one is an instance of the class."""


class AddableDict(dict[K, V], Generic[K, V]):
    """A dict that adds up key by key, as the chunks of a parallel step do.

    A key that only one side has is kept. Where both sides have it, the values are merged
    by the rules of `merge`, and None gives way to the other side.
    """

    __slots__ = ()

    def __add__(self, other: object) -> AddableDict[K, V]:
        if not isinstance(other, dict):
            return NotImplemented
        return self.merge_chunks((self, other))

    def __radd__(self, other: object) -> AddableDict[K, V]:
        if not isinstance(other, dict):
            return NotImplemented
        return self.merge_chunks((other, self))

    @classmethod
    def merge_chunks(cls, chunks: Sequence[dict[K, V]]) -> AddableDict[K, V]:
        """Merge any number of dicts, each key once.

        Raises:
            ChunkMergeError: The values of a key, or the chunks, do not add up.
        """
        return cls({key: merge(values) for key, values in _columns(chunks)})


def merge(chunks: Sequence[T]) -> T:
    """Merge the chunks of one stream, at least one, into one value.

    Raises:
        ChunkMergeError: Two chunks of different types do not add up.
    """
    first = chunks[0]
    if len(chunks) == 1:
        return first
    kinds = set(map(type, chunks))
    join = _joiner(kinds)
    if join is not None:
        return cast("T", join(chunks))
    if _merges_chunks(first):
        return cast("T", cast("MergesChunks", first).merge_chunks(chunks))
    if len(kinds) == 1 and not _may_add(first, first):
        return chunks[-1]
    return cast("T", _fold(chunks))


def merge_lossless(chunks: Sequence[T]) -> tuple[T | list[T], ChunkMergeError | None]:
    """Merge like `merge`, but keep everything when that fails, and do not raise.

    Returns:
        The merged value and None. Or, if the chunks do not add up, a list in which only
        neighbours of one type are merged, and the error. An `AddableDict` whose values
        under some key do not add up has such a list under that key.
    """
    try:
        return merge(chunks), None
    except Exception as error:  # noqa: BLE001 - whatever a user's + raises, keep the chunks
        failure = _as_merge_error(error, chunks)
    first = chunks[0]
    if isinstance(first, AddableDict) and all(isinstance(chunk, dict) for chunk in chunks):
        columns = _columns(cast("Sequence[dict[object, object]]", chunks))
        kept = {key: merge_lossless(values)[0] for key, values in columns}
        return cast("T", type(first)(kept)), failure
    return _merged_runs(chunks), failure


def _columns(chunks: Sequence[dict[K, V]]) -> Iterable[tuple[K, list[V]]]:
    """Collect what each key has, in order of first appearance, None only if all are."""
    columns: dict[K, list[V]] = {}
    for chunk in chunks:
        if not isinstance(chunk, dict):
            raise ChunkMergeError(chunks[0], chunk)
        for key, value in chunk.items():
            column = columns.get(key)
            if column is None:
                columns[key] = [value]
            elif column[0] is None:
                column[0] = value
            elif value is not None:
                column.append(value)
    return columns.items()


def _joiner(kinds: set[type[Any]]) -> Callable[[Sequence[Any]], object] | None:
    """Find the builtin join for these types, unless one of them adds in its own way."""
    if len(kinds) == 1 and (join := _JOINERS.get(next(iter(kinds)))) is not None:
        return join
    for base, join in _JOINERS.items():
        if all(issubclass(kind, base) and kind.__add__ is base.__add__ for kind in kinds):
            # A subclass that adds as its base does yields the base, as + would.
            return join
    return None


def _join_text(chunks: Sequence[str]) -> str:
    return "".join(chunks)


def _join_bytes(chunks: Sequence[bytes]) -> bytes:
    return b"".join(chunks)


def _join_lists(chunks: Sequence[list[object]]) -> list[object]:
    return [item for chunk in chunks for item in chunk]


def _join_tuples(chunks: Sequence[tuple[object, ...]]) -> tuple[object, ...]:
    return tuple(item for chunk in chunks for item in chunk)


_JOINERS: dict[type[Any], Callable[[Sequence[Any]], object]] = {
    str: _join_text,
    bytes: _join_bytes,
    list: _join_lists,
    tuple: _join_tuples,
}


def _merges_chunks(value: object) -> bool:
    return callable(getattr(type(value), "merge_chunks", None))


def _may_add(left: object, right: object) -> bool:
    # True + True is 2 in Python, but a stream of flags reports a state, not a sum.
    flags = isinstance(left, bool) or isinstance(right, bool)
    return not flags and (hasattr(left, "__add__") or hasattr(right, "__radd__"))


def _fold(chunks: Sequence[Any]) -> object:
    total = chunks[0]
    for position in range(1, len(chunks)):
        before = type(total)
        total = _add(total, chunks[position])
        if type(total) is not before and _merges_chunks(total):
            # A plain dict met an AddableDict, say: from here on it goes in one step.
            return cast("MergesChunks", total).merge_chunks((total, *chunks[position + 1 :]))
    return total


def _add(left: Any, right: Any) -> object:
    if _may_add(left, right):
        try:
            return left + right
        except ChunkMergeError:
            raise
        except TypeError:
            # Either + does not know this pair, or a __add__ is broken; nothing here can
            # tell which, and both mean that the two did not add up.
            pass
    if isinstance(right, type(left)) or isinstance(left, type(right)):
        return right
    raise ChunkMergeError(left, right)


def _merged_runs(chunks: Sequence[T]) -> list[T]:
    kept: list[T] = []
    for _, group in groupby(chunks, key=type):
        run = list(group)
        try:
            kept.append(merge(run))
        except Exception:  # noqa: BLE001 - the failure is reported by the caller already
            kept.extend(run)
    return kept


def _as_merge_error(error: Exception, chunks: Sequence[object]) -> ChunkMergeError:
    if isinstance(error, ChunkMergeError):
        return error
    failure = ChunkMergeError(chunks[0], chunks[-1])
    failure.__cause__ = error
    return failure
