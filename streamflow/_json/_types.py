"""The classes whose instances come back from JSON, and how a program adds its own."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, Flag
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Any
from uuid import UUID

import attrs

from ..errors import ConfigError

Function = Callable[..., Any]

MAX_TEXT = 10_000

LOSSY = frozenset({"object", "repr", "exception", "cycle", "depth", "size"})
ATOMS = frozenset({str, int, bool, type(None)})


@attrs.frozen
class Unrestored:
    """A tagged value that `loads` could not, or would not, turn back into its type.

    Written again it gives the same data, so a process without some class can still pass
    its instances on. ``tag`` is the ``$type`` of the data, or ``"repr"`` for a value kept as
    text only; ``fields`` what was under ``fields`` or ``value``, else all but the tag.
    """

    tag: str
    fields: Any

    def __hash__(self) -> int:
        # fields is mostly a dict, and one unknown member should not undo a whole set.
        return hash(self.tag)


def register_type(
    cls: type[Any] | None = None,
    tag: str | None = None,
    *,
    encode: Function | None = None,
    decode: Function | None = None,
) -> Any:
    """Let instances of exactly this class, not of its subclasses, come back from JSON.

    Works as a call and as a decorator, with or without arguments. A ``TypedDict`` is
    accepted and ignored: its instances are dicts.

    Known already: ``None``, ``bool``, ``int`` and ``float`` of any size, ``str``, ``bytes``,
    ``bytearray``, ``complex``, ``list``, ``tuple``, ``set``, ``frozenset``, ``dict`` with any
    keys, ``date``, ``time``, ``datetime``, ``timedelta``, ``UUID``, ``Decimal``, paths, and
    the messages and documents of streamflow.

    >>> import enum
    >>> from streamflow.serialization import dumps, loads, register_type
    >>> @register_type
    ... class Mood(enum.Enum):
    ...     GOOD = 1
    >>> loads(dumps([Mood.GOOD]))
    [<Mood.GOOD: 1>]

    Args:
        cls: The class.
        tag: Its name in the data; by default its module, without private parts, and name.
        encode: Turns an instance into anything that `dumps` can write. Has a default for
            attrs classes, dataclasses, named tuples, enums and pydantic models.
        decode: Turns that back into an instance; by default ``cls(**fields)``.

    Raises:
        ConfigError: The class has a form of its own, the tag is taken, or no ``encode``.
    """
    if cls is None:
        return lambda cls: register_type(cls, tag, encode=encode, decode=decode)
    if hasattr(cls, "__required_keys__"):
        return cls
    module = [part for part in cls.__module__.split(".") if part[:1] != "_" or part[:2] == "__"]
    tag = tag or ".".join([*module, cls.__qualname__])
    owner = READERS[tag][0] if tag in READERS else cls
    # The same name from the same place is a reloaded module, or a class made anew.
    if cls in _OWN or tag in LOSSY or class_name(owner) != class_name(cls):
        raise ConfigError(f"cannot register {cls.__qualname__}: it, or {tag!r}, is taken")
    default_encode, default_decode = _default_codec(cls)
    read = encode or default_encode
    if read is None:
        raise ConfigError(f"register_type({cls.__qualname__}) needs encode= and decode=")
    REGISTERED[cls] = writer_of(tag, "fields", read)
    READERS[tag] = (cls, decode or default_decode)
    return cls


def _default_codec(cls: Any) -> tuple[Function | None, Function]:
    if issubclass(cls, Flag):
        # A combination of flags has a value but, before Python 3.11, no name.
        return (lambda member: member.value), cls
    if issubclass(cls, Enum):
        return (lambda member: member.name), lambda name: cls[name]
    if is_pydantic(cls):
        # Not by model_dump, which would take nested models apart.
        aliases = {n: f.validation_alias for n, f in cls.model_fields.items()}
        names = {a if isinstance(a, str) else name: name for name, a in aliases.items()}
    elif issubclass(cls, tuple) and hasattr(cls, "_fields"):
        return (lambda value: value._asdict()), lambda fields: cls(**fields)
    elif fields_of(cls) is not None:
        names = {getattr(f, "alias", f.name): f.name for f in fields_of(cls) if f.init}
    else:
        return None, lambda fields: cls(**fields)

    def encode(value: Any) -> dict[str, Any]:
        fields = {alias: getattr(value, name) for alias, name in names.items()}
        return fields | (getattr(value, "__pydantic_extra__", None) or {})

    return encode, lambda fields: cls(**fields)


def is_pydantic(kind: type) -> bool:
    return hasattr(kind, "model_fields") and hasattr(kind, "model_dump")


def fields_of(kind: Any) -> Any:
    if attrs.has(kind):
        return attrs.fields(kind)
    return dataclasses.fields(kind) if dataclasses.is_dataclass(kind) else None


def writer_of(tag: str, key: str, read: Function) -> Function:
    return lambda walk, value, depth: {"$type": tag, key: walk.encode(read(value), depth + 1)}


def shown_text(show: Callable[[Any], str], value: Any) -> str:
    try:
        text = str.__str__(show(value))
    except Exception:  # noqa: BLE001 - a broken repr is no reason to fail
        return "<unreadable>"
    text = text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + "…"
    return text.encode("utf-8", "backslashreplace").decode()


def class_name(kind: type) -> str:
    name = shown_text(lambda kind: f"{kind.__module__}.{kind.__qualname__}", kind)
    return name.removeprefix("builtins.")


_TICK = timedelta(microseconds=1)
# Type, tag, what stands for a value, and how that becomes the value again.
VALUES: tuple[tuple[type, str, Function, Function], ...] = (
    (tuple, "tuple", lambda value: list(tuple.__iter__(value)), tuple),
    (set, "set", lambda value: list(set.__iter__(value)), set),
    (frozenset, "frozenset", lambda value: list(frozenset.__iter__(value)), frozenset),
    (bytes, "bytes", lambda value: base64.b64encode(value).decode(), base64.b64decode),
    (bytearray, "bytearray", bytes, bytearray),
    (datetime, "datetime", datetime.isoformat, datetime.fromisoformat),
    (date, "date", date.isoformat, date.fromisoformat),
    (time, "time", time.isoformat, time.fromisoformat),
    (timedelta, "timedelta", lambda value: value // _TICK, lambda ticks: ticks * _TICK),
    (UUID, "uuid", UUID.__str__, UUID),
    (Decimal, "decimal", Decimal.__str__, Decimal),
    (complex, "complex", complex.__repr__, complex),
    (Path, "path", PurePath.__str__, Path),
    (PurePosixPath, "posixpath", PurePath.__str__, PurePosixPath),
    (PureWindowsPath, "windowspath", PurePath.__str__, PureWindowsPath),
)
# With float, dict, list and what is only written, the classes that have a form of their own.
_OWN = ATOMS | {float, dict, list, BaseException, Enum, Unrestored, *(kind for kind, *_ in VALUES)}
REGISTERED: dict[type, Function] = {}
READERS: dict[str, tuple[type, Function]] = {
    "str": (str, lambda text: text.encode("ascii").decode("unicode_escape")),
    "int": (int, lambda text: int(text, 16)),
    "float": (float, float),
    "dict": (dict, dict),
    **{tag: (kind, build) for kind, tag, _, build in VALUES},
}
