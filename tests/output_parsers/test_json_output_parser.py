"""JSON in what a model says, chunk by chunk."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from streamflow.errors import OutputParserException
from streamflow.language_models import GenericFakeChatModel, Recording, ReplayChatModel
from streamflow.messages import AIMessage, AIMessageChunk
from streamflow.output_parsers import JsonOutputParser, SimpleJsonOutputParser
from streamflow.outputs import Generation
from streamflow.prompts import ChatPromptTemplate
from streamflow.views._json_patch import apply
from tests.output_parsers.cuts import cut, cut_sizes, streamed
from tests.runnables.ways import everywhere

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=12,
)
documents = st.dictionaries(st.text(max_size=4), values, max_size=4) | st.lists(values, max_size=4)


@given(value=documents, sizes=cut_sizes, fenced=st.booleans(), escaped=st.booleans())
def test_however_the_text_is_cut(value: Any, sizes: list[int], fenced: bool, escaped: bool) -> None:
    text = json.dumps(value, ensure_ascii=escaped)
    if fenced:
        text = f"Here it is:\n\n```json\n{text}\n```\nEnjoy!"
    pieces = cut(text, sizes)
    snapshots = streamed(JsonOutputParser(), pieces)
    assert snapshots[-1] == value == JsonOutputParser().invoke(text)
    patches = streamed(JsonOutputParser(diff=True), pieces)
    so_far = None
    for snapshot, patch in zip(snapshots, patches, strict=True):
        so_far = apply(so_far, patch)
        assert so_far == snapshot
    assert apply(None, [operation for patch in patches for operation in patch]) == value


@pytest.mark.parametrize(
    "value",
    ['{"a": 1}', AIMessage('{"a": 1}'), AIMessageChunk('{"a": 1}'), Generation('{"a": 1}')],
)
async def test_what_it_reads(value: Any) -> None:
    outcome = await everywhere(JsonOutputParser(), value)
    assert outcome.whole == outcome.streamed[-1] == outcome.transformed[-1] == {"a": 1}


async def test_a_list_is_its_last_snapshot_for_the_step_after_it() -> None:
    def count(items: list[Any]) -> int:
        return len(items)

    pieces = ["[1, ", '{"a": ', "2}, 3", "]"]
    assert streamed(JsonOutputParser(), pieces)[-1] == [1, {"a": 2}, 3]
    assert streamed(JsonOutputParser() | count, pieces) == [3]
    assert type(JsonOutputParser().invoke("[1]")) is list
    with JsonOutputParser().stream_events("[1, 2]") as messages:
        assert [each.output for each in messages if each.kind == "end"] == [[1, 2]]


async def test_no_json() -> None:
    for text in ("I cannot do that.", "", '{"a": 1]'):
        for read in (
            lambda text=text: JsonOutputParser().invoke(text),
            lambda text=text: streamed(JsonOutputParser(), [text]),
        ):
            with pytest.raises(OutputParserException) as caught:
                read()
            assert caught.value.text == caught.value.llm_output == text
            assert isinstance(caught.value.position, int)
    assert streamed(JsonOutputParser(), []) == []


def test_an_answer_that_breaks_off() -> None:
    assert JsonOutputParser().invoke('{"a": [1, "b') == {"a": [1, "b"]}
    assert JsonOutputParser().parse_result([Generation("{")], partial=True) == {}
    assert JsonOutputParser().parse_result([Generation("Well")], partial=True) is None


def test_format_instructions() -> None:
    schema = {"title": "city", "type": "object", "properties": {"name": {"type": "string"}}}
    text = JsonOutputParser(pydantic_object=schema).get_format_instructions()
    assert json.dumps(schema, separators=(",", ":")) in text
    assert "schema" not in SimpleJsonOutputParser().get_format_instructions()


async def test_the_chain_of_the_documents_prints_chunk_by_chunk() -> None:
    prompt = ChatPromptTemplate.from_template("{countries} in JSON, please")
    for name, first in (("countries_json", "67413000"), ("countries_json_fenced", "67391582")):
        model = ReplayChatModel(recording=Recording.named(name), speed=None)
        chain = prompt | model | JsonOutputParser()
        lines = [str(each) async for each in chain.astream({"countries": "all"})]
        assert lines == [str(each) for each in chain.stream({"countries": "all"})]
        assert lines[:5] == [
            "{}",
            "{'countries': []}",
            "{'countries': [{}]}",
            "{'countries': [{'name': ''}]}",
            "{'countries': [{'name': 'France'}]}",
        ]
        assert f"{{'countries': [{{'name': 'France', 'population': {first}}}, {{}}]}}" in lines
        assert len(lines) == len(set(lines))


def test_behind_a_model_that_streams_words() -> None:
    model = GenericFakeChatModel(messages=iter(['{"a": [1, 2]}', '{"a": [1, 2]}']))
    chain = model | JsonOutputParser()
    assert list(chain.stream("x")) == [{}, {"a": [1]}, {"a": [1, 2]}]
    assert chain.invoke("x") == {"a": [1, 2]}
