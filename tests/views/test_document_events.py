"""Documents 000 and 004, "Using Stream Events": printed to the letter, ids and key order too."""

from __future__ import annotations

from typing import Any

import pytest

from streamflow.output_parsers import JsonOutputParser
from streamflow.runnables import Runnable, RunnableLambda, chain
from tests.views.documents import (
    COUNTRIES,
    extract_country_names,
    model,
    printed,
)

MODEL_RUN = "a81e4c0f-fc36-4d33-93bc-1ac25b9bb2c3"

MODEL_PRINTED = [
    (
        "{'event': 'on_chat_model_start', 'data': {'input': 'hello'}, 'name': 'ChatAnthropic', "
        f"'tags': [], 'run_id': '{MODEL_RUN}', 'metadata': {{}}}}"
    ),
    (
        "{'event': 'on_chat_model_stream', 'data': {'chunk': AIMessageChunk(content='Hello', "
        f"id='run-{MODEL_RUN}')}}, 'run_id': '{MODEL_RUN}', 'name': 'ChatAnthropic', 'tags': [], "
        "'metadata': {}}"
    ),
    (
        "{'event': 'on_chat_model_stream', 'data': {'chunk': AIMessageChunk(content='!', "
        f"id='run-{MODEL_RUN}')}}, 'run_id': '{MODEL_RUN}', 'name': 'ChatAnthropic', 'tags': [], "
        "'metadata': {}}"
    ),
    (
        "{'event': 'on_chat_model_stream', 'data': {'chunk': AIMessageChunk(content='?', "
        f"id='run-{MODEL_RUN}')}}, 'run_id': '{MODEL_RUN}', 'name': 'ChatAnthropic', 'tags': [], "
        "'metadata': {}}"
    ),
    (
        "{'event': 'on_chat_model_end', 'data': {'output': AIMessageChunk(content='Hello! How "
        f"can I assist you today?', id='run-{MODEL_RUN}')}}, 'run_id': '{MODEL_RUN}', 'name': "
        "'ChatAnthropic', 'tags': [], 'metadata': {}}"
    ),
]


async def test_a_model_by_itself() -> None:
    lines = await printed(model("hello"), "hello", [MODEL_RUN])
    assert [*lines[:3], *lines[-2:]] == MODEL_PRINTED


CHAIN_RUN, CHAIN_MODEL_RUN = (
    "4765006b-16e2-4b1d-a523-edd9fd64cb92",
    "0320c234-7b52-4a14-ae4e-5f100949e589",
)


async def test_a_chain_starts_before_its_model() -> None:
    lines = await printed(
        model("countries_json") | JsonOutputParser(),
        COUNTRIES,
        [CHAIN_RUN, CHAIN_MODEL_RUN],
        most=2,
    )
    assert lines[:3] == [
        (
            f"{{'event': 'on_chain_start', 'data': {{'input': {COUNTRIES!r}}}, 'name': "
            f"'RunnableSequence', 'tags': [], 'run_id': '{CHAIN_RUN}', 'metadata': {{}}}}"
        ),
        (
            "{'event': 'on_chat_model_start', 'data': {'input': {'messages': [[HumanMessage("
            f"content={COUNTRIES!r})]]}}}}, 'name': 'ChatAnthropic', 'tags': ['seq:step:1'], "
            f"'run_id': '{CHAIN_MODEL_RUN}', 'metadata': {{}}}}"
        ),
        (
            "{'event': 'on_chat_model_stream', 'data': {'chunk': AIMessageChunk(content='{', "
            f"id='run-{CHAIN_MODEL_RUN}')}}, 'run_id': '{CHAIN_MODEL_RUN}', 'name': "
            "'ChatAnthropic', 'tags': ['seq:step:1'], 'metadata': {}}"
        ),
    ]


CHUNKS_PRINTED = r"""Chat model chunk: '{'
Parser chunk: {}
Chat model chunk: '\n  '
Chat model chunk: '"'
Chat model chunk: 'countries'
Chat model chunk: '":'
Chat model chunk: ' ['
Parser chunk: {'countries': []}
Chat model chunk: '\n    '
Chat model chunk: '{'
Parser chunk: {'countries': [{}]}
Chat model chunk: '\n      '
Chat model chunk: '"'
Chat model chunk: 'name'
Chat model chunk: '":'
Chat model chunk: ' "'
Parser chunk: {'countries': [{'name': ''}]}
Chat model chunk: 'France'
Parser chunk: {'countries': [{'name': 'France'}]}
Chat model chunk: '",'
Chat model chunk: '\n      '
Chat model chunk: '"'
Chat model chunk: 'population'
"""
MORE_PRINTED = """\
Chat model chunk: '":'
Chat model chunk: ' '
Chat model chunk: '67'
Parser chunk: {'countries': [{'name': 'France', 'population': 67}]}
"""


