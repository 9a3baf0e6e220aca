"""What travels on the bus: one small class per happening in the life of a run.

For each run: :class:`RunStarted`, then :class:`ChunkStreamed`, :class:`CustomEvent` and
:class:`RunRetried` any number of times, then exactly one of :class:`RunEnded`,
:class:`RunFailed` and :class:`RunCancelled`. A parent starts before its children and ends
after them.

The classes are ``define(eq=False)``, not frozen: an object of a frozen class takes three
times as long to make, and one is made for every chunk. All the same a message is never
changed once it has been published.
"""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define, field

from .._json import dumps, loads
from .._unset import UNSET
from ..errors import MessageDecodeError
from ._run import Run, RunInfo

if TYPE_CHECKING:
    from typing_extensions import Self


@define(eq=False)
class Message:
    """The root of the messages; not published itself.

    >>> from streamflow.bus import Message
    >>> from streamflow.runnables import RunnableLambda
    >>> with RunnableLambda(len).stream_events("abc") as messages:
    ...     [(each.seq, each.run.name, isinstance(each, Message)) for each in messages]
    [(1, 'len', True), (2, 'len', True), (3, 'len', True)]
    """

    kind: ClassVar[str]
    """The message's name in JSON."""

    run: Run | RunInfo
    """The run that published it; a :class:`RunInfo` if it was read back from JSON."""
    seq: int = field(default=0, init=False)
    """Its number in its tree of runs, strictly increasing in the order of publication."""
    time: float = field(default=0.0, init=False)
    """When it was published, in seconds since the epoch."""

    def to_json(self) -> bytes:
        """Return the message as one JSON object. Never raises, whatever it carries."""
        return dumps(self.as_dict())

    def as_dict(self) -> dict[str, Any]:
        """Return the message as a dict of what it carries, with its run described."""
        return {
            "kind": self.kind,
            "seq": self.seq,
            "time": self.time,
            "run": self.run.describe(),
            **self._payload(),
        }

    def _payload(self) -> dict[str, Any]:
        return {}

    @classmethod
    def _restore(cls, run: RunInfo, data: dict[str, Any]) -> Self:
        return cls(run)


@define(eq=False)
class RunStarted(Message):
    """A run has begun.

    >>> from streamflow.runnables import RunnableLambda
    >>> with RunnableLambda(len).stream_events("abc") as messages:
    ...     next(messages).input
    'abc'
    """

    kind = "start"

    input: Any = UNSET
    """Its input; ``UNSET`` if it arrives in chunks and is not known yet."""

    def _payload(self) -> dict[str, Any]:
        return _known(input=self.input)

    @classmethod
    def _restore(cls, run: RunInfo, data: dict[str, Any]) -> Self:
        return cls(run, data.get("input", UNSET))


@define(eq=False)
class ChunkStreamed(Message):
    """A run has yielded a chunk of its output.

    >>> from streamflow.bus import ChunkStreamed
    >>> from streamflow.runnables import RunnableLambda
    >>> with RunnableLambda(len).stream_events("abc") as messages:
    ...     [each.chunk for each in messages if isinstance(each, ChunkStreamed)]
    [3]
    """

    kind = "stream"

    chunk: Any

    def _payload(self) -> dict[str, Any]:
        return {"chunk": self.chunk}

    @classmethod
    def _restore(cls, run: RunInfo, data: dict[str, Any]) -> Self:
        return cls(run, data.get("chunk"))


@define(eq=False)
class RunEnded(Message):
    """A run has come to its own end.

    >>> from streamflow.runnables import RunnableLambda
    >>> with RunnableLambda(len).stream_events("abc") as messages:
    ...     *_, last = messages
    >>> last.output, last.input
    (3, 'abc')
    """

    kind = "end"

    output: Any
    """Its whole output: the chunks added up, if it came in chunks."""
    input: Any = UNSET
    """Its whole input, as far as the run has read it."""

    def _payload(self) -> dict[str, Any]:
        return {"output": self.output, **_known(input=self.input)}

    @classmethod
    def _restore(cls, run: RunInfo, data: dict[str, Any]) -> Self:
        return cls(run, data.get("output"), data.get("input", UNSET))


