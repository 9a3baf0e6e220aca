"""Every error that streamflow raises, in one tree.

::

    StreamflowError
    ├── ConfigError (ValueError)            a config that cannot be used
    ├── CoercionError (TypeError)           an object that is no runnable
    ├── ChunkMergeError (TypeError)         two chunks that do not add up
    │   └── MessageMergeError               two chunks of different messages
    ├── MissingImplementationError (NotImplementedError)
    │                                       a runnable without a method to run
    ├── AsyncOnlyError (RuntimeError)       async-only code where it cannot run
    ├── RecursionLimitError (RecursionError)
    │                                       functions returned runnables too often
    ├── RunTimeoutError (TimeoutError)      a run took longer than it may
    ├── StrictStreamingError (ValueError)   a step would collapse the stream
    ├── NoActiveRunError (RuntimeError)     asked for the run, outside of any
    ├── SubscriptionClosedError (RuntimeError)
    │                                       a subscription used after its close
    ├── SubscriptionOverflowError (RuntimeError)
    │                                       a subscription with overflow="raise" was full
    ├── EventVersionError (ValueError)      an unknown version of ``astream_events``
    ├── RunCancelledError (RuntimeError)    what handlers are told of a run cut short
    ├── LogPatchError (ValueError)          a patch that does not fit the log of a run
    ├── PromptInputError (KeyError)         variables of a prompt are missing
    ├── PromptTemplateError (ValueError)    a prompt template that cannot be used
    ├── MissingKeyError (KeyError)          a key is missing from the input of a step
    ├── StepInputError (TypeError)          an input that a step cannot read
    │   └── ModelInputError                 an input that a model cannot read
    ├── ModelArgumentError (TypeError)      a model was made with the wrong arguments
    ├── ModelError (RuntimeError)           a vendor's model has not answered as it should
    │   ├── ModelRequestError (ValueError)  the vendor does not accept the request
    │   │   ├── ModelNotFoundError          there is no such model
    │   │   ├── ContextLengthError          more than the model can read
    │   │   └── ContentFilterError          the vendor's policy forbids it
    │   ├── ModelAuthenticationError        the key is not known
    │   ├── ModelPermissionError (PermissionError)
    │   │                                   the key may not do this
    │   ├── ModelRateLimitError             too much at once
    │   ├── ModelServerError                the vendor failed
    │   │   └── ModelOverloadedError        it has no capacity at the moment
    │   ├── ModelConnectionError (ConnectionError)
    │   │                                   the vendor was not reached, or the connection broke
    │   ├── ModelTimeoutError (TimeoutError)
    │   │                                   the vendor took longer than it may
    │   ├── TruncatedStreamError (EOFError) an answer without an end
    │   └── MalformedStreamError (ValueError)
    │                                       an answer that is not of the vendor's protocol
    ├── ToolDefinitionError (ValueError)    what cannot be made a tool, or described as one
    ├── ToolInputError (ValueError)         arguments that a tool does not take
    ├── ToolException (RuntimeError)        what a tool raises to tell that it could not do it
    ├── ScriptError (RuntimeError)          a scripted model fails as, or when, it was told to
    ├── RecordingError (ValueError)         a recording that is not there or cannot be read
    ├── StorageError (ValueError)           a storage, or a value in it, that cannot be used
    │   └── StorageFileError                a file that is broken, or of another version
    ├── VectorStoreError (ValueError)       vectors, ids or filters that a store does not take
    ├── DrawingError (ValueError)           a graph that cannot be: nodes missing or twice
    ├── GraphDefinitionError (ValueError)   a graph of steps that cannot be compiled or drawn up
    ├── GraphRecursionError (RecursionError)
    │                                       a graph took more steps than it may
    ├── InvalidUpdateError (ValueError)     what a node returned cannot be written to the state
    ├── EmptyInputError (ValueError)        a graph was started with nothing to start from
    ├── GraphBubbleUp (RuntimeError)        what leaves a node without being its failure
    │   ├── GraphInterrupt                  a node waits for an answer from outside
    │   └── ParentCommand                   a node tells the graph around its own what to do
    ├── OutputParserException (ValueError)  a text that is not what a parser reads
    ├── MissingExtraError (ImportError)     a feature that needs an extra to be installed
    └── MessageDecodeError (ValueError)     JSON that is no message of the bus

Each has a builtin as its second parent, so code that catches ``ValueError``,
``TypeError`` and so on keeps working.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._error_root import StreamflowError
from ._model_errors import (
    ContentFilterError,
    ContextLengthError,
    MalformedStreamError,
    ModelAuthenticationError,
    ModelConnectionError,
    ModelError,
    ModelNotFoundError,
    ModelOverloadedError,
    ModelPermissionError,
    ModelRateLimitError,
    ModelRequestError,
    ModelServerError,
    ModelTimeoutError,
    TruncatedStreamError,
)
from ._unset import UNSET

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = (
    "AsyncOnlyError",
    "ChunkMergeError",
    "CoercionError",
    "ConfigError",
    "ContentFilterError",
    "ContextLengthError",
    "DrawingError",
    "EmptyInputError",
    "EventVersionError",
    "GraphBubbleUp",
    "GraphDefinitionError",
    "GraphInterrupt",
    "GraphRecursionError",
    "InvalidUpdateError",
    "LogPatchError",
    "MalformedStreamError",
    "MessageDecodeError",
    "MessageMergeError",
    "MissingExtraError",
    "MissingImplementationError",
    "MissingKeyError",
    "ModelArgumentError",
    "ModelAuthenticationError",
    "ModelConnectionError",
    "ModelError",
    "ModelInputError",
    "ModelNotFoundError",
    "ModelOverloadedError",
    "ModelPermissionError",
    "ModelRateLimitError",
    "ModelRequestError",
    "ModelServerError",
    "ModelTimeoutError",
    "NoActiveRunError",
    "OutputParserException",
    "ParentCommand",
    "PromptInputError",
    "PromptTemplateError",
    "RecordingError",
    "RecursionLimitError",
    "RunCancelledError",
    "RunTimeoutError",
    "ScriptError",
    "StepInputError",
    "StorageError",
    "StorageFileError",
    "StreamflowError",
    "StrictStreamingError",
    "SubscriptionClosedError",
    "SubscriptionOverflowError",
    "ToolDefinitionError",
    "ToolException",
    "ToolInputError",
    "TruncatedStreamError",
    "VectorStoreError",
)


class ConfigError(StreamflowError, ValueError):
    """A configuration value that cannot be used; the message names key and value."""


class CoercionError(StreamflowError, TypeError):
    """An object was given where a runnable, or something that becomes one, belongs."""

    def __init__(self, value: object) -> None:
        self.value = value
        super().__init__(
            f"expected a Runnable, a function, a generator function or a dict of them, "
            f"got {type(value).__name__}: {_shorten(value)}. "
            f"Wrap a constant as RunnableLambda(lambda _: value)."
        )


class ChunkMergeError(StreamflowError, TypeError):
    """Two chunks of one stream do not add up to one value."""

    def __init__(self, left: object, right: object) -> None:
        self.left_type = type(left)
        self.right_type = type(right)
        super().__init__(
            f"cannot add a chunk of type {type(right).__name__} to a stream of "
            f"{type(left).__name__}: {_shorten(right)}. Yield chunks of one type that "
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


class PromptInputError(StreamflowError, KeyError):
    """Variables of a prompt template are missing from its input."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)

    def __str__(self) -> str:
        # KeyError shows the repr of its argument, which hides line breaks and quotes.
        return self.message


