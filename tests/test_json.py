"""JSON of any value: writing never raises, gives JSON, and what can come back does."""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import decimal
import enum
import functools
import itertools
import json
import math
import sys
import threading
import uuid
from collections.abc import Callable
from datetime import date, time, timedelta, timezone
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, TypedDict

import attrs
import orjson
import pydantic
import pytest
from hypothesis import given, strategies as st

from streamflow._json import Unrestored, dumps, dumps_flagged, loads, register_type
from streamflow._json._types import LOSSY, READERS
from streamflow.errors import ConfigError


@register_type
@attrs.frozen
class Point:
    x: Any
    _hidden: Any = None
    derived: int = attrs.field(init=False, default=7)


@register_type(tag="shape")
@dataclasses.dataclass
class Shape:
    points: Any
    cache: Any = dataclasses.field(init=False, default=None)


Color = register_type(enum.Enum("Color", {"RED": object(), "BLUE": (1, 2)}))
Access = register_type(enum.Flag("Access", "READ WRITE"))
Level = register_type(enum.Enum("Level", {"LOW": "low"}, type=str))


@attrs.define
class Stranger:
    name: Any
    secret: Any = attrs.field(default=None, repr=False)


def same(left: Any, right: Any) -> bool:
    """Equality with equal types, in which NaN equals NaN and a dict has an order."""
    if type(left) is not type(right):
        return False
    if isinstance(left, float):
        return left == right or (math.isnan(left) and math.isnan(right))
    if isinstance(left, (complex, decimal.Decimal)):
        return repr(left) == repr(right)
    if isinstance(left, (list, tuple)):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict):
        return same(list(left.items()), list(right.items()))
    if isinstance(left, (set, frozenset)):
        return sorted(map(repr, left)) == sorted(map(repr, right))
    if isinstance(left, (Point, Shape, Unrestored)):
        names = ("x", "_hidden", "points", "tag", "fields")
        return all(same(getattr(left, n, 0), getattr(right, n, 0)) for n in names)
    return bool(left == right)


# Whole seconds: some versions of Python misread offsets of less than one.
zones = st.none() | st.integers(-86399, 86399).map(lambda s: timezone(timedelta(seconds=s)))
any_text = st.text(st.characters(exclude_categories=()))
json_atoms = st.none() | st.booleans() | st.integers() | st.floats() | any_text
hashables = (
    json_atoms
    | st.integers(2**62, 2**70)
    | st.binary()
    | st.datetimes(timezones=zones).map(lambda value: value.replace(fold=0))
    | st.dates()
    | st.times(timezones=zones).map(lambda value: value.replace(fold=0))
    | st.timedeltas()
    | st.uuids()
    | st.decimals().filter(lambda value: not value.is_snan())  # has no hash
    | st.complex_numbers()
    | st.sampled_from([Color.RED, Color.BLUE, Access.READ | Access.WRITE, Level.LOW])
    | st.sampled_from([Path("a/b"), PurePosixPath("/x\udc80"), PureWindowsPath("c:/x")])
)
keys = hashables | st.tuples(hashables) | st.sampled_from(["$type", "$repr", "value"])


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    lists = st.lists(inner, max_size=4)
    dicts = st.dictionaries(st.text(), inner, max_size=4)
    odd_dicts = st.dictionaries(keys, inner, max_size=4)
    return lists | lists.map(tuple) | dicts | odd_dicts | inner.map(Shape) | st.builds(Point, inner)


sets = st.sets(hashables, max_size=3)
restorable = st.recursive(hashables | sets | sets.map(frozenset), nested, max_leaves=12)


def fail(*_args: Any) -> Any:
    raise RuntimeError("evil")


def evil(base: type = object, names: str = "", **more: Any) -> Any:
    """A class of which the methods named, and whatever shows an object, raise."""
    names += " __repr__ __str__ __format__ __reduce__ __getattr__"
    return type("Evil", (base,), {**dict.fromkeys(names.split(), fail), **more})


class Meta(type):
    __hash__ = __eq__ = __repr__ = fail
    __module__ = __mro__ = property(fail)


