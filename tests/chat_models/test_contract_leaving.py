"""Every vendor's streams when they are left or cancelled, at each chunk, and many at once."""

from __future__ import annotations

from typing import Any

import anyio
import pytest
from anyio.lowlevel import checkpoint

from streamflow.chat_models import VendorChatModel
from tests.chat_models.asking import busy, pool
from tests.chat_models.server import Server
from tests.chat_models.vendors import CONTRACTS, Contract

every_vendor = pytest.mark.parametrize("contract", CONTRACTS.values(), ids=CONTRACTS.keys())
# One of each dialect, where more would show no more.
SAMPLE = ("openai", "anthropic", "bedrock", "bedrock_converse", "ollama")
one_of_each_dialect = pytest.mark.parametrize(
    "contract", [CONTRACTS[n] for n in SAMPLE], ids=SAMPLE
)

TEXTS = ("a", "b", "c")


def hold(contract: Contract, server: Server, chunks: int, *, first: bool) -> None:
    """Have the next stream stop behind so many chunks."""
    server.reset()
    events = contract.dialect.events(*TEXTS[:chunks], ends=False)
    answer = contract.dialect.of_events(events, hold_after=len(events))
    server.answer(*(contract.before if first else ()), answer)


class Listener:
    """Reads a stream, and tells when a number of chunks has come."""

    def __init__(self, model: VendorChatModel, chunks: int) -> None:
        self.model = model
        self.wanted = list(TEXTS[:chunks])
        self.seen: list[str] = []
        self.has_them = anyio.Event()

    async def listen(self) -> None:
        self._look()
        async for chunk in self.model.astream("Hi"):
            self.seen.append(chunk.text)
            self._look()

    def _look(self) -> None:
        if self.seen == self.wanted:
            self.has_them.set()

    async def waits(self, server: Server) -> None:
        """Wait until it waits for the next chunk, which does not come."""
        await self.has_them.wait()
        assert await anyio.to_thread.run_sync(server.holding.wait, 10)


async def check_left(model: VendorChatModel, server: Server, asked: int) -> None:
    assert await anyio.to_thread.run_sync(server.hung_up.wait, 10)
    assert not busy(model)
    assert len(server.asked) == asked


@every_vendor
async def test_cancellation_at_each_chunk(contract: Contract, server: Server) -> None:
    async with contract.make(server) as model:
        for chunks in range(len(TEXTS) + 1):
            hold(contract, server, chunks, first=chunks == 0)
            listener = Listener(model, chunks)
            with anyio.CancelScope() as scope:
                async with anyio.create_task_group() as group:
                    group.start_soon(listener.listen)
                    await listener.waits(server)
                    scope.cancel()
            assert scope.cancelled_caught
            assert listener.seen == listener.wanted
            await check_left(model, server, 1 + len(contract.before) * (chunks == 0))


@every_vendor
async def test_a_reader_that_cancels_itself_at_each_chunk(
    contract: Contract, server: Server
) -> None:
    async with contract.make(server) as model:
        for chunks in range(1, len(TEXTS) + 1):
            hold(contract, server, chunks, first=chunks == 1)
            seen: list[str] = []
            with anyio.CancelScope() as scope:
                async for chunk in model.astream("Hi"):
                    seen.append(chunk.text)
                    if len(seen) == chunks:
                        scope.cancel()
            assert scope.cancelled_caught
            assert seen == list(TEXTS[:chunks])
            await check_left(model, server, 1 + len(contract.before) * (chunks == 1))


@one_of_each_dialect
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_task_that_is_cancelled_at_each_chunk(
    contract: Contract, server: Server, anyio_backend: str
) -> None:
    import asyncio

    async with contract.make(server) as model:
        for chunks in range(len(TEXTS) + 1):
            hold(contract, server, chunks, first=chunks == 0)
            listener = Listener(model, chunks)
            task = asyncio.ensure_future(listener.listen())
            await listener.waits(server)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert listener.seen == listener.wanted
            with anyio.fail_after(10):
                while pool(model).connections:
                    await checkpoint()
            await check_left(model, server, 1)


@every_vendor
async def test_leaving_at_each_chunk(contract: Contract, server: Server) -> None:
    async with contract.make(server) as model:
        for way in ("break", "aclose"):
            for chunks in range(1, len(TEXTS) + 1):
                first = (way, chunks) == ("break", 1)
                hold(contract, server, chunks, first=first)
                seen: list[str] = []
                stream: Any = model.astream("Hi")
                if way == "break":
                    async with stream:
                        async for chunk in stream:
                            seen.append(chunk.text)
                            if len(seen) == chunks:
                                break
                else:
                    seen = [(await anext(stream)).text for _ in range(chunks)]
                    await stream.aclose()
                assert seen == list(TEXTS[:chunks])
                await check_left(model, server, 1 + len(contract.before) * first)


@every_vendor
def test_leaving_at_each_chunk_without_a_loop(contract: Contract, server: Server) -> None:
    with contract.make(server) as model:
        for chunks in range(1, len(TEXTS) + 1):
            hold(contract, server, chunks, first=chunks == 1)
            seen: list[str] = []
            stream = iter(model.stream("Hi"))
            for chunk in stream:
                seen.append(chunk.text)
                if len(seen) == chunks:
                    break
            stream.close()  # type: ignore[attr-defined]  # a generator
            assert seen == list(TEXTS[:chunks])
            assert server.hung_up.wait(10)
            assert not busy(model)
            assert len(server.asked) == 1 + len(contract.before) * (chunks == 1)


@every_vendor
async def test_many_streams_at_once(contract: Contract, server: Server) -> None:
    async with contract.make(server) as model:
        server.answer(*contract.streams("Hel", "lo"))
        said: list[str] = []

        async def read() -> None:
            said.append("".join([chunk.text async for chunk in model.astream("Hi")]))

        await read()  # and with it the proof of identity, for those that need one
        async with anyio.create_task_group() as group:
            for _ in range(100):
                group.start_soon(read)
        assert not busy(model)
    assert said == ["Hello"] * 101
