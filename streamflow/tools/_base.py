"""The base of all tools: how a call becomes a run, and its result what the caller gets."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from .._fields import KeywordFields
from .._inspect import facts_of
from .._unset import Unset
from ..bus import ChunkStreamed
from ..callbacks import StdOutCallbackHandler
from ..errors import (
    MissingImplementationError,
    ToolDefinitionError,
    ToolException,
    ToolInputError,
)
from ..execution import closing
from ..runnables import Runnable
from ..runnables._callbacks import as_list
from ..runnables._inputs import Once, collect
from ..runnables._user_code import call_user, iterate_user, iterate_user_async
from ._arguments import Arguments, JsonArguments
from ._calls import ToolInput, read_call, shown_input
from ._docstring import docstring_of
from ._injected import supplied
from ._json_schema import for_model
from ._results import adds_up, as_message, combined
from ._signature import Signature, signature_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from pydantic import BaseModel

    from .._inspect import Facts
    from ..bus import Run
    from ..runnables import RunnableConfig
    from ..runnables._parts import Flow
    from ._calls import Call

Handling = bool | str | Callable[[Any], Any] | None
"""What becomes of an error: it goes on (false); or its own text, this text, or what this
function makes of it, is the result of the tool."""


class BaseTool(Runnable[ToolInput, Any], KeywordFields):
    """Something that a model may call: a function with a name, a description and a schema.

    Most tools are made of functions, by `tool`. To make a class of tools, subclass this one
    and define ``_run``, or ``_arun``, or both; a generator function of either kind streams.
    Settings are annotated attributes, given as keyword arguments:

    >>> class Search(BaseTool):
    ...     name: str = "search"
    ...     description: str = "Search the web."
    ...     limit: int = 5
    ...
    ...     async def _arun(self, query: str) -> str:
    ...         return f"{self.limit} pages on {query}"
    >>> Search(limit=3).invoke({"query": "tea"})
    '3 pages on tea'

    A tool is invoked with a dict of its arguments; with a text, if it has only one; or with
    the tool call of a model, and then it returns a ``ToolMessage``. In asynchronous runs a
    plain ``_run`` works in a worker thread; in synchronous ones ``_arun`` runs on a
    background loop.
    """

    run_type: ClassVar[str] = "tool"
    _publishes_chunks = False  # it does so itself
    _argument_error = ToolDefinitionError

    name: str
    """Its name, for the model and for its runs."""
    description: str = ""
    """What it does, for the model; the docstring of the class if not given."""
    args_schema: Any = None
    """What describes its arguments: a pydantic model, attrs class, dataclass, TypedDict or JSON
    schema; the signature of the function if not given."""
    return_direct: bool = False
    """An agent is to give its result to the user, and not back to the model."""
    response_format: Literal["content", "content_and_artifact"] = "content"
    """What the function returns: the content; or that and an artifact, which the model does
    not see, as a pair. Of a generator each item is such a pair, the last artifact counts."""
    handle_tool_error: Handling = False
    """What becomes of a `ToolException`."""
    handle_validation_error: Handling = False
    """What becomes of a ``ToolInputError``, which is raised for arguments that do not fit."""
    callbacks: Any = None
    """Who listens to its own runs, beside those that the config names."""
    tags: list[str] | None = None
    """Tags of its own runs."""
    metadata: dict[str, Any] | None = None
    """Metadata of its own runs."""
    verbose: bool = False
    """Print what its own runs do."""

    # The author's methods, _run and _arun: none of them is defined here, so that hasattr tells.

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        if not self.description:
            self.description = docstring_of(type(self)) if type(self) is not BaseTool else ""

    # What it is to a model.

    @property
    def args(self) -> dict[str, Any]:
        """The JSON schema of each argument that a model gives."""
        schema = self._arguments.json(self.name, self.description)
        properties: dict[str, Any] = schema.get("properties", {})
        return properties

    @property
    def tool_call_schema(self) -> Any:
        """A pydantic model of the arguments that a model gives; a JSON schema, if it was one."""
        return self._arguments.shown(self.name, self.description)

    def get_input_schema(self, config: RunnableConfig | None = None) -> type[BaseModel]:
        """Return a pydantic model of all arguments, also of those that no model gives."""
        model: type[BaseModel] = self._arguments.model
        return model

    def get_input_jsonschema(self, config: RunnableConfig | None = None) -> dict[str, Any]:
        """Return the JSON schema of all arguments."""
        if isinstance(self.args_schema, Mapping):
            return dict(self.args_schema)
        return super().get_input_jsonschema(config)

    def _openai_function(self) -> dict[str, Any]:
        schema = self._arguments.json(self.name, self.description)
        parameters = {key: each for key, each in schema.items() if key != "description"}
        return {
            "name": self.name,
            "description": self.description,
            "parameters": for_model(parameters),
        }

    # What it calls.

    def _functions(self) -> tuple[Callable[..., Any] | None, Callable[..., Any] | None]:
        """Return the plain function and the async one; one of them may be missing."""
        return getattr(self, "_run", None), getattr(self, "_arun", None)

    def _function(self, run: Run) -> Callable[..., Any]:
        plain, async_ = self._functions()
        first, second = (plain, async_) if run.execution.blocking else (async_, plain)
        function = second if first is None else first
        if function is None:
            raise MissingImplementationError(
                f"{type(self).__name__} cannot run: implement _run or _arun."
            )
        return function

    def _signature(self) -> Signature:
        plain, async_ = self._functions()
        function = async_ if plain is None else plain
        return Signature({}) if function is None else signature_of(function)

    @property
    def _arguments(self) -> Any:
        known = self.__dict__.get("_known_arguments")
        if known is None or known[0] is not self.args_schema:
            known = self.args_schema, self._read_schema(self.args_schema)
            self.__dict__["_known_arguments"] = known
        return known[1]

    def _read_schema(self, schema: Any) -> Any:
        if isinstance(schema, Mapping):
            return JsonArguments(schema)
        return Arguments(schema, self._signature(), self.name, self.description or None)

    def _bound(
        self, function: Callable[..., Any], call: Call, run: Run, more: dict[str, Any]
    ) -> Callable[[], Any]:
        """Return the function with all of its arguments.

        Raises:
            ToolInputError: they do not fit.
        """
        values = self._checked(call, more)
        first = []
        for each in signature_of(function).special:
            if not each.in_schema:
                values[each.name] = supplied(each.injected, run)
            if each.positional:  # none may be left out before another one
                first.append(values.pop(each.name, each.default))
        return partial(function, *first, **values)

    def _checked(self, call: Call, more: dict[str, Any]) -> dict[str, Any]:
        given = call.given
        if isinstance(given, str):
            names = self._arguments.visible
            if not names and given.strip():
                raise ToolInputError(self.name, [("", "it takes no text", given)])
            given = {names[0]: given} if names else {}
        result: dict[str, Any] = self._arguments.checked(
            self.name, {**more, **given}, call.id, called=call.is_tool_call
        )
        return result

    # The hooks.

    @property
    def _flow(self) -> Flow:  # type: ignore[override]  # known only of the instance
        functions = [each for each in self._functions() if each is not None]
        return "streams" if any(facts_of(each).yields for each in functions) else "buffers"

    async def _execute(self, input: Any, run: Run, **kwargs: Any) -> Any:
        call = read_call(self.name, input)
        artifact, status = None, "success"
        function = self._function(run)
        try:
            bound = self._bound(function, call, run, kwargs)
        except ToolInputError as error:
            content, status = _handled(self.handle_validation_error, error), "error"
        else:
            try:
                content, artifact = await self._result(bound, facts_of(function), run)
            except ToolException as error:
                content, status = _handled(self.handle_tool_error, error), "error"
        if call.is_tool_call:
            return as_message(content, artifact, self.name, call.id, status)
        return content

    async def _result(self, function: Callable[[], Any], facts: Facts, run: Run) -> tuple[Any, Any]:
        if not facts.yields:
            value = await call_user(run, function, facts.is_async)
            if inspect.isawaitable(value):
                # A lambda around an async function: it is plain, what it returns is not.
                value = await call_user(run, _await, True, value)
            return self._content(value)
        contents: list[Any] = []
        artifact = None
        run.sent = contents
        async with closing(self._contents(function, facts, run)) as pairs:
            async for content, made in pairs:
                contents.append(content)
                artifact = artifact if made is None else made
        return combined(contents), artifact

    async def _contents(
        self, function: Callable[[], Any], facts: Facts, run: Run
    ) -> AsyncIterator[tuple[Any, Any]]:
        """Yield what a generator function yields, as content and artifact."""
        iterate: Any = iterate_user_async if facts.is_async_generator else iterate_user
        async with closing(iterate(run, lambda _: function(), Once(None))) as values:
            async for value in values:
                content, artifact = self._content(value)
                if run.sinks:
                    await run.publish(ChunkStreamed(run, content))
                yield content, artifact

    async def _iterate(
        self, inputs: AsyncIterator[Any], run: Run, **kwargs: Any
    ) -> AsyncIterator[Any]:
        whole = await collect(inputs)
        if isinstance(whole, Unset):
            return
        call, function = read_call(self.name, whole), self._function(run)
        facts = facts_of(function)
        if call.is_tool_call or not facts.yields:
            yield await self._execute(whole, run, **kwargs)
            return
        try:
            bound = self._bound(function, call, run, kwargs)
        except ToolInputError as error:
            yield _handled(self.handle_validation_error, error)
            return
        chunks: list[Any] = []
        try:
            async with closing(self._contents(bound, facts, run)) as pairs:
                async for content, _ in pairs:
                    chunks.append(content)
                    yield content
        except ToolException as error:
            handled = _handled(self.handle_tool_error, error)
        else:
            # What the run tells at its end is what would have been returned.
            if run.sinks and not adds_up(chunks):
                _keep_last(run)
            return
        yield handled
        _keep_last(run)

    def _content(self, value: Any) -> tuple[Any, Any]:
        """Return the content and the artifact in what the function has returned."""
        if self.response_format == "content":
            return value, None
        if isinstance(value, tuple) and len(value) == 2:
            return value
        raise ToolDefinitionError(
            f"tool {self.name!r} has response_format='content_and_artifact', so its function is "
            f"to return a pair of these; it returned {type(value).__name__}: {value!r:.80}"
        )

    def _show_input(self, input: Any) -> Any:
        return shown_input(input)

    @property
    def _own_callbacks(self) -> Any:
        if not self.verbose:
            return self.callbacks
        return [*as_list(self.callbacks), StdOutCallbackHandler()]

    @property
    def _own_tags(self) -> tuple[str, ...]:  # type: ignore[override]  # as above
        return tuple(self.tags or ())

    def _own_metadata(self) -> Mapping[str, Any]:
        return self.metadata or {}

    def __repr__(self) -> str:
        return f"{type(self).__name__}(name={self.name!r}, description={self.description!r})"


def _handled(handling: Handling, error: Exception) -> Any:
    """Return what the model is told of an error, or raise it."""
    if handling is True:
        return str(error) or "The tool failed."
    if isinstance(handling, str):
        return handling
    if callable(handling):
        return handling(error)
    raise error


def _keep_last(run: Run) -> None:
    if isinstance(run.sent, list):
        del run.sent[:-1]


async def _await(awaitable: Any) -> Any:
    return await awaitable
