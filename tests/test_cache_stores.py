"""Where cached answers are kept: in memory up to a number, in a file that others use too."""

from __future__ import annotations

import logging
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import given, strategies as st

from streamflow.caches import BaseCache, InMemoryCache, SQLiteCache
from streamflow.errors import ConfigError
from streamflow.language_models import FakeListChatModel, FakeListLLM
from streamflow.messages import AIMessage, AIMessageChunk
from streamflow.outputs import ChatGeneration, ChatGenerationChunk, Generation, GenerationChunk
from tests.meta.sources import ROOT

ANSWERS: list[list[Generation]] = [
    [Generation("ho", generation_info={"stop": "end"})],
    [GenerationChunk("h"), GenerationChunk("o")],
    [ChatGeneration(AIMessage("ho", id="1", additional_kwargs={"a": {"b": [1, None]}}))],
    [
        ChatGenerationChunk(AIMessageChunk("h", response_metadata={"took": 0.5})),
        ChatGenerationChunk(AIMessageChunk([{"type": "text", "text": "o", "index": 0}])),
    ],
    [],
]


@pytest.fixture(params=["memory", "file"])
def cache(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    if request.param == "memory":
        yield InMemoryCache()
        return
    with SQLiteCache(tmp_path / "answers.db") as file:
        yield file


@pytest.mark.parametrize("answer", ANSWERS)
async def test_what_was_kept_is_found(answer: list[Generation], cache: BaseCache) -> None:
    assert cache.lookup("hi", "model") is None
    cache.update("hi", "model", answer)
    await cache.aupdate("ho", "model", [Generation("no")])
    assert cache.lookup("hi", "model") == await cache.alookup("hi", "model") == answer
    assert cache.lookup("hi", "other") is None
    cache.update("hi", "model", [Generation("new")])
    assert cache.lookup("hi", "model") == [Generation("new")]
    await cache.aclear()
    assert cache.lookup("hi", "model") is None
    assert await cache.alookup("ho", "model") is None


@given(
    st.integers(1, 4),
    st.lists(st.tuples(st.booleans(), st.sampled_from("abcdef")), max_size=40),
)
def test_the_answer_not_asked_for_the_longest_makes_room(
    size: int, calls: list[tuple[bool, str]]
) -> None:
    cache, recent = InMemoryCache(maxsize=size), []
    for is_update, prompt in calls:
        if is_update:
            cache.update(prompt, "", [Generation(prompt)])
            recent = [*(each for each in recent if each != prompt), prompt][-size:]
            continue
        found = cache.lookup(prompt, "")
        assert (found is not None) == (prompt in recent)
        if found is not None:
            recent = [*(each for each in recent if each != prompt), prompt]


def test_a_size_of_nothing_is_refused() -> None:
    with pytest.raises(ConfigError, match="maxsize"):
        InMemoryCache(maxsize=0)


# Files.


def test_a_file_is_found_again(tmp_path: Path) -> None:
    path = tmp_path / "answers.db"
    for answers in (["one"], ["two"], ["three"]):
        with SQLiteCache(path) as cache:
            model = FakeListChatModel(responses=["one"], i=0, cache=cache)
            assert [chunk.content for chunk in model.stream("hi")] == ["o", "n", "e"]
            assert FakeListLLM(responses=answers, cache=cache).invoke("hi") == answers[0]
    with SQLiteCache(path) as cache:
        model = FakeListChatModel(responses=["one"], cache=cache)
        assert model.invoke("hi").response_metadata == {"cached": True}


def test_a_closed_file_opens_again(tmp_path: Path) -> None:
    cache = SQLiteCache(tmp_path / "answers.db")
    for _ in range(2):
        cache.update("hi", "", [Generation("ho")])
        cache.close()
        cache.close()
        assert cache.lookup("hi", "") == [Generation("ho")]
    cache.close()


def test_the_file_holds_no_prompts(tmp_path: Path) -> None:
    with SQLiteCache(tmp_path / "answers.db") as cache:
        cache.update("a secret prompt", "secret settings", [Generation("ho")])
    held = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"ho" in held
    assert b"secret" not in held


def test_what_json_cannot_hold_is_not_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with SQLiteCache(tmp_path / "a.db") as cache, caplog.at_level(logging.WARNING, "streamflow"):
        cache.update("hi", "", [Generation("ho", generation_info={"client": object()})])
        assert cache.lookup("hi", "") is None
    assert "JSON" in caplog.text


@pytest.mark.parametrize("held", ["[1]", '{"a": 1}', '[{"$type": "nobody.Knows", "fields": {}}]'])
def test_what_nobody_can_read_is_not_there(held: str, tmp_path: Path) -> None:
    with SQLiteCache(tmp_path / "answers.db") as cache:
        cache.update("hi", "", [Generation("ho")])
        with sqlite3.connect(tmp_path / "answers.db") as connection:
            connection.execute("UPDATE answers SET answer = ?", (held,))
        connection.close()
        assert cache.lookup("hi", "") is None


def test_a_file_that_is_no_database_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "answers.db"
    path.write_bytes(b"something else entirely" * 100)
    with SQLiteCache(path) as cache, pytest.raises(sqlite3.DatabaseError):
        cache.lookup("hi", "")


def test_threads_and_connections_use_one_file(tmp_path: Path) -> None:
    path = tmp_path / "answers.db"
    shared = SQLiteCache(path)
    begin = threading.Barrier(6)
    errors: list[BaseException] = []

    def work(name: int) -> None:
        cache = shared if name % 2 else SQLiteCache(path)
        try:
            begin.wait()
            for number in range(20):
                cache.update(f"{name}", f"{number}", [Generation(f"{name} {number}")])
                assert cache.lookup(f"{name}", f"{number}") == [Generation(f"{name} {number}")]
        except BaseException as error:
            errors.append(error)
        finally:
            if cache is not shared:
                cache.close()

    threads = [threading.Thread(target=work, args=(name,)) for name in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert all(shared.lookup(f"{n}", f"{m}") for n in range(6) for m in range(20))
    shared.close()


_PROCESS = """
import sys
from streamflow.caches import SQLiteCache
from streamflow.outputs import Generation
with SQLiteCache(sys.argv[1]) as cache:
    for number in range(50):
        cache.update(sys.argv[2], str(number), [Generation(str(number))])
"""


def test_processes_use_one_file(tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error", "-c", _PROCESS, str(tmp_path / "answers.db")]
    running = [subprocess.Popen([*command, name], cwd=ROOT) for name in "abcd"]
    assert [process.wait(60) for process in running] == [0] * 4
    with SQLiteCache(tmp_path / "answers.db") as cache:
        assert all(cache.lookup(name, str(n)) for name in "abcd" for n in range(50))


async def test_many_calls_at_once_share_a_file(tmp_path: Path) -> None:
    with SQLiteCache(tmp_path / "answers.db") as cache:
        model = FakeListChatModel(responses=["one"], cache=cache)
        async with anyio.create_task_group() as group:
            for number in range(50):
                group.start_soon(model.ainvoke, f"{number % 10}")
        hits = await model.abatch([f"{number}" for number in range(10)])
    assert all(each.response_metadata == {"cached": True} for each in hits)
