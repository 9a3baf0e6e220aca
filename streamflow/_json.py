"""JSON for any value at all: writing never raises, reading gives registered types back.

``dumps`` serves run logs, where a value that cannot be written must not break its run. JSON's
own types stand for themselves, other builtins become ``{"$type": tag, "value": ...}``,
registered classes ``{"$type": tag, "fields": ...}``; these come back. Other objects become
``{"$type": "object", "class": ..., "fields": ...}`` or ``{"$repr": text, "class": ...}``;
these do not, nor do exceptions, cycles and what is too deep, and ``dumps_flagged`` tells.

``loads`` builds only builtins and classes registered in this process. It never imports what
the data names, so a stranger's log is safe to read.

What is no ``Exception`` (``KeyboardInterrupt``, a cancellation) does pass through ``dumps``.
"""

from __future__ import annotations

import base64
import dataclasses
import math
from collections import OrderedDict
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, Flag
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from traceback import format_exception
from typing import Any
from uuid import UUID

import attrs
import orjson

from streamflow.errors import ConfigError

__all__ = ("Unrestored", "dumps", "dumps_flagged", "loads", "register_type")
Function = Callable[..., Any]

# In levels of JSON, not of the value: one dict with odd keys takes three. orjson stops at
# 254, and the last value within the limit may still open a few levels of its own.
MAX_DEPTH = 200
# A dense graph of unregistered objects has exponentially many paths without a cycle, so
# looking for cycles alone might never end. Nothing that would come back is cut by this.
MAX_OBJECTS = 10_000
MAX_TEXT = 10_000

_LOSSY = frozenset({"object", "repr", "exception", "cycle", "depth", "size"})
_TAGS, _WRAPPED = frozenset({"$type", "$repr"}), ({"fields"}, {"value"})
_ATOMS = frozenset({str, int, bool, type(None)})
_NESTED = frozenset({dict, list})


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


def dumps(value: object, *, indent: bool = False, tracebacks: bool = False) -> bytes:
    """Write any value as JSON, never raising; ``tracebacks`` adds their text to exceptions."""
    return dumps_flagged(value, indent=indent, tracebacks=tracebacks)[0]


def dumps_flagged(
    value: object, *, indent: bool = False, tracebacks: bool = False
) -> tuple[bytes, bool]:
    """Like `dumps`, and tell whether some part of the value will not come back.

    A subclass of a builtin is written as that builtin, which is not flagged. Neither are
    times, of whose zone only the offset is kept, and no ``fold``.
    """
    option = orjson.OPT_INDENT_2 if indent else 0
    try:
        if _is_plain(value, 0):
            return orjson.dumps(value, None, option), False
    except Exception:  # noqa: BLE001, S110 - surrogates, big integers, odd keys: the long way
        pass
    try:
        encoder = _Encoder(tracebacks)
        return orjson.dumps(encoder.encode(value, 0), None, option), encoder.lossy
    except Exception:  # noqa: BLE001 - out of stack or memory is still no reason to raise
        return b'{"$repr":"<unreadable>","class":"?"}', True


def loads(data: bytes | str) -> Any:
    r"""Read what `dumps` wrote; tags that are unknown here become `Unrestored`.

    Raises:
        ValueError: The data is not JSON.
    """
    raw = data.encode() if isinstance(data, str) else data
    value = orjson.loads(raw)
    # Most data has no tags. Others may write one with an escape, as in "\u0024type".
    tagged = type(value) in _NESTED and (b'"$' in raw or b"\\u00" in raw)
    return _restore(value) if tagged else value


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

    Args:
        cls: The class.
        tag: Its name in the data; by default its module, without private parts, and name.
        encode: Turns an instance into anything that `dumps` can write. Has a default for
            attrs classes, dataclasses, enums and pydantic models.
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
    owner = _READERS[tag][0] if tag in _READERS else cls
    # The same name from the same place is a reloaded module, or a class made anew.
    if cls in {*_ATOMS, *_WRITERS} or tag in _LOSSY or _class_name(owner) != _class_name(cls):
        raise ConfigError(f"cannot register {cls.__qualname__}: it, or {tag!r}, is taken")
    default_encode, default_decode = _default_codec(cls)
    read = encode or default_encode
    if read is None:
        raise ConfigError(f"register_type({cls.__qualname__}) needs encode= and decode=")
    _REGISTERED[cls] = _writer(tag, "fields", read)
    _READERS[tag] = (cls, decode or default_decode)
    return cls


