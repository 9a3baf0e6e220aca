"""Version 1 of the event dicts, as document 002 prints them."""

from __future__ import annotations

from typing import Any

import pytest

from streamflow.errors import EventVersionError
from streamflow.language_models import FakeListLLM, Recording
from streamflow.messages import AIMessageChunk, HumanMessage
from streamflow.output_parsers import JsonOutputParser
from streamflow.prompts import ChatPromptTemplate
from streamflow.runnables import Runnable, RunnableLambda, chain
from tests.views.document_002 import (
    QUESTION,
    ChatAnthropic,
    countries,
    countries_model,
    shown,
)

HELLO = """\
{'event': 'on_chat_model_start', 'run_id': ID, 'name': 'ChatAnthropic', 'tags': [], \
'metadata': {}, 'data': {'input': 'hello'}}
{'event': 'on_chat_model_stream', 'run_id': ID, 'tags': [], 'metadata': {}, \
'name': 'ChatAnthropic', 'data': {'chunk': AIMessageChunk(content=' Hello')}}
{'event': 'on_chat_model_stream', 'run_id': ID, 'tags': [], 'metadata': {}, \
'name': 'ChatAnthropic', 'data': {'chunk': AIMessageChunk(content='!')}}
{'event': 'on_chat_model_stream', 'run_id': ID, 'tags': [], 'metadata': {}, \
'name': 'ChatAnthropic', 'data': {'chunk': AIMessageChunk(content='')}}
{'event': 'on_chat_model_end', 'name': 'ChatAnthropic', 'run_id': ID, 'tags': [], \
'metadata': {}, 'data': {'output': AIMessageChunk(content=' Hello!')}}"""

STARTS = f"""\
{{'event': 'on_chain_start', 'run_id': ID, 'name': 'RunnableSequence', 'tags': [], \
'metadata': {{}}, 'data': {{'input': {QUESTION!r}}}}}
{{'event': 'on_chat_model_start', 'name': 'ChatAnthropic', 'run_id': ID, \
'tags': ['seq:step:1'], 'metadata': {{}}, \
'data': {{'input': {{'messages': [[HumanMessage(content={QUESTION!r})]]}}}}}}
{{'event': 'on_parser_start', 'name': 'JsonOutputParser', 'run_id': ID, \
'tags': ['seq:step:2'], 'metadata': {{}}, 'data': {{}}}}"""

CHUNKS = r"""
Chat model chunk: ' Here'
Chat model chunk: ' is'
Chat model chunk: ' the'
Chat model chunk: ' JSON'
Chat model chunk: ' with'
Chat model chunk: ' the'
Chat model chunk: ' requested'
Chat model chunk: ' countries'
Chat model chunk: ' and'
Chat model chunk: ' their'
Chat model chunk: ' populations'
Chat model chunk: ':'
Chat model chunk: '\n\n```'
Chat model chunk: 'json'
Parser chunk: {}
Chat model chunk: '\n{'
Chat model chunk: '\n '
Chat model chunk: ' "'
Chat model chunk: 'countries'
Chat model chunk: '":'
Parser chunk: {'countries': []}
Chat model chunk: ' ['
Chat model chunk: '\n   '
Parser chunk: {'countries': [{}]}
Chat model chunk: ' {'
Chat model chunk: '\n     '
Chat model chunk: ' "'
...""".strip().splitlines()

PARSED: list[Any] = [
    {},
    {"countries": []},
    {"countries": [{}]},
    {"countries": [{"name": ""}]},
    {"countries": [{"name": "France"}]},
    {"countries": [{"name": "France", "population": 67}]},
    {"countries": [{"name": "France", "population": 6739}]},
    {"countries": [{"name": "France", "population": 673915}]},
    {"countries": [{"name": "France", "population": 67391582}]},
    {"countries": [{"name": "France", "population": 67391582}, {}]},
]


async def events_of(runnable: Runnable[Any, Any], value: Any, **kwargs: Any) -> list[Any]:
    return [event async for event in runnable.astream_events(value, version="v1", **kwargs)]


async def printed(runnable: Runnable[Any, Any]) -> list[str]:
    """What the document's own loop prints."""
    lines, num_events = [], 0
    async with runnable.astream_events(QUESTION, version="v1") as events:
        async for event in events:
            if event["event"] == "on_chat_model_stream":
                lines.append(f"Chat model chunk: {event['data']['chunk'].content!r}")
            if event["event"] == "on_parser_stream":
                lines.append(f"Parser chunk: {event['data']['chunk']}")
            num_events += 1
            if num_events > 30:
                return [*lines, "..."]
    return lines


async def test_the_events_of_a_model() -> None:
    model = ChatAnthropic(recording=Recording.of([" Hello", "!", ""]))
    events = await events_of(model, "hello")
    assert "\n".join(map(shown, events)) == HELLO


async def test_the_first_events_of_a_chain() -> None:
    events = await events_of(countries(), QUESTION)
    assert "\n".join(map(shown, events[:3])) == STARTS


async def test_the_chunks_of_a_chain_as_the_document_prints_them() -> None:
    # Two fewer than where the chain itself tells of no chunks: the loop counts all events.
    assert await printed(countries()) == [*CHUNKS[:-3], "..."]


def _extract_country_names(inputs: Any) -> Any:
    return [country.get("name") for country in inputs["countries"]]


