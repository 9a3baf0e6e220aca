"""How the values of one field, over many chunks of a stream, become one value.

Every rule here is associative, so it does not matter in which portions a stream is added
up, and every rule reads each value once, so a long stream costs what it weighs. For nested
values that takes some care:

* *Which kind wins.* If one key holds values of several kinds, a dict beats a list, a list
  beats text, text beats the rest, and what is beaten is dropped. "The last one wins" would
  depend on the portions: of a dict, a text and a dict, both dicts may or may not survive.
* *Two kinds of dict.* `join_deltas` is for content that arrives in pieces, so it joins
  text, except under keys that label the piece. `join_metadata` is for facts about the
  response, where a later text replaces the one before. Numbers never add up in either:
  they are positions and times, not amounts.
* *Lists* are concatenated. Pieces carry an ``index``, and those of one index become one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    Pieces = list[Any]

T = TypeVar("T")

JOIN = "join"

# What names a piece rather than being part of it: sent once, or repeated unchanged.
_LABELS = frozenset({"id", "index", "model", "name", "object", "role", "type"})


def joined_by(join: Callable[[Sequence[Any]], object]) -> dict[str, object]:
    """Make the metadata of an attrs field whose values over a stream are joined like this.

    The function gets what the chunks hold, without None, and is not called for nothing.
    """
    return {JOIN: join}


def first_given(values: Sequence[T]) -> T:
    """The first value: for what a provider sends once, or repeats unchanged."""
    return values[0]


def join_deltas(dicts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Join dicts whose texts are parts of one text."""
    return _join_dicts(dicts, deltas=True)


def join_metadata(dicts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Join dicts of facts, where the last one said about a key holds."""
    return _join_dicts(dicts, deltas=False)


def join_facts(values: Sequence[object]) -> object:
    """Join values of any kind as those of one key in `join_metadata` are."""
    return _join_values("", values, deltas=False)


def join_flat(lists: Sequence[list[T]]) -> list[T]:
    """Concatenate lists."""
    return [item for items in lists for item in items]


def join_pieces(items: Iterable[object], *, text: bool) -> list[Any]:
    """Join the items of one list that belong together.

    Dicts with the same ``index`` are one dict, in the place of the first of them. With
    ``text``, strings that end up side by side are one string.
    """
    runs: list[Pieces] = []
    latest: dict[object, Pieces] = {}
    for item in items:
        if text and isinstance(item, str):
            if runs and isinstance(runs[-1][0], str):
                runs[-1].append(item)
                continue
        elif isinstance(item, dict) and isinstance(item.get("index"), (int, str)):
            run = latest.get(item["index"])
            if run is not None and _continues(run[0], item):
                run.append(item)
                continue
            latest[item["index"]] = run = [item]
            runs.append(run)
            continue
        runs.append([item])
    return [_join_run(run) for run in runs]


def _join_run(run: Pieces) -> object:
    if len(run) == 1:
        return run[0]
    return "".join(run) if isinstance(run[0], str) else _join_dicts(run, deltas=True)


def _continues(start: dict[str, object], piece: dict[str, object]) -> bool:
    # Comparing with the first piece of the run only, whose type the joined one keeps, is
    # what keeps this associative. A "..._delta" says that it continues something.
    kind = piece.get("type")
    return not kind or kind == start.get("type") or str(kind).endswith("_delta")


def _join_dicts(dicts: Sequence[dict[Any, Any]], *, deltas: bool) -> dict[Any, Any]:
    if len(dicts) == 1:
        return dict(dicts[0])
    columns: dict[Any, list[Any]] = {}
    for each in dicts:
        for key, value in each.items():
            column = columns.setdefault(key, [])
            if value is not None:
                column.append(value)
    return {key: _join_values(key, column, deltas=deltas) for key, column in columns.items()}


def _join_values(key: object, values: Sequence[object], *, deltas: bool) -> object:
    """Join the values of one key, of which none is None."""
    if len(values) < 2:
        return values[0] if values else None
    if dicts := [value for value in values if isinstance(value, dict)]:
        return _join_dicts(dicts, deltas=deltas)
    if lists := [value for value in values if isinstance(value, list)]:
        if len(lists) == 1:
            return lists[0]
        joined = join_flat(lists)
        return join_pieces(joined, text=False) if deltas else joined
    if deltas and key in _LABELS:
        return next((value for value in values if value != ""), "")
    if deltas and (texts := [value for value in values if isinstance(value, str)]):
        return "".join(texts)
    return values[-1]
