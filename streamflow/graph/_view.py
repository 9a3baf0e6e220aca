"""A stream of a graph as a view of the bus.

What happens in steps is put here by the graph; tokens of models, and what nodes hand to
their writers, are messages of runs, however deep. All wait in one buffer, in their order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..bus import ChunkStreamed, RunCancelled, RunEnded, RunFailed, Written
from ..bus._sink import Sink
from ..bus._subscription import DEFAULT_CAPACITY
from ..execution import Buffer, thread_id
from ..messages import BaseMessage
from ._task import task_run

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from ..bus import Message, Run, RunInfo
    from ..execution import Execution
    from ._task import Task

    Shape = Callable[[str, str, Any], Any]
    """Makes a chunk for the reader out of the graph it is from, its mode, and what it is."""

NO_STREAM = "nostream"
"""The tag of models whose tokens are not shown."""


class StreamView(Sink):
    """Collects what one stream shows.

    Args:
        modes: What is shown.
        shape: Makes what the reader gets.
        subgraphs: Whether steps of the graphs inside are shown, too.
        buffer: Where chunks wait for the reader, or what does something else with them.
    """

    __slots__ = ("_buffer", "_home", "_metadata", "_seen", "_shape", "modes", "subgraphs")

    def __init__(
        self,
        modes: frozenset[str],
        shape: Shape,
        *,
        subgraphs: bool,
        buffer: Buffer[Any] | None = None,
    ) -> None:
        super().__init__()
        self.modes = modes
        self.subgraphs = subgraphs
        self._shape = shape
        self._buffer: Buffer[Any] = Buffer(DEFAULT_CAPACITY) if buffer is None else buffer
        self._seen: set[str] = set()
        self._metadata: dict[Run | RunInfo, tuple[str, dict[str, Any]]] = {}
        self._home = thread_id()

    # What runs publish.

    def accepts(self, run: Run) -> bool:
        return run.type == "chat_model" and "messages" in self.modes and NO_STREAM not in run.tags

    def offer(self, message: Message) -> bool:
        told: Any = message  # what it carries depends on its class
        run = told.run
        if isinstance(message, ChunkStreamed):
            return self._message(run, message.chunk)
        if isinstance(message, Written):
            if "custom" not in self.modes:
                return False
            node = task_run(run)
            namespace = "" if node is None else node.task.engine.namespace
            return self._buffer.append(self._shape(namespace, "custom", message.value))
        if run.type != "chat_model":
            return False
        wait = False
        output = message.output if isinstance(message, RunEnded) else None
        if isinstance(output, BaseMessage) and output.id not in self._seen:
            wait = self._message(run, output)
        if isinstance(message, (RunEnded, RunFailed, RunCancelled)):
            self._metadata.pop(run, None)
        return wait

    def taker(self) -> Callable[[Message], bool]:
        offer, known_of = self.offer, self._metadata.get
        append, shape = self._buffer.append, self._shape
        is_plain = shape is plain_shape

        def take(message: Message) -> bool:
            if type(message) is ChunkStreamed:
                known = known_of(message.run)
                if known is not None:  # every token but the first
                    token = (message.chunk, known[1])
                    return append(token if is_plain else shape(known[0], "messages", token))
            return offer(message)

        return take

    async def settle(self, run: Run, execution: Execution) -> None:
        if not (execution.blocking and self._home == thread_id()):
            await self._buffer.room(execution)

    def _message(self, run: Run, chunk: Any) -> bool:
        known = self._metadata.get(run)
        if known is None:
            if not isinstance(chunk, BaseMessage):
                return False
            node = task_run(run)
            namespace = "" if node is None else node.task.engine.namespace
            known = self._metadata[run] = (namespace, run.metadata)
            if chunk.id is not None:  # which all chunks of a message share
                self._seen.add(chunk.id)
        return self._buffer.append(self._shape(known[0], "messages", (chunk, known[1])))

    # What graphs put.

    def put(self, namespace: str, mode: str, chunk: Any) -> None:
        """Take a chunk without waiting."""
        self._buffer.append(self._shape(namespace, mode, chunk))

    def node_ended(self, task: Task) -> None:
        """Show the messages that a node has written, those that were not shown before."""
        known = {message.id for message in _messages_in(task.input)}
        for _, value in task.writes:
            for message in _messages_in(value):
                if message.id is not None:
                    if message.id in known or message.id in self._seen:
                        continue
                    self._seen.add(message.id)
                metadata = dict(task.metadata())
                self.put(task.engine.namespace, "messages", (message, metadata))

    # The reader's side.

    async def room(self, execution: Execution) -> None:
        """Wait until the reader has caught up."""
        await self._buffer.room(execution)

    @property
    def take_nowait(self) -> Callable[[], Any]:
        """What returns the next chunk; it raises IndexError if there is none now."""
        return self._buffer.take_nowait

    @property
    def ready(self) -> Callable[[Execution], Coroutine[Any, Any, bool]]:
        """What waits until there is a chunk; false at the end."""
        return self._buffer.ready

    def end(self) -> None:
        """Take no more; the reader gets what is there."""
        self._buffer.close()

    def close(self) -> None:
        """Take no more, and forget what was not read."""
        self._buffer.close()
        self._buffer.clear()


class Collected:
    """Collects the chunks of one graph's own steps, to be read between them.

    Args:
        modes: What is shown.
        shape: Makes what the reader gets.
    """

    def __init__(self, modes: frozenset[str], shape: Shape) -> None:
        self.modes = modes
        self._shape = shape
        self._chunks: list[Any] = []

    def put(self, namespace: str, mode: str, chunk: Any) -> None:
        """Take a chunk."""
        self._chunks.append(self._shape(namespace, mode, chunk))

    def node_ended(self, task: Task) -> None:
        """Nothing: messages are not among its modes."""

    async def room(self, execution: Execution) -> None:
        """Nothing: they are read when the graph is between its steps."""

    def taken(self) -> list[Any]:
        """Return what has come, and forget it."""
        chunks, self._chunks = self._chunks, []
        return chunks


def plain_shape(namespace: str, mode: str, chunk: Any) -> Any:
    """Return a chunk as it is."""
    return chunk


def shape_of(*, several: bool, subgraphs: bool) -> Shape:
    """Return what makes chunks for a reader.

    Args:
        several: With their modes.
        subgraphs: With the places of the graphs they are from.
    """

    def with_mode(namespace: str, mode: str, chunk: Any) -> Any:
        return (mode, chunk)

    def with_place(namespace: str, mode: str, chunk: Any) -> Any:
        place = tuple(namespace.split("|")) if namespace else ()
        return (place, mode, chunk) if several else (place, chunk)

    if subgraphs:
        return with_place
    return with_mode if several else plain_shape


def _messages_in(value: Any) -> Iterator[BaseMessage]:
    """Yield the messages in what a node reads or writes: a message, a list, or a state."""
    if isinstance(value, BaseMessage):
        yield value
    elif isinstance(value, (list, tuple)):
        for each in value:
            if isinstance(each, BaseMessage):
                yield each
    elif isinstance(value, dict):
        for each in value.values():
            if not isinstance(each, dict):
                yield from _messages_in(each)
