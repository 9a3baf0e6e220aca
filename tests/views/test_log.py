"""The log of a run: patches, and the state that they add up to."""

from __future__ import annotations

import functools
import operator
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given, strategies as st

from streamflow.bus import Run
from streamflow.language_models import FakeListChatModel, FakeStreamingListLLM
from streamflow.messages import AIMessageChunk
from streamflow.output_parsers import StrOutputParser
from streamflow.prompts import ChatPromptTemplate
from streamflow.runnables import (
    Runnable,
    RunnableGenerator,
    RunnableLambda,
    RunnableParallel,
    RunnablePassthrough,
)
from streamflow.runnables._lifecycle import publish_retry
from streamflow.views import RunLog, RunLogPatch
from streamflow.views._log import LogView
from tests.views.reading import read


async def patches_of(runnable: Runnable[Any, Any], value: Any, **kwargs: Any) -> list[RunLogPatch]:
    return [patch async for patch in runnable.astream_log(value, **kwargs)]


def total(patches: list[RunLogPatch]) -> Any:
    log: Any = functools.reduce(operator.add, patches)
    assert isinstance(log, RunLog)
    return log.state


def model_chain() -> Runnable[Any, Any]:
    prompt = ChatPromptTemplate.from_template("tell {topic}")
    return prompt | FakeListChatModel(responses=["ab"]) | StrOutputParser()


async def test_the_patches_of_a_chain() -> None:
    patches = await patches_of(model_chain(), {"topic": "bees"})
    places = [[(op["op"], op["path"]) for op in patch.ops] for patch in patches]
    model, parser = "/logs/FakeListChatModel", "/logs/StrOutputParser"

    def chunk(*, starts_parser: bool = False) -> list[list[tuple[str, str]]]:
        return [
            [("add", f"{model}/streamed_output_str/-"), ("add", f"{model}/streamed_output/-")],
            *([[("add", parser)]] if starts_parser else []),
            [("add", f"{parser}/streamed_output/-")],
            [("add", "/streamed_output/-"), ("replace", "/final_output")],
        ]

    def end(entry: str) -> list[tuple[str, str]]:
        return [("add", f"{entry}/final_output"), ("add", f"{entry}/end_time")]

    assert places == [
        [("replace", "")],
        [("add", "/logs/ChatPromptTemplate")],
        end("/logs/ChatPromptTemplate"),
        [("add", model)],
        *chunk(starts_parser=True),
        *chunk(),
        end(model),
        end(parser),
    ]


async def test_the_state_in_the_end() -> None:
    state = total(await patches_of(model_chain(), {"topic": "bees"}))
    assert list(state) == ["id", "streamed_output", "final_output", "logs", "name", "type"]
    assert (state["name"], state["type"]) == ("RunnableSequence", "chain")
    assert state["streamed_output"] == ["a", "b"]
    assert state["final_output"] == "ab"
    assert list(state["logs"]) == ["ChatPromptTemplate", "FakeListChatModel", "StrOutputParser"]
    model = state["logs"]["FakeListChatModel"]
    assert model["id"] != state["id"]
    assert (model["name"], model["type"]) == ("FakeListChatModel", "llm")
    assert (model["tags"], model["metadata"]) == (["seq:step:2"], {})
    assert [chunk.content for chunk in model["streamed_output"]] == ["a", "b"]
    assert model["streamed_output_str"] == ["a", "b"]
    answer = AIMessageChunk("ab", id=f"run-{model['id']}")
    generation = {"text": "ab", "generation_info": None, "type": "ChatGenerationChunk"}
    assert model["final_output"] == {
        "generations": [[{**generation, "message": answer}]],
        "llm_output": None,
        "run": None,
        "type": "LLMResult",
    }
    started, ended = (datetime.fromisoformat(model[f"{end}_time"]) for end in ("start", "end"))
    assert started.tzinfo == ended.tzinfo == timezone.utc
    assert started <= ended


