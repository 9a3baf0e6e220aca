"""The keys of a state: what becomes of the values that are written to them in one step."""

from __future__ import annotations

import collections.abc
import inspect
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin

from .._object_types import without_marks
from .._unset import UNSET
from ..errors import InvalidUpdateError
from ..types import Overwrite

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Channel:
    """A key that takes one value in a step: the last one counts.

    Args:
        key: The name of the key.
        hint: The type of its values.
    """

    def __init__(self, key: str, hint: Any) -> None:
        self.key = key
        self.hint = hint

    def initial(self) -> Any:
        """Return the value that it has before anything is written; ``UNSET`` if none."""
        return UNSET

    def after(self, value: Any, written: Sequence[Any]) -> Any:
        """Return the value after a step.

        Args:
            value: The value before; ``UNSET`` if there is none.
            written: What was written, in order; one thing at least.

        Raises:
            InvalidUpdateError: these values do not fit together.
        """
        if len(written) > 1:
            raise InvalidUpdateError(
                f"key {self.key!r} of the state can take one value in a step, and got "
                f"{len(written)}: two nodes of one step write it. Say how to put them together, "
                f"with a reducer: {self.key}: Annotated[<type>, <function of two values>]"
            )
        last = written[0]
        return last.value if isinstance(last, Overwrite) else last


class ReducedChannel(Channel):
    """A key whose values are put together by a function.

    Args:
        key: The name of the key.
        hint: The type of its values.
        reduce: Returns the new value for the old one and one that was written.
    """

    def __init__(self, key: str, hint: Any, reduce: Callable[[Any, Any], Any]) -> None:
        super().__init__(key, hint)
        self.reduce = reduce
        self._make = _maker(hint)

    def initial(self) -> Any:
        return UNSET if self._make is None else self._make()

    def after(self, value: Any, written: Sequence[Any]) -> Any:
        replaced = [each for each in written if isinstance(each, Overwrite)]
        if len(replaced) > 1:
            raise InvalidUpdateError(
                f"key {self.key!r} of the state is overwritten twice in a step"
            )
        if replaced:
            return replaced[0].value
        reduce, items = self.reduce, iter(written)
        if value is UNSET:
            value = next(items)
        for item in items:
            value = reduce(value, item)
        return value


class ManagedValue:
    """A key that nobody writes: its value follows from where the graph is.

    Args:
        name: What it tells.
        value: Returns it for the number of steps that are left.
    """

    def __init__(self, name: str, value: Callable[[int], Any]) -> None:
        self.name = name
        self.value = value


IsLastStep = Annotated[bool, ManagedValue("IsLastStep", lambda left: left <= 1)]
"""The type of a key that tells whether this is the last step that the graph may take."""

RemainingSteps = Annotated[int, ManagedValue("RemainingSteps", lambda left: left)]
"""The type of a key that tells how many steps the graph may take, this one included."""


def channel_of(key: str, hint: Any) -> Channel | ManagedValue:
    """Return what a key with this type hint is."""
    hint = without_marks(hint)
    if get_origin(hint) is Annotated:
        kind, *notes = get_args(hint)
        for note in reversed(notes):
            if isinstance(note, ManagedValue):
                return note
        if notes and _takes_two(notes[-1]):
            return ReducedChannel(key, kind, notes[-1])
    return Channel(key, hint)


_EMPTY: dict[Any, Callable[[], Any]] = {
    collections.abc.Sequence: list,
    collections.abc.MutableSequence: list,
    collections.abc.Collection: list,
    collections.abc.Iterable: list,
    collections.abc.Set: set,
    collections.abc.MutableSet: set,
    collections.abc.Mapping: dict,
    collections.abc.MutableMapping: dict,
}


def _maker(hint: Any) -> Callable[[], Any] | None:
    """Return what makes an empty value of a type, if there is one."""
    hint = without_marks(hint)
    kind = get_origin(hint) or hint
    kind = _EMPTY.get(kind, kind)
    if not isinstance(kind, type):
        return None
    try:
        kind()
    except Exception:  # noqa: BLE001 - whatever it needs, it cannot be made of nothing
        return None
    return kind


def _takes_two(note: Any) -> bool:
    if not callable(note):
        return False
    try:
        parameters = inspect.signature(note).parameters.values()
    except (TypeError, ValueError):
        return True  # some builtins do not tell
    by_place = [
        each
        for each in parameters
        if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)
    ]
    needed = [each for each in by_place if each.default is each.empty]
    return len(needed) <= 2 <= len(by_place) or any(
        each.kind is each.VAR_POSITIONAL for each in parameters
    )
