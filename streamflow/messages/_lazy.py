"""Containers of a message that exist only once somebody reads them.

A chunk is made for every token, and nearly all of its dicts and lists stay empty. So the
slot holds None, and the first reader gets, and leaves behind, an empty container.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Lazy(Generic[T]):
    """The public face of a private slot of the same name, filled when it is first read."""

    __slots__ = ("make", "slot")

    def __init__(self, make: Callable[[], T]) -> None:
        self.make = make
        self.slot = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.slot = f"_{name}"

    @overload
    def __get__(self, instance: None, owner: type) -> Lazy[T]: ...
    @overload
    def __get__(self, instance: object, owner: type) -> T: ...
    def __get__(self, instance: object | None, owner: type) -> T | Lazy[T]:
        if instance is None:
            return self
        value: T | None = getattr(instance, self.slot)
        if value is None:
            value = self.make()
            setattr(instance, self.slot, value)
        return value

    def __set__(self, instance: object, value: T) -> None:
        setattr(instance, self.slot, value)


def none_if_empty(value: object) -> object:
    """The key by which a lazy field is compared: one read by somebody equals one not read."""
    return value or None
