"""The floor: what somebody writes who needs one chain, in plain functions and generators.

It does the work of the chain and nothing that a runtime adds: no runs, no config, no
listeners. Its events are the dicts that a reader of ``astream_events`` gets, made in the
places where they happen. What a library costs is its distance from here.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import anyio

from benchmarks.peers import steps


class _Message:
    __slots__ = ("content",)

    def __init__(self, content: str) -> None:
        self.content = content


class PromptModelParser:
    """Fill a prompt, answer with the tokens, take the text out of the answer."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._answer = "".join(tokens)

    def _fill(self, value: dict[str, str]) -> list[_Message]:
        return [_Message("You are terse."), _Message("Tell me about {topic}.".format(**value))]

    def invoke(self, value: dict[str, str]) -> str:
        self._fill(value)
        return _Message(self._answer).content

    async def ainvoke(self, value: dict[str, str]) -> str:
        async def prompt() -> list[_Message]:
            return self._fill(value)

        async def model(messages: list[_Message]) -> _Message:
            return _Message(self._answer)

        async def parser(message: _Message) -> str:
            return message.content

        return await parser(await model(await prompt()))

    async def astream(self, value: dict[str, str]) -> AsyncIterator[str]:
        async def prompt() -> AsyncIterator[list[_Message]]:
            yield self._fill(value)

        async def model() -> AsyncIterator[_Message]:
            async for _messages in prompt():
                for token in self._tokens:
                    yield _Message(token)

        async def parser() -> AsyncIterator[str]:
            async for message in model():
                yield message.content

        async for text in parser():
            yield text

    async def astream_events(
        self, value: dict[str, str], *, version: str, include_types: Iterable[str] | None = None
    ) -> AsyncIterator[dict[str, Any]]:
        wanted = set(include_types or ("chain", "prompt", "chat_model", "parser"))
        ready: list[dict[str, Any]] = []
        root = _Run("chain", "RunnableSequence", [], wanted, ready)
        below = [root.run_id]
        prompt = _Run("prompt", "ChatPromptTemplate", below, wanted, ready)
        model = _Run("chat_model", "ScriptedModel", below, wanted, ready)
        parser = _Run("parser", "StrOutputParser", below, wanted, ready)

        async def messages() -> AsyncIterator[list[_Message]]:
            prompt.tell("start", input=value)
            filled = self._fill(value)
            prompt.tell("end", output=filled)
            yield filled

        async def answers() -> AsyncIterator[_Message]:
            async for filled in messages():
                model.tell("start", input=filled)
                for token in self._tokens:
                    chunk = _Message(token)
                    model.tell("stream", chunk=chunk)
                    yield chunk
                model.tell("end", output=_Message(self._answer))

        async def texts() -> AsyncIterator[str]:
            parser.tell("start")
            async for chunk in answers():
                parser.tell("stream", chunk=chunk.content)
                yield chunk.content
            parser.tell("end", output=self._answer)

        root.tell("start", input=value)
        async for text in texts():
            root.tell("stream", chunk=text)
            for event in ready:
                yield event
            ready.clear()
        root.tell("end", output=self._answer)
        for event in ready:
            yield event


class _Run:
    """What the events of one step have in common."""

    def __init__(
        self,
        kind: str,
        name: str,
        parents: list[str],
        wanted: set[str],
        ready: list[dict[str, Any]],
    ) -> None:
        self.run_id = str(uuid4())
        self._kind, self._name, self._parents = kind, name, parents
        self._ready = ready if kind in wanted else None

    def tell(self, what: str, **data: Any) -> None:
        if self._ready is not None:
            self._ready.append(
                {
                    "event": f"on_{self._kind}_{what}",
                    "data": data,
                    "name": self._name,
                    "tags": [],
                    "run_id": self.run_id,
                    "metadata": {},
                    "parent_ids": self._parents,
                }
            )


class ThreeFunctions:
    """Three functions in a row."""

    def invoke(self, number: int) -> int:
        return steps.negate(steps.double(steps.add(number)))

    async def ainvoke(self, number: int) -> int:
        added = await steps.add_async(number)
        return await steps.negate_async(await steps.double_async(added))

    def batch(self, numbers: list[int], config: dict[str, Any]) -> list[int]:
        with ThreadPoolExecutor(config["max_concurrency"]) as pool:
            return list(pool.map(self.invoke, numbers))

    async def abatch(self, numbers: list[int], config: dict[str, Any]) -> list[int]:
        results = [0] * len(numbers)
        todo = iter(enumerate(numbers))

        async def work() -> None:
            for index, number in todo:
                results[index] = await self.ainvoke(number)

        async with anyio.create_task_group() as workers:
            for _ in range(config["max_concurrency"]):
                workers.start_soon(work)
        return results


class TenBranches:
    """Ten functions side by side."""

    async def ainvoke(self, number: int) -> dict[str, int]:
        results: dict[str, int] = {}

        async def work(name: str) -> None:
            results[name] = await steps.wait(number)

        async with anyio.create_task_group() as branches:
            for n in range(10):
                branches.start_soon(work, f"branch{n}")
        return results


def prompt_model_parser(tokens: list[str]) -> PromptModelParser:
    return PromptModelParser(tokens)


def prompt_fake_parser(text: str) -> PromptModelParser:
    return PromptModelParser(re.split(r"(\s)", text))


def three_functions() -> ThreeFunctions:
    return ThreeFunctions()


def ten_branches() -> TenBranches:
    return TenBranches()