async def test_outputs_below_the_root_stand_in_dicts() -> None:
    class Search(RunnableLambda[Any, Any]):
        run_type = "retriever"

    llm = FakeStreamingListLLM(responses=["ab"])
    branches = {"n": lambda _: 1, "d": lambda _: {"x": 1}, "s": Search(lambda _: ["doc"]), "m": llm}
    logs = total(await patches_of(RunnableParallel(branches), "hi"))["logs"]
    outputs = [entry["final_output"] for entry in logs.values()]
    generation = {"text": "ab", "generation_info": None, "type": "Generation"}
    result = {"generations": [[generation]], "llm_output": None, "run": None, "type": "LLMResult"}
    for output in ({"output": 1}, {"x": 1}, {"documents": ["doc"]}, result):
        assert output in outputs


async def test_runs_of_one_name_are_numbered() -> None:
    def step(name: str) -> Runnable[Any, Any]:
        return RunnableLambda(lambda x: x, name=name)

    chain = step("a:2") | step("a") | step("a") | step("a/b~") | step("a")
    logs = total(await patches_of(chain, 1))["logs"]
    assert list(logs) == ["a:2", "a", "a:3", "a/b~", "a:4"]
    assert all(entry["final_output"] == {"output": 1} for entry in logs.values())


async def test_the_list_of_chunks_can_be_left_out() -> None:
    def letters(chunks: Iterator[str]) -> Iterator[str]:
        for chunk in chunks:
            yield from chunk

    chain = RunnableGenerator(letters)
    patches = await patches_of(chain, "abc", with_streamed_output_list=False)
    assert [patch.ops for patch in patches[1:]] == [
        [{"op": "replace", "path": "/final_output", "value": value}] for value in ("a", "ab", "abc")
    ]


@pytest.mark.parametrize(
    ("filter", "logged"),
    [
        ({"include_names": ["b"]}, ["b"]),
        ({"include_tags": ["seq:step:1"]}, ["a"]),
        ({"exclude_names": ["a"]}, ["b"]),
        ({"exclude_types": ["chain"]}, []),
        ({"exclude_tags": ["seq:step:2"]}, ["a"]),
        ({"include_types": ["tool"]}, []),
    ],
)
async def test_the_filter_is_for_the_runs_below_the_root(filter: Any, logged: list[str]) -> None:
    chain = RunnableLambda(lambda x: x, name="a") | RunnableLambda(lambda x: x, name="b")
    state = total(await patches_of(chain, 1, **filter))
    assert list(state["logs"]) == logged
    assert state["final_output"] == 1


async def test_a_whole_log_is_the_sum_of_the_patches_so_far() -> None:
    chain, seen = model_chain(), []
    view = LogView()

    def watch(message: Any) -> None:
        patch = view.show(message)
        if patch is not None:
            seen.append(patch)

    logs = [
        log
        async for log in chain.astream_log({"topic": "bees"}, {"callbacks": [watch]}, diff=False)
    ]
    assert len(logs) == len(seen)
    for index, log in enumerate(logs[1:], start=1):
        assert log.state == total(seen[: index + 1])
    before, after = logs[-2].state["logs"], logs[-1].state["logs"]
    assert before["FakeListChatModel"] is after["FakeListChatModel"]  # untouched, so shared
    assert before["StrOutputParser"]["end_time"] is None  # an earlier log does not change


async def test_a_run_that_fails_is_logged_before_the_error_is_raised() -> None:
    def fail(_: Any) -> None:
        raise ValueError("no")

    patches, error = await read((RunnablePassthrough() | fail).astream_log(1))
    assert repr(error) == "ValueError('no')"
    state = total(patches)
    assert state["final_output"] is None
    assert state["logs"]["fail"]["final_output"] is None
    assert state["logs"]["fail"]["end_time"] is not None


class Restarts(RunnableLambda[Any, Any]):
    """Yields, takes two chunks back, and yields again."""

    async def _iterate(
        self, inputs: AsyncIterator[Any], run: Run, **kwargs: Any
    ) -> AsyncIterator[Any]:
        for chunk in ("a", "x", "y"):
            yield chunk
        await publish_retry(run, 2, ValueError("lost"), 2)
        yield "b"


