"""Replaying recorded answers, with their timing; and the recordings."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
import trio
import trio.testing

from streamflow.errors import RecordingError
from streamflow.language_models import Recording, ReplayChatModel
from streamflow.messages import AIMessage, AIMessageChunk
from streamflow.runnables import RunnableParallel

SHARED = Path("/work/shared/data/token_streams.json")


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


@pytest.mark.skipif(not SHARED.exists(), reason="the streams of the documents are not here")
def test_the_recordings_are_those_of_the_documents() -> None:
    streams = {
        name: tokens
        for name, tokens in json.loads(SHARED.read_bytes()).items()
        if isinstance(tokens, list)
    }
    for name, tokens in streams.items():
        assert Recording.named(name).tokens == tuple(tokens)


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
