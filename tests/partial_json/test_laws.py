"""What holds for any document, however its text is cut."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

from hypothesis import given, strategies as st
from pydantic_core import from_json

from streamflow._unset import UNSET
from streamflow.errors import OutputParserException
from streamflow.partial_json import PartialJSONParser, parse_json_markdown, parse_partial_json
from tests.partial_json.documents import attempt, cut, grows, same, scalars, texts, values

brackets = st.lists(values, max_size=4) | st.dictionaries(st.text(max_size=4), values, max_size=4)
wide = st.lists(st.dictionaries(st.sampled_from("ab"), scalars), min_size=45, max_size=60)
wide_dicts = st.integers(45, 60).map(
    lambda size: {f"k{i}": [i, {"x": str(i)}] for i in range(size)}
)


@given(cut(texts()), st.booleans())
def test_the_last_snapshot_is_the_document(pieces: list[str], bare: bool) -> None:
    parser = PartialJSONParser(bare=bare)
    for piece in pieces:
        parser.feed(piece)
    assert same(parser.close(), json.loads("".join(pieces)))
    assert parser.complete


@given(cut(texts(brackets)))
def test_a_change_is_told_and_a_snapshot_is_a_prefix_of_the_next(pieces: list[str]) -> None:
    parser = PartialJSONParser()
    before: Any = UNSET
    for piece in pieces:
        changed = parser.feed(piece)
        assert changed != same(parser.value, before)
        assert grows(before, parser.value)
        before = parser.value
    assert same(before, json.loads("".join(pieces)))


@given(cut(texts(brackets | wide | wide_dicts)), st.integers(0, 4), st.booleans())
def test_what_somebody_holds_is_never_changed(pieces: list[str], keep: int, inner: bool) -> None:
    """Held are the last few snapshots, whole or a part of them; older ones are let go."""
    parser = PartialJSONParser()
    held: list[tuple[Any, Any]] = []
    for piece in pieces:
        parser.feed(piece)
        value = parser.value
        if inner and isinstance(value, (list, dict)) and value:
            value = value[-1] if isinstance(value, list) else list(value.values())[-1]
        held.append((value, deepcopy(value)))
        del value
        assert all(same(now, then) for now, then in held)
        del held[: len(held) - keep]
    assert same(parser.close(), json.loads("".join(pieces)))
    assert all(same(now, then) for now, then in held)


@given(texts(brackets | wide))
def test_snapshots_share_what_did_not_change(text: str) -> None:
    parser = PartialJSONParser(bare=True)
    before: Any = UNSET
    for char in text:
        if parser.feed(char):
            after = parser.value
            assert _shares(before, after)
            before = after
    assert parser.close() is before


def _shares(before: Any, after: Any) -> bool:
    """All items but the last are the same objects."""
    if isinstance(before, list) and before:
        return all(a is b for a, b in zip(before[:-1], after, strict=False)) and _shares(
            before[-1], after[len(before) - 1]
        )
    if isinstance(before, dict) and before:
        *keys, last = before
        return all(before[k] is after[k] for k in keys) and _shares(before[last], after[last])
    return True


@given(cut(texts()), st.integers(0, 200))
def test_a_whole_read_of_the_same_prefix_gives_the_same(pieces: list[str], length: int) -> None:
    parser = PartialJSONParser(bare=True)
    for piece in pieces:
        parser.feed(piece)
    text = "".join(pieces)[:length]
    try:
        whole = parse_partial_json(text)
    except OutputParserException:
        whole = UNSET
    prefix = PartialJSONParser(bare=True)
    for char in text:
        prefix.feed(char)
    assert same(prefix.value, whole)


@given(texts(), st.data())
def test_pydantic_core_completes_a_prefix_in_the_same_way(text: str, data: st.DataObject) -> None:
    length = data.draw(st.integers(0, len(text)))
    prefix = text[:length]
    # It leaves a number out whose fraction or exponent has only begun, and refuses half a
    # pair of surrogates, and a character that UTF-8 does not have.
    if prefix[-1:] in {".", "e", "E", "+", "-"} or "\\ud" in prefix:
        return
    if any("\ud800" <= char <= "\udfff" for char in prefix):
        return
    try:
        theirs = from_json(prefix, allow_partial="trailing-strings")
    except ValueError:
        theirs = None
    ours = attempt([prefix], bare=True)
    if isinstance(ours, OutputParserException):
        ours = None
    # One that stands alone and ends the text may still grow; it waits for more.
    assert same(ours, theirs) or prefix.strip().lstrip("-").isdigit()


@given(cut(st.text() | st.text('{}[]",:\\u0aed83tfn-+.1 \n`~j', max_size=60)), st.booleans())
def test_any_text_gives_a_value_or_its_own_error(pieces: list[str], bare: bool) -> None:
    outcome = attempt(pieces, bare=bare, max_depth=8)
    if isinstance(outcome, OutputParserException):
        assert outcome.text is not None
        assert "".join(pieces).startswith(outcome.text)
        assert outcome.position is not None
        assert 0 <= outcome.position <= len(outcome.text)
    assert outcome is not UNSET


@given(cut(st.text('{}[]",:\\a1-.etrun \n`~j', max_size=60)), st.booleans())
def test_cutting_does_not_matter(pieces: list[str], bare: bool) -> None:
    whole, cut_up = attempt(["".join(pieces)], bare=bare), attempt(pieces, bare=bare)
    if isinstance(whole, OutputParserException):
        assert isinstance(cut_up, OutputParserException)
        assert (cut_up.reason, cut_up.position) == (whole.reason, whole.position)
    else:
        assert same(cut_up, whole)


@given(st.binary(max_size=80))
def test_bytes_that_were_read_as_text(data: bytes) -> None:
    for encoding in ("utf-8", "latin-1", "utf-16"):
        outcome = attempt([data.decode(encoding, errors="replace")])
        assert outcome is not UNSET


@given(
    texts(brackets.filter(bool)),
    st.sampled_from(["```json\n", "```\n", "~~~~ JSON\r\n", "```JSON "]),
)
def test_a_fence_and_prose_around_it_are_skipped(text: str, fence: str) -> None:
    mark = fence[0] * 4 if fence.startswith("~~~~") else "```"
    answer = f"As [1] and {{name}} say, `[]` is:\n\n{fence}{text}\n{mark}\nSee [2]. {{}}"
    assert same(parse_json_markdown(answer), json.loads(text))
