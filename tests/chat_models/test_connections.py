"""Connections: kept, closed, broken off, tried again, and kept from carrying keys astray."""

from __future__ import annotations

import gc
import threading
from typing import Any

import anyio
import pytest
from anyio.lowlevel import checkpoint

from streamflow.chat_models import ChatAnthropic, ChatOpenAI, VendorChatModel
from streamflow.errors import (
    ModelArgumentError,
    ModelConnectionError,
    ModelRequestError,
)
from tests.chat_models.asking import pool
from tests.chat_models.dialect_anthropic import ANTHROPIC
from tests.chat_models.dialect_openai import OPENAI
from tests.chat_models.server import Answer, Server

EVENTS = OPENAI.events("one ", "two ", "three")


def model_of(server: Server, **settings: Any) -> VendorChatModel:
    return ChatOpenAI(model="m-1", api_key="key-1", base_url=server.url, **settings)


async def all_of(model: VendorChatModel) -> list[Any]:
    return [chunk.content async for chunk in model.astream("Hi")]


# -------------------------------------------------------------------------- one client


async def test_a_connection_is_used_again(server: Server) -> None:
    server.answer(OPENAI.answer("a"))
    async with model_of(server) as model:
        for _ in range(3):
            assert await all_of(model) == ["a", ""]
        assert len(pool(model).connections) == 1
    assert server.connections == 1


def test_a_connection_is_used_again_without_a_loop(server: Server) -> None:
    server.answer(OPENAI.answer("a"))
    with model_of(server) as model:
        for _ in range(3):
            assert [chunk.content for chunk in model.stream("Hi")] == ["a", ""]
    assert server.connections == 1


def test_threads_that_come_first_share_one_client(server: Server) -> None:
    server.answer(OPENAI.answer("a"))
    together = threading.Barrier(8)
    made: list[Any] = []
    with model_of(server) as model:

        def ask() -> None:
            together.wait(10)
            made.append(model._clients._blocking_client())

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(made) == 8
        assert len(set(map(id, made))) == 1
    assert made[0].is_closed


@pytest.mark.parametrize("backends", [["asyncio", "trio", "asyncio", "trio"]])
def test_loops_may_come_and_go(server: Server, backends: list[str]) -> None:
    server.answer(OPENAI.answer("a"))
    with model_of(server) as model:
        for backend in backends:
            assert anyio.run(all_of, model, backend=backend) == ["a", ""]
            assert not model._clients._of_loops, "the end of a loop closes what belongs to it"
            assert [chunk.content for chunk in model.stream("Hi")] == ["a", ""]


async def test_a_closed_model_connects_anew(server: Server) -> None:
    server.answer(OPENAI.answer("a"))
    model = model_of(server)
    for _ in range(2):
        async with model:
            assert await all_of(model) == ["a", ""]


async def test_a_model_that_is_dropped_closes_its_connections(server: Server) -> None:
    server.answer(OPENAI.answer("a"))
    model = model_of(server)
    assert await all_of(model) == ["a", ""]
    del model
    gc.collect()
    assert await anyio.to_thread.run_sync(server.hung_up.wait, 10)


def test_a_model_that_is_dropped_without_a_loop_closes_its_connections(server: Server) -> None:
    server.answer(OPENAI.answer("a"))
    model = model_of(server)
    assert len(list(model.stream("Hi"))) == 2
    del model
    gc.collect()
    assert server.hung_up.wait(10)


async def test_a_server_that_does_not_end_is_not_waited_for(server: Server) -> None:
    server.answer(Answer([*OPENAI.events("a"), b""], hold_after=5), OPENAI.answer("b"))
    async with model_of(server) as model:
        with anyio.fail_after(5):
            assert await all_of(model) == ["a", ""]
        assert await all_of(model) == ["b", ""]


async def test_a_hundred_streams_at_once(server: Server) -> None:
    server.answer(OPENAI.answer("a", "b"))
    async with model_of(server) as model:
        answers = await model.abatch(["Hi"] * 100)
        assert {answer.content for answer in answers} <= {"ab"}
        done: list[Any] = []

        async def read() -> None:
            done.append(await all_of(model))

        async with anyio.create_task_group() as group:
            for _ in range(100):
                group.start_soon(read)
        assert done == [["a", "b", ""]] * 100


async def test_the_import_of_the_client_waits_for_the_first_request() -> None:
    import subprocess
    import sys

    code = (
        "import sys\nfrom streamflow.chat_models import ChatOpenAI\n"
        "ChatOpenAI(model='m', api_key='k')\nprint('httpx2' in sys.modules)"
    )
    done = await anyio.run_process([sys.executable, "-c", code], stderr=subprocess.PIPE)
    assert done.stdout.split() == [b"False"]


# ------------------------------------------------------------------------ cancellation


@pytest.mark.parametrize("after", range(4))
async def test_to_leave_a_stream_closes_its_connection(server: Server, after: int) -> None:
    server.answer(Answer(EVENTS, hold_after=after + 1))
    async with model_of(server) as model:
        seen = 0
        if after == 0:
            with anyio.CancelScope() as scope:
                async with anyio.create_task_group() as group:
                    group.start_soon(all_of, model)
                    await anyio.to_thread.run_sync(server.holding.wait, 10)
                    scope.cancel()
        else:
            async with model.astream("Hi") as chunks:
                async for _ in chunks:
                    seen += 1
                    if seen == after:
                        break
        assert await anyio.to_thread.run_sync(server.hung_up.wait, 10)
        assert not pool(model).connections