async def chunks_printed(runnable: Runnable[Any, Any]) -> str:
    """As the documents print them, which count all events and stop after 30."""
    lines, number = [], 0
    async for event in runnable.astream_events(COUNTRIES, version="v2"):
        kind = event["event"]
        if kind == "on_chat_model_stream":
            lines.append(f"Chat model chunk: {event['data']['chunk'].content!r}")
        if kind == "on_parser_stream":
            lines.append(f"Parser chunk: {event['data']['chunk']}")
        number += 1
        if number > 30:
            lines.append("...")
            break
    return "\n".join(lines)


async def test_the_chunks_of_the_model_and_of_the_parser() -> None:
    text = await chunks_printed(model("countries_json") | JsonOutputParser())
    assert text == CHUNKS_PRINTED + "..."


async def test_a_step_that_does_not_stream_hides_nothing_before_it() -> None:
    chain_ = model("countries_json") | JsonOutputParser() | extract_country_names
    assert await chunks_printed(chain_) == CHUNKS_PRINTED + MORE_PRINTED + "..."


# ----------------------------------------------------------------- functions that call

reverse_word = RunnableLambda(lambda word: word[::-1], name="reverse_word")


async def reverse_and_double(word: str) -> str:
    return await reverse_word.ainvoke(word) * 2


@chain
async def chained(word: str) -> str:
    return await reverse_word.ainvoke(word) * 2


chained.name = "reverse_and_double"


def reverse_printed(outer: str, inner: str) -> list[str]:
    return [
        (
            "{'event': 'on_chain_start', 'data': {'input': '1234'}, 'name': 'reverse_and_double', "
            f"'tags': [], 'run_id': '{outer}', 'metadata': {{}}}}"
        ),
        (
            "{'event': 'on_chain_start', 'data': {'input': '1234'}, 'name': 'reverse_word', "
            f"'tags': [], 'run_id': '{inner}', 'metadata': {{}}}}"
        ),
        (
            "{'event': 'on_chain_end', 'data': {'output': '4321', 'input': '1234'}, "
            f"'run_id': '{inner}', 'name': 'reverse_word', 'tags': [], 'metadata': {{}}}}"
        ),
        (
            "{'event': 'on_chain_stream', 'data': {'chunk': '43214321'}, "
            f"'run_id': '{outer}', 'name': 'reverse_and_double', 'tags': [], 'metadata': {{}}}}"
        ),
        (
            "{'event': 'on_chain_end', 'data': {'output': '43214321'}, "
            f"'run_id': '{outer}', 'name': 'reverse_and_double', 'tags': [], 'metadata': {{}}}}"
        ),
    ]


@pytest.mark.parametrize(
    ("runnable", "outer", "inner"),
    [
        (
            RunnableLambda(reverse_and_double),
            "03b0e6a1-3e60-42fc-8373-1e7829198d80",
            "5cf26fc8-840b-4642-98ed-623dda28707a",
        ),
        (
            chained,
            "1bfcaedc-f4aa-4d8e-beee-9bba6ef17008",
            "64fc99f0-5d7d-442b-b4f5-4537129f67d1",
        ),
    ],
    ids=["lambda", "decorator"],
)
async def test_runs_that_a_function_starts(
    runnable: Runnable[Any, Any], outer: str, inner: str
) -> None:
    assert await runnable.ainvoke("1234") == "43214321"
    assert await printed(runnable, "1234", [outer, inner]) == reverse_printed(outer, inner)


async def test_runs_that_a_plain_function_starts() -> None:
    """As in ``bad_tool`` of the document: the run finds its parent in a worker thread, too."""
    plain = RunnableLambda(lambda word: reverse_word.invoke(word) * 2, name="reverse_and_double")
    assert await printed(plain, "1234", ["1", "2"]) == reverse_printed("1", "2")


async def test_callbacks_that_are_passed_on_change_nothing() -> None:
    """As in ``correct_tool`` of the document."""

    async def passes_callbacks(word: str, config: Any) -> str:
        return await reverse_word.ainvoke(word, {"callbacks": config["callbacks"]}) * 2

    runnable = RunnableLambda(passes_callbacks, name="reverse_and_double")
    assert await printed(runnable, "1234", ["1", "2"]) == reverse_printed("1", "2")
