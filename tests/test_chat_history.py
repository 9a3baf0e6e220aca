"""Histories of conversations: what is added is there, in order, whoever adds it."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import anyio
import pytest
from attrs import define
from hypothesis import given, strategies as st

from streamflow.chat_history import (
    BaseChatMessageHistory,
    InMemoryChatMessageHistory,
    SQLiteChatMessageHistory,
)
from streamflow.errors import MissingImplementationError, StorageError
from streamflow.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    ChatMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)

RICH: list[BaseMessage] = [
    SystemMessage("be kind", id="0"),
    HumanMessage([{"type": "text", "text": "hi"}, {"type": "image_url", "image_url": "x"}]),
    AIMessage(
        "",
        tool_calls=[{"name": "f", "args": {"a": [1, 2.5, None]}, "id": "1", "type": "tool_call"}],
        usage_metadata={"input_tokens": 1, "output_tokens": 2, "total_tokens": 3},
        response_metadata={"model": "small", "logprobs": {"x": -0.5}},
    ),
    ToolMessage("3", tool_call_id="1", artifact={"rows": (1, 2)}, status="error"),
    ChatMessage("hm", role="judge", name="Ann", additional_kwargs={"n": 1}),
    HumanMessage("\ud800 \0 “é”"),
]

Make = Callable[[], BaseChatMessageHistory]


@pytest.fixture(params=["memory", "file"])
def history(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BaseChatMessageHistory]:
    if request.param == "memory":
        yield InMemoryChatMessageHistory()
        return
    with SQLiteChatMessageHistory("a", tmp_path / "history.db") as file:
        yield file


async def test_messages_come_back_as_they_were_in_order(history: BaseChatMessageHistory) -> None:
    history.add_messages(RICH[:2])
    await history.aadd_messages(RICH[2:4])
    for message in RICH[4:]:
        history.add_message(message)
    assert history.messages == await history.aget_messages() == RICH
    assert [type(each) for each in history.messages] == [type(each) for each in RICH]
    history.clear()
    assert history.messages == []
    history.add_user_message("hi")
    history.add_ai_message("hello")
    history.add_user_message(HumanMessage("bye", name="Ann"))
    assert str(history) == "Human: hi\nAI: hello\nHuman: bye"
    assert history.messages[-1].name == "Ann"
    await history.aclear()
    assert await history.aget_messages() == []


def test_a_history_can_begin_with_messages() -> None:
    given = list(RICH)
    history = InMemoryChatMessageHistory(messages=given)
    history.add_user_message("more")
    assert given == RICH
    assert len(history.messages) == len(RICH) + 1
    assert "content='more'" in repr(history)


# Histories of a user's own.


class OneByOne(BaseChatMessageHistory):
    def __init__(self) -> None:
        self.messages = []
        self.threads: list[int] = []

    def add_message(self, message: BaseMessage) -> None:
        self.threads.append(threading.get_ident())
        self.messages.append(message)

    def clear(self) -> None:
        self.threads.append(threading.get_ident())
        self.messages = []


class AllAtOnce(BaseChatMessageHistory):
    def __init__(self) -> None:
        self.turns: list[Sequence[BaseMessage]] = []

    @property
    def messages(self) -> list[BaseMessage]:  # type: ignore[override]  # as users write it
        return [message for turn in self.turns for message in turn]

    def add_messages(self, messages: Sequence[BaseMessage]) -> None:
        self.turns.append(messages)

    def clear(self) -> None:
        self.turns = []


@pytest.mark.parametrize("kind", [OneByOne, AllAtOnce])
async def test_one_way_to_add_is_enough(kind: Any) -> None:
    history = kind()
    history.add_messages(RICH[:2])
    history.add_message(RICH[2])
    await history.aadd_messages(RICH[3:])
    assert await history.aget_messages() == RICH


async def test_plain_methods_work_in_worker_threads() -> None:
    history = OneByOne()
    await history.aadd_messages(RICH[:1])
    await history.aclear()
    assert len(history.threads) == 2
    assert threading.get_ident() not in history.threads


def test_without_a_way_to_add_there_is_an_error_that_says_so() -> None:
    class Forgetful(BaseChatMessageHistory):
        messages: list[BaseMessage] = []  # noqa: RUF012 - as users write it

        def clear(self) -> None:
            pass

    for add in (Forgetful().add_user_message, Forgetful().add_ai_message):
        with pytest.raises(MissingImplementationError, match="Forgetful"):
            add("hi")


# Files.


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abc"), st.lists(st.sampled_from(RICH), max_size=3), st.booleans()
        ),
        max_size=15,
    )
)
def test_a_file_holds_what_a_list_would(turns: list[tuple[str, list[BaseMessage], bool]]) -> None:
    """For each session, also when the connection is closed in between, and after a clear."""
    expected: dict[str, list[BaseMessage]] = {}
    with SQLiteChatMessageHistory("a", ":memory:") as first:
        for session, messages, clears in turns:
            # As if each session had an object of its own on one file.
            first.session_id = session
            first.add_messages(messages)
            expected.setdefault(session, []).extend(messages)
            if clears:
                first.clear()
                expected[session] = []
        for session, messages in expected.items():
            first.session_id = session
            assert first.messages == messages


def test_a_file_is_found_again(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    for number in range(3):
        with SQLiteChatMessageHistory("a", path) as history:
            assert len(history.messages) == number
            history.add_user_message(f"{number}")
        with SQLiteChatMessageHistory("b", str(path)) as other:
            assert other.messages == []
    history.add_user_message("after close, it opens again")
    assert [message.content for message in history.messages][:3] == ["0", "1", "2"]
    history.close()
    assert repr(history) == f"SQLiteChatMessageHistory('a', {str(path)!r})"


def test_a_chunk_is_kept_as_the_message_that_it_has_become(tmp_path: Path) -> None:
    with SQLiteChatMessageHistory("a", tmp_path / "history.db") as history:
        history.add_message(AIMessageChunk("hi", id="1"))
        assert history.messages == [AIMessage("hi", id="1")]
        assert type(history.messages[0]) is AIMessage


@define(repr=False)
class Unknown(HumanMessage):
    mood: str = "fine"


def test_a_message_that_would_not_come_back_is_refused(tmp_path: Path) -> None:
    with SQLiteChatMessageHistory("a", tmp_path / "history.db") as history:
        with pytest.raises(StorageError, match=r"register_type.*") as caught:
            history.add_messages([HumanMessage("hi"), Unknown("ho")])
        assert "Unknown" in str(caught.value)
        assert "session 'a'" in str(caught.value)
        assert history.messages == [], "all or nothing"


def test_what_nobody_can_read_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    with SQLiteChatMessageHistory("a", path) as history:
        history.add_user_message("hi")
        connection = sqlite3.connect(path)
        with connection:
            connection.execute("UPDATE messages SET message = '{\"a\": 1}'")
        connection.close()
        with pytest.raises(StorageError, match=r"history\.db"):
            history.messages  # noqa: B018 - reading is the point


def turns_of(writer: int) -> list[list[BaseMessage]]:
    return [
        [HumanMessage(f"{writer} {number}"), AIMessage(f"{writer} {number}")]
        for number in range(15)
    ]


def check_turns(messages: list[BaseMessage], writers: int) -> None:
    """Each turn is whole, and the turns of each writer are in order."""
    pairs = [
        (one.content, two.content) for one, two in zip(messages[::2], messages[1::2], strict=True)
    ]
    assert all(one == two for one, two in pairs)
    by_writer = sorted((one.split() for one, _ in pairs), key=lambda pair: pair[0])
    found = {name: [n for _, n in each] for name, each in groupby(by_writer, lambda pair: pair[0])}
    assert found == {str(writer): [str(n) for n in range(15)] for writer in range(writers)}


def test_threads_and_connections_add_whole_turns(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    shared = SQLiteChatMessageHistory("a", path)
    begin = threading.Barrier(6)
    errors: list[BaseException] = []

    def write(writer: int) -> None:
        history = shared if writer % 2 else SQLiteChatMessageHistory("a", path)
        try:
            begin.wait()
            for turn in turns_of(writer):
                history.add_messages(turn)
                assert len(history.messages) % 2 == 0, "half a turn was seen"
        except BaseException as error:
            errors.append(error)
        finally:
            if history is not shared:
                history.close()

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    check_turns(shared.messages, 6)
    shared.close()


async def test_tasks_add_whole_turns(tmp_path: Path) -> None:
    async def write(writer: int) -> None:
        for turn in turns_of(writer):
            await history.aadd_messages(turn)

    with SQLiteChatMessageHistory("a", tmp_path / "history.db") as history:
        async with anyio.create_task_group() as group:
            for writer in range(4):
                group.start_soon(write, writer)
        check_turns(await history.aget_messages(), 4)


async def test_what_is_cancelled_is_added_whole_or_not_at_all(tmp_path: Path) -> None:
    with SQLiteChatMessageHistory("a", tmp_path / "history.db") as history:
        for _ in range(20):
            async with anyio.create_task_group() as group:
                group.start_soon(history.aadd_messages, RICH)
                await anyio.lowlevel.checkpoint()
                group.cancel_scope.cancel()
        assert len(history.messages) % len(RICH) == 0
