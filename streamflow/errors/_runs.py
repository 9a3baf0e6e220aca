"""What can go wrong with runs: configs, inputs, chunks, subscriptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._root import StreamflowError, shorten

if TYPE_CHECKING:
    from collections.abc import Iterable


class ConfigError(StreamflowError, ValueError):
    """A configuration value that cannot be used; the message names key and value."""


class CoercionError(StreamflowError, TypeError):
    """An object was given where a runnable, or something that becomes one, belongs."""

    def __init__(self, value: object) -> None:
        self.value = value
        super().__init__(
            f"expected a Runnable, a function, a generator function or a dict of them, "
            f"got {type(value).__name__}: {shorten(value)}. "
            f"Wrap a constant as RunnableLambda(lambda _: value)."
        )


class ChunkMergeError(StreamflowError, TypeError):
    """Two chunks of one stream do not add up to one value."""

    def __init__(self, left: object, right: object) -> None:
        self.left_type = type(left)
        self.right_type = type(right)
        super().__init__(
            f"cannot add a chunk of type {type(right).__name__} to a stream of "
            f"{type(left).__name__}: {shorten(right)}. Yield chunks of one type that "
            f"supports '+', or put a generator step behind this one that combines them."
        )


class MessageMergeError(ChunkMergeError):
    """Two message chunks of one kind belong to different calls, functions or roles."""

    def __init__(self, field: str, left: object, right: object) -> None:
        super().__init__(left, right)
        self.field = field
        message = (
            f"cannot add a {type(right).__name__} with {field}={getattr(right, field)!r} to "
            f"one with {field}={getattr(left, field)!r}: they are parts of different messages."
        )
        self.args = (message,)


class MissingImplementationError(StreamflowError, NotImplementedError):
    """A runnable defines none of the methods that would let it run."""


class AsyncOnlyError(StreamflowError, RuntimeError):
    """Code that exists only as ``async def`` was reached where nothing can await it."""


class RecursionLimitError(StreamflowError, RecursionError):
    """Functions kept returning runnables until ``recursion_limit`` was reached."""

    def __init__(self, name: str, limit: int) -> None:
        self.name = name
        self.limit = limit
        super().__init__(
            f"{name!r} returned a runnable, which returned a runnable, and so on "
            f"{limit} times. If that is meant, raise config['recursion_limit']."
        )


class RunTimeoutError(StreamflowError, TimeoutError):
    """A run with ``with_timeout(...)`` kept its consumer waiting for longer than it may.

    Attributes:
        limit: Which limit it was: ``"total"``, ``"first_chunk"`` or ``"between_chunks"``.
        seconds: What that limit is.
        run_name: The name of the run.
        run_id: Its id.
    """

    def __init__(self, limit: str, seconds: float, run_name: str, run_id: str) -> None:
        self.limit = limit
        self.seconds = seconds
        self.run_name = run_name
        self.run_id = run_id
        waited = {
            "first_chunk": "has not yielded its first chunk",
            "between_chunks": "has not yielded its next chunk",
        }.get(limit, "has not come to its end")
        super().__init__(
            f"run {run_name!r} {waited} within {seconds:g} s, which is its limit "
            f"{limit!r} (run id {run_id})."
        )


class StrictStreamingError(StreamflowError, ValueError):
    """``strict_streaming`` is on and a step would wait for its whole input."""

    def __init__(self, step: str, reason: str) -> None:
        self.step = step
        super().__init__(
            f"strict_streaming: step {step} would collapse the stream: {reason}. "
            f"Use a generator function, RunnableLambda(..., per_chunk=True), or run "
            f"without strict_streaming. chain.explain() shows every step."
        )


class NoActiveRunError(StreamflowError, RuntimeError):
    """Something that belongs to a run was asked for outside of any run."""


class SubscriptionClosedError(StreamflowError, RuntimeError):
    """A subscription was used after it had been closed."""


class SubscriptionOverflowError(StreamflowError, RuntimeError):
    """A subscription with ``overflow="raise"`` was full when a message came."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        super().__init__(
            f"the subscription already held {capacity} messages when another came, and its "
            f'overflow policy is "raise". Read faster, raise capacity=, or choose '
            f'overflow="wait", "drop_oldest" or "drop_newest".'
        )


class EventVersionError(StreamflowError, ValueError):
    """``astream_events`` was asked for a version that does not exist."""

    def __init__(self, version: object, known: Iterable[str]) -> None:
        self.version = version
        names = ", ".join(repr(name) for name in known)
        super().__init__(f"astream_events knows version {names}, got {version!r}.")


class RunCancelledError(StreamflowError, RuntimeError):
    """A run was stopped before its end; given to callback handlers, never raised."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(
            f"run {name!r} was stopped before its end: it was cancelled, or nobody reads on."
        )


class LogPatchError(StreamflowError, ValueError):
    """A patch names a place that the log of the run does not have."""

    def __init__(self, path: str, reason: str) -> None:
        self.path = path
        super().__init__(f"cannot apply a patch at {path!r}: {reason}")


class MissingKeyError(StreamflowError, KeyError):
    """A step needs a key that its input does not have."""

    def __init__(self, step: str, key: str, present: Iterable[object]) -> None:
        self.key = key
        self.message = f"{step}: the input has no key {key!r}, only {sorted(map(str, present))}"
        super().__init__(self.message)

    def __str__(self) -> str:
        # As with PromptInputError.
        return self.message


class StepInputError(StreamflowError, TypeError):
    """The input of a step is of a type that it does not read."""


class MissingExtraError(StreamflowError, ImportError):
    """A feature needs a package that streamflow installs only when asked to."""

    def __init__(self, feature: str, extra: str) -> None:
        self.extra = extra
        super().__init__(
            f"{feature} needs the extra {extra!r}: python -m pip install 'streamflow[{extra}]'"
        )


class MessageDecodeError(StreamflowError, ValueError):
    """JSON that does not hold a message of the bus."""
