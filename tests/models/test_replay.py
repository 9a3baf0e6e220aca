"""Replaying recorded answers, with their timing; and the recordings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
import trio
import trio.testing

from streamflow.errors import ConfigError, RecordingError, ScriptError
from streamflow.language_models import Recording, ReplayChatModel
from streamflow.language_models._recording import fingerprint, save_recordings
from streamflow.messages import AIMessage, AIMessageChunk, HumanMessage
from streamflow.runnables import ConfigurableField, RunnableParallel

# Of each recording that comes with the package: how many tokens and characters, and how it begins.
RECORDINGS = {
    "sky": (8, 36, "The sky appears blue"),
    "parrot_joke": (187, 678, "Here's a joke about a parrot"),
    "parrot_joke_v1_doc": (29, 106, " Here's a silly"),
    "countries_json": (67, 220, '{\n  "countries"'),
    "countries_json_fenced": (86, 303, " Here is the JSON"),
    "kensho": (114, 542, "Based on the given"),
    "hello": (9, 34, "Hello! How can"),
    "bee_summary": (13, 60, "Bee defies physics"),
    "cat_joke": (27, 91, "Why did the cat"),
}


async def test_every_call_gets_the_same_answer() -> None:
    model = ReplayChatModel(recording=["to", "k", "en"], speed=None)
    for _ in range(2):
        assert model.invoke("x").content == "token"
        message = await model.ainvoke("x")
        assert message == AIMessage("token", id=message.id)
        assert [chunk.content for chunk in model.stream("x")] == ["to", "k", "en"]
        chunks = [chunk async for chunk in model.astream("x")]
        assert [chunk.content for chunk in chunks] == ["to", "k", "en"]
        assert {type(chunk) for chunk in chunks} == {AIMessageChunk}


async def test_an_empty_recording() -> None:
    model = ReplayChatModel(recording=[])
    assert model.invoke("x").content == ""
    assert (await model.ainvoke("x")).content == ""
    assert (await model.ainvoke("x", {"callbacks": [lambda _: None]})).content == ""
    assert list(model.stream("x")) == []
    assert [chunk async for chunk in model.astream("x")] == []


def test_names_and_metadata() -> None:
    model = ReplayChatModel(recording=["a"], model="small")
    assert model._llm_type == "replay"
    assert dict(model._own_metadata()) == {
        "ls_provider": "replay",
        "ls_model_name": "small",
        "ls_model_type": "chat",
    }


# -------------------------------------------------------------------------------- timing

PACED = Recording(("a", "b", "c"), (0.5, 0.25, 1.0))


def timed(main: Callable[[], Any]) -> Any:
    """Run ``main`` where time passes only while everybody waits."""
    return trio.run(main, clock=trio.testing.MockClock(autojump_threshold=0))


@pytest.mark.parametrize(
    ("speed", "times"),
    [(1.0, [0.5, 0.75, 1.75]), (0.5, [1.0, 1.5, 3.5]), (2, [0.25, 0.375, 0.875]), (None, [0] * 3)],
)
def test_tokens_come_when_they_came(speed: float | None, times: list[float]) -> None:
    async def main() -> list[float]:
        start = anyio.current_time()
        model = ReplayChatModel(recording=PACED, speed=speed)
        return [anyio.current_time() - start async for _ in model.astream("x")]

    assert timed(main) == pytest.approx(times)


def test_an_invoked_model_takes_as_long() -> None:
    async def main() -> float:
        start = anyio.current_time()
        await ReplayChatModel(recording=PACED).ainvoke("x")
        return anyio.current_time() - start

    assert timed(main) == pytest.approx(1.75)


def test_models_beside_each_other_wait_at_the_same_time() -> None:
    async def main() -> float:
        start = anyio.current_time()
        model = ReplayChatModel(recording=PACED)
        both = RunnableParallel(a=model, b=model)
        await both.ainvoke("x")
        assert [chunk async for chunk in both.astream("x")]
        return anyio.current_time() - start

    assert timed(main) == pytest.approx(2 * 1.75)


def test_buffered_steps_overlap() -> None:
    """A slow step behind a slow model: with a buffer between them both wait at once."""

    pause = 1  # of the clock that jumps

    async def slow(chunks: Any) -> Any:
        async for chunk in chunks:
            await anyio.sleep(pause)
            yield chunk

    async def main() -> list[float]:
        chain = ReplayChatModel(recording=Recording.of("abcd", 1, 1)) | slow
        spent = []
        for capacity in (None, 4):
            start = anyio.current_time()
            assert [c.text async for c in chain.astream("x", {"channel_capacity": capacity})]
            spent.append(anyio.current_time() - start)
        return spent

    assert timed(main) == pytest.approx([8, 5])


def test_plain_tokens_have_no_delay() -> None:
    async def main() -> float:
        start = anyio.current_time()
        await ReplayChatModel(recording=["a", "b"]).ainvoke("x")
        return anyio.current_time() - start

    assert timed(main) == 0


# ---------------------------------------------------------------------------- recordings


def test_an_even_pace() -> None:
    assert Recording.of("abc", 1.0, 0.5) == Recording(("a", "b", "c"), (1.0, 0.5, 0.5))
    assert Recording.of(["a"]) == Recording(("a",), (0.0,))
    assert Recording.of([]) == Recording((), ())


def test_recordings_by_name() -> None:
    sky = Recording.named("sky")
    assert "".join(sky.tokens) == "The sky appears blue during the day."
    assert len(sky.delays) == len(sky.tokens)
    assert sky.delays[0] > sky.delays[1] > 0
    with pytest.raises(RecordingError, match="no recording 'nope'; there are .*sky"):
        Recording.named("nope")


@pytest.mark.parametrize(("name", "facts"), RECORDINGS.items(), ids=RECORDINGS)
def test_the_recordings_are_those_of_the_documents(name: str, facts: tuple[int, int, str]) -> None:
    tokens = Recording.named(name).tokens
    text = "".join(map(str, tokens))
    count, length, beginning = facts
    assert (len(tokens), len(text)) == (count, length)
    assert text.startswith(beginning)


def test_saved_and_loaded(tmp_path: Path) -> None:
    path = tmp_path / "recording.json"
    for recording in (PACED, Recording((), ()), Recording(("ü\n", '"'), (0.1, 1e-9))):
        recording.save(path)
        assert Recording.load(path) == recording
        assert Recording.load(str(path)) == recording
    assert ReplayChatModel(recording=Recording.load(path), speed=None).invoke("x").content == 'ü\n"'


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "{}",
        '{"tokens": ["a"]}',
        '{"tokens": ["a"], "delays": []}',
        '{"tokens": ["a"], "delays": null}',
        '{"tokens": ["a"], "delays": ["soon"]}',
        "not json",
        "",
    ],
)
def test_files_that_hold_something_else(tmp_path: Path, text: str) -> None:
    path = tmp_path / "recording.json"
    path.write_text(text)
    with pytest.raises(ValueError):
        Recording.load(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Recording.load(tmp_path / "nope.json")


# ----------------------------------------------------------------------- several answers

YES, NO = Recording.of(["y", "es"]), Recording.of(["no"])
CALL = {"name": "add", "args": '{"a": 1}', "id": "c1", "index": 0}


async def test_answers_in_order() -> None:
    model = ReplayChatModel(recording=[YES, NO, YES])
    assert (await model.ainvoke("x")).content == "yes"
    assert model.invoke("x").content == "no"
    assert [chunk.content for chunk in model.stream("x")] == ["y", "es"]
    with pytest.raises(ScriptError, match="there are 3 recorded answers, and this is call 4"):
        model.invoke("x")


async def test_answers_by_input() -> None:
    asked = [fingerprint([HumanMessage(text, id=text)]) for text in ("well?", "sure?")]
    recordings = [
        Recording(("yes",), (0.0,), input=asked[0]),
        Recording(("no",), (0.0,), input=asked[1]),
        Recording(("yes again",), (0.0,), input=asked[0]),
    ]
    model = ReplayChatModel(recording=recordings, match="input")
    assert model.invoke("sure?").content == "no"
    assert [model.invoke("well?").content for _ in range(3)] == ["yes", "yes again", "yes"]
    assert (await model.ainvoke([HumanMessage("sure?", id="another")])).content == "no"
    with pytest.raises(ScriptError, match="none of the 3 recorded .*'really.'"):
        await model.ainvoke("really?")


def test_an_unknown_way_to_match() -> None:
    model = ReplayChatModel(recording=[YES, NO], match="luck")  # type: ignore[arg-type]  # what is tested
    with pytest.raises(ConfigError, match="match must be 'order' or 'input', got 'luck'"):
        model.invoke("x")


async def test_tools_are_called_as_recorded() -> None:
    def add(a: int) -> int:
        """Add."""
        return a

    recording = Recording.of([AIMessageChunk("", tool_call_chunks=[CALL])])
    bound = ReplayChatModel(recording=recording).bind_tools([add])
    for message in (bound.invoke("x"), await bound.ainvoke("x")):
        (call,) = message.tool_calls
        assert (call["name"], call["args"], call["id"]) == ("add", {"a": 1}, "c1")


async def test_ids() -> None:
    own = ReplayChatModel(recording=Recording(("a", "b"), (0.0, 0.0), id="msg_1"))
    assert [chunk.id async for chunk in own.astream("x")] == ["msg_1", "msg_1"]
    first, second = (ReplayChatModel(recording=YES).invoke("x").id for _ in range(2))
    assert first is not None
    assert first.startswith("run-")
    assert first != second


async def test_a_recorded_failure() -> None:
    model = ReplayChatModel(recording=Recording(("a",), (0.0,), error="OSError: gone"))
    stream = model.stream("x")
    assert next(stream).content == "a"
    with pytest.raises(ScriptError, match="fails here, as it did then: OSError: gone"):
        next(stream)
    with pytest.raises(ScriptError):
        await model.ainvoke("x")


def test_settings_of_a_replay_can_be_configured() -> None:
    model = ReplayChatModel(recording=PACED).configurable_fields(
        speed=ConfigurableField(id="speed")
    )
    assert model.invoke("x", {"configurable": {"speed": None}}).content == "abc"


def test_a_file_with_several_answers(tmp_path: Path) -> None:
    path = tmp_path / "answers.json"
    save_recordings(path, [YES, NO])
    assert Recording.load_all(path) == (YES, NO)
    with pytest.raises(RecordingError, match="holds 2 answers, and one was asked for"):
        Recording.load(path)
    model = ReplayChatModel.load(path, speed=None)
    assert [model.invoke("x").content for _ in range(2)] == ["yes", "no"]


def test_the_simple_form_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "tokens.json"
    path.write_text('{"tokens": ["a", "b"], "delays": [1, 0.5]}')
    assert Recording.load(path) == Recording(("a", "b"), (1.0, 0.5))


ENVELOPES = {
    '{"streamflow_recording": 2, "answers": []}': "is a recording of version 2",
    '{"streamflow_recording": 1, "answers": []}': "there is no answer in it",
    '{"streamflow_recording": 1}': "there is no answer in it",
    '{"streamflow_recording": 1, "answers": [{"tokens": ["a"]}]}': "KeyError..delays",
    '{"tokens": [1], "delays": [1]}': "a token is text or a chunk of a message, not 1",
    '{"tokens": [{"$type": "who"}], "delays": [1]}': "not Unrestored",
}


@pytest.mark.parametrize("text", ENVELOPES)
def test_files_that_are_no_recordings(tmp_path: Path, text: str) -> None:
    path = tmp_path / "recording.json"
    path.write_text(text)
    with pytest.raises(RecordingError, match=ENVELOPES[text]):
        Recording.load_all(path)


def test_a_file_of_somebody_else_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "recording.json"
    path.write_text("mine")
    with pytest.raises(RecordingError, match="left as it is"):
        YES.save(path)
    assert path.read_text() == "mine"
