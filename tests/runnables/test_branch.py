"""One of several runnables, chosen by conditions or by a key."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given, strategies as st

from streamflow.bus import Bus
from streamflow.errors import (
    CoercionError,
    ConfigError,
    MissingKeyError,
    StepInputError,
    StrictStreamingError,
)
from streamflow.runnables import (
    RouterRunnable,
    RunnableBranch,
    RunnableLambda,
    RunnablePassthrough,
)
from tests.runnables.ways import Outcome, arriving, everywhere


async def _letters(text: str) -> AsyncIterator[str]:
    for letter in text:
        yield letter


letters = RunnableLambda(_letters)


@given(holds=st.lists(st.booleans(), min_size=1, max_size=3), inline=st.booleans())
async def test_the_first_condition_that_holds_decides(holds: list[bool], inline: bool) -> None:
    asked: list[int] = []

    def condition(number: int) -> Any:
        def ask(_: str) -> bool:
            asked.append(number)
            return holds[number]

        return RunnableLambda(ask, inline=inline)

    branch = RunnableBranch(
        *((condition(n), lambda text, n=n: f"{n}:{text}") for n in range(len(holds))),
        lambda text: f"default:{text}",
    )
    chosen = holds.index(True) if True in holds else "default"
    expected = f"{chosen}:ab"
    assert await everywhere(branch, "ab", ["a", "b"]) == Outcome(expected, [expected], [expected])
    once = list(range(len(holds) if chosen == "default" else int(chosen) + 1))
    assert asked[: len(once)] == once
    assert set(asked) == set(once)


async def test_the_chunks_of_the_chosen_one_are_passed_on() -> None:
    branch = RunnableBranch((lambda text: text == "abc", letters), lambda text: text)
    assert await everywhere(branch, "abc", ["ab", "c"]) == Outcome("abc", [*"abc"], [*"abc"])
    assert await everywhere(branch, "abd") == Outcome("abd", ["abd"], ["abd"])


async def test_conditions_and_branches_are_runs_below() -> None:
    bus, messages = Bus(), []
    bus.listen(lambda m: messages.append((m.run.tags, m.input)) if m.kind == "start" else None)
    branch = RunnableBranch(
        (lambda n: n > 5, lambda n: n), (lambda n: n > 0, lambda n: -n), lambda n: 0
    )
    await branch.ainvoke(3, {"bus": bus})
    assert messages == [([], 3), (["condition:1"], 3), (["condition:2"], 3), (["branch:2"], 3)]
    messages.clear()
    async for _ in branch.astream(-3, {"bus": bus}):
        pass
    assert [tags for tags, _ in messages][-1] == ["branch:default"]


async def test_arguments_go_to_the_chosen_one() -> None:
    branch = RunnableBranch((lambda n: n > 0, lambda n, by: n * by), lambda n, by: by)
    assert await branch.ainvoke(3, by=2) == 6
    assert [chunk async for chunk in branch.astream(-3, by=2)] == [2]


async def test_a_condition_that_fails_fails_the_branch() -> None:
    branch = RunnableBranch((lambda n: 1 / n, str), repr)
    with pytest.raises(ZeroDivisionError):
        await branch.ainvoke(0)
    with pytest.raises(ZeroDivisionError):
        list(branch.stream(0))


@pytest.mark.parametrize("parts", [(), (str,), (str, str), ((str, str, str), str), ([str], str)])
def test_a_branch_needs_pairs_and_a_default(parts: Any) -> None:
    with pytest.raises(ConfigError, match="condition, runnable"):
        RunnableBranch(*parts)


def test_the_parts_of_a_branch_become_runnables() -> None:
    with pytest.raises(CoercionError):
        RunnableBranch((1, str), str)
    branch = RunnableBranch([RunnablePassthrough(), {"a": str}], letters)
    assert branch.invoke("x") == {"a": "x"}


def test_a_branch_waits_for_its_whole_input() -> None:
    branch = RunnableBranch((bool, RunnablePassthrough()), letters)
    assert [(step.path, step.flow) for step in branch.explain()] == [
        ("branch:1", "passes"),
        ("branch:default", "streams"),
    ]
    (_, report, *_) = (RunnablePassthrough() | branch).explain()
    assert report.flow == "streams"
    with pytest.raises(StrictStreamingError, match="RunnableBranch"):
        branch.transform(iter("ab"), {"strict_streaming": True})
    assert list(branch.stream("ab", {"strict_streaming": True})) == ["ab"]


# ------------------------------------------------------------------------------- router


async def test_the_input_names_what_is_run() -> None:
    router = RouterRunnable({"up": str.upper, "letters": letters})
    assert await everywhere(router, {"key": "up", "input": "ab"}) == Outcome("AB", ["AB"], ["AB"])
    assert await everywhere(
        router,
        {"key": "letters", "input": "ab"},
        [{"key": "up"}, {"key": "letters", "input": "ab"}],
    ) == Outcome("ab", ["a", "b"], ["a", "b"])


async def test_a_router_has_no_run_of_its_own() -> None:
    bus, messages = Bus(), []
    bus.listen(lambda m: messages.append((m.kind, m.run.name, m.run.tags)))
    router = RouterRunnable({"up": RunnableLambda(str.upper, name="up")})
    chain = router | RunnablePassthrough()
    await chain.ainvoke({"key": "up", "input": "ab"}, {"bus": bus})
    assert ("start", "up", ["seq:step:1"]) in messages
    assert {name for _, name, _ in messages} == {"RunnableSequence", "up", "RunnablePassthrough"}


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        ({"key": "down", "input": 1}, StepInputError, "no runnable for the key 'down'"),
        ({"input": 1}, MissingKeyError, "no key 'key'"),
        ({"key": "up"}, MissingKeyError, "no key 'input'"),
        ("up", StepInputError, "got str: 'up'"),
    ],
)
async def test_an_input_that_names_nothing(value: Any, error: Any, message: str) -> None:
    router = RouterRunnable({"up": str.upper})
    with pytest.raises(error, match=message):
        await router.ainvoke(value)
    with pytest.raises(error, match=message):
        await router.astream(value).__anext__()
    with pytest.raises(error, match=message):
        router.invoke(value)


async def test_a_router_may_be_overridden() -> None:
    class Loud(RouterRunnable[str]):
        async def ainvoke(self, input: Any, config: Any = None, **kwargs: Any) -> str:
            return f"{await super().ainvoke(input, config, **kwargs)}!"

    router = Loud({"up": RunnableLambda(str.upper)})
    assert await router.ainvoke({"key": "up", "input": "ab"}) == "AB!"


async def test_nothing_in_nothing_out() -> None:
    for runnable in (RouterRunnable({"up": str.upper}), RunnableBranch((bool, str), str)):
        assert [chunk async for chunk in runnable.atransform(arriving([]))] == []


def test_a_router_is_explained_by_its_keys() -> None:
    router = RouterRunnable({"up": str.upper, "same": RunnablePassthrough()})
    assert [(step.path, step.flow) for step in router.explain()] == [
        ("up", "buffers"),
        ("same", "passes"),
    ]