def _default_codec(cls: Any) -> tuple[Function | None, Function]:
    if issubclass(cls, Flag):
        # A combination of flags has a value but, before Python 3.11, no name.
        return (lambda member: member.value), cls
    if issubclass(cls, Enum):
        return (lambda member: member.name), lambda name: cls[name]
    if _is_pydantic(cls):
        # Not by model_dump, which would take nested models apart.
        aliases = {n: f.validation_alias for n, f in cls.model_fields.items()}
        names = {a if isinstance(a, str) else name: name for name, a in aliases.items()}
    elif _fields(cls) is not None:
        names = {getattr(f, "alias", f.name): f.name for f in _fields(cls) if f.init}
    else:
        return None, lambda fields: cls(**fields)

    def encode(value: Any) -> dict[str, Any]:
        fields = {alias: getattr(value, name) for alias, name in names.items()}
        return fields | (getattr(value, "__pydantic_extra__", None) or {})

    return encode, lambda fields: cls(**fields)


def _is_pydantic(kind: type) -> bool:
    return hasattr(kind, "model_fields") and hasattr(kind, "model_dump")


def _fields(kind: Any) -> Any:
    if attrs.has(kind):
        return attrs.fields(kind)
    return dataclasses.fields(kind) if dataclasses.is_dataclass(kind) else None


def _is_plain(value: Any, depth: int) -> bool:
    """Whether the value is plain JSON, as far as orjson would not notice it is not."""
    # It writes NaN as null, tuples as lists, enums and UUIDs as their value, but refuses odd
    # keys, big integers and lone surrogates itself.
    kind = type(value)
    if kind not in _NESTED:
        return kind in _ATOMS or (kind is float and math.isfinite(value))
    if depth >= MAX_DEPTH or (kind is dict and ("$type" in value or "$repr" in value)):
        return False
    items = value.values() if kind is dict else value
    # One pass in C settles the common case, a flat container.
    return _ATOMS.issuperset(map(type, items)) or all(
        type(item) in _ATOMS or _is_plain(item, depth + 1) for item in items
    )


@attrs.define
class _Encoder:
    """One walk over one value, building a copy that orjson cannot refuse.

    It reads builtins by the methods of the base class, since those of a subclass may be
    broken or endless, and copies first what another thread may be changing.
    """

    tracebacks: bool
    active: set[int] = attrs.field(factory=set)
    lossy: bool = False
    objects: int = 0

    def encode(self, value: Any, depth: int) -> Any:
        # type() throughout: isinstance would believe a lying `__class__`.
        kind = type(value)
        if kind is str and not _is_text(value):
            return {"$type": "str", "value": value.encode("unicode_escape").decode()}
        if kind is int and not -(2**63) <= value < 2**64:
            return {"$type": "int", "value": hex(value)}  # str() has a limit of digits
        if kind is float and not math.isfinite(value):
            return {"$type": "float", "value": repr(value)}
        if kind is str or kind is int or kind is float or kind is bool or value is None:
            return value
        identity = id(value)
        if identity in self.active:
            return self.mark("cycle", value)
        if depth >= MAX_DEPTH:
            return self.mark("depth", value)
        self.active.add(identity)
        try:
            return _find_writer(kind)(self, value, depth)
        except RecursionError:
            # Too little stack was left. If the marker does not fit either, one level up it may.
            return self.mark("depth", value)
        except Exception:  # noqa: BLE001 - properties, encoders, metaclasses: user code
            return self.write_repr(value, depth)
        finally:
            self.active.discard(identity)

    def mark(self, tag: str, value: Any, **more: Any) -> dict[str, Any]:
        self.lossy = True
        return {"$type": tag, "class": _class_name(type(value)), **more}

    def write_repr(self, value: Any, _depth: int) -> Any:
        self.lossy = True
        return {"$repr": _text(repr, value), "class": _class_name(type(value))}

    def write_dict(self, value: Any, depth: int) -> Any:
        # An OrderedDict keeps its order apart from the dict that it also is.
        base = OrderedDict if issubclass(type(value), OrderedDict) else dict
        items = list(base.items(value))
        keys = [_plain_key(key) for key, _ in items]
        if None in keys or len(set(keys)) < len(keys):
            pairs = [list(pair) for pair in items]
            return {"$type": "dict", "value": self.write_list(pairs, depth + 1)}
        return {key: self.encode(item[1], depth + 1) for key, item in zip(keys, items, strict=True)}

    def write_list(self, value: Any, depth: int) -> Any:
        return [self.encode(item, depth + 1) for item in list.copy(value)]

    def write_exception(self, value: Any, depth: int) -> Any:
        # Does not come back: `args` need not be what the constructor takes.
        more = {"message": _text(str, value), "args": self.encode([*value.args], depth + 1)}
        if self.tracebacks:
            more["traceback"] = _text(lambda e: "".join(format_exception(e))[-MAX_TEXT:], value)
        return self.mark("exception", value, **more)

    def write_object(self, value: Any, depth: int) -> Any:
        self.objects += 1
        if self.objects > MAX_OBJECTS:
            return self.mark("size", value)
        return self.mark("object", value, fields=self.encode(_shown(value), depth + 1))

    def write_unrestored(self, value: Unrestored, depth: int) -> Any:
        fields = self.encode(value.fields, depth + 1)
        if value.tag not in _LOSSY:
            return {"$type": self.encode(value.tag, depth + 1), "fields": fields}
        self.lossy = True
        if type(fields) is not dict or fields.keys() & _TAGS or fields.keys() in _WRAPPED:
            return {"$type": value.tag, "fields": fields}
        if value.tag == "repr" and type(fields.get("repr")) is str:
            return {"$repr": fields.pop("repr"), **fields}
        return {"$type": value.tag, **fields}


