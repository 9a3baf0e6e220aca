"""Any value as JSON."""

from __future__ import annotations

import math
from collections import OrderedDict
from enum import Enum
from pathlib import Path
from traceback import format_exception
from typing import Any

import attrs
import orjson

from ._types import (
    ATOMS,
    LOSSY,
    MAX_TEXT,
    REGISTERED,
    VALUES,
    Function,
    Unrestored,
    class_name,
    fields_of,
    is_pydantic,
    shown_text,
    writer_of,
)

# In levels of JSON, not of the value: one dict with odd keys takes three. orjson stops at
# 254, and the last value within the limit may still open a few levels of its own.
MAX_DEPTH = 200
# A dense graph of unregistered objects has exponentially many paths without a cycle, so
# looking for cycles alone might never end. Nothing that would come back is cut by this.
MAX_OBJECTS = 10_000

_TAGS, _WRAPPED = frozenset({"$type", "$repr"}), ({"fields"}, {"value"})
_NESTED = frozenset({dict, list})


@attrs.frozen
class Loss:
    """The first part of a value that would not come back: where it is, and what."""

    path: str
    tag: str
    class_name: str


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


def dumps_exactly(value: object) -> bytes | Loss:
    """Write a value of which each part comes back with exactly the type that it has.

    So a subclass of a builtin is a loss, unless it is registered. Of the zone of a time
    only the offset is kept.
    """
    try:
        return orjson.dumps(value if _is_plain(value, 0) else _QUICK.encode(value, 0))
    except Exception:  # noqa: BLE001, S110 - surrogates, big integers, odd keys: the long way
        pass
    encoder = _Encoder(exact=True)
    encoded = encoder.encode(value, 0)
    loss = _first_loss(encoded, "") if encoder.lossy else None
    return loss or orjson.dumps(encoded)


def _first_loss(encoded: Any, path: str) -> Loss | None:
    if type(encoded) is list:
        parts = [(f"{path}[{index}]", part) for index, part in enumerate(encoded)]
    elif type(encoded) is not dict:
        return None
    elif "$repr" in encoded or encoded.get("$type") in LOSSY:
        return Loss(path, encoded.get("$type", "repr"), encoded["class"])
    elif encoded.get("$type") == "dict":
        keys = [(f"{path}, a key", key) for key, _ in encoded["value"]]
        parts = [*keys, *((f"{path}[{key!r}]", item) for key, item in encoded["value"])]
    elif "$type" in encoded:
        payload = encoded.get("fields", encoded.get("value"))
        if type(payload) is not dict or "$type" in payload or "$repr" in payload:
            return _first_loss(payload, path)
        parts = [(f"{path}.{name}", field) for name, field in payload.items()]
    else:
        parts = [(f"{path}[{key!r}]", item) for key, item in encoded.items()]
    return next(filter(None, (_first_loss(part, name) for name, part in parts)), None)


def _is_plain(value: Any, depth: int) -> bool:
    """Whether the value is plain JSON, as far as orjson would not notice it is not."""
    # It writes NaN as null, tuples as lists, enums and UUIDs as their value, but refuses odd
    # keys, big integers and lone surrogates itself.
    kind = type(value)
    if kind not in _NESTED:
        return kind in ATOMS or (kind is float and math.isfinite(value))
    if depth >= MAX_DEPTH or (kind is dict and ("$type" in value or "$repr" in value)):
        return False
    items = value.values() if kind is dict else value
    # One pass in C settles the common case, a flat container.
    return ATOMS.issuperset(map(type, items)) or all(
        type(item) in ATOMS or _is_plain(item, depth + 1) for item in items
    )


