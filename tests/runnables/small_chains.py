"""Random small chains from text to text, for laws that hold for every chain.

A chain is drawn as a recipe, so that one example can be built anew for each execution and
shrinks to something that can be read.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

from hypothesis import strategies as st

from streamflow.language_models import GenericFakeChatModel, ReplayChatModel
from streamflow.output_parsers import StrOutputParser
from streamflow.runnables import (
    Runnable,
    RunnableGenerator,
    RunnableLambda,
    RunnableParallel,
    RunnablePassthrough,
    RunnableSequence,
)


def shout(text: str) -> str:
    return text.upper()


async def ashout(text: str) -> str:
    return text.upper()


def swapped(chunks: Iterator[str]) -> Iterator[str]:
    for chunk in chunks:
        yield chunk.swapcase()


async def aswapped(chunks: AsyncIterator[str]) -> AsyncIterator[str]:
    async for chunk in chunks:
        yield chunk.swapcase()


def letters(text: str) -> Iterator[str]:
    yield from text


def joined(branches: dict[str, str]) -> str:
    return "".join(f"{key}{value}" for key, value in sorted(branches.items()))


def replayed(text: str) -> Runnable[Any, str]:
    return ReplayChatModel(recording=[*text, "."], speed=None) | StrOutputParser()


LEAVES: dict[str, Any] = {
    "passthrough": RunnablePassthrough,
    "shout": lambda: RunnableLambda(shout),
    "ashout": lambda: RunnableLambda(ashout),
    "inline": lambda: RunnableLambda(shout, inline=True),
    "per chunk": lambda: RunnableLambda(shout, per_chunk=True),
    "letters": lambda: RunnableLambda(letters),
    "generator": lambda: RunnableGenerator(swapped),
    "agenerator": lambda: RunnableGenerator(aswapped),
    "returned": lambda: RunnableLambda(lambda _: RunnableLambda(letters)),
    "replay": lambda: ReplayChatModel(recording=["to", "k", "en"], speed=None) | StrOutputParser(),
    "words": lambda: RunnableLambda(
        lambda text: GenericFakeChatModel(messages=iter([f"say {text}"])) | StrOutputParser()
    ),
    "parser": StrOutputParser,
}

Recipe = Any  # the name of a leaf, or what it is made of: ("seq" | "par" | "bound", parts)


def build(recipe: Recipe) -> Runnable[Any, Any]:
    """The chain of a recipe."""
    if isinstance(recipe, str):
        runnable: Runnable[Any, Any] = LEAVES[recipe]()
        return runnable
    kind, parts = recipe
    if kind == "seq":
        return RunnableSequence(*map(build, parts))
    if kind == "bound":
        return build(parts).with_config(tags=["bound"], run_name="bound")
    branches = {chr(ord("a") + index): build(part) for index, part in enumerate(parts)}
    return RunnableParallel(branches) | joined


def _made_of(recipes: st.SearchStrategy[Recipe]) -> st.SearchStrategy[Recipe]:
    several = st.lists(recipes, min_size=1, max_size=3)
    return st.one_of(
        st.tuples(st.just("seq"), several),
        st.tuples(st.just("par"), several),
        st.tuples(st.just("bound"), recipes),
    )


recipes = st.recursive(st.sampled_from(sorted(LEAVES)), _made_of, max_leaves=5)
"""Chains from text to text whose chunks are text."""

texts = st.lists(st.text("aBc ", min_size=1, max_size=3), min_size=1, max_size=4)
"""Inputs in chunks."""
