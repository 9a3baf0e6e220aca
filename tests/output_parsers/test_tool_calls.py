"""The tool calls of a model, with their arguments as they come."""

from __future__ import annotations

import json
from typing import Any

import attrs
import pytest
from hypothesis import given
from pydantic import BaseModel
from typing_extensions import TypedDict

from streamflow.errors import OutputParserException
from streamflow.messages import (
    AIMessage,
    AIMessageChunk,
    invalid_tool_call,
    tool_call,
    tool_call_chunk,
)
from streamflow.output_parsers import (
    JsonOutputKeyToolsParser,
    JsonOutputToolsParser,
    PydanticToolsParser,
)
from streamflow.outputs import ChatGeneration
from streamflow.views._json_patch import apply
from tests.output_parsers.cuts import calls, cut, cut_sizes, streamed
from tests.runnables.ways import everywhere


class Add(BaseModel):
    a: int
    b: int


@attrs.frozen
class Say:
    text: str
    loud: bool = False


class Find(TypedDict):
    words: list[str]


ADD, SAY = {"a": 1, "b": 23}, {"text": "so it goes", "loud": True}
TWO = AIMessage(
    "", tool_calls=[tool_call(name="Add", args=ADD, id="x"), tool_call(name="Say", args=SAY)]
)


async def test_calls_as_data() -> None:
    outcome = await everywhere(JsonOutputToolsParser(), TWO)
    both = [{"args": ADD, "type": "Add"}, {"args": SAY, "type": "Say"}]
    assert outcome.whole == outcome.streamed[-1] == both
    assert JsonOutputToolsParser(return_id=True).invoke(TWO)[0] == {
        "args": ADD,
        "id": "x",
        "type": "Add",
    }
    assert JsonOutputToolsParser(first_tool_only=True).invoke(TWO) == both[0]
    assert JsonOutputKeyToolsParser(key_name="Say").invoke(TWO) == [SAY]
    one = JsonOutputKeyToolsParser(key_name="Say", first_tool_only=True)
    assert one.invoke(ChatGeneration(TWO)) == SAY
    assert JsonOutputKeyToolsParser(key_name="Add", return_id=True).invoke(TWO) == [
        {"args": ADD, "id": "x", "type": "Add"}
    ]


async def test_calls_as_instances() -> None:
    parser = PydanticToolsParser(tools=[Add, Say])
    assert parser.invoke(TWO) == [Add(a=1, b=23), Say("so it goes", True)]
    first = PydanticToolsParser(tools=[Add, Say], first_tool_only=True)
    assert (await everywhere(first, TWO)).whole == Add(a=1, b=23)


@given(sizes=cut_sizes, more=cut_sizes)
def test_however_the_arguments_are_cut(sizes: list[int], more: list[int]) -> None:
    chunks = [
        *calls("Add", cut(json.dumps(ADD), sizes)),
        *calls("Say", cut(json.dumps(SAY), more), index=1),
    ]
    message = AIMessageChunk.merge_chunks(chunks)
    for parser in (
        JsonOutputToolsParser(),
        JsonOutputToolsParser(return_id=True, first_tool_only=True),
        JsonOutputKeyToolsParser(key_name="Say"),
        PydanticToolsParser(tools=[Add, Say]),
        PydanticToolsParser(tools=[Add, Say], partial=True),
        PydanticToolsParser(tools=[Add, Say], first_tool_only=True),
    ):
        assert streamed(parser, chunks)[-1] == parser.invoke(message)
    patches = streamed(JsonOutputToolsParser(diff=True), chunks)
    joined = [operation for patch in patches for operation in patch]
    assert apply(None, joined) == JsonOutputToolsParser().invoke(message)


