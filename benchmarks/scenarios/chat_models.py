"""What a chunk of a vendor's stream costs: the CPU time of the process that reads it.

A server in another process sends 600 chunks of OpenAI's, 8 in one TCP write and 3 ms from
write to write: vendors' proxies gather what comes within some milliseconds, and with the
pauses every contender reads what one write sent, also the slowest. Without them a slow
reader would find more at once, and so be spared wake-ups that the others pay for. Waiting
costs no CPU time, so the pauses are not in the numbers. The connection is open before the
clock starts; asking the question is in the numbers, as it is for everybody. A sample is the
least of three streams: what else the machine does costs a process that wakes up so often
CPU time, too, by what it puts out of the caches.

The floor is what one writes by hand for this one vendor: httpx2, its lines, `json.loads`.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from typing import Any

import anyio

from benchmarks.harness import Sample, main
from benchmarks.peers.chat_server import CHUNKS, TOKEN, WARM_UP
from benchmarks.scenarios.import_time import ImportTime

MODEL = "gpt-4o-mini"
QUESTION = "Say it."
STREAMS = 3

# Opens a client of a server; what it gives, asked a question, gives the pieces of the answer.
Ask = Callable[[str], AsyncIterator[str]]


@asynccontextmanager
async def by_hand(url: str) -> AsyncIterator[Ask]:
    httpx2 = import_module("httpx2")
    async with httpx2.AsyncClient() as client:

        async def ask(question: str) -> AsyncIterator[str]:
            messages = [{"role": "user", "content": question}]
            body = {"model": MODEL, "messages": messages, "stream": True}
            async with client.stream("POST", f"{url}/chat/completions", json=body) as response:
                async for line in response.aiter_lines():
                    if line.startswith("data: ") and line != "data: [DONE]":
                        for choice in json.loads(line[6:])["choices"]:
                            if text := choice["delta"].get("content"):
                                yield text

        yield ask


@asynccontextmanager
async def official(url: str) -> AsyncIterator[Ask]:
    async with import_module("openai").AsyncOpenAI(base_url=url, api_key="sk-none") as client:

        async def ask(question: str) -> AsyncIterator[str]:
            messages = [{"role": "user", "content": question}]
            stream = await client.chat.completions.create(
                model=MODEL, messages=messages, stream=True
            )
            async for chunk in stream:
                for choice in chunk.choices:
                    if choice.delta.content:
                        yield choice.delta.content

        yield ask


def streamed(model: Any) -> Ask:
    async def ask(question: str) -> AsyncIterator[str]:
        async for chunk in model.astream(question):
            if chunk.content:
                yield chunk.content

    return ask


def told(model: Any) -> Ask:
    async def ask(question: str) -> AsyncIterator[str]:
        async for event in model.astream_events(question, version="v2"):
            if event["event"] == "on_chat_model_stream" and event["data"]["chunk"].content:
                yield event["data"]["chunk"].content

    return ask


def own(ask: Callable[[Any], Ask]) -> Callable[[str], Any]:
    """Streamflow's `ChatOpenAI`, which is asked one way or the other."""

    @asynccontextmanager
    async def opened(url: str) -> AsyncIterator[Ask]:
        models = import_module("streamflow.chat_models")
        async with models.ChatOpenAI(model=MODEL, base_url=url, api_key="sk-none") as model:
            yield ask(model)

    return opened


def langchain(ask: Callable[[Any], Ask]) -> Callable[[str], Any]:
    """That of langchain-openai, with a client of its own: the shared one knows one loop."""

    @asynccontextmanager
    async def opened(url: str) -> AsyncIterator[Ask]:
        models = import_module("langchain_openai")
        async with import_module("openai").DefaultAsyncHttpxClient() as client:
            yield ask(
                models.ChatOpenAI(
                    model=MODEL, base_url=url, api_key="sk-none", http_async_client=client
                )
            )

    return opened


FLOOR, SDK = "plain httpx2, `json.loads`", "`openai`, the official SDK"
OWN, EVENTS = "streamflow: `astream`", "streamflow: v2 events"

CONTENDERS: dict[str, tuple[str, Callable[[str], Any]]] = {
    FLOOR: ("asyncio", by_hand),
    f"{FLOOR} (trio)": ("trio", by_hand),
    OWN: ("asyncio", own(streamed)),
    f"{OWN} (trio)": ("trio", own(streamed)),
    EVENTS: ("asyncio", own(told)),
    f"{EVENTS} (trio)": ("trio", own(told)),
    SDK: ("asyncio", official),
    "langchain-openai: `astream`": ("asyncio", langchain(streamed)),
    "langchain-openai: v2 events": ("asyncio", langchain(told)),
}


def wanted() -> dict[str, dict[str, float]]:
    """At most so much of what others take; the official SDK is measured on asyncio."""
    return {
        label + backend: {FLOOR + backend: 1.3, SDK: 1 / 4}
        for label in (OWN, EVENTS)
        for backend in ("", " (trio)")
    }


@dataclass
class ChatModels:
    """Microseconds of CPU time for each chunk, of each client."""

    name: str = "chat_models"
    title: str = f"a vendor's stream of {CHUNKS:,} chunks"
    repeats: int | None = None
    target: dict[str, dict[str, float]] = field(default_factory=wanted)

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(CONTENDERS)

    @cached_property
    def _server(self) -> subprocess.Popen[str]:
        """The vendor, which ends with this process: that closes its standard input."""
        command = [sys.executable, "-m", "benchmarks.peers.chat_server"]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)

    @cached_property
    def _url(self) -> str:
        assert self._server.stdout is not None
        return f"http://127.0.0.1:{int(self._server.stdout.readline())}/v1"

    def sample(self, label: str) -> Sample:
        backend, opened = CONTENDERS[label]
        return {"CPU, µs a chunk": anyio.run(self._measured, opened, backend=backend)}

    async def _measured(self, opened: Callable[[str], Any]) -> float:
        async with opened(self._url) as ask:
            assert [text async for text in ask(WARM_UP)] == [TOKEN]
            return min([await self._once(ask) for _ in range(STREAMS)]) / CHUNKS * 1e6

    async def _once(self, ask: Ask) -> float:
        gc.collect()
        count = 0
        start = time.process_time()
        async for text in ask(QUESTION):
            count += text == TOKEN
        seconds = time.process_time() - start
        assert count == CHUNKS, count
        return seconds


SCENARIOS = (
    ChatModels(),
    ImportTime(
        name="import_chat_models",
        title="import of chat models",
        repeats=5,
        imports={
            "`streamflow.chat_models`": ("httpx2", "import streamflow.chat_models"),
            "and httpx2, which the first request loads": (
                "httpx2",
                "import streamflow.chat_models, httpx2",
            ),
            "`openai`": ("openai", "from openai import AsyncOpenAI"),
            "`langchain_openai`": ("langchain_openai", "from langchain_openai import ChatOpenAI"),
        },
        target={"`streamflow.chat_models`": 150},
    ),
)

if __name__ == "__main__":
    for scenario in SCENARIOS:
        main(scenario)