Evil = evil(names="__hash__ __eq__ __iter__ __len__ __bool__ __sizeof__ __instancecheck__")
Unreadable = register_type(type("Unreadable", (), {}), encode=fail, decode=fail)
HOSTILE: list[Any] = [
    *(Meta("Evil", (), {}), Meta("Evil", (), {})(), type("Evil", (), {"__qualname__": "\ud800"})()),
    *(Evil(), Unreadable(), Stranger.__new__(Stranger), print, threading.Lock(), iter([1])),
    evil(__class__=property(lambda _: str), __getattr__=lambda self, _: self)(),
    evil(__attrs_attrs__=property(fail), __dataclass_fields__=property(fail))(),
    evil(model_fields={"a": 1}, model_dump=fail)(),
    evil(names="__getattribute__", __dataclass_fields__={"a": 1})(),
    evil(dict, "__iter__ keys values items __len__ copy")({"a": Evil(), "$type": 1}),
    evil(list, "__iter__ __len__ __getitem__ copy")([1, Evil()]),
    evil(tuple, "__iter__ __len__ __getitem__")([1, Evil()]),
    evil(str, "encode isascii __hash__ __eq__ __len__")("x\ud800"),
    evil(int, "__int__ __index__ __lt__ __le__ __hash__")(2**70),
    evil(float, "__float__ __eq__ __lt__")("nan"),
    *(evil(Exception, args=property(fail))(1), evil(Exception)(Evil(), 1)),
    *(evil(__repr__=lambda _, a=a: a)() for a in (5, "\ud800", "x" * 10**6, evil(str)("evil"))),
    evil(__repr__=lambda self: f"{self!r}")(),
    *(Unrestored("repr", Evil()), Unrestored(Evil(), {"a": 1}), Unrestored("\ud800", 1)),
]
# Not sampled_from, which prints them all; and the first two make hypothesis itself fail.
hostile = st.integers(2, len(HOSTILE) - 1).map(lambda index: HOSTILE[index])


