"""``record``: models do what they do, and what came is in a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import anyio
import pytest
import trio
import trio.testing

from streamflow.errors import ConfigError, ModelRateLimitError, RecordingError, ScriptError
from streamflow.language_models import BaseChatModel, FakeListChatModel, GenericFakeChatModel
from streamflow.messages import AIMessage, AIMessageChunk
from streamflow.output_parsers import StrOutputParser
from streamflow.prompts import ChatPromptTemplate
from streamflow.runnables import ConfigurableField, Runnable, RunnableLambda, RunnableParallel
from streamflow.testing import Recording, ReplayChatModel, record
from tests.testing.scripts import PARTS, Answers, Endless, Slow, Vendor


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "answers.json"


def _without_ids(events: list[Any]) -> list[Any]:
    return [
        {**event, "run_id": "", "parent_ids": len(event["parent_ids"]), "data": ""}
        for event in events
    ]


# ------------------------------------------------------------------------- passing through


async def test_what_comes_out_is_the_same(path: Path) -> None:
    plain = Vendor()
    with record(plain, path) as model:
        assert isinstance(model, Vendor)
        assert model is not plain
        assert repr(model) == repr(plain)
        assert list(model.stream("hm")) == list(plain.stream("hm")) == list(PARTS)
        assert [chunk async for chunk in model.astream("hm")] == list(PARTS)
        assert model.invoke("hm") == plain.invoke("hm")
        assert await model.ainvoke("hm") == await plain.ainvoke("hm")
    assert len(Recording.load_all(path)) == 4


async def test_events_are_the_same(path: Path) -> None:
    async def events(model: Runnable[Any, Any]) -> list[Any]:
        chain = ChatPromptTemplate.from_template("{x}") | model | StrOutputParser()
        return _without_ids([event async for event in chain.astream_events({"x": 1}, version="v2")])

    with record(Vendor(), path) as model:
        assert await events(model) == await events(Vendor())
        assert model.get_name() == "Vendor"


async def test_bound_tools_and_structured_output(path: Path) -> None:
    def weather(city: str) -> str:
        """Tell the weather of a city."""
        return city

    schema = {"title": "weather", "type": "object", "properties": {"city": {"type": "string"}}}
    with record(Vendor(), path) as model:
        whole = await (model.bind_tools([weather]) | RunnableLambda(lambda m: m)).ainvoke("hm")
        assert whole.content == "whole answer to hm"
        assert [*model.with_structured_output(schema).stream("hm")][-1] == {"city": "Bern"}
    first, second = Recording.load_all(path)
    assert (len(first.tokens), len(second.tokens)) == (1, 6)


def test_a_whole_chain(path: Path) -> None:
    model = Vendor()
    chain = ChatPromptTemplate.from_template("{x}") | RunnableParallel(
        a=model | StrOutputParser(), b=model.bind(stop=["x"])
    )
    with record(chain, path) as recorded:
        output = recorded.invoke({"x": "hm"})
        assert output["a"] == "whole answer to hm"
        assert chain.invoke({"x": "hm"}) == output
    assert len(Recording.load_all(path)) == 2  # not those of the chain itself


def test_a_model_that_is_chosen_by_the_configuration(path: Path) -> None:
    fields = Vendor().configurable_fields(model=ConfigurableField(id="model"))
    either = FakeListChatModel(responses=["a"]).configurable_alternatives(
        ConfigurableField(id="who"),
        other=Vendor(),
        made=lambda: FakeListChatModel(responses=["made"]),
    )
    with record(fields | (lambda m: [m]) | either, path) as chain:
        chain.invoke("x")
        chain.invoke("x", {"configurable": {"model": "small", "who": "other"}})
        chain.invoke("x", {"configurable": {"who": "made"}})
    fields.invoke("x", {"configurable": {"model": "small"}})
    assert [each.model for each in Recording.load_all(path)] == [
        "large-1", None, "small", "large-1", "large-1", None,
    ]  # fmt: skip


# ------------------------------------------------------------------------- what is written


def test_the_chunks_are_in_the_file(path: Path) -> None:
    with record(Vendor(), path) as model:
        list(model.stream("hm"))
    recording = Recording.load(path)
    assert recording.id == "msg_1"
    assert recording.tokens[:2] == ("Let me ", "see.")
    assert (recording.model, recording.provider, recording.error) == ("large-1", "acme", None)
    chunks = [recording.chunk(number) for number in range(len(recording.tokens))]
    assert chunks[:5] == list(PARTS[:5])
    assert chunks[5].response_metadata == {"finish_reason": "tool_calls"}
    assert chunks[5].usage_metadata == PARTS[5].usage_metadata


def test_no_secret_is_in_the_file(path: Path) -> None:
    class Key:
        def get_secret_value(self) -> str:
            return 'odd"key"é'

    class Leaky(Vendor):
        token: Any = Key()

    error = ValueError('key sk-0123456789, header Bearer 9876543210, token odd"key"é')
    with record(Leaky(error=error), path) as model, pytest.raises(ValueError):
        list(model.stream("hm"))
    written = path.read_text("utf-8")
    for secret in ("sk-0123456789", "9876543210", "odd", "crumbs"):
        assert secret not in written
    assert Recording.load(path).error == "ValueError: key ***, header ***, token ***"


def test_the_messages_to_the_model_are_not_in_the_file(path: Path) -> None:
    with record(FakeListChatModel(responses=["yes"]), path) as model:
        model.invoke("something private")
    assert "private" not in path.read_text("utf-8")


def test_the_time_of_the_model_is_recorded_and_not_that_of_the_reader(path: Path) -> None:
    async def main() -> None:
        with record(Slow(), path) as model:
            async for _ in model.astream("hm"):
                await anyio.sleep(10)
            await model.ainvoke("hm")

    trio.run(main, clock=trio.testing.MockClock(autojump_threshold=0))
    streamed, whole = Recording.load_all(path)
    assert streamed.delays == pytest.approx((0.5, 0.25, 2.0))
    assert sum(whole.delays) == pytest.approx(2.75)


async def test_answers_stand_in_the_order_in_which_they_were_asked_for(path: Path) -> None:
    first_done = anyio.Event()

    class Turns(BaseChatModel):
        async def _astream(self, messages: Any, stop: Any = None, **kwargs: Any) -> Any:
            said = messages[-1].content
            yield AIMessageChunk(f"{said} ")
            if said == "a":
                await first_done.wait()
            yield AIMessageChunk("done")
            first_done.set()

    async def ask(model: BaseChatModel, said: str, task_status: Any) -> None:
        async with model.astream(said) as stream:
            await stream.__anext__()
            task_status.started()
            async for _ in stream:
                pass

    with record(Turns(), path) as model:
        async with anyio.create_task_group() as group:
            for said in "ab":
                await group.start(lambda task_status, said=said: ask(model, said, task_status))
    assert [each.tokens for each in Recording.load_all(path)] == [("a ", "done"), ("b ", "done")]


# ------------------------------------------------------------------------- failures, and cuts


async def test_a_failure_is_replayed_after_the_same_chunk(path: Path) -> None:
    error = ModelRateLimitError("slow down", vendor="acme", status=429)
    with record(Vendor(error=error), path) as model:
        with pytest.raises(ModelRateLimitError):
            list(model.stream("hm"))
        with pytest.raises(ModelRateLimitError):
            await model.ainvoke("hm")
    replay = ReplayChatModel.load(path, speed=None)
    stream = replay.stream("hm")
    assert [next(stream) for _ in PARTS][:5] == list(PARTS[:5])
    with pytest.raises(ScriptError, match="ModelRateLimitError: acme: slow down .status 429."):
        next(stream)
    with pytest.raises(ScriptError, match="ModelRateLimitError"):
        await replay.ainvoke("hm")


async def test_what_a_reader_left_is_replayed_as_far_as_it_came(path: Path) -> None:
    with record(Endless(), path) as model:
        async with model.astream("hm") as stream:
            async for chunk in stream:
                assert chunk.content == "well "
                break
        with anyio.move_on_after(0.001):
            await model.ainvoke("hm")
    left, cancelled = Recording.load_all(path)
    assert (left.tokens, left.error) == (("well ",), "its reader left before the end")
    assert cancelled.error == "its reader left before the end"
    model = ReplayChatModel(recording=left)
    async with model.astream("hm") as stream:
        assert (await stream.__anext__()).content == "well "
    with pytest.raises(ScriptError, match="its reader left"):
        await model.ainvoke("hm")


# ------------------------------------------------------------------------- files


def test_a_recording_is_made_anew(path: Path) -> None:
    for answer in ("old", "new"):
        with record(FakeListChatModel(responses=[answer]), path) as model:
            model.invoke("x")
    assert Recording.load(path).tokens == ("new",)
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_block_in_which_nothing_is_asked_writes_nothing(path: Path) -> None:
    with record(Vendor(), path):
        pass
    assert not path.exists()


def test_a_block_that_fails_writes_what_there_is(path: Path) -> None:
    with pytest.raises(ZeroDivisionError), record(Vendor(), path) as model:
        (model | (lambda message: 1 / 0)).invoke("x")
    assert len(Recording.load_all(path)) == 1


@pytest.mark.parametrize(
    ("held", "message"),
    [
        ("not json", "holds no recording"),
        ('{"a": 1}', "holds no recording"),
        ("[]", "holds no recording"),
        ('{"streamflow_recording": 2, "answers": []}', "of version 2, and this .* reads 1"),
    ],
)
def test_a_file_of_somebody_else_is_left_as_it_is(path: Path, held: str, message: str) -> None:
    path.write_text(held)
    with pytest.raises(ValueError, match=message) as caught, record(Vendor(), path) as model:
        model.invoke("never asked")
    assert "choose another one" in str(caught.value)
    assert path.read_text() == held


def test_places_where_no_file_can_be(path: Path) -> None:
    with pytest.raises(RecordingError, match="there is no directory"):
        record(Vendor(), path / "answers.json").__enter__()
    with pytest.raises(IsADirectoryError):
        record(Vendor(), path.parent).__enter__()


def test_a_link_stays_one(path: Path) -> None:
    real = path.with_name("real.json")
    path.symlink_to(real)
    with record(Vendor(), path) as model:
        model.invoke("x")
    assert path.is_symlink()
    assert json.loads(real.read_text())["streamflow_recording"] == 1


# ------------------------------------------------------------------------- refusals


def test_a_chain_without_a_model() -> None:
    with pytest.raises(ConfigError, match="RunnableLambda holds no chat model"):
        record(RunnableLambda(len, name="RunnableLambda"), "x.json").__enter__()


def test_a_model_that_goes_its_own_way(path: Path) -> None:
    class Own(FakeListChatModel):
        def invoke(self, input: Any, config: Any = None, **kwargs: Any) -> AIMessage:
            return super().invoke(input, config, **kwargs)

    with pytest.raises(ConfigError, match="Own overrides invoke, and cannot be recorded"):
        record(Own(responses=["x"]), path).__enter__()


# ------------------------------------------------------------------------- and back


async def test_replayed_by_input_whoever_comes_first(path: Path) -> None:
    questions = ["a", "b", "c", "d"]
    with record(Answers(), path) as model:
        expected = [message.content for message in await model.abatch(questions)]
        await model.abatch(questions)
    replay = ReplayChatModel.load(path, match="input")
    backwards = [message.content for message in replay.batch(questions[::-1])]
    assert backwards == expected[::-1]


def test_a_scripted_model_goes_on_where_the_recorded_one_was(path: Path) -> None:
    model = GenericFakeChatModel(messages=iter(["one", "two"]))
    with record(model, path) as recorded:
        assert recorded.invoke("x").content == "one"
    assert model.invoke("x").content == "two"
