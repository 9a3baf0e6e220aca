"""What type checkers infer of ``a | b``; mypy reads this file, and it also runs."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from typing import Any

import pytest
from typing_extensions import assert_type

from streamflow.language_models import LanguageModelInput, ReplayChatModel
from streamflow.messages import AIMessage
from streamflow.output_parsers import StrOutputParser
from streamflow.prompt_values import PromptValue
from streamflow.prompts import ChatPromptTemplate
from streamflow.runnables import (
    Runnable,
    RunnableConfig,
    RunnableGenerator,
    RunnableLambda,
    RunnableParallel,
    RunnablePassthrough,
    RunnableSequence,
)

prompt = ChatPromptTemplate.from_template("about {topic}")
model = ReplayChatModel(recording=["to", "ken"], speed=None)
parser = StrOutputParser()


def plain(text: str) -> int:
    return len(text)


async def awaited(text: str) -> int:
    return len(text)


def yields(chunks: Iterator[str]) -> Iterator[int]:
    for chunk in chunks:
        yield len(chunk)


def generates(chunks: Iterator[str]) -> Generator[int, None, None]:
    yield from yields(chunks)


async def ayields(chunks: AsyncIterator[str]) -> AsyncIterator[int]:
    async for chunk in chunks:
        yield len(chunk)


async def agenerates(chunks: AsyncIterator[str]) -> AsyncGenerator[int, None]:
    async for chunk in chunks:
        yield len(chunk)


def configured(text: str, config: RunnableConfig) -> int:
    return len(text)


def chooses(text: str) -> Runnable[str, int]:
    return RunnableLambda(plain)


async def achooses(text: str) -> Runnable[str, int]:
    return RunnableLambda(plain)


class Callable:
    def __call__(self, text: str) -> int:
        return len(text)

    async def later(self, text: str) -> int:
        return len(text)


def test_prompt_model_parser() -> None:
    assert_type(prompt | model, RunnableSequence[Any, AIMessage])
    assert_type(prompt | model | parser, RunnableSequence[Any, str])
    assert_type(prompt | model | parser | plain, RunnableSequence[Any, int])
    assert_type(RunnablePassthrough() | prompt, RunnableSequence[Any, PromptValue])
    assert_type({"topic": plain} | prompt | model | parser, RunnableSequence[Any, str])
    chain: Runnable[dict[str, str], str] = prompt | model | parser
    assert chain.invoke({"topic": "cats"}) == "token"


def test_what_a_function_makes_of_it() -> None:
    assert_type(parser | plain, RunnableSequence[Any, int])
    assert_type(parser | awaited, RunnableSequence[Any, int])
    assert_type(parser | yields, RunnableSequence[Any, int])
    assert_type(parser | generates, RunnableSequence[Any, int])
    assert_type(parser | ayields, RunnableSequence[Any, int])
    assert_type(parser | agenerates, RunnableSequence[Any, int])
    assert_type(parser | configured, RunnableSequence[Any, int])
    assert_type(parser | Callable(), RunnableSequence[Any, int])
    assert_type(parser | Callable().later, RunnableSequence[Any, int])
    assert_type(parser | len, RunnableSequence[Any, int])
    assert_type(parser | str, RunnableSequence[Any, str])
    assert_type(parser | (lambda text: f"{text}!"), RunnableSequence[Any, str])


def test_what_a_returned_runnable_makes_of_it() -> None:
    assert_type(parser | chooses, RunnableSequence[Any, int])
    assert_type(parser | achooses, RunnableSequence[Any, int])


def test_a_mapping_makes_a_dict() -> None:
    assert_type(parser | {"a": plain, "b": {"c": awaited}}, RunnableSequence[Any, dict[str, Any]])
    assert_type(RunnableParallel(a=plain) | parser, RunnableSequence[Any, str])


def test_what_the_first_step_takes_stays() -> None:
    first = RunnableLambda(plain)
    assert_type(first | str, RunnableSequence[str, str])
    assert_type(first | str | yields, RunnableSequence[str, int])
    assert_type(plain | RunnableLambda(str), RunnableSequence[str, str])
    assert_type(awaited | RunnableLambda(str), RunnableSequence[str, str])
    assert_type(yields | RunnableLambda(str), RunnableSequence[str, str])
    assert_type(ayields | RunnableLambda(str), RunnableSequence[str, str])
    assert_type(configured | RunnableLambda(str), RunnableSequence[Any, str])


def test_pipe() -> None:
    step = RunnableLambda(plain)
    assert_type(parser.pipe(step), RunnableSequence[Any, int])
    assert_type(parser.pipe(str, step), RunnableSequence[Any, int])
    assert_type(parser.pipe(str, str, step), RunnableSequence[Any, int])
    assert_type(parser.pipe(str, str, name="named"), RunnableSequence[Any, Any])


def test_methods_of_runnables() -> None:
    step = RunnableLambda(plain)
    assert_type(step.with_config(tags=["x"]), Runnable[str, int])
    assert_type(step.bind(stop=["."]), Runnable[str, int])
    branches = step | {"a": str}
    assert_type(branches.assign(b=str), RunnableSequence[str, dict[str, Any]])
    assert_type(branches.pick("a"), RunnableSequence[str, Any])
    assert_type(branches.pick(["a"]), RunnableSequence[str, dict[str, Any]])
    configured_model = model.with_config(run_name="model") | parser
    assert_type(configured_model, RunnableSequence[LanguageModelInput, str])


def test_what_is_no_step_is_a_mistake() -> None:
    with pytest.raises(TypeError):
        parser | 3  # type: ignore[operator]  # as it should be
    with pytest.raises(TypeError):
        parser | "text"  # type: ignore[operator]  # as it should be
    with pytest.raises(TypeError):
        3 | parser  # type: ignore[operator]  # as it should be


def test_sequences_of_all_kinds_are_runnables() -> None:
    steps: list[Runnable[str, int]] = [
        RunnableLambda(plain),
        RunnableLambda(awaited),
        RunnableGenerator(yields),
        RunnableGenerator(ayields),
        parser | plain,
        RunnablePassthrough() | plain,
    ]
    assert [step.invoke("abc") for step in steps] == [3] * 6