def nested_or_lost(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    unrestored = st.builds(Unrestored, st.sampled_from(["x.Y", *sorted(LOSSY)]), inner)
    return nested(inner) | inner.map(Stranger) | inner.map(ValueError) | unrestored


anything = st.recursive(hashables | hostile, nested_or_lost, max_leaves=12)


@given(restorable)
def test_what_can_come_back_does(value: Any) -> None:
    data, lossy = dumps_flagged(value)
    assert not lossy
    assert same(loads(data), value)
    assert same(loads(dumps(value, indent=True).decode()), value)
    # Other writers of JSON escape more, and spell numbers in their own way.
    assert same(loads(json.dumps(json.loads(data))), value)


@given(anything, st.booleans(), st.booleans())
def test_any_value_gives_json_that_settles(value: Any, indent: bool, traces: bool) -> None:
    data, lossy = dumps_flagged(value, indent=indent, tracebacks=traces)
    json.loads(data)
    assert dumps_flagged(loads(data), indent=indent) == (data, lossy)


@given(st.recursive(json_atoms, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_plain_json_is_written_as_orjson_does(value: Any) -> None:
    data = dumps(value)
    if b'"$' not in data:
        assert data == orjson.dumps(value)


@given(st.binary() | st.text())
def test_reading_garbage_raises_nothing_but_value_errors(data: bytes | str) -> None:
    with contextlib.suppress(ValueError):
        loads(data)


@given(st.sampled_from([*READERS, *LOSSY, "x.Unknown"]), st.data())
def test_forged_tags_never_raise_and_settle(tag: str, data: st.DataObject) -> None:
    names = st.sampled_from(["value", "fields", "class", "repr"])
    parts = data.draw(st.dictionaries(names, restorable))
    forged = orjson.dumps({"$type": tag, **{k: orjson.Fragment(dumps(parts[k])) for k in parts}})
    read = loads(forged)
    assert same(loads(dumps(read)), read)


@pytest.mark.parametrize("index", range(len(HOSTILE)))
def test_hostile_objects_do_not_spoil_their_neighbours(index: int) -> None:
    read = json.loads(dumps({"before": 1, "evil": HOSTILE[index], "after": [2]}))
    assert (read["before"], read["after"]) == (1, [2])


def test_a_broken_repr_has_a_placeholder_but_an_exit_passes_through() -> None:
    data, lossy = dumps_flagged(Evil())
    assert lossy
    assert json.loads(data) == {"$repr": "<unreadable>", "class": f"{__name__}.Evil"}
    with pytest.raises(SystemExit):
        dumps([evil(__repr__=sys.exit)()])


HUGE = pytest.param(10**5000, id="huge")
SCALARS = [HUGE, -(2**63) - 1, -(2**63), 2**64 - 1, 2**64, math.inf, -0.0, "\ud83d" + "\ude00"]
OTHERS = [date(2020, 2, 29), time(1, 2, 3, 4), timedelta.max, timedelta.min, uuid.UUID(int=5), 1j]
OTHERS += [bytearray(b"\0x"), decimal.Decimal("sNaN12"), b"", (), [()], {(): ()}, frozenset()]


@pytest.mark.parametrize("value", [*SCALARS, *OTHERS])
def test_edges_come_back(value: Any) -> None:
    assert same(loads(dumps({"k": [value]})), {"k": [value]})


def made(base: type, *args: Any) -> Any:
    return type("Made", (base,), {})(*args)


PLAIN = [(made(type(base), base), base) for base in ("x", 5, 0.5, [1], {"a": 1}, (1,), {1})]
PLAIN += [(collections.Counter("aa"), {"a": 2}), ({made(str, "k"): 1}, {"k": 1})]
PLAIN += [(enum.IntEnum("I", "A")["A"], 1), (made(date, 2020, 1, 1), date(2020, 1, 1))]


@pytest.mark.parametrize(("value", "plain"), PLAIN)
def test_subclasses_are_written_as_their_base(value: Any, plain: Any) -> None:
    data, lossy = dumps_flagged(value)
    assert not lossy
    assert same(loads(data), plain)


def test_dicts_keep_their_order_and_are_escaped_if_they_look_like_tags() -> None:
    ordered = collections.OrderedDict(a=1, b=2)
    ordered.move_to_end("a")
    assert list(loads(dumps(ordered))) == ["b", "a"]
    for value in ({"$type": "tuple", "value": [1]}, {"$repr": "x"}, {"$type": 5}):
        assert same(loads(dumps([(value,)])), [(value,)])
    assert dumps({"$ref": "#/defs/a"}) == b'{"$ref":"#/defs/a"}'
    assert loads(r'{"\u0024t\u0079pe":"tuple","value":[1]}') == (1,)


def test_cycles_are_marked() -> None:
    value: list[Any] = [1]
    value.append({"self": value})
    data, lossy = dumps_flagged(value)
    assert lossy
    assert json.loads(data) == [1, {"self": {"$type": "cycle", "class": "list"}}]
    shared: list[Any] = []
    assert dumps_flagged([shared, shared, ()])[1] is False
    things = [Stranger(index) for index in range(40)]
    for thing in things:  # 40! ways through this graph, none of which repeats an object
        thing.name = list(things)
    assert b'"size"' in dumps(things)


WRAPPERS: list[Callable[[Any], Any]] = [
    *(lambda value: [value], lambda value: {"k": value}, lambda value: (value,)),
    *(lambda value: {1: value}, Point, Stranger, ValueError),
    lambda value: Unrestored("x", value),
]


def wrapped(value: Any, levels: int, how: Callable[[Any], Any]) -> Any:
    return functools.reduce(lambda inner, _: how(inner), range(levels), value)


@pytest.mark.parametrize("how", range(len(WRAPPERS)))
@pytest.mark.parametrize("levels", [60, 201, 1000, 100_000])
def test_depth_is_cut_and_never_overflows(how: int, levels: int) -> None:
    # Some of the classes could not even be destroyed at the greatest depth.
    levels = levels if how < 4 else min(levels, 1000)
    data, lossy = dumps_flagged(wrapped((), levels, WRAPPERS[how]))
    loads(data)
    assert (b'"depth"' in data) == (levels > 60)
    assert lossy == (levels > 60 or WRAPPERS[how] in {Stranger, ValueError})


@pytest.mark.parametrize("room", range(4, 400, 9))
def test_a_caller_may_have_used_up_the_stack(room: int) -> None:
    value = wrapped((Evil(), "x"), 150, lambda inner: [inner, Stranger("y")])

    def probe(levels: int) -> int:
        try:
            return probe(levels + 1)
        except RecursionError:
            return levels

    def descend(levels: int) -> bytes:
        return descend(levels - 1) if levels else dumps(value)

    json.loads(descend(probe(0) - room))


def test_reading_does_not_depend_on_the_stack() -> None:
    deep = loads("[" * 1000 + '{"$type":"tuple","value":[1]}' + "]" * 1000)
    assert functools.reduce(lambda value, _: value[0], range(1000), deep) == (1,)
    with pytest.raises(ValueError, match="depth"):
        loads("[" * 5000 + "]" * 5000)


def test_unregistered_objects_show_what_their_repr_shows() -> None:
    data, lossy = dumps_flagged(Stranger("n", "s3cret"))
    shown = {"class": f"{__name__}.Stranger", "fields": {"name": "n"}}
    assert lossy
    assert json.loads(data) == {"$type": "object", **shown}
    assert loads(data) == Unrestored("object", shown)
    member = enum.Enum("Plain", "A")["A"]
    assert json.loads(dumps(member))["fields"] == {"name": "A", "value": 1}
    assert json.loads(dumps(type("Sub", (Point,), {})(1)))["$type"] == "object"


def test_exceptions_are_described() -> None:
    with pytest.raises(ValueError, match="bad") as caught:
        raise ValueError("bad", (1, 2))
    fields = {"class": "ValueError", "message": "('bad', (1, 2))", "args": ["bad", (1, 2)]}
    assert loads(dumps(caught.value)) == Unrestored("exception", fields)
    text = loads(dumps(caught.value, tracebacks=True)).fields["traceback"]
    assert "test_exceptions_are_described" in text


def test_unknown_and_changed_classes_come_back_opaque_and_nothing_is_imported() -> None:
    modules = set(sys.modules)
    data = b'{"$type":"antigravity.Message","fields":{"content":"hi"}}'
    read = loads(data)
    assert read == Unrestored("antigravity.Message", {"content": "hi"})
    assert dumps_flagged(read) == (data, False)
    assert loads(dumps({read})) == {read}
    assert loads('{"$type":"shape","fields":{"gone":1}}') == Unrestored("shape", {"gone": 1})
    assert loads('{"$type":"uuid","value":"?"}') == Unrestored("uuid", "?")
    assert set(sys.modules) == modules


def test_registering_uses_public_names_and_aliases() -> None:
    kind = attrs.make_class("Kind", ["_a"])
    kind.__module__ = "streamflow._core.parts"
    register_type(kind)
    assert dumps(kind(1)) == b'{"$type":"streamflow.parts.Kind","fields":{"a":1}}'
    assert loads(dumps(kind(1))) == kind(1)


def test_registering_with_functions() -> None:
    text = type("Text", (str,), {})
    assert register_type(text, "text", encode=lambda t: [str(t)], decode=lambda t: text(*t)) is text
    assert dumps(text("v")) == b'{"$type":"text","fields":["v"]}'
    read = loads(dumps({text("k"): text("v")}))
    assert [type(part) for part in itertools.chain(*read.items())] == [text, text]


def test_registering_what_cannot_be() -> None:
    bare, other = type("Bare", (), {}), type("Other", (), {})
    for _ in range(2):  # a module may be loaded again
        register_type(bare, "taken", encode=lambda _: 1, decode=lambda _: None)
    clashes = [(other, "taken"), (other, "tuple"), (other, "cycle"), (dict, "d"), (bool, "b")]
    for cls, tag in clashes:
        with pytest.raises(ConfigError, match="taken"):
            register_type(cls, tag, encode=lambda _: 1)
    with pytest.raises(ConfigError, match="encode="):
        register_type(other)
    typed = TypedDict("typed", {"a": int})  # noqa: UP013 - shorter
    assert register_type(typed) is typed
    assert dumps(typed(a=1)) == b'{"a":1}'


def test_pydantic_models_come_back_once_registered() -> None:
    inner = pydantic.create_model("inner", when=(date, ...))
    parts = {"inner": (inner, ...), "kind": (str, pydantic.Field(alias="type"))}
    extra = pydantic.ConfigDict(extra="allow")
    outer = pydantic.create_model("outer", __config__=extra, **parts)
    value = outer(inner=inner(when=date(2020, 1, 1)), type="t", more=(1,))
    shown = {"inner": {"when": date(2020, 1, 1)}, "kind": "t", "more": (1,)}
    assert loads(dumps(value)).fields["fields"] == shown
    register_type(inner)
    register_type(outer)
    assert dumps_flagged(value)[1] is False
    assert loads(dumps(value)) == value


def test_values_may_change_while_they_are_written() -> None:
    value: dict[str, Any] = {f"k{index}": (index,) for index in range(50)}
    done = threading.Event()

    def change() -> None:
        for index in itertools.takewhile(lambda _: not done.is_set(), itertools.count()):
            value[f"n{index % 90}"] = index
            value.pop(f"n{(index + 45) % 90}", None)

    thread = threading.Thread(target=change)
    thread.start()
    try:
        assert not any(dumps_flagged(value)[1] for _ in range(300))
    finally:
        done.set()
        thread.join()