async def test_what_does_not_stream_lets_the_steps_before_it_stream() -> None:
    assert await printed(countries() | _extract_country_names) == CHUNKS
    events = await events_of(countries() | _extract_country_names, QUESTION)
    chunks = [
        (event["name"], event["data"]["chunk"])
        for event in events
        if event["event"] == "on_chain_stream"
    ]
    names = ["France", "Spain", "Japan"]
    assert chunks == [("_extract_country_names", names), ("RunnableSequence", names)]


async def test_the_filter_by_name() -> None:
    runnable = countries_model().with_config(run_name="model") | JsonOutputParser().with_config(
        run_name="my_parser"
    )
    events = await events_of(runnable, QUESTION, include_names=["my_parser"])
    head = "'name': 'my_parser', 'run_id': ID, 'tags': ['seq:step:2'], 'metadata': {}"
    assert [shown(event) for event in events[:11]] == [
        f"{{'event': 'on_parser_start', {head}, 'data': {{}}}}",
        *(
            f"{{'event': 'on_parser_stream', {head}, 'data': {{'chunk': {value}}}}}"
            for value in PARSED
        ),
    ]


async def test_the_filter_by_type() -> None:
    runnable = countries_model().with_config(run_name="model") | JsonOutputParser()
    events = await events_of(runnable, QUESTION, include_types=["chat_model"])
    head = "'name': 'model', 'run_id': ID, 'tags': ['seq:step:1'], 'metadata': {}"
    given = {"input": {"messages": [[HumanMessage(QUESTION)]]}}
    assert [shown(event) for event in events[:4]] == [
        f"{{'event': 'on_chat_model_start', {head}, 'data': {given}}}",
        *(
            f"{{'event': 'on_chat_model_stream', {head}, 'data': {data}}}"
            for data in ({"chunk": AIMessageChunk(token)} for token in (" Here", " is", " the"))
        ),
    ]


async def test_the_filter_by_tag() -> None:
    runnable = countries().with_config(tags=["my_chain"])
    events = await events_of(runnable, QUESTION, include_tags=["my_chain"])
    assert [(event["event"], event["tags"]) for event in events[:11]] == [
        ("on_chain_start", ["my_chain"]),
        ("on_chat_model_start", ["seq:step:1", "my_chain"]),
        ("on_parser_start", ["seq:step:2", "my_chain"]),
        *[("on_chat_model_stream", ["seq:step:1", "my_chain"])] * 8,
    ]


REVERSED = """\
{'event': 'on_chain_start', 'run_id': ID, 'name': 'reverse_and_double', 'tags': [], \
'metadata': {}, 'data': {'input': '1234'}}
{'event': 'on_chain_start', 'name': 'reverse_word', 'run_id': ID, 'tags': [], \
'metadata': {}, 'data': {'input': '1234'}}
{'event': 'on_chain_end', 'name': 'reverse_word', 'run_id': ID, 'tags': [], \
'metadata': {}, 'data': {'input': '1234', 'output': '4321'}}
{'event': 'on_chain_stream', 'run_id': ID, 'tags': [], 'metadata': {}, \
'name': 'reverse_and_double', 'data': {'chunk': '43214321'}}
{'event': 'on_chain_end', 'name': 'reverse_and_double', 'run_id': ID, 'tags': [], \
'metadata': {}, 'data': {'output': '43214321'}}"""


def reverse_word(word: str) -> str:
    return word[::-1]


async def reverse_and_double(word: str) -> str:
    return await RunnableLambda(reverse_word).ainvoke(word) * 2


@pytest.mark.parametrize("make", [RunnableLambda, chain])
async def test_a_runnable_inside_of_a_function(make: Any) -> None:
    events = await events_of(make(reverse_and_double), "1234")
    assert "\n".join(map(shown, events)) == REVERSED


async def test_the_callbacks_of_a_config_can_be_passed_on() -> None:
    def outer(word: str, config: Any) -> str:
        inner = RunnableLambda(reverse_word)
        return inner.invoke(word, {"callbacks": config["callbacks"]}) * 2

    events = await events_of(RunnableLambda(outer, name="reverse_and_double"), "1234")
    assert "\n".join(map(shown, events)) == REVERSED


async def test_models_below_the_root_tell_their_input_and_result_at_the_end() -> None:
    prompt = ChatPromptTemplate.from_template("{topic}")
    events = await events_of(prompt | ChatAnthropic(recording=["Hi"]), "hello")
    end = next(event for event in events if event["event"] == "on_chat_model_end")
    assert shown(end["data"]) == (
        "{'input': {'messages': [[HumanMessage(content='hello')]]}, 'output': {'generations': "
        "[[{'text': 'Hi', 'generation_info': None, 'type': 'ChatGenerationChunk', 'message': "
        "AIMessageChunk(content='Hi')}]], 'llm_output': None, 'run': None, 'type': 'LLMResult'}}"
    )
    events = await events_of(prompt | FakeListLLM(responses=["Hi"]), "hello")
    assert [event["data"] for event in events if event["event"].startswith("on_llm")] == [
        {"input": "Human: hello"},
        {"input": "Human: hello", "output": "Hi"},
    ]


async def test_a_call_inside_of_a_run_has_a_root_of_its_own() -> None:
    async def outer(word: str) -> list[Any]:
        return await events_of(RunnableLambda(reverse_and_double), word)

    events = await RunnableLambda(outer).ainvoke("1234")
    assert "\n".join(map(shown, events)) == REVERSED


async def test_an_unknown_version_is_refused() -> None:
    with pytest.raises(EventVersionError, match="'v1', 'v2', got 'v9'"):
        countries().astream_events(QUESTION, version="v9")  # type: ignore[arg-type]  # on purpose