class PromptTemplateError(StreamflowError, ValueError):
    """A prompt template cannot be used: it is malformed, or reaches where it must not."""


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


class ModelArgumentError(StreamflowError, TypeError):
    """A model was made with an argument that it does not take, or without one it needs."""


class ToolDefinitionError(StreamflowError, ValueError):
    """Something cannot be made a tool, or be described as one to a model."""


class ToolInputError(StreamflowError, ValueError):
    """Arguments that a tool does not take; the message names each of them.

    Args:
        tool: The name of the tool.
        problems: For each, its name (``""`` for all of them), what is wrong, and the value;
            ``UNSET`` if it is missing.
    """

    def __init__(self, tool: str, problems: Sequence[tuple[str, str, object]]) -> None:
        self.tool = tool
        self.problems = list(problems)
        super().__init__(tool, self.problems)

    def __str__(self) -> str:
        lines = []
        for name, problem, value in self.problems:
            given = "" if value is UNSET else f", got {_shorten(value)}"
            lines.append(f"{f'argument {name!r}: ' if name else ''}{problem}{given}")
        return f"tool {self.tool!r}: " + "; ".join(lines)


class ToolException(StreamflowError, RuntimeError):  # noqa: N818 - the name users know
    """A tool could not do what it was asked; ``handle_tool_error`` says what follows.

    Any other exception that a tool raises is a mistake in the tool, and always goes on.

    >>> from streamflow.tools import tool
    >>> @tool(handle_tool_error=True)
    ... def buy(thing: str) -> str:
    ...     "Buy something."
    ...     raise ToolException(f"There is no {thing}.")
    >>> buy.invoke("tea")
    'There is no tea.'
    """


class ScriptError(StreamflowError, RuntimeError):
    """A scripted model has nothing left to say, or was told to fail here."""


class RecordingError(StreamflowError, ValueError):
    """A recording does not exist, or a file does not hold one."""


class StorageError(StreamflowError, ValueError):
    """A storage that cannot be used, or a value that it does not give back, or could not.

    Attributes:
        place: Which file, thread, checkpoint, key or part of a value it is.
    """

    def __init__(self, place: str, problem: str) -> None:
        self.place = place
        super().__init__(f"{place}: {problem}")


class StorageFileError(StorageError):
    """A file does not hold what it should: it is broken, or of another kind or version."""


class VectorStoreError(StreamflowError, ValueError):
    """A vector store was given vectors, ids or a filter that it does not take."""


