"""A chain with a memory: what was said before is put in front of what is said now."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .._inspect import facts_of
from .._merge import merge
from .._object_types import object_type
from .._unset import Unset
from ..errors import ConfigError, StepInputError
from ..execution import closing
from ..messages import AIMessage, BaseMessage, convert_to_messages, message_chunk_to_message
from ._base import Runnable
from ._coerce import coerce_to_runnable
from ._config import settings_of
from ._configurable_fields import ConfigurableFieldSpec, specs_within
from ._inputs import Once, collect
from ._parts import Parts
from ._user_code import call_user

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from ..bus import Run
    from ..chat_history import BaseChatMessageHistory

_SESSION = ConfigurableFieldSpec(
    id="session_id",
    annotation=str,
    name="Session ID",
    description="Which conversation this is.",
    default="",
    is_shared=True,
)


class RunnableWithMessageHistory(Runnable[Any, Any]):
    """Gives a runnable the messages of the conversation so far, and adds each turn to them.

    Its chunks are passed through as they come. When the runnable has ended, and before the
    run of this one does, the turn is saved: the messages of the input, then those of the
    output, all at once. A turn that fails, is cancelled, or whose stream is left before its
    end is not saved at all: the conversation goes on as if it had not been.

    Two turns of one conversation at the same time read the same past; each is saved whole.

    >>> from streamflow.chat_history import InMemoryChatMessageHistory
    >>> from streamflow.language_models import FakeListChatModel
    >>> history = InMemoryChatMessageHistory()
    >>> model = FakeListChatModel(responses=["hello", "fine"])
    >>> chat = RunnableWithMessageHistory(model, lambda session_id: history)
    >>> chat.invoke("hi", {"configurable": {"session_id": "1"}}).content
    'hello'
    >>> print(history)
    Human: hi
    AI: hello

    Args:
        runnable: What answers. It gets the past and the input as one list of messages, unless
            a key says otherwise.
        get_session_history: Returns the history of a conversation, given the values of
            ``history_factory_config`` out of ``config["configurable"]``: the only one by
            position, several by name. It may be async. A plain one is called directly on the
            event loop, so that two calls cannot both make a history; reading and writing it
            goes to worker threads.
        input_messages_key: The key of the input's messages, if the input is a dict.
        output_messages_key: The key of the output's messages, if the output is a dict.
        history_messages_key: The key under which the input gets the past; if it is not given,
            the past comes before the input's messages.
        history_factory_config: What ``get_session_history`` is given; ``session_id``, by
            default.
        name: The name of its runs.

    Raises:
        CoercionError: ``runnable`` is not and does not become a runnable.
        ConfigError: in a run, if a value for ``get_session_history`` is missing, or it takes
            other parameters.
        StepInputError: in a run, if input or output hold no messages.
    """

    def __init__(
        self,
        runnable: Any,
        get_session_history: Callable[..., Any],
        *,
        input_messages_key: str | None = None,
        output_messages_key: str | None = None,
        history_messages_key: str | None = None,
        history_factory_config: Sequence[ConfigurableFieldSpec] | None = None,
        name: str | None = None,
    ) -> None:
        self.bound = coerce_to_runnable(runnable)
        self.get_session_history = get_session_history
        self.input_messages_key = input_messages_key
        self.output_messages_key = output_messages_key
        self.history_messages_key = history_messages_key
        self.history_factory_config = tuple(
            [_SESSION] if history_factory_config is None else history_factory_config
        )
        self.name = name

    @property
    def InputType(self) -> Any:  # noqa: N802 - under the name that users know
        """The type of the input: messages, or a dict with them."""
        messages = str | BaseMessage | list[BaseMessage]
        key = self.input_messages_key
        return messages if key is None else object_type("HistoryInput", {key: messages})

    async def _execute(self, input: Any, run: Run, **kwargs: Any) -> Any:
        history = await self._history(input, run)
        said = self._input_messages(input)
        whole = self._with_past(input, said, await _read(history, run))
        output = await self.bound._invoke_step(whole, run, None, None, kwargs)
        await _save(history, run, [*said, *self._output_messages(output)])
        return output

    async def _iterate(
        self, inputs: AsyncIterator[Any], run: Run, **kwargs: Any
    ) -> AsyncIterator[Any]:
        input = await collect(inputs)
        if isinstance(input, Unset):
            return
        history = await self._history(input, run)
        said = self._input_messages(input)
        whole = self._with_past(input, said, await _read(history, run))
        chunks = []
        async with closing(self.bound._stream_step(Once(whole), run, None, None, kwargs)) as stream:
            async for chunk in stream:
                chunks.append(chunk)
                yield chunk
        answer = self._output_messages(merge(chunks)) if chunks else []
        await _save(history, run, [*said, *answer])

    # The history of the conversation.

    async def _history(self, input: Any, run: Run) -> BaseChatMessageHistory:
        given = settings_of(run.scope).configurable
        keys = [spec.id for spec in self.history_factory_config]
        function = self.get_session_history
        arguments: list[Any] = []
        named: dict[str, Any] = {}
        if _takes_something(function):
            self._check_given(input, keys, given)
            if len(keys) == 1:
                arguments = [given[keys[0]]]
            else:
                named = {key: given[key] for key in keys}
                _check_parameters(function, named)
        facts = facts_of(function)
        history: Any = await call_user(
            run, function, facts.is_async, *arguments, inline=True, **named
        )
        if inspect.isawaitable(history):  # a lambda around an async function
            history = await call_user(run, _await, True, history)
        found: BaseChatMessageHistory = history
        return found

    def _check_given(self, input: Any, keys: Sequence[str], given: Mapping[str, Any]) -> None:
        missing = [key for key in keys if key not in given]
        if missing:
            example = {key: given.get(key, "...") for key in keys}
            raise ConfigError(
                f"{self.get_name()} needs {', '.join(map(repr, missing))} in the config, to know "
                f"which conversation this is: "
                f"chain.invoke({input!r:.80}, {{'configurable': {example}}})"
            )

    def _with_past(self, input: Any, said: list[BaseMessage], past: list[BaseMessage]) -> Any:
        """Return the input as the runnable gets it."""
        if self.history_messages_key is not None:
            return {**_as_dict(self, input), self.history_messages_key: past}
        if self.input_messages_key is not None:
            return {**_as_dict(self, input), self.input_messages_key: [*past, *said]}
        return [*past, *said]

    # The messages of a turn.

    def _input_messages(self, value: Any) -> list[BaseMessage]:
        if self.input_messages_key is not None:
            value = _item(self, value, self.input_messages_key, "input")
        elif isinstance(value, Mapping) and "role" not in value:
            value = _item(self, value, _only_key(value, "input"), "input")
        return convert_to_messages(value)

    def _output_messages(self, value: Any) -> list[BaseMessage]:
        if self.output_messages_key is not None:
            value = _item(self, value, self.output_messages_key, "output")
        elif isinstance(value, Mapping) and "role" not in value:
            value = _item(self, value, _only_key(value, "output"), "output")
        if isinstance(value, str):
            return [AIMessage(value)]
        # Nobody goes on writing a message of the past, so no chunk stays one.
        return [message_chunk_to_message(message) for message in convert_to_messages(value)]

    # What others ask.

    def _config_specs(self, seen: set[int]) -> list[ConfigurableFieldSpec]:
        return [*self.history_factory_config, *specs_within([self.bound], seen)]

    def _parts(self) -> Parts:
        return Parts.of("inside", [("bound", self.bound)], at_best="streams")

    def __repr__(self) -> str:
        return f"RunnableWithMessageHistory({self.bound!r})"


async def _read(history: BaseChatMessageHistory, run: Run) -> list[BaseMessage]:
    if run.execution.blocking:
        return list(await call_user(run, lambda: history.messages, False))
    return list(await call_user(run, history.aget_messages, True))


async def _save(history: BaseChatMessageHistory, run: Run, turn: list[BaseMessage]) -> None:
    add = history.add_messages if run.execution.blocking else history.aadd_messages
    await call_user(run, add, not run.execution.blocking, turn)


def _takes_something(function: Callable[..., Any]) -> bool:
    try:
        return bool(inspect.signature(function).parameters)
    except ValueError:  # some builtins have no signature, such as the __getitem__ of a dict
        return True


def _check_parameters(function: Callable[..., Any], named: Mapping[str, Any]) -> None:
    try:
        inspect.signature(function).bind(**named)
    except TypeError as error:
        raise ConfigError(
            f"history_factory_config says that get_session_history is given {sorted(named)}, "
            f"but {function!r} does not take that: {error}"
        ) from None


async def _await(awaitable: Awaitable[Any]) -> Any:
    return await awaitable


def _only_key(value: Mapping[str, Any], usual: str) -> str:
    return next(iter(value)) if len(value) == 1 else usual


def _as_dict(runnable: Runnable[Any, Any], value: Any) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    raise StepInputError(
        f"{runnable.get_name()} has keys for the messages, so its input is a dict, but it got "
        f"{type(value).__name__}: {value!r:.80}"
    )


def _item(runnable: Runnable[Any, Any], value: Any, key: str, what: str) -> Any:
    if isinstance(value, Mapping) and key in value:
        return value[key]
    raise StepInputError(
        f"{runnable.get_name()} looks for the messages of its {what} under the key {key!r}, but "
        f"it got {type(value).__name__}: {value!r:.80}. Give {what}_messages_key=."
    )