@define(eq=False)
class RunFailed(Message):
    """A run has raised an exception.

    >>> from streamflow.bus import Bus
    >>> from streamflow.runnables import RunnableLambda
    >>> bus, seen = Bus(), []
    >>> stop = bus.listen(seen.append)
    >>> RunnableLambda(len).batch([1], {"bus": bus}, return_exceptions=True)
    [TypeError("object of type 'int' has no len()")]
    >>> seen[-1].kind, type(seen[-1].error).__name__
    ('error', 'TypeError')
    """

    kind = "error"

    error: BaseException | ErrorInfo
    """What it raised; an :class:`ErrorInfo` if the message was read back from JSON."""
    partial: Any = UNSET
    """The chunks that had come so far, added up; ``UNSET`` if there were none."""
    input: Any = UNSET

    def _payload(self) -> dict[str, Any]:
        return {
            "error": _described(self.error),
            **_known(partial=self.partial, input=self.input),
        }

    @classmethod
    def _restore(cls, run: RunInfo, data: dict[str, Any]) -> Self:
        return cls(
            run,
            ErrorInfo(**data["error"]),
            data.get("partial", UNSET),
            data.get("input", UNSET),
        )


@define(eq=False)
class RunCancelled(Message):
    """A run was stopped before its end: by cancellation, or because nobody reads on.

    >>> from streamflow.bus import Bus
    >>> from streamflow.runnables import RunnableGenerator
    >>> bus, seen = Bus(), []
    >>> stop = bus.listen(seen.append)
    >>> def letters(_):
    ...     yield from "abc"
    >>> with RunnableGenerator(letters).stream(None, {"bus": bus}) as chunks:
    ...     next(chunks)  # and read no further
    'a'
    >>> seen[-1].kind, seen[-1].partial
    ('cancelled', 'a')
    """

    kind = "cancelled"

    partial: Any = UNSET
    """The chunks that had come so far, added up; ``UNSET`` if there were none."""
    input: Any = UNSET

    def _payload(self) -> dict[str, Any]:
        return _known(partial=self.partial, input=self.input)

    @classmethod
    def _restore(cls, run: RunInfo, data: dict[str, Any]) -> Self:
        return cls(run, data.get("partial", UNSET), data.get("input", UNSET))


@define(eq=False)
class CustomEvent(Message):
    """Something that user code wants its subscribers to know.

    >>> from streamflow.callbacks import dispatch_custom_event
    >>> from streamflow.runnables import RunnableLambda
    >>> tell = RunnableLambda(lambda x: dispatch_custom_event("progress", x))
    >>> with tell.stream_events(0.5) as messages:
    ...     [(each.name, each.data) for each in messages if each.kind == "custom"]
    [('progress', 0.5)]
    """

    kind = "custom"

    name: str
    data: Any = None

    def _payload(self) -> dict[str, Any]:
        return {"name": self.name, "data": self.data}

    @classmethod
    def _restore(cls, run: RunInfo, data: dict[str, Any]) -> Self:
        return cls(run, data["name"], data.get("data"))


@define(eq=False)
class RunRetried(Message):
    """A run with ``with_retry(...)`` begins what it does once more.

    Published before the wait that precedes the new attempt, if there is one.

    >>> from streamflow.bus import Bus, RunRetried
    >>> from streamflow.runnables import RunnableLambda
    >>> def note(message):
    ...     if isinstance(message, RunRetried):
    ...         print(f"attempt {message.attempt} after {message.error!r}")
    >>> bus, answers = Bus(), iter([0, 4])
    >>> stop = bus.listen(note)
    >>> share = RunnableLambda(lambda whole: whole // next(answers), inline=True)
    >>> share.with_retry(wait_exponential_jitter=False).invoke(8, {"bus": bus})
    attempt 2 after ZeroDivisionError('integer division or modulo by zero')
    2
    """

    kind = "retry"

    attempt: int
    """The number of the attempt that comes next, from 2 on."""
    error: BaseException | ErrorInfo
    """What the attempt before it raised; an :class:`ErrorInfo` if read back from JSON."""
    void: int = 0
    """How many of the chunks that the run has yielded last count no more; the new attempt
    yields its output from the beginning. Above 0 only with ``restart=True``."""

    def _payload(self) -> dict[str, Any]:
        return {"attempt": self.attempt, "error": _described(self.error), "void": self.void}

    @classmethod
    def _restore(cls, run: RunInfo, data: dict[str, Any]) -> Self:
        return cls(run, data["attempt"], ErrorInfo(**data["error"]), data["void"])