@attrs.define
class _Encoder:
    """One walk over one value, building a copy that orjson cannot refuse.

    It reads builtins by the methods of the base class, since those of a subclass may be
    broken or endless, and copies first what another thread may be changing.
    """

    tracebacks: bool = False
    exact: bool = False
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
            find = _find_exact_writer if self.exact else _find_writer
            return find(kind)(self, value, depth)
        except RecursionError:
            # Too little stack was left. If the marker does not fit either, one level up it may.
            return self.mark("depth", value)
        except Exception:  # noqa: BLE001 - properties, encoders, metaclasses: user code
            return self.write_repr(value, depth)
        finally:
            self.active.discard(identity)

    def mark(self, tag: str, value: Any, **more: Any) -> dict[str, Any]:
        self.lossy = True
        return {"$type": tag, "class": class_name(type(value)), **more}

    def write_repr(self, value: Any, _depth: int) -> Any:
        self.lossy = True
        return {"$repr": shown_text(repr, value), "class": class_name(type(value))}

    def write_dict(self, value: Any, depth: int) -> Any:
        # An OrderedDict keeps its order apart from the dict that it also is.
        base = OrderedDict if issubclass(type(value), OrderedDict) else dict
        items = list(base.items(value))
        keys = [_plain_key(key) for key, _ in items]
        subclassed = self.exact and any(type(key) is not str for key, _ in items)
        if subclassed or None in keys or len(set(keys)) < len(keys):
            pairs = [list(pair) for pair in items]
            return {"$type": "dict", "value": self.write_list(pairs, depth + 1)}
        return {key: self.encode(item[1], depth + 1) for key, item in zip(keys, items, strict=True)}

    def write_list(self, value: Any, depth: int) -> Any:
        return [self.encode(item, depth + 1) for item in list.copy(value)]

    def write_exception(self, value: Any, depth: int) -> Any:
        # Does not come back: `args` need not be what the constructor takes.
        more = {"message": shown_text(str, value), "args": self.encode([*value.args], depth + 1)}
        if self.tracebacks:
            more["traceback"] = shown_text(
                lambda e: "".join(format_exception(e))[-MAX_TEXT:], value
            )
        return self.mark("exception", value, **more)

    def write_object(self, value: Any, depth: int) -> Any:
        self.objects += 1
        if self.objects > MAX_OBJECTS:
            return self.mark("size", value)
        return self.mark("object", value, fields=self.encode(_shown(value), depth + 1))

    def write_unrestored(self, value: Unrestored, depth: int) -> Any:
        fields = self.encode(value.fields, depth + 1)
        if value.tag not in LOSSY:
            return {"$type": self.encode(value.tag, depth + 1), "fields": fields}
        self.lossy = True
        if type(fields) is not dict or fields.keys() & _TAGS or fields.keys() in _WRAPPED:
            return {"$type": value.tag, "fields": fields}
        if value.tag == "repr" and type(fields.get("repr")) is str:
            return {"$repr": fields.pop("repr"), **fields}
        return {"$type": value.tag, **fields}


class _SlowError(Exception):
    """The quick way does not lead there."""


class _Quick:
    """A walk that gives up, by raising anything, where it cannot be as quick as it is.

    It looks for nothing that orjson refuses by itself, nor for cycles, which are too deep.
    """

    def encode(self, value: Any, depth: int) -> Any:
        kind = type(value)
        if kind in ATOMS:
            return value
        if depth >= MAX_DEPTH or (kind is dict and ("$type" in value or "$repr" in value)):
            raise _SlowError
        if kind is dict:
            return {
                key: item if type(item) in ATOMS else self.encode(item, depth + 1)
                for key, item in value.items()
            }
        if kind is list:
            return [item if type(item) in ATOMS else self.encode(item, depth + 1) for item in value]
        if kind is float and math.isfinite(value):
            return value
        return (REGISTERED.get(kind) or _QUICK_WRITERS[kind])(self, value, depth)


def _find_writer(kind: type) -> Function:
    if kind in REGISTERED:
        return REGISTERED[kind]
    for base in kind.__mro__:
        if base in _WRITERS:
            return _WRITERS[base]
    known = is_pydantic(kind) or fields_of(kind) is not None
    return _Encoder.write_object if known else _Encoder.write_repr


def _find_exact_writer(kind: type) -> Function:
    return REGISTERED.get(kind) or _EXACT_WRITERS.get(kind, _Encoder.write_repr)


def _shown(value: Any) -> Any:
    """The parts of an unregistered object that its repr shows, so no hidden ones."""
    kind = type(value)
    if issubclass(kind, Enum):
        return {"name": value._name_, "value": value._value_}
    if is_pydantic(kind):
        return value.model_dump()
    return {field.name: getattr(value, field.name) for field in fields_of(kind) if field.repr}


def _is_text(value: str) -> bool:
    """Whether a string is free of lone surrogates, which UTF-8 and so JSON cannot hold."""
    return value.isascii() or len(value.encode(errors="ignore").decode()) == len(value)


def _plain_key(key: Any) -> str | None:
    """The key as JSON can hold it, or None if the dict has to be written as pairs."""
    if type(key) in REGISTERED or not issubclass(type(key), str):
        return None
    key = str.__str__(key)
    return key if _is_text(key) and key not in _TAGS else None


_WRITERS: dict[type, Function] = {
    str: lambda encoder, value, depth: encoder.encode(str.__str__(value), depth),
    int: lambda encoder, value, depth: encoder.encode(int.__int__(value), depth),
    float: lambda encoder, value, depth: encoder.encode(float.__float__(value), depth),
    dict: _Encoder.write_dict,
    list: _Encoder.write_list,
    BaseException: _Encoder.write_exception,
    Enum: _Encoder.write_object,
    Unrestored: _Encoder.write_unrestored,
    **{kind: writer_of(tag, "value", read) for kind, tag, read, _ in VALUES},
}
_EXACT_WRITERS: dict[type, Function] = {
    dict: _Encoder.write_dict,
    list: _Encoder.write_list,
    # What Path() makes is of a subclass that belongs to the system.
    **{kind: _WRITERS[kind] for kind, *_ in VALUES},
    type(Path()): _WRITERS[Path],
}
_QUICK = _Quick()
_QUICK_WRITERS = {kind: writer for kind, writer in _EXACT_WRITERS.items() if kind not in _NESTED}