async def test_a_stream_that_is_cancelled_while_it_waits(server: Server) -> None:
    server.answer(Answer(EVENTS, hold_after=2))
    async with model_of(server) as model:
        with anyio.CancelScope() as scope:
            async for _ in model.astream("Hi"):
                scope.cancel()
        assert scope.cancelled_caught
        assert await anyio.to_thread.run_sync(server.hung_up.wait, 10)
        assert not pool(model).connections


async def test_a_stream_that_is_cancelled_before_its_head(server: Server) -> None:
    server.answer(Answer(EVENTS, wait=30))
    async with model_of(server) as model:
        async with anyio.create_task_group() as group:
            group.start_soon(all_of, model)
            await anyio.to_thread.run_sync(server.was_asked.wait, 10)
            group.cancel_scope.cancel()
        assert not pool(model).connections


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_task_that_is_cancelled_twice_closes_its_connection(
    server: Server, anyio_backend: str
) -> None:
    import asyncio

    server.answer(Answer(EVENTS, hold_after=2))
    async with model_of(server) as model:
        task = asyncio.ensure_future(all_of(model))
        await asyncio.to_thread(server.holding.wait, 10)
        task.cancel()
        await checkpoint()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(server.hung_up.wait, 10)
        with anyio.fail_after(5):
            while pool(model).connections:
                await checkpoint()


def test_to_leave_a_stream_without_a_loop_closes_its_connection(server: Server) -> None:
    server.answer(Answer(EVENTS, hold_after=2))
    with model_of(server) as model:
        for _ in model.stream("Hi"):
            break
        assert server.hung_up.wait(10)


# -------------------------------------------------------------------------------- keys


async def test_redirects_are_not_followed(server: Server) -> None:
    server.answer(Answer(status=307, headers={"location": "http://elsewhere.test/"}))
    async with model_of(server) as model:
        with pytest.raises(ModelRequestError, match=r"elsewhere\.test.*base_url"):
            await model.ainvoke("Hi")
    assert len(server.asked) == 1


async def test_a_key_goes_only_where_nobody_reads_it() -> None:
    model = ChatOpenAI(model="m", api_key="key-1", base_url="http://models.test/v1")
    with pytest.raises(ModelArgumentError, match=r"https.*insecure_hosts=\['models.test'\]"):
        await model.ainvoke("Hi")
    allowed = ChatOpenAI(
        model="m",
        api_key="key-1",
        base_url="http://models.invalid/v1",
        insecure_hosts=["models.invalid"],
        max_retries=0,
    )
    async with allowed:
        with pytest.raises(ModelConnectionError):
            await allowed.ainvoke("Hi")


async def test_a_key_may_come_from_a_function(server: Server) -> None:
    async def key() -> str:
        await checkpoint()
        return "key-2"

    def plain() -> str:
        return "key-3"

    server.answer(OPENAI.answer("a"))
    for function, expected in ((key, "Bearer key-2"), (plain, "Bearer key-3")):
        model = ChatOpenAI(model="m", api_key=function, base_url=server.url)
        async with model:
            await all_of(model)
        with model:
            list(model.stream("Hi"))
        assert [asked.headers["authorization"] for asked in server.asked[-2:]] == [expected] * 2


async def test_headers_queries_and_options(server: Server) -> None:
    server.answer(OPENAI.answer("a"))
    model = model_of(
        server,
        default_headers={"X-Team": "blue"},
        default_query={"trace": "on"},
        model_kwargs={"logit_bias": {"1": 2}},
        client_options={"trust_env": False},
    )
    async with model:
        bound = model.bind(seed=7, stop=["x"], max_tokens=3)
        assert [chunk.content async for chunk in bound.astream("Hi")] == ["a", ""]
    [asked] = server.asked
    assert asked.headers["x-team"] == "blue"
    assert asked.target == "/chat/completions?trace=on"
    sent = asked.json
    assert (sent["seed"], sent["stop"], sent["max_tokens"]) == (7, ["x"], 3)
    assert sent["logit_bias"] == {"1": 2}


async def test_another_version_of_anthropic_can_be_asked(server: Server) -> None:
    server.answer(Answer.json(ANTHROPIC.whole("a")))
    newer = {"anthropic-version": "2026-10-21"}
    given: Any = {"model": "m-1", "api_key": "key-1", "base_url": server.url}
    for headers in ({}, newer, {"Anthropic-Version": "2026-10-21"}):
        async with ChatAnthropic(**given, default_headers=headers) as model:
            await model.ainvoke("Hi")
    versions = [asked.headers["anthropic-version"] for asked in server.asked]
    assert versions == ["2023-06-01", "2026-10-21", "2026-10-21"]


@pytest.mark.parametrize("key", ["sk-\N{HORIZONTAL ELLIPSIS}123456", "sk-12\n3456"])
async def test_a_key_that_cannot_be_sent_is_not_shown(server: Server, key: str) -> None:
    async with ChatOpenAI(model="m", api_key=key, base_url=server.url) as model:
        with pytest.raises(ModelArgumentError, match="authorization") as caught:
            await model.ainvoke("Hi")
    assert "sk-" not in str(caught.value)


async def test_what_is_around_a_key_is_not_part_of_it(server: Server) -> None:
    server.answer(OPENAI.answer("a"))
    async with ChatOpenAI(model="m", api_key=" sk-1\n", base_url=server.url) as model:
        await all_of(model)
    assert server.asked[0].headers["authorization"] == "Bearer sk-1"
