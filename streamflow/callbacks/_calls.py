"""What a handler is called with for a message of the bus.

Handlers know six kinds of runs by their methods: ``on_chat_model_...``, ``on_llm_...``,
``on_tool_...``, ``on_retriever_...`` and, for everything else (prompts and parsers, too),
``on_chain_...``. A model that talks in messages shares with one of text all methods but the
first: its tokens, its end and its errors are ``on_llm_...``.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from .._unset import Unset
from ..bus import CustomEvent, Run, RunCancelled, RunEnded, RunFailed, RunInfo
from ..errors import RunCancelledError
from ..messages import BaseMessage, BaseMessageChunk, get_buffer_string
from ..outputs import (
    ChatGeneration,
    ChatGenerationChunk,
    Generation,
    GenerationChunk,
    LLMResult,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..bus._messages import Message

Arguments = tuple[tuple[Any, ...], dict[str, Any]]


class Call(NamedTuple):
    """A method of handlers, and how its arguments are made."""

    method: str
    """The method's name."""
    ignored_by: str
    """The attribute of a handler that says it does not want the call."""
    arguments: Callable[[Any], Arguments]
    """Makes the arguments out of the message."""


def calls_for(run_type: str) -> dict[str, Call]:
    """Return, for each kind of message of a run of this type, the call that tells of it."""
    return {**_BY_TYPE.get(run_type, _CHAIN), **_ALWAYS}


def chat_as_text(message: Any) -> Arguments:
    """Return the arguments of ``on_llm_start`` for a chat model, as text."""
    prompts = [get_buffer_string(messages) for messages in _messages_in(message.input)]
    return ({"name": message.run.name}, prompts), _starting(message)


# The start of a run.


def _chain_start(message: Any) -> Arguments:
    known = not isinstance(message.input, Unset)
    inputs = message.input if known else {}
    return ({"name": message.run.name}, inputs), _starting(message)


def _chat_start(message: Any) -> Arguments:
    return ({"name": message.run.name}, _messages_in(message.input)), _starting(message)


def _llm_start(message: Any) -> Arguments:
    return ({"name": message.run.name}, [_text(message.input)]), _starting(message)


def _tool_start(message: Any) -> Arguments:
    inputs = message.input if isinstance(message.input, dict) else None
    return (
        ({"name": message.run.name}, _text(message.input)),
        {**_starting(message), "inputs": inputs},
    )


def _retriever_start(message: Any) -> Arguments:
    query = message.input
    if isinstance(query, dict) and query.keys() == {"query"}:
        query = query["query"]
    return ({"name": message.run.name}, _text(query)), _starting(message)


# What comes out of it.


def _token(message: Any) -> Arguments:
    chunk = _generation(message.chunk)
    return (chunk.text,), {**_running(message), "chunk": chunk}


def _end(message: RunEnded) -> Arguments:
    return (message.output,), {**_running(message), **_inputs(message)}


def _llm_end(message: RunEnded) -> Arguments:
    # With the metadata, since a scripted model, say, does not tell its name in its answer.
    return (
        (_result(message.output),),
        {**_running(message), "metadata": message.run.metadata},
    )


def _error(message: RunFailed | RunCancelled) -> Arguments:
    error = message.error if isinstance(message, RunFailed) else RunCancelledError(message.run.name)
    return (error,), {**_running(message), **_inputs(message)}


def _llm_error(message: RunFailed | RunCancelled) -> Arguments:
    args, kwargs = _error(message)
    if not isinstance(message.partial, Unset):
        kwargs["response"] = _result(message.partial)
    return args, kwargs


def _custom(message: CustomEvent) -> Arguments:
    return (message.name, message.data), {
        "run_id": uuid_of(message.run.id),
        "tags": message.run.tags,
        "metadata": message.run.metadata,
    }


def _retry(message: Message) -> Arguments:
    return (message,), _running(message)


# What the arguments are made of.


def _running(message: Message) -> dict[str, Any]:
    run = message.run
    return {
        "run_id": uuid_of(run.id),
        "parent_run_id": _parent_id(run),
        "tags": run.tags,
        "name": run.name,
        "run_type": run.type,
    }


def _starting(message: Message) -> dict[str, Any]:
    return {**_running(message), "metadata": message.run.metadata}


def _inputs(message: Any) -> dict[str, Any]:
    return {} if isinstance(message.input, Unset) else {"inputs": message.input}


def _parent_id(run: Run | RunInfo) -> UUID | None:
    if isinstance(run, RunInfo):
        return uuid_of(run.parent_ids[-1]) if run.parent_ids else None
    return None if run.parent is None else uuid_of(run.parent.id)


@lru_cache(maxsize=1024)
def uuid_of(id: str) -> UUID:
    """Return an id as handlers know it; one that is no UUID, as tests make them, as it is."""
    try:
        return UUID(id)
    except ValueError:
        return id  # type: ignore[return-value]  # as promised above


def _messages_in(shown: Any) -> list[list[BaseMessage]]:
    # A model shows its input like this, unless it could not read it; then the run fails.
    return shown["messages"] if isinstance(shown, dict) and "messages" in shown else [[]]


def _text(value: Any) -> str:
    if isinstance(value, Unset):
        return ""
    return value if isinstance(value, str) else str(value)


def _result(output: Any) -> LLMResult:
    return LLMResult([[_generation(output, whole=True)]])


def _generation(value: Any, *, whole: bool = False) -> Generation:
    if isinstance(value, BaseMessageChunk):
        return ChatGenerationChunk(value)
    if isinstance(value, BaseMessage):
        return ChatGeneration(value)
    return Generation(_text(value)) if whole else GenerationChunk(_text(value))


_FAILED = ("error", "cancelled")

_CHAIN = {
    "start": Call("on_chain_start", "ignore_chain", _chain_start),
    "end": Call("on_chain_end", "ignore_chain", _end),
    **dict.fromkeys(_FAILED, Call("on_chain_error", "ignore_chain", _error)),
}
_LLM = {
    "start": Call("on_llm_start", "ignore_llm", _llm_start),
    "stream": Call("on_llm_new_token", "ignore_llm", _token),
    "end": Call("on_llm_end", "ignore_llm", _llm_end),
    **dict.fromkeys(_FAILED, Call("on_llm_error", "ignore_llm", _llm_error)),
}
_BY_TYPE: dict[str, dict[str, Call]] = {
    "llm": _LLM,
    "chat_model": {
        **_LLM,
        "start": Call("on_chat_model_start", "ignore_chat_model", _chat_start),
    },
    "tool": {
        "start": Call("on_tool_start", "ignore_agent", _tool_start),
        "end": Call("on_tool_end", "ignore_agent", _end),
        **dict.fromkeys(_FAILED, Call("on_tool_error", "ignore_agent", _error)),
    },
    "retriever": {
        "start": Call("on_retriever_start", "ignore_retriever", _retriever_start),
        "end": Call("on_retriever_end", "ignore_retriever", _end),
        **dict.fromkeys(_FAILED, Call("on_retriever_error", "ignore_retriever", _error)),
    },
}
_ALWAYS = {
    "custom": Call("on_custom_event", "ignore_custom_event", _custom),
    "retry": Call("on_retry", "ignore_retry", _retry),
}
