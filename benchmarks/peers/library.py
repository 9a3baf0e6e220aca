"""The chains of the scenarios, in streamflow or in langchain-core.

Both are written by this one module: the import paths and names are the same, so that
what differs between two columns of the results is the library and nothing else.
"""

from __future__ import annotations

import importlib
import itertools
from collections.abc import AsyncIterator, Iterator
from typing import Any

from benchmarks.peers import steps


class Library:
    """The peer that builds its chains from one package's runnables."""

    def __init__(self, package: str) -> None:
        self._package = importlib.import_module(package).__name__

    def _part(self, name: str) -> Any:
        return importlib.import_module(f"{self._package}.{name}")

    def prompt_model_parser(self, tokens: list[str]) -> Any:
        """A chat prompt, a model that answers with the tokens, and a string parser."""
        return self._chain(self.scripted_model(tokens))

    def prompt_fake_parser(self, text: str) -> Any:
        """The same around the library's own fake, which streams words and spaces."""
        answers = itertools.repeat(self._part("messages").AIMessage(content=text))
        return self._chain(self._part("language_models").GenericFakeChatModel(messages=answers))

    def _chain(self, model: Any) -> Any:
        prompt = self._part("prompts").ChatPromptTemplate.from_messages(
            [("system", "You are terse."), ("human", "Tell me about {topic}.")]
        )
        return prompt | model | self._part("output_parsers").StrOutputParser()

    def three_functions(self) -> Any:
        """Three functions in a row, each with its async twin."""
        wrap = self._part("runnables").RunnableLambda
        return (
            wrap(steps.add, steps.add_async)
            | wrap(steps.double, steps.double_async)
            | wrap(steps.negate, steps.negate_async)
        )

    def ten_branches(self) -> Any:
        """The same function ten times, side by side."""
        runnables = self._part("runnables")
        branches = {f"branch{n}": runnables.RunnableLambda(steps.wait) for n in range(10)}
        return runnables.RunnableParallel(branches)

    def scripted_model(self, tokens: list[str]) -> Any:
        """A chat model with sync and async methods of its own, and no work to do."""
        message = self._part("messages").AIMessage
        chunk = self._part("messages").AIMessageChunk
        generation = self._part("outputs").ChatGeneration
        generation_chunk = self._part("outputs").ChatGenerationChunk
        result = self._part("outputs").ChatResult
        base = self._part("language_models").BaseChatModel
        answer = "".join(tokens)

        class ScriptedModel(base):  # type: ignore[name-defined, misc]  # the base is looked up
            @property
            def _llm_type(self) -> str:
                return "scripted"

            def _generate(
                self, messages: Any, stop: Any = None, run_manager: Any = None, **_: Any
            ) -> Any:
                return result(generations=[generation(message=message(content=answer))])

            async def _agenerate(
                self, messages: Any, stop: Any = None, run_manager: Any = None, **_: Any
            ) -> Any:
                return result(generations=[generation(message=message(content=answer))])

            def _stream(
                self, messages: Any, stop: Any = None, run_manager: Any = None, **_: Any
            ) -> Iterator[Any]:
                for token in tokens:
                    yield generation_chunk(message=chunk(content=token))

            async def _astream(
                self, messages: Any, stop: Any = None, run_manager: Any = None, **_: Any
            ) -> AsyncIterator[Any]:
                for token in tokens:
                    yield generation_chunk(message=chunk(content=token))

        return ScriptedModel()
