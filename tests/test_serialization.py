"""Values that are stored come back exactly, or are refused with the place of what would not."""

from __future__ import annotations

import collections
import dataclasses
import enum
import math
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import attrs
import pydantic
import pytest
from hypothesis import given

from streamflow.documents import Document
from streamflow.errors import StorageError
from streamflow.messages import AIMessage, AIMessageChunk, HumanMessage, SystemMessage, ToolMessage
from streamflow.serialization import dumps, loads, register_type
from tests.meta.sources import ROOT
from tests.test_json import anything, restorable, same


@register_type
class Pair(NamedTuple):
    left: Any
    right: Any


@register_type
class Mode(enum.IntEnum):
    ON = 1


@register_type
class Model(pydantic.BaseModel):
    inner: Any
    when: datetime


@register_type
@attrs.frozen
class Refuses:
    number: int = attrs.field(validator=attrs.validators.ge(0))


@dataclasses.dataclass(frozen=True)
class Unknown:
    x: Any


@given(restorable)
def test_what_comes_back_is_what_was_stored(value: Any) -> None:
    assert same(loads(dumps(value)), value)
    assert same(loads(dumps(value).decode()), value)


@given(anything)
def test_a_value_comes_back_exactly_or_is_refused(value: Any) -> None:
    data, place = b"", "state"
    try:
        data = dumps(value, "state")
    except StorageError as error:
        place = error.place
    assert place.startswith("state")
    assert not data or same(loads(data), value)


@pytest.mark.parametrize(
    "value",
    [
        *(HumanMessage("hi", id="1"), SystemMessage("be"), ToolMessage("4", tool_call_id="c")),
        AIMessage("ho", tool_calls=[{"name": "add", "args": {"a": 1}, "id": "c"}]),
        AIMessageChunk([{"type": "text", "text": "h", "index": 0}]),
        Document(page_content="text", metadata={"seen": (1, 2)}),
        *(
            Pair(1, Pair({2}, None)),
            Mode.ON,
            [Path("a") / "b"],
            {Mode.ON: {Pair(1, 2)}},
        ),
        Model(inner=[Pair(1, 2)], when=datetime(2020, 1, 1, tzinfo=timezone.utc)),
        *(float("-inf"), -(2**200), {1: {None: {2.5: True}}}, {"$type": "tuple", "value": [1]}),
    ],
)
def test_these_come_back(value: Any) -> None:
    read = loads(dumps([value]))[0]
    assert type(read) is type(value)
    assert read == value
    assert math.isnan(loads(dumps({"x": [math.nan]}))["x"][0])


def test_of_a_zone_the_offset_comes_back() -> None:
    noon = datetime(2020, 7, 1, 12, tzinfo=ZoneInfo("Etc/GMT-2"))
    read = loads(dumps(noon))
    assert (read, read.tzinfo) == (noon, timezone(timedelta(hours=2)))


def made(base: type, *args: Any) -> Any:
    return type("Made", (base,), {})(*args)


def cyclic() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"a": [1, (2, Unknown(1))]}, "state['a'][1][1]"),
        ({"a": Pair(1, Unknown(1))}, "state['a'].right"),
        ([Model(inner={"x": object()}, when=datetime(2020, 1, 1))], "state[0].inner['x']"),
        ({1: {"y": lambda: 1}}, "state[1]['y']"),
        ({(1, Unknown(2)): 3}, "state, a key[1]"),
        ({"a": {"b": {Unknown}}}, "state['a']['b'][0]"),
        ({"$type": "tuple", "value": [object()]}, "state['value'][0]"),
        (collections.Counter("a"), "state"),
        ({"a": collections.OrderedDict(a=1)}, "state['a']"),
        ({made(str, "k"): 1}, "state, a key"),
        *(([made(base)], "state[0]") for base in (str, int, float, list, dict, tuple, set)),
        (ValueError("x"), "state"),
    ],
)
def test_the_place_of_what_would_not_come_back_is_told(value: Any, place: str) -> None:
    with pytest.raises(StorageError, match=r"register_type\(\w+\)") as caught:
        dumps(value, "state")
    assert caught.value.place == place


def test_what_is_endless_is_refused() -> None:
    with pytest.raises(StorageError, match="contains itself"):
        dumps(cyclic())
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(StorageError, match="too deep"):
        dumps(deep)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ("{", "cannot be read"),
        (b'{"$type":"gone.Class","fields":{}}', "no class is registered here as 'gone.Class'"),
        ('[{"$repr":"<x>","class":"X"}]', "'repr'"),
        ('[{"$type":"uuid","value":"?"}]', "'uuid' does not take"),
        (dumps(Refuses(1)).replace(b"1", b"-1"), "Refuses' does not take"),
    ],
)
def test_what_cannot_be_read_is_an_error(data: bytes | str, problem: str) -> None:
    with pytest.raises(StorageError, match=problem) as caught:
        loads(data, "row 5")
    assert caught.value.place == "row 5"


def test_another_process_needs_the_class_too() -> None:
    code = "import sys; from streamflow.serialization import loads; loads(sys.argv[1])"
    command = [sys.executable, "-c", code, dumps(Pair(1, 2)).decode()]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "no class is registered here as 'tests.test_serialization.Pair'" in result.stderr
