"""Document 001: a model in a chain that a function calls, seen from outside.

The document's function is a tool; an async function stands in, whose runs are the same
below it. The document prints one parent; the model has two, the function and its chain.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, ClassVar

import pytest

from streamflow._ids import use_ids
from streamflow.language_models import BaseChatModel, Recording
from streamflow.messages import AIMessageChunk
from streamflow.output_parsers import StrOutputParser
from streamflow.outputs import ChatGenerationChunk
from streamflow.prompts import ChatPromptTemplate
from streamflow.runnables import Runnable, RunnableConfig, RunnableLambda
from tests.views.documents import ids, printed

LONG_TEXT = """
NARRATOR:
(Black screen with text; The sound of buzzing bees can be heard)
According to all known laws of aviation, there is no way a bee should be able to fly.
"""


def usage(given: int, made: int) -> Any:
    return {"input_tokens": given, "output_tokens": made, "total_tokens": given + made}


class ChatAnthropic(BaseChatModel):
    """The model of the document, with its settings and the chunks that it sends."""

    ls_provider: ClassVar[str | None] = "anthropic"

    model: str = "claude-3-5-sonnet-20240620"
    temperature: float = 0.0
    max_tokens: int = 1024

    async def _astream(
        self, messages: Any, stop: Any = None, run_manager: Any = None, **_: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        tokens = Recording.named("bee_summary").tokens
        yield ChatGenerationChunk(AIMessageChunk("", usage_metadata=usage(182, 0)))
        for token in tokens[1:-1]:
            yield ChatGenerationChunk(AIMessageChunk(token))
        facts = {"stop_reason": "end_turn", "stop_sequence": None}
        last = AIMessageChunk("", response_metadata=facts, usage_metadata=usage(0, 16))
        yield ChatGenerationChunk(last)


prompt = ChatPromptTemplate.from_template(
    "You are an expert writer. Summarize the following text in 10 words or less:\n\n{long_text}"
)


def reverse(text: str) -> str:
    return text[::-1]


async def special_summarization_tool(inputs: dict[str, str]) -> str:
    chain = prompt | ChatAnthropic() | StrOutputParser() | reverse
    return await chain.ainvoke(inputs)


async def special_summarization_tool_with_config(
    inputs: dict[str, str], config: RunnableConfig
) -> str:
    chain = prompt | ChatAnthropic() | StrOutputParser() | reverse
    return await chain.ainvoke(inputs, config=config)


async def streaming_tool(inputs: dict[str, str]) -> str:
    chain = prompt | ChatAnthropic() | StrOutputParser() | reverse
    return "".join([chunk async for chunk in chain.astream(inputs)])


TOOLS = pytest.mark.parametrize(
    "function", [special_summarization_tool, special_summarization_tool_with_config]
)

MODEL_RUN, TOOL_RUN, CHAIN_RUN = "d23abc80", "f25c41fe", "1dca4f2e"
OF_MODEL = (
    "'name': 'ChatAnthropic', 'tags': ['seq:step:2'], 'metadata': {'ls_provider': 'anthropic', "
    "'ls_model_name': 'claude-3-5-sonnet-20240620', 'ls_model_type': 'chat', "
    "'ls_temperature': 0.0, 'ls_max_tokens': 1024}, "
    f"'parent_ids': ['{TOOL_RUN}', '{CHAIN_RUN}']}}"
)


@TOOLS
async def test_the_tool_by_itself(function: Any) -> None:
    result = await RunnableLambda(function).ainvoke({"long_text": LONG_TEXT})
    assert result == ".yad noitaudarg rof tiftuo sesoohc yrraB ;scisyhp seifed eeB"


async def model_events(runnable: Runnable[Any, Any], kind: str) -> list[str]:
    lines = await printed(
        runnable,
        {"long_text": LONG_TEXT},
        [TOOL_RUN, CHAIN_RUN, MODEL_RUN],
        parents=True,
        include_names=[runnable.get_name(), "ChatAnthropic"],
    )
    return [line for line in lines if line.startswith(f"{{'event': 'on_chat_model_{kind}'")]


@TOOLS
async def test_the_answer_of_the_model_inside(function: Any) -> None:
    content = f"{prompt.format(long_text=LONG_TEXT)}".removeprefix("Human: ")
    assert await model_events(RunnableLambda(function), "end") == [
        (
            "{'event': 'on_chat_model_end', 'data': {'output': AIMessage(content='Bee defies "
            "physics; Barry chooses outfit for graduation day.', response_metadata={"
            "'stop_reason': 'end_turn', "
            f"'stop_sequence': None}}, id='run-{MODEL_RUN}', usage_metadata={{'input_tokens': 182, "
            "'output_tokens': 16, 'total_tokens': 198}), 'input': {'messages': [[HumanMessage("
            f"content={content!r})]]}}}}, 'run_id': '{MODEL_RUN}', {OF_MODEL}"
        )
    ]


def chunk_line(fields: str) -> str:
    return (
        f"{{'event': 'on_chat_model_stream', 'data': {{'chunk': AIMessageChunk({fields})}}, "
        f"'run_id': '{MODEL_RUN}', {OF_MODEL}"
    )


@TOOLS
async def test_the_tokens_of_the_model_inside(function: Any) -> None:
    """The chain is invoked; since somebody listens, the model streams all the same."""
    run = f"id='run-{MODEL_RUN}'"
    first, *tokens, last = await model_events(RunnableLambda(function), "stream")
    assert first == chunk_line(
        f"content='', {run}, "
        "usage_metadata={'input_tokens': 182, 'output_tokens': 0, 'total_tokens': 182}"
    )
    assert tokens == [
        chunk_line(f"content={token!r}, {run}")
        for token in (
            *("Bee", " def", "ies physics", ";", " Barry", " cho", "oses outfit"),
            *(" for", " graduation", " day", "."),
        )
    ]
    assert last == chunk_line(
        "content='', response_metadata={'stop_reason': 'end_turn', 'stop_sequence': None}, "
        f"{run}, usage_metadata={{'input_tokens': 0, 'output_tokens': 16, 'total_tokens': 16}}"
    )


async def test_streamed_the_answer_is_a_chunk() -> None:
    [line] = await model_events(RunnableLambda(streaming_tool), "end")
    assert "{'output': AIMessageChunk(content='Bee defies physics;" in line
    assert "'output_tokens': 16, 'total_tokens': 198})" in line


async def test_without_a_loop_the_same_messages() -> None:
    runnable = RunnableLambda(special_summarization_tool)
    with use_ids(ids(TOOL_RUN, CHAIN_RUN)):
        with runnable.stream_events({"long_text": LONG_TEXT}) as messages:
            seen = [m for m in messages if m.run.type == "chat_model"]
        assert [m.kind for m in seen] == ["start", *["stream"] * 13, "end"]
        assert seen[0].run.parent_ids == [TOOL_RUN, CHAIN_RUN]
        assert seen[-1].run.metadata["ls_model_name"] == "claude-3-5-sonnet-20240620"