@define(eq=False)
class Written(Message):
    """A value that user code has handed to its stream writer: see ``get_stream_writer``.

    Whoever listens to a run above the one that writes hears of it, too.

    >>> from streamflow.bus import Written, get_stream_writer
    >>> from streamflow.runnables import RunnableLambda
    >>> work = RunnableLambda(lambda _: get_stream_writer()("half done"))
    >>> [m.value for m in work.stream_events(None) if isinstance(m, Written)]
    ['half done']
    """

    kind = "write"

    value: Any

    def _payload(self) -> dict[str, Any]:
        return {"value": self.value}

    @classmethod
    def _restore(cls, run: RunInfo, data: dict[str, Any]) -> Self:
        return cls(run, data.get("value"))


AnyMessage = (
    RunStarted
    | ChunkStreamed
    | RunEnded
    | RunFailed
    | RunCancelled
    | RunRetried
    | CustomEvent
    | Written
)
"""Every message there is: a union that type checkers narrow by ``isinstance``."""

_KINDS: dict[str, type[Message]] = {
    cls.kind: cls
    for cls in (
        RunStarted,
        ChunkStreamed,
        RunEnded,
        RunFailed,
        RunCancelled,
        RunRetried,
        CustomEvent,
        Written,
    )
}


@define(frozen=True)
class ErrorInfo:
    """An exception as far as JSON can hold it.

    >>> from streamflow.bus import ErrorInfo
    >>> info = ErrorInfo.of(ValueError("too long"))
    >>> info.type, info.message
    ('ValueError', 'too long')
    """

    type: str
    message: str
    traceback: str

    @classmethod
    def of(cls, error: BaseException) -> Self:
        """Describe an exception; never raises."""
        try:
            message = str(error)
        except Exception:  # noqa: BLE001 - the exception's own __str__ may be broken
            message = "<str() of the exception failed>"
        try:
            lines = traceback.format_exception(type(error), error, error.__traceback__)
        except Exception:  # noqa: BLE001 - as above
            lines = []
        return cls(type(error).__name__, message, "".join(lines))


def message_from_json(data: bytes | str) -> AnyMessage:
    """Read back what :meth:`Message.to_json` wrote.

    Values of registered types come back as they were; the run and an exception come back
    as :class:`RunInfo` and :class:`ErrorInfo`.

    Raises:
        MessageDecodeError: this is JSON, but no message.
        ValueError: this is not JSON.

    >>> from streamflow.bus import message_from_json
    >>> from streamflow.runnables import RunnableLambda
    >>> with RunnableLambda(len).stream_events("abc") as messages:
    ...     lines = [message.to_json() for message in messages]
    >>> message_from_json(lines[-1]).output
    3
    """
    fields = loads(data)
    try:
        cls = _KINDS[fields["kind"]]
        message = cls._restore(RunInfo(**fields["run"]), fields)
        message.seq, message.time = fields["seq"], fields["time"]
    except (KeyError, TypeError) as error:
        raise MessageDecodeError(f"not a message of the bus: {error!r} in {data[:80]!r}") from error
    return message  # type: ignore[return-value]  # _KINDS holds the union's members only


def _described(error: BaseException | ErrorInfo) -> dict[str, str]:
    if type(error) is ErrorInfo:  # not isinstance(): see _known()
        info = error
    else:
        info = ErrorInfo.of(error)  # type: ignore[arg-type]  # only an exception is left
    return {"type": info.type, "message": info.message, "traceback": info.traceback}


def _known(**values: Any) -> dict[str, Any]:
    # Not isinstance(), which asks the values, somebody else's objects, for their class.
    return {name: value for name, value in values.items() if value is not UNSET}
