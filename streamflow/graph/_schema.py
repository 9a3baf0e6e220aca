"""State schemas: classes whose annotated attributes are the keys of a state."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import attrs

from .._hints import hints_of_class
from .._object_types import is_typeddict, keys_of
from ..errors import GraphDefinitionError, InvalidUpdateError
from ._channels import Channel, ManagedValue, channel_of

if TYPE_CHECKING:
    from collections.abc import Mapping


class StateSchema:
    """One class, and how to go from the values of a state to its instances and back.

    Args:
        cls: A typed dict, a dataclass, or a class of attrs or pydantic.

    Raises:
        GraphDefinitionError: it is none of these.
    """

    def __init__(self, cls: Any) -> None:
        hints = _hints(cls)
        if not hints:
            raise GraphDefinitionError(
                f"a state is described by a class with annotated keys (a TypedDict, a dataclass, "
                f"or a class of attrs or pydantic), got {cls!r}"
            )
        self.cls = cls
        self.is_dict = is_typeddict(cls) or issubclass(cls, dict)
        self.is_pydantic = hasattr(cls, "model_fields") and hasattr(cls, "model_validate")
        if self.is_pydantic:
            hints = {key: hint for key, hint in hints.items() if key in cls.model_fields}
        elif attrs.has(cls):
            hints = {each.alias: hints.get(each.name, Any) for each in attrs.fields(cls)}
        elif dataclasses.is_dataclass(cls):
            hints = {each.name: hints.get(each.name, Any) for each in dataclasses.fields(cls)}
        parts = {key: channel_of(key, hint) for key, hint in hints.items()}
        self.channels = {key: c for key, c in parts.items() if isinstance(c, Channel)}
        self.managed = {key: c for key, c in parts.items() if isinstance(c, ManagedValue)}
        self.keys = frozenset(parts)
        self.covers = False
        """There is nothing in the state but its keys, and they are all to be written."""

    def view(self, values: Mapping[str, Any], left: int) -> Any:
        """Return the part of a state that the class describes, as an instance of it.

        Args:
            values: The state.
            left: How many steps are left, this one included.
        """
        keys = self.keys
        if self.covers and self.is_dict:
            return dict(values)
        shown = {key: value for key, value in values.items() if key in keys}
        for key, managed in self.managed.items():
            shown[key] = managed.value(left)
        return shown if self.is_dict else self.cls(**shown)


def _hints(cls: Any) -> dict[str, Any]:
    if not isinstance(cls, type):
        return {}
    return (keys_of(cls) if is_typeddict(cls) else None) or hints_of_class(cls)


def object_pairs(update: Any, keys: Mapping[str, Any]) -> list[tuple[str, Any]] | None:
    """Return what an object of a class with fields sets; ``None`` if it is no such object."""
    cls = type(update)
    if hasattr(cls, "model_fields"):
        given = update.model_fields_set
        found = [(key, getattr(update, key)) for key in cls.model_fields if key in keys]
        return [(key, value) for key, value in found if value is not None or key in given]
    if attrs.has(cls):
        return [(a.alias, getattr(update, a.name)) for a in attrs.fields(cls) if a.alias in keys]
    if dataclasses.is_dataclass(cls):
        return [
            (each.name, getattr(update, each.name))
            for each in dataclasses.fields(cls)
            if each.name in keys
        ]
    return None


def pairs_of(update: Any, keys: Mapping[str, Any], who: str) -> list[tuple[str, Any]]:
    """Return the keys and values of an update that are keys of the state.

    Raises:
        InvalidUpdateError: it is no update.
    """
    if type(update) is dict:
        return [(key, value) for key, value in update.items() if key in keys]
    if update is None:
        return []
    if isinstance(update, dict):
        return [(key, value) for key, value in update.items() if key in keys]
    if isinstance(update, (list, tuple)) and all(
        isinstance(each, tuple) and len(each) == 2 and isinstance(each[0], str) for each in update
    ):
        return [(key, value) for key, value in update if key in keys]
    found = object_pairs(update, keys)
    if found is None:
        raise InvalidUpdateError(
            f"{who} must return a dict with keys of the state, a Command, a list of these, or "
            f"None; got {type(update).__name__}: {update!r:.80}"
        )
    return found