@pytest.mark.parametrize("below", [False, True])
async def test_void_chunks_are_taken_out_of_the_log(below: bool) -> None:
    runnable: Any = Restarts(lambda x: x, name="again")
    state = total(await patches_of(runnable | (lambda x: x) if below else runnable, 1))
    entry = state["logs"]["again"] if below else state
    assert entry["streamed_output"] == ["a", "b"]
    assert entry["final_output"] == ({"output": "ab"} if below else "ab")


async def test_chunks_that_do_not_add_up_leave_the_output_to_the_end() -> None:
    def mixed(_: Any) -> Iterator[Any]:
        yield from ("a", 1, "b")

    state = total(await patches_of(RunnableLambda(mixed), 0))
    assert state["streamed_output"] == ["a", 1, "b"]
    assert state["final_output"] == ["a", 1, "b"]


def test_the_view_needs_no_loop() -> None:
    view = LogView()
    with model_chain().stream_events({"topic": "bees"}) as messages:
        patches = [patch for patch in map(view.show, messages) if patch is not None]
    assert total(patches)["final_output"] == "ab"


# ------------------------------------------------------------------------ properties

pieces = st.one_of(
    st.lists(st.text(max_size=3), min_size=1, max_size=4),
    st.lists(st.integers(0, 9), min_size=1, max_size=4),
    st.lists(st.dictionaries(st.sampled_from("xy"), st.integers(0, 3)), min_size=1, max_size=3),
    st.lists(st.lists(st.integers(0, 3), max_size=2), min_size=1, max_size=3),
)


def source(chunks: list[Any]) -> Runnable[Any, Any]:
    def give(_: Any) -> Iterator[Any]:
        yield from chunks

    return RunnableLambda(give, name="give", inline=True)


steps = st.one_of(
    pieces.map(source),
    st.just(RunnablePassthrough()),
    st.text(max_size=5).map(lambda text: FakeListChatModel(responses=[text])),
)
chains = st.recursive(
    steps,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda pair: pair[0] | pair[1]),
        st.tuples(inner, inner).map(lambda pair: RunnableParallel(a=pair[0], b=pair[1])),
    ),
    max_leaves=6,
)


def state_of(messages: list[Any]) -> dict[str, Any]:
    """The log as the messages of the run tell it, put together in one go."""
    root, *below = [message for message in messages if message.kind == "start"]

    def told(start: Any, kind: str) -> list[Any]:
        return [each for each in messages if each.run is start.run and each.kind == kind]

    ends = {start.run: told(start, "end")[0] for start in [root, *below] if told(start, "end")}
    return {
        "streamed_output": [each.chunk for each in told(root, "stream")],
        "final_output": ends[root.run].output if root.run in ends else None,
        "name": root.run.name,
        "runs": sorted(
            [
                start.run.id,
                start.run.name,
                start.run.tags,
                repr([each.chunk for each in told(start, "stream")]),
                start.run in ends,
            ]
            for start in below
        ),
    }


@given(chain=chains, text=st.text(max_size=3))
async def test_the_patches_give_what_the_messages_tell(chain: Any, text: str) -> None:
    messages: list[Any] = []
    # A model does not read everything; the log is right all the same.
    patches, _ = await read(chain.astream_log(text, {"callbacks": [messages.append]}))
    state = total(patches) if len(patches) > 1 else patches[0].ops[0]["value"]
    told = state_of(messages)
    runs = sorted(
        [
            entry["id"],
            entry["name"],
            entry["tags"],
            repr(entry["streamed_output"]),
            entry["final_output"] is not None,
        ]
        for entry in state["logs"].values()
    )
    assert runs == told["runs"]
    assert state["name"] == told["name"]
    ended = told["final_output"] is not None
    if ended:
        assert repr(state["final_output"]) == repr(told["final_output"])
        assert state["streamed_output"] == (told["streamed_output"] or [told["final_output"]])
