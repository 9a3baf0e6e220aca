"""Recording what comes over the network from a vendor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio
import pytest
from attrs import evolve

from streamflow.chat_models import ChatAnthropic, ChatOpenAI, init_chat_model
from streamflow.errors import ModelAuthenticationError, ScriptError
from streamflow.testing import Recording, ReplayChatModel, record
from tests.chat_models.answers import call_piece, delta, finish, sse
from tests.chat_models.dialect_anthropic import ANTHROPIC
from tests.chat_models.dialect_openai import OPENAI
from tests.chat_models.server import Answer, Server

KEY = "sk-abcdefghijkl"


def _same(message: Any) -> Any:
    """The message but for its id, which is that of the run."""
    return evolve(message, id=None)


def _openai(server: Server) -> ChatOpenAI:
    return ChatOpenAI(model="m-1", api_key=KEY, base_url=f"{server.url}/v1", max_retries=0)


async def test_a_stream_and_a_whole_answer(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    server.answer(Answer(OPENAI.events("Hel", "lo")), Answer.json(OPENAI.whole("Hi")))
    async with _openai(server) as plain:
        with record(plain, path) as model:
            streamed = [chunk async for chunk in model.astream("hm")]
            whole = await model.ainvoke("hm")
    assert whole.content == "Hi"
    assert [(each.model, each.provider) for each in Recording.load_all(path)] == [
        ("m-1", "openai"), ("m-1", "openai"),
    ]  # fmt: skip
    replay = ReplayChatModel.load(path)
    replayed = [chunk async for chunk in replay.astream("hm")]
    assert list(map(_same, replayed)) == list(map(_same, streamed))
    assert _same(await replay.ainvoke("hm")) == _same(whole)
    assert KEY not in path.read_text("utf-8")


def test_without_a_loop(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    pieces = [call_piece(0, "call_1", "add", '{"a"'), call_piece(0, args=": 1}")]
    events = [*sse(*(delta(tool_calls=[piece]) for piece in pieces), finish("tool_calls"))]
    server.answer(Answer([*events, b"data: [DONE]\n\n"]))
    with _openai(server) as plain, record(plain, path) as model:
        streamed = list(model.stream("hm"))
    replayed = list(ReplayChatModel.load(path).stream("hm"))
    assert list(map(_same, replayed)) == list(map(_same, streamed))
    assert [call["args"] for chunk in replayed for call in chunk.tool_call_chunks] == [
        '{"a"', ": 1}",
    ]  # fmt: skip


async def test_the_other_protocol(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    server.answer(Answer(sse(*ANTHROPIC.payloads("Hel", "lo"))))
    model = ChatAnthropic(model="m-1", api_key=KEY, base_url=server.url, max_retries=0)
    async with model:
        with record(model, path) as recorded:
            streamed = [chunk async for chunk in recorded.astream("hm")]
    replayed = [chunk async for chunk in ReplayChatModel.load(path).astream("hm")]
    assert list(map(_same, replayed)) == list(map(_same, streamed))


async def test_a_key_that_the_vendor_repeats(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    server.answer(Answer.json({"error": {"message": f"no such key: {KEY}"}}, 401))
    async with _openai(server) as plain:
        with record(plain, path) as model, pytest.raises(ModelAuthenticationError):
            await model.ainvoke("hm")
    assert KEY not in path.read_text("utf-8")
    with pytest.raises(ScriptError, match="ModelAuthenticationError: openai: no such key"):
        await ReplayChatModel.load(path).ainvoke("hm")


async def test_who_leaves_hangs_up(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    server.answer(Answer(OPENAI.events("Hel", "lo"), hold_after=2))
    async with _openai(server) as plain:
        with record(plain, path) as model:
            async with model.astream("hm") as stream:
                async for chunk in stream:
                    if chunk.text:
                        break
    assert await anyio.to_thread.run_sync(server.hung_up.wait, 10)
    assert Recording.load(path).error == "its reader left before the end"


async def test_a_model_that_the_configuration_chooses(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    server.answer(Answer.json(OPENAI.whole("Hi")))
    chosen: Any = init_chat_model(api_key=KEY, base_url=f"{server.url}/v1")
    with record(chosen, path) as model:
        message = await model.ainvoke("hm", {"configurable": {"model": "openai:m-2"}})
        assert message.content == "Hi"
        bound: Any = model.bind_tools([]).choose({"model": "openai:m-3"})
        assert (bound.kwargs, bound.bound.model) == ({"tools": []}, "m-3")
        with pytest.raises(
            AttributeError, match="ConfigurableChatModel has no attribute 'nothing'"
        ):
            _ = model.nothing
    await chosen.choose({"model": "openai:m-2"}).aclose()
    assert [each.model for each in Recording.load_all(path)] == ["m-2"]
