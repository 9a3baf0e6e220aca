"""Documents, ways to cut their text, and what one value is to the next."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st

from streamflow._unset import UNSET
from streamflow.errors import OutputParserException
from streamflow.partial_json import PartialJSONParser

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.text(st.characters(categories=["Cs"]) | st.sampled_from('"\\/\n\t\0é😀'), max_size=5)
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=20,
)


@st.composite
def texts(draw: st.DrawFn, documents: st.SearchStrategy[Any] = values) -> str:
    """A document as text, in one of the forms that writers give it."""
    return json.dumps(
        draw(documents),
        ensure_ascii=draw(st.booleans()),
        indent=draw(st.sampled_from([None, 0, 2])),
        separators=draw(st.sampled_from([None, (",", ":"), (" , ", " : ")])),
    )


@st.composite
def cut(draw: st.DrawFn, whole: st.SearchStrategy[str]) -> list[str]:
    """The pieces of a text that was cut in any way, also next to nothing."""
    text = draw(whole)
    size = draw(st.sampled_from([0, 1, 2, 3, 4, 7]))
    if size:
        return [text[place : place + size] for place in range(0, len(text), size)]
    places = sorted(draw(st.lists(st.integers(0, len(text)), max_size=6)))
    return [text[a:b] for a, b in zip([0, *places], [*places, len(text)], strict=True)]


def same(left: Any, right: Any) -> bool:
    """Equal and of equal types all through, NaN like NaN."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return list(left) == list(right) and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, float):
        return (math.isnan(left) and math.isnan(right)) or left == right
    return bool(left == right)


def grows(before: Any, after: Any) -> bool:
    """Whether a snapshot is a prefix of the next: nothing vanishes, only the end goes on."""
    if before is UNSET:
        return True
    if isinstance(before, dict) and isinstance(after, dict):
        keys = list(before)
        return (
            list(after)[: len(keys)] == keys
            and all(same(before[key], after[key]) for key in keys[:-1])
            and (not keys or grows(before[keys[-1]], after[keys[-1]]))
        )
    if isinstance(before, list) and isinstance(after, list):
        return (
            len(before) <= len(after)
            and all(map(same, before[:-1], after))
            and (not before or grows(before[-1], after[len(before) - 1]))
        )
    if isinstance(before, str) and isinstance(after, str):
        return after.startswith(before)
    if type(before) in {int, float}:
        return type(after) in {int, float}
    return same(before, after)


def read(pieces: Iterable[str], **options: Any) -> list[Any]:
    """The snapshots that reading the pieces gives, the last with the end of the text."""
    parser = PartialJSONParser(**options)
    snapshots = [parser.value for piece in pieces if parser.feed(piece)]
    last = parser.close()
    return snapshots if snapshots and same(snapshots[-1], last) else [*snapshots, last]


def attempt(pieces: Iterable[str], **options: Any) -> Any:
    """The value that the pieces come to, or the error."""
    try:
        return read(pieces, **options)[-1]
    except OutputParserException as error:
        return error