class DrawingError(StreamflowError, ValueError):
    """A graph names nodes that it does not have, or has two of one name."""


class GraphDefinitionError(StreamflowError, ValueError):
    """A graph of steps was built wrongly: names, edges or schemas do not fit together."""


class GraphRecursionError(StreamflowError, RecursionError):
    """A graph took as many steps as ``recursion_limit`` allows and has not come to its end.

    Attributes:
        limit: How many steps it may take.
        nodes: The nodes that would have come next.
    """

    def __init__(self, limit: int, nodes: Iterable[str]) -> None:
        self.limit = limit
        self.nodes = list(nodes)
        super().__init__(
            f"the graph has taken {limit} steps, as many as recursion_limit allows, and would "
            f"go on with {', '.join(map(repr, self.nodes))}. Give these nodes a way to END, or "
            f"raise config['recursion_limit']."
        )


class InvalidUpdateError(StreamflowError, ValueError):
    """What a node returned cannot be written to the state of its graph."""


class EmptyInputError(StreamflowError, ValueError):
    """A graph was started with nothing: no input, and nothing to go on with."""


class GraphBubbleUp(StreamflowError, RuntimeError):  # noqa: N818 - the name users know
    """What leaves a node without being its failure; code in between is to let it through."""


class GraphInterrupt(GraphBubbleUp):
    """A node waits for an answer from outside: see ``streamflow.types.interrupt``.

    Attributes:
        interrupts: What is asked.
    """

    def __init__(self, interrupts: Iterable[object] = ()) -> None:
        self.interrupts = tuple(interrupts)
        super().__init__(self.interrupts)


class ParentCommand(GraphBubbleUp):
    """A node of an inner graph tells the graph around it what to do.

    Attributes:
        command: What to do.
    """

    def __init__(self, command: object) -> None:
        self.command = command
        super().__init__(command)


class OutputParserException(StreamflowError, ValueError):  # noqa: N818 - the name users know
    """The text of a model is not what the parser of the output reads.

    Args:
        error: What was wrong: a message, or the error that is passed on.
        observation: What an agent is to tell the model about its answer.
        llm_output: The answer of the model; the same as `text`.
        send_to_llm: Whether an agent is to give the model its answer and the observation.
        text: The text that could not be parsed.
        position: Index of the character in `text` where it went wrong.

    Attributes:
        reason: What was wrong, without the place.
        text: The text that could not be parsed, if it is known.
        position: Index of the character where it went wrong, if there is such a place.
        observation: As given.
        llm_output: As given; the text where only that was given.
        send_to_llm: As given.

    Raises:
        OutputParserException: If `send_to_llm` is set and there is nothing to send.

    Example:
        >>> error = OutputParserException("a number was expected", text="[one]", position=1)
        >>> str(error)
        "a number was expected (position 1, at 'one]')"
    """

    def __init__(
        self,
        error: object,
        observation: str | None = None,
        llm_output: str | None = None,
        send_to_llm: bool = False,
        *,
        text: str | None = None,
        position: int | None = None,
    ) -> None:
        self.reason = str(error)
        self.text = llm_output if text is None else text
        self.position = position
        self.observation = observation
        self.llm_output = self.text if llm_output is None else llm_output
        self.send_to_llm = send_to_llm
        if send_to_llm and (observation is None or self.llm_output is None):
            message = "send_to_llm=True needs an observation= and an llm_output= to send"
            raise OutputParserException(message)
        super().__init__(self.reason + self._place())

    def _place(self) -> str:
        if self.position is None:
            return ""
        # A slice first: the text may be long, and a part of it is all that is shown.
        rest = (self.text or "")[self.position : self.position + 80]
        return (
            f" (position {self.position}, {f'at {_shorten(rest, 40)}' if rest else 'at the end'})"
        )

    def __reduce__(self) -> tuple[object, ...]:
        # By default only the finished message would come back, as the first argument.
        return _restore_parser_exception, (self.reason, self.__dict__.copy())


class MissingExtraError(StreamflowError, ImportError):
    """A feature needs a package that streamflow installs only when asked to."""

    def __init__(self, feature: str, extra: str) -> None:
        self.extra = extra
        super().__init__(
            f"{feature} needs the extra {extra!r}: python -m pip install 'streamflow[{extra}]'"
        )


class MessageDecodeError(StreamflowError, ValueError):
    """JSON that does not hold a message of the bus."""


class ModelInputError(StepInputError):
    """The input of a language model is none of the forms that it reads."""


def _restore_parser_exception(reason: str, state: dict[str, object]) -> OutputParserException:
    error = OutputParserException(reason)
    error.__dict__.update(state)
    error.args = (reason + error._place(),)
    return error


def _shorten(value: object, limit: int = 80) -> str:
    try:
        text = repr(value)
    except Exception as error:  # noqa: BLE001 - a broken repr must not hide the error
        text = f"<repr failed: {type(error).__name__}>"
    return text if len(text) <= limit else text[: limit - 1] + "…"
