"""A run: one execution of one runnable, as a node of a tree.

A run that nobody listens to costs little more than this object: the tuple of sinks is
found once, when the run starts, and while it is empty no message is built. Id, tags and
metadata are made when somebody looks at them.
"""

from __future__ import annotations

from threading import RLock  # noqa: TID251 - a lock; no thread is started here
from time import time as _now
from typing import TYPE_CHECKING, Any

from attrs import define

from .._ids import new_id
from ..execution import BLOCKING, drive

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ..execution import Closing, Execution
    from ._messages import Message
    from ._scope import Scope
    from ._sink import Sink


CUT_SECONDS = 5.0
"""How long async listeners may take for the message that a run was cut short."""


class Tree:
    """What the runs of one tree share: the numbering of their messages."""

    __slots__ = ("done", "lock", "seq")

    def __init__(self) -> None:
        self.seq = 0
        self.done = False
        # Taken while a message is numbered and handed to its sinks, so that every sink
        # sees the numbers in order though threads publish at the same time. Reentrant:
        # a listener may publish.
        self.lock = RLock()


class Run:
    """One execution of one runnable.

    Attributes:
        name: The runnable's name, or ``run_name`` from the config.
        type: What kind of runnable it is: ``"chain"``, ``"chat_model"``, ``"llm"``,
            ``"tool"``, ``"parser"``, ``"prompt"`` or ``"retriever"``.
        parent: The run that started this one, if any.
        tree: What all runs below one root share.
        scope: What runs below this one inherit.
        execution: Whether an event loop awaits it, or nothing does.
        blocked: The threads that stand still until it is done.
        sinks: Who listens to it.
        sent: The chunks of its output so far, if somebody listens.
        dropped: The streams that its code has opened and not closed, if any.
        done: Its last message has been published.

    >>> from streamflow.bus import current_run
    >>> from streamflow.runnables import RunnableLambda
    >>> RunnableLambda(lambda _: current_run(), name="who").invoke(None)
    <Run chain 'who' done>
    """

    __slots__ = (
        "__weakref__",
        "_id",
        "_offers",
        "_own_metadata",
        "_own_tags",
        "blocked",
        "done",
        "dropped",
        "execution",
        "name",
        "parent",
        "scope",
        "sent",
        "sinks",
        "tree",
        "type",
    )

    def __init__(
        self,
        name: str,
        type: str,
        parent: Run | None,
        tree: Tree,
        scope: Scope,
        execution: Execution,
        blocked: tuple[int, ...],
        own_tags: tuple[str, ...] = (),
        own_metadata: Callable[[], Mapping[str, Any]] | None = None,
        id: str | None = None,
    ) -> None:
        self.name = name
        self.type = type
        self.parent = parent
        self.tree = tree
        self.scope = scope
        self.execution = execution
        self.blocked = blocked
        self.done = False
        self.sinks: tuple[Sink, ...] = ()
        self._offers: tuple[Callable[[Message], bool], ...] = ()
        self.sent: Sequence[Any] = ()
        self.dropped: list[Closing] | None = None
        self._own_tags = own_tags
        self._own_metadata = own_metadata
        self._id = id

    def listen(self, sinks: tuple[Sink, ...]) -> None:
        """Let ``sinks`` have the messages of the run; to be called before the first one."""
        self.sinks = sinks
        self._offers = tuple(sink.taker() for sink in sinks)

    @property
    def run(self) -> Run:
        """This run: a run stands for itself where a :class:`Position` is expected."""
        return self

    @property
    def wants_chunks(self) -> bool:
        """Whether somebody listens who wants its chunks."""
        return any(sink.wants_chunks(self) for sink in self.sinks)

    @property
    def id(self) -> str:
        """Its id, unique and ordered by time; made when first asked for.

        The ids of the runs above it are made before, so that they come first in order.
        """
        if self._id is None:
            with self.tree.lock:  # or two threads would each make one
                nameless = []
                run: Run | None = self
                while run is not None and run._id is None:
                    nameless.append(run)
                    run = run.parent
                for run in reversed(nameless):
                    run._id = new_id()
        return self._id  # type: ignore[return-value]  # made above

    @property
    def tags(self) -> list[str]:
        """Its own tags (such as ``seq:step:1``), then those of its config and its parents."""
        return [*self._own_tags, *self.scope.tags]

    @property
    def metadata(self) -> dict[str, Any]:
        """The metadata of its config and its parents, and what its runnable adds."""
        metadata = dict(self.scope.metadata)
        if self._own_metadata is not None:
            metadata.update(self._own_metadata())
        return metadata

    @property
    def parent_ids(self) -> list[str]:
        """The ids of the runs above it, from the root down."""
        ids = []
        run = self.parent
        while run is not None:
            ids.append(run.id)
            run = run.parent
        ids.reverse()
        return ids

    def describe(self) -> dict[str, Any]:
        """Return what :class:`RunInfo` holds, as a dict."""
        return {
            "id": self.id,
            "name": self.name,
            "type": self.type,
            "tags": self.tags,
            "metadata": self.metadata,
            "parent_ids": self.parent_ids,
        }

    def post(self, message: Message) -> bool:
        """Number ``message`` and hand it to the run's sinks, without waiting.

        Returns:
            Whether a sink wants the publisher to wait: call :meth:`settle`.
        """
        wait = False
        tree = self.tree
        with tree.lock:
            tree.seq = message.seq = tree.seq + 1
            message.time = _now()
            for offer in self._offers:
                if offer(message):
                    wait = True
        return wait

    def hand_to(self, sinks: Sequence[Sink], message: Message) -> list[Sink]:
        """Number ``message`` and hand it to ``sinks``; return those that want to be waited for."""
        with self.tree.lock:
            self.tree.seq += 1
            message.seq = self.tree.seq
            message.time = _now()
            return [sink for sink in sinks if sink.offer(message)]

    async def settle(self) -> None:
        """Wait as long as the sinks want the publisher to."""
        settled = 0
        try:
            for sink in self.sinks:
                settled += 1
                await sink.settle(self, self.execution)
        except BaseException:
            # Cut short while it waited for one sink; the listeners behind hear of it still.
            await self._settle_cut(self.sinks[settled:])
            raise

    async def publish(self, message: Message) -> None:
        """Hand ``message`` to the run's sinks and wait as long as they want it."""
        if self.post(message):
            await self.settle()

    def publish_now(self, message: Message) -> None:
        """Hand ``message`` to the run's sinks from plain code, in whatever thread it runs.

        A worker thread waits as long as the sinks want it to. The thread of a reader does
        not wait for that reader.
        """
        if self.post(message):
            for sink in self.sinks:
                drive(sink.settle(self, BLOCKING))

    async def publish_cut(self, message: Message) -> None:
        """Hand ``message`` to the run's sinks while the run is being cut short.

        Nobody waits for room now. Async listeners are still awaited, for a short time and
        protected from the cancellation that is under way.
        """
        if self.post(message):
            await self._settle_cut(self.sinks)

    async def _settle_cut(self, sinks: tuple[Sink, ...]) -> None:
        for sink in sinks:
            if sink.is_listener:
                await self.execution.shielded(
                    sink.settle, self, self.execution, seconds=CUT_SECONDS
                )

    def __repr__(self) -> str:
        return f"<Run {self.type} {self.name!r}{' done' if self.done else ''}>"


@define(frozen=True)
class RunInfo:
    """A run as it was described in JSON.

    >>> from streamflow.bus import message_from_json
    >>> from streamflow.runnables import RunnableLambda
    >>> with RunnableLambda(len).stream_events("abc", {"tags": ["demo"]}) as messages:
    ...     line = next(messages).to_json()
    >>> info = message_from_json(line).run
    >>> info.name, info.type, info.tags
    ('len', 'chain', ['demo'])
    """

    id: str
    name: str
    type: str
    tags: list[str]
    metadata: dict[str, Any]
    parent_ids: list[str]

    def describe(self) -> dict[str, Any]:
        """Return the fields as a dict."""
        return {
            "id": self.id,
            "name": self.name,
            "type": self.type,
            "tags": self.tags,
            "metadata": self.metadata,
            "parent_ids": self.parent_ids,
        }
