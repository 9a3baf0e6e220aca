"""Documents 000, 001 and 002: tools that call runnables, with and without passing anything on."""

from __future__ import annotations

from typing import Any

import pytest

from streamflow._ids import use_ids
from streamflow.bus import RunEnded, RunStarted
from streamflow.output_parsers import StrOutputParser
from streamflow.prompts import ChatPromptTemplate
from streamflow.runnables import RunnableConfig, RunnableLambda
from streamflow.tools import BaseTool, tool
from tests.views.documents import ids, model, printed


def reverse(word: str) -> str:
    return word[::-1]


reverse_word = RunnableLambda(reverse, name="reverse_word")


@tool
def bad_tool(word: str):
    """Custom tool that doesn't propagate callbacks."""
    return reverse_word.invoke(word)


@tool
def correct_tool(word: str, callbacks):
    """A tool that correctly propagates callbacks."""
    return reverse_word.invoke(word, {"callbacks": callbacks})


@tool
async def async_bad_tool(word: str):
    """An async tool that doesn't propagate callbacks."""
    return await reverse_word.ainvoke(word)


@tool
async def async_correct_tool(word: str, callbacks):
    """An async tool that correctly propagates callbacks."""
    return await reverse_word.ainvoke(word, {"callbacks": callbacks})


TOOL_RUN, INNER_RUN = "ea900472-a8f7-425d-b627-facdef936ee8", "77b01284-0515-48f4-8d7c-eb27c1882f86"
NESTING = pytest.mark.parametrize(
    "nesting", [bad_tool, correct_tool, async_bad_tool, async_correct_tool], ids=lambda t: t.name
)


@NESTING
async def test_the_events_of_document_000(nesting: BaseTool) -> None:
    """Printed for both tools: the one that passes nothing on shows its inner events, too."""
    name = nesting.name
    of_tool = f"'name': '{name}', 'tags': [], 'run_id': '{TOOL_RUN}', 'metadata': {{}}}}"
    of_inner = f"'name': 'reverse_word', 'tags': [], 'run_id': '{INNER_RUN}', 'metadata': {{}}}}"
    assert await printed(nesting, "hello", [TOOL_RUN, INNER_RUN]) == [
        f"{{'event': 'on_tool_start', 'data': {{'input': 'hello'}}, {of_tool}",
        f"{{'event': 'on_chain_start', 'data': {{'input': 'hello'}}, {of_inner}",
        (
            "{'event': 'on_chain_end', 'data': {'output': 'olleh', 'input': 'hello'}, 'run_id': "
            f"'{INNER_RUN}', 'name': 'reverse_word', 'tags': [], 'metadata': {{}}}}"
        ),
        (
            f"{{'event': 'on_tool_end', 'data': {{'output': 'olleh'}}, 'run_id': '{TOOL_RUN}', "
            f"'name': '{name}', 'tags': [], 'metadata': {{}}}}"
        ),
    ]


@NESTING
async def test_the_inner_run_is_a_child(nesting: BaseTool) -> None:
    events = [event async for event in nesting.astream_events("hello", version="v2")]
    assert [event["parent_ids"] for event in events[1:3]] == [[events[0]["run_id"]]] * 2


@NESTING
def test_with_no_loop_it_is_the_same(nesting: BaseTool) -> None:
    messages: list[Any] = []
    assert nesting.invoke("hello", {"callbacks": messages.append}) == "olleh"
    seen = [(type(each), each.run.name, each.run.parent and "below") for each in messages]
    assert seen == [
        (RunStarted, nesting.name, None),
        (RunStarted, "reverse_word", "below"),
        (RunEnded, "reverse_word", "below"),
        (RunEnded, nesting.name, None),
    ]