def _find_writer(kind: type) -> Function:
    if kind in _REGISTERED:
        return _REGISTERED[kind]
    for base in kind.__mro__:
        if base in _WRITERS:
            return _WRITERS[base]
    known = _is_pydantic(kind) or _fields(kind) is not None
    return _Encoder.write_object if known else _Encoder.write_repr


def _shown(value: Any) -> Any:
    """The parts of an unregistered object that its repr shows, so no hidden ones."""
    kind = type(value)
    if issubclass(kind, Enum):
        return {"name": value._name_, "value": value._value_}
    if _is_pydantic(kind):
        return value.model_dump()
    return {field.name: getattr(value, field.name) for field in _fields(kind) if field.repr}


def _writer(tag: str, key: str, read: Function) -> Function:
    return lambda walk, value, depth: {"$type": tag, key: walk.encode(read(value), depth + 1)}


def _is_text(value: str) -> bool:
    """Whether a string is free of lone surrogates, which UTF-8 and so JSON cannot hold."""
    return value.isascii() or len(value.encode(errors="ignore").decode()) == len(value)


def _plain_key(key: Any) -> str | None:
    """The key as JSON can hold it, or None if the dict has to be written as pairs."""
    if type(key) in _REGISTERED or not issubclass(type(key), str):
        return None
    key = str.__str__(key)
    return key if _is_text(key) and key not in _TAGS else None


def _text(show: Callable[[Any], str], value: Any) -> str:
    try:
        text = str.__str__(show(value))
    except Exception:  # noqa: BLE001 - a broken repr is no reason to fail
        return "<unreadable>"
    text = text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + "…"
    return text.encode("utf-8", "backslashreplace").decode()


def _class_name(kind: type) -> str:
    name = _text(lambda kind: f"{kind.__module__}.{kind.__qualname__}", kind)
    return name.removeprefix("builtins.")


def _restore(value: Any) -> Any:
    """Replace the tagged parts of parsed JSON, in place and from the leaves up."""
    # Without recursion: orjson reads deeper than Python's stack may reach.
    root = [value]
    places: list[tuple[Any, Any]] = [(root, 0)]
    for parent, key in places:  # which grows meanwhile
        item = parent[key]
        keys = range(len(item)) if type(item) is list else item
        places += [(item, key) for key in keys if type(item[key]) in _NESTED]
    for parent, key in reversed(places):
        if type(parent[key]) is dict:
            parent[key] = _build(parent[key])
    return root[0]


def _build(value: dict[str, Any]) -> Any:
    if type(value.get("$type")) is str:
        tag = value.pop("$type")
    elif type(value.get("$repr")) is str:
        tag, value["repr"] = "repr", value.pop("$repr")
    else:
        return value
    payload = value.popitem()[1] if value.keys() in _WRAPPED else value
    try:
        return _READERS[tag][1](payload)
    except Exception:  # noqa: BLE001 - an unknown tag, or fields that its class refuses
        return Unrestored(tag, payload)


_TICK = timedelta(microseconds=1)
# Type, tag, what stands for a value, and how that becomes the value again.
_VALUES: tuple[tuple[type, str, Function, Function], ...] = (
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
_REGISTERED: dict[type, Function] = {}
_WRITERS: dict[type, Function] = {
    str: lambda encoder, value, depth: encoder.encode(str.__str__(value), depth),
    int: lambda encoder, value, depth: encoder.encode(int.__int__(value), depth),
    float: lambda encoder, value, depth: encoder.encode(float.__float__(value), depth),
    dict: _Encoder.write_dict,
    list: _Encoder.write_list,
    BaseException: _Encoder.write_exception,
    Enum: _Encoder.write_object,
    Unrestored: _Encoder.write_unrestored,
    **{kind: _writer(tag, "value", read) for kind, tag, read, _ in _VALUES},
}
_READERS: dict[str, tuple[type, Function]] = {
    "str": (str, lambda text: text.encode("ascii").decode("unicode_escape")),
    "int": (int, lambda text: int(text, 16)),
    "float": (float, float),
    "dict": (dict, dict),
    **{tag: (kind, build) for kind, tag, _, build in _VALUES},
}
