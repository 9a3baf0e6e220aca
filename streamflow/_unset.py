"""A value for "not given" and "not known", where ``None`` is a value like any other."""

from __future__ import annotations

from enum import Enum


class Unset(Enum):
    """The type of :data:`UNSET`; an enum, so that type checkers can tell it apart."""

    UNSET = "UNSET"

    def __repr__(self) -> str:
        return "UNSET"

    def __bool__(self) -> bool:
        return False


UNSET = Unset.UNSET