@pytest.mark.parametrize("nesting", [bad_tool, correct_tool], ids=lambda t: t.name)
async def test_the_events_of_document_002(nesting: BaseTool) -> None:
    """Version 1, in which the tool has a chunk, too."""
    name = nesting.name
    run = "ae7690f8-ebc9-4886-9bbe-cb336ff274f2"
    inner = "c4882303-8867-4dff-b031-7d9499b39dda"
    with use_ids(ids(run, inner)):
        lines = [str(e) async for e in nesting.astream_events("hello", version="v1")]
    assert lines == [
        (
            f"{{'event': 'on_tool_start', 'run_id': '{run}', 'name': '{name}', 'tags': [], "
            "'metadata': {}, 'data': {'input': 'hello'}}"
        ),
        (
            f"{{'event': 'on_chain_start', 'name': 'reverse_word', 'run_id': '{inner}', 'tags': "
            "[], 'metadata': {}, 'data': {'input': 'hello'}}"
        ),
        (
            f"{{'event': 'on_chain_end', 'name': 'reverse_word', 'run_id': '{inner}', 'tags': [], "
            "'metadata': {}, 'data': {'input': 'hello', 'output': 'olleh'}}"
        ),
        (
            f"{{'event': 'on_tool_stream', 'run_id': '{run}', 'tags': [], 'metadata': {{}}, "
            f"'name': '{name}', 'data': {{'chunk': 'olleh'}}}}"
        ),
        (
            f"{{'event': 'on_tool_end', 'name': '{name}', 'run_id': '{run}', 'tags': [], "
            "'metadata': {}, 'data': {'output': 'olleh'}}"
        ),
    ]


# ----------------------------------------------------------------------- document 001

SUMMARY = ".yad noitaudarg rof tiftuo sesoohc yrraB ;scisyhp seifed eeB"
LONG_TEXT = "\nNARRATOR:\n(Black screen with text; The sound of buzzing bees can be heard)\n"


def summarize() -> Any:
    prompt = ChatPromptTemplate.from_template(
        "You are an expert writer. Summarize the following text in 10 words or less:\n\n{long_text}"
    )
    return prompt | model("bee_summary") | StrOutputParser() | reverse


@tool
async def special_summarization_tool(long_text: str) -> str:
    """A tool that summarizes input text using advanced techniques."""
    summary: str = await summarize().ainvoke({"long_text": long_text})
    return summary


@tool
async def special_summarization_tool_with_config(long_text: str, config: RunnableConfig) -> str:
    """A tool that summarizes input text using advanced techniques."""
    summary: str = await summarize().ainvoke({"long_text": long_text}, config=config)
    return summary


@tool
def plain_summarization_tool(long_text: str) -> str:
    """The same, as a plain function."""
    summary: str = summarize().invoke({"long_text": long_text})
    return summary


SUMMARIZING = pytest.mark.parametrize(
    "summarizing",
    [
        special_summarization_tool,
        special_summarization_tool_with_config,
        plain_summarization_tool,
    ],
    ids=lambda t: t.name,
)


@SUMMARIZING
async def test_the_tool_of_document_001_by_itself(summarizing: BaseTool) -> None:
    assert await summarizing.ainvoke({"long_text": LONG_TEXT}) == SUMMARY


@SUMMARIZING
def test_the_tool_of_document_001_with_no_loop(summarizing: BaseTool) -> None:
    assert summarizing.invoke({"long_text": LONG_TEXT}) == SUMMARY


@SUMMARIZING
async def test_the_model_inside_is_seen(summarizing: BaseTool) -> None:
    """The document gets nothing from the first tool before Python 3.11; here all show it."""
    tokens, ends = [], []
    async for event in summarizing.astream_events({"long_text": LONG_TEXT}, version="v2"):
        if event["event"] == "on_chat_model_stream":
            tokens.append(event["data"]["chunk"].content)
            assert event["tags"] == ["seq:step:2"]
        elif event["event"] == "on_chat_model_end":
            ends.append(event["data"]["output"].content)
    text = "Bee defies physics; Barry chooses outfit for graduation day."
    assert ("".join(tokens), ends) == (text, [text])
    assert tokens[1:4] == ["Bee", " def", "ies physics"]
