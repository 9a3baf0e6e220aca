"""Histories of conversations: the messages so far, kept in memory or in a file.

``RunnableWithMessageHistory`` reads and writes them round a chain.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from ._json import dumps, loads
from ._sqlite import Database
from .bus._offload import in_thread
from .errors import MissingImplementationError, StorageError
from .messages import (
    AIMessage,
    BaseMessage,
    HumanMessage,
    get_buffer_string,
    message_chunk_to_message,
)

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Sequence

    from typing_extensions import Self

__all__ = ("BaseChatMessageHistory", "InMemoryChatMessageHistory", "SQLiteChatMessageHistory")


class BaseChatMessageHistory(ABC):
    """The messages of one conversation.

    To make one, implement ``messages``, as an attribute or a property, ``clear``, and
    ``add_messages`` (or ``add_message``, for one at a time). They may block: on an event
    loop they are called in worker threads, unless the methods with an ``a`` are
    implemented as well.

    ``add_messages`` gets a whole turn at once. Where others may write at the same time, it
    should store all of it or nothing.

    >>> class Printed(BaseChatMessageHistory):
    ...     messages = []
    ...     def add_messages(self, messages):
    ...         print(*messages)
    ...     def clear(self):
    ...         pass
    >>> Printed().add_user_message("hi")
    HumanMessage(content='hi')
    """

    messages: list[BaseMessage]
    """The messages so far, in order."""

    @abstractmethod
    def clear(self) -> None:
        """Forget all messages."""

    def add_messages(self, messages: Sequence[BaseMessage]) -> None:
        """Add messages at the end.

        Raises:
            MissingImplementationError: the class has neither this method nor ``add_message``.
        """
        if type(self).add_message is BaseChatMessageHistory.add_message:
            raise MissingImplementationError(
                f"{type(self).__name__} cannot add messages: implement add_messages or add_message."
            )
        for message in messages:
            self.add_message(message)

    def add_message(self, message: BaseMessage) -> None:
        """Add one message at the end."""
        self.add_messages([message])

    def add_user_message(self, message: HumanMessage | str) -> None:
        """Add what the user has said."""
        self.add_message(HumanMessage(message) if isinstance(message, str) else message)

    def add_ai_message(self, message: AIMessage | str) -> None:
        """Add what the model has said."""
        self.add_message(AIMessage(message) if isinstance(message, str) else message)

    async def aget_messages(self) -> list[BaseMessage]:
        """Return ``messages``, without blocking: read in a worker thread."""
        return await in_thread(lambda: self.messages)

    async def aadd_messages(self, messages: Sequence[BaseMessage]) -> None:
        """Add messages at the end. As :meth:`add_messages`, awaited."""
        await in_thread(self.add_messages, messages)

    async def aclear(self) -> None:
        """Forget all messages. As :meth:`clear`, awaited."""
        await in_thread(self.clear)

    def __str__(self) -> str:
        return get_buffer_string(self.messages)


class InMemoryChatMessageHistory(BaseChatMessageHistory):
    """Keeps the messages in a list.

    >>> history = InMemoryChatMessageHistory()
    >>> history.add_user_message("hi")
    >>> history.add_ai_message("hello")
    >>> print(history)
    Human: hi
    AI: hello

    Args:
        messages: The messages to begin with.
    """

    def __init__(self, messages: Iterable[BaseMessage] = ()) -> None:
        self.messages = list(messages)

    def add_messages(self, messages: Sequence[BaseMessage]) -> None:
        """Add messages at the end, all of them at once."""
        self.messages.extend(messages)

    def clear(self) -> None:
        """Forget all messages."""
        self.messages = []

    # Nothing here waits, so no thread is needed.

    async def aget_messages(self) -> list[BaseMessage]:
        """Return ``messages``; does not wait."""
        return self.messages

    async def aadd_messages(self, messages: Sequence[BaseMessage]) -> None:
        """Add messages at the end; does not wait."""
        self.add_messages(messages)

    async def aclear(self) -> None:
        """Forget all messages; does not wait."""
        self.clear()

    def __repr__(self) -> str:
        return f"InMemoryChatMessageHistory(messages={self.messages!r})"


_SCHEMA = """
    CREATE TABLE IF NOT EXISTS messages (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        session TEXT NOT NULL,
        message TEXT NOT NULL
    );
    CREATE INDEX IF NOT EXISTS messages_of_session ON messages (session, position);
"""


class SQLiteChatMessageHistory(BaseChatMessageHistory):
    """Keeps the messages in a file, which many conversations, threads and processes share.

    Messages are stored as JSON. What is added at once is stored at once: of a turn either
    all messages are there or none, and no other turn comes in between.

    >>> with SQLiteChatMessageHistory("session 1", ":memory:") as history:
    ...     history.add_user_message("hi")
    ...     history.messages
    [HumanMessage(content='hi')]

    Args:
        session_id: Which conversation.
        path: The file, which is made if it is not there.
    """

    def __init__(self, session_id: str, path: str | os.PathLike[str]) -> None:
        self.session_id = session_id
        self._database = Database(path, _SCHEMA)

    @property
    def messages(self) -> list[BaseMessage]:  # type: ignore[override]  # it is read each time
        """The messages so far, in order. Blocks while it reads.

        Raises:
            StorageError: a message cannot be read back, since its class is not known here.
            sqlite3.Error: the file cannot be read.
        """
        rows = self._database.read(
            "SELECT message FROM messages WHERE session = ? ORDER BY position", self.session_id
        )
        return [self._read(data) for (data,) in rows]

    def add_messages(self, messages: Sequence[BaseMessage]) -> None:
        """Add messages at the end, all or none. Blocks while it writes.

        Raises:
            StorageError: a message is of a class that cannot be read back.
            sqlite3.Error: the file cannot be written.
        """
        rows = [(self.session_id, self._written(message)) for message in messages]
        with self._database.writing() as connection:
            connection.executemany("INSERT INTO messages (session, message) VALUES (?, ?)", rows)

    def clear(self) -> None:
        """Forget all messages of this conversation. Blocks while it writes.

        Raises:
            sqlite3.Error: the file cannot be written.
        """
        with self._database.writing() as connection:
            connection.execute("DELETE FROM messages WHERE session = ?", (self.session_id,))

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        self._database.close()

    def _written(self, message: BaseMessage) -> str:
        data = dumps(message_chunk_to_message(message)).decode()
        self._read(data)  # Better to fail now than when the conversation goes on.
        return data

    def _read(self, data: str) -> BaseMessage:
        message = loads(data)
        if not isinstance(message, BaseMessage):
            raise StorageError(
                f"session {self.session_id!r} of {self._database.path}",
                f"this is no message, or one whose class has to be made known, here and where it "
                f"is read, with streamflow.serialization.register_type(): {data[:80]}",
            )
        return message

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"SQLiteChatMessageHistory({self.session_id!r}, {self._database.path!r})"