def test_arguments_as_they_come() -> None:
    pieces = ['{"a', '": 1, "b": ', "2", "3}"]
    parser = JsonOutputKeyToolsParser(key_name="Add", first_tool_only=True)
    assert streamed(parser, calls("Add", pieces)) == [
        {},
        {"a": 1},
        {"a": 1, "b": 2},
        {"a": 1, "b": 23},
    ]
    partial = PydanticToolsParser(tools=[Add], first_tool_only=True, partial=True)
    assert [each.b for each in streamed(partial, calls("Add", pieces))] == [None, None, 2, 23]
    whole = PydanticToolsParser(tools=[Add])
    assert streamed(whole, calls("Add", pieces)) == [[Add(a=1, b=23)]]


def test_an_instance_comes_when_its_call_is_complete() -> None:
    chunks = [*calls("Add", [json.dumps(ADD)]), *calls("Find", ['{"words": ', '["x"]}'], 1)]
    parser = PydanticToolsParser(tools=[Add, Find])
    assert streamed(parser, chunks) == [
        [Add(a=1, b=23)],
        [Add(a=1, b=23), {"words": ["x"]}],
    ]


def test_names_and_ids_that_come_late() -> None:
    pieces = [
        tool_call_chunk(id="x", index=0),
        tool_call_chunk(name="Add", index=0),
        tool_call_chunk(args='{"a": 1}', index=0),
    ]
    chunks = [AIMessageChunk("", tool_call_chunks=[piece]) for piece in pieces]
    parser = JsonOutputToolsParser(return_id=True)
    whole = [{"args": {"a": 1}, "id": "x", "type": "Add"}]
    assert streamed(parser, chunks)[-1] == whole
    assert parser.invoke(AIMessageChunk.merge_chunks(chunks)) == whole


async def test_no_calls() -> None:
    message = AIMessage("No.")
    assert (await everywhere(JsonOutputToolsParser(), message)).whole == []
    assert streamed(JsonOutputToolsParser(), [message]) == [[]]
    assert (await everywhere(PydanticToolsParser(tools=[Add]), message)).whole == []
    first = JsonOutputKeyToolsParser(key_name="Add", first_tool_only=True)
    assert first.invoke(message) is None
    assert streamed(first, [message]) == []
    assert first.invoke(TWO) == ADD


def test_a_tool_without_arguments() -> None:
    chunks = calls("ping", [])
    assert streamed(JsonOutputToolsParser(), chunks)[-1] == [{"args": {}, "type": "ping"}]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("text", "got .*'text'"),
        (AIMessageChunk.merge_chunks(calls("Add", ['{"a": 1'])), "'Add' are no whole JSON object"),
        (AIMessageChunk.merge_chunks(calls("Add", ["[1]"])), "no whole JSON object"),
        (AIMessageChunk.merge_chunks(calls("Add", ["{]"])), "key"),
        (AIMessageChunk.merge_chunks(calls("Sub", ["{}"])), "no tool 'Sub', only 'Add'"),
        (AIMessageChunk.merge_chunks(calls("Add", ['{"a": "x"}'])), "no Add: a: .*'x'; b: "),
        (AIMessageChunk("", tool_call_chunks=[tool_call_chunk(args="{}")]), "names no tool"),
        (
            AIMessage(
                "", invalid_tool_calls=[invalid_tool_call(name="Add", args="{", error="broken")]
            ),
            "'Add' makes no sense: broken",
        ),
    ],
)
def test_what_is_wrong_is_told(value: Any, reason: str) -> None:
    for read in (
        PydanticToolsParser(tools=[Add]).invoke,
        lambda value: streamed(PydanticToolsParser(tools=[Add]), [value]),
    ):
        with pytest.raises(OutputParserException, match=reason):
            read(value)


def test_the_error_has_the_arguments() -> None:
    message = AIMessage("", tool_calls=[tool_call(name="Add", args={"a": "x"}, id="x")])
    with pytest.raises(OutputParserException) as caught:
        PydanticToolsParser(tools=[Add]).invoke(message)
    assert caught.value.text == '{"a":"x"}'
