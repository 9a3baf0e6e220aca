"""Answers of a model as values of a schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._merge import AddableDict
from .._object_types import is_typeddict
from ..errors import ConfigError, MissingImplementationError, OutputParserException
from ..execution import closing
from ..messages import message_chunk_to_message
from ..output_parsers import (
    JsonOutputKeyToolsParser,
    JsonOutputParser,
    PydanticOutputParser,
    PydanticToolsParser,
)
from ..output_parsers._reading import Snapshot
from ..runnables import Runnable
from ..tools import convert_to_openai_tool

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from ..bus import Run
    from ._chat import BaseChatModel

METHODS = ("function_calling", "json_schema", "json_mode")


def bind_openai_tools(
    model: BaseChatModel, tools: Sequence[Any], tool_choice: Any, kwargs: dict[str, Any]
) -> Runnable[Any, Any]:
    """Return a model that is called with tools in OpenAI's form."""
    strict = kwargs.pop("strict", None)
    described = [convert_to_openai_tool(tool, strict=strict) for tool in tools]
    if tool_choice:
        kwargs["tool_choice"] = _choice(tool_choice, described)
    return model.bind(tools=described, **kwargs)


def _choice(choice: Any, tools: Sequence[dict[str, Any]]) -> Any:
    """Return ``tool_choice`` as OpenAI takes it."""
    if choice is True or choice == "any":
        return "required"
    names = [tool["function"]["name"] for tool in tools if "function" in tool]
    if choice in names:
        return {"type": "function", "function": {"name": choice}}
    if isinstance(choice, str) and choice not in ("auto", "none", "required"):
        raise ConfigError(
            f"tool_choice={choice!r} is none of the tools, which are {', '.join(names)}; nor is "
            f"it 'auto', 'none', 'required' or 'any'"
        )
    return choice


def structured(
    model: BaseChatModel,
    schema: Any,
    *,
    method: str | None,
    include_raw: bool,
    strict: bool | None,
    partial: bool,
    kwargs: dict[str, Any],
) -> Runnable[Any, Any]:
    """Return ``model`` with answers of a schema; see ``BaseChatModel.with_structured_output``."""
    chosen = method or ("function_calling" if model._binds_tools() else "json_schema")
    if chosen not in METHODS:
        raise ConfigError(f"method={method!r} is none of {', '.join(METHODS)}")
    name = convert_to_openai_tool(schema)["function"]["name"]
    checked = isinstance(schema, type)
    # Dicts that grow are dicts; what there is of an object before its end is another thing.
    partial = partial or is_typeddict(schema)
    if chosen == "function_calling":
        bound = _bound_to_tool(model, schema, strict, kwargs)
        parser: Any = (
            PydanticToolsParser(tools=[schema], first_tool_only=True, partial=partial)
            if checked
            else JsonOutputKeyToolsParser(key_name=name, first_tool_only=True)
        )
    else:
        bound = _bound_to_json(model, schema, chosen, strict, kwargs)
        parser = (
            PydanticOutputParser(pydantic_object=schema, partial=partial)
            if checked
            else JsonOutputParser(pydantic_object=schema)
        )
    return bound | (_WithRaw(parser) if include_raw else parser)


def _bound_to_tool(
    model: BaseChatModel, schema: Any, strict: bool | None, kwargs: dict[str, Any]
) -> Runnable[Any, Any]:
    if strict is not None:
        kwargs["strict"] = strict
    return model.bind_tools([schema], tool_choice="any", **kwargs)


def _bound_to_json(
    model: BaseChatModel, schema: Any, method: str, strict: bool | None, kwargs: dict[str, Any]
) -> Runnable[Any, Any]:
    if not model._takes_response_format:
        raise MissingImplementationError(
            f"{type(model).__name__} does not take method={method!r}: its methods are to take "
            f"response_format=, as OpenAI does, and the class to say "
            f"_takes_response_format = True. Or override with_structured_output."
        )
    if method == "json_mode":
        return model.bind(response_format={"type": "json_object"}, **kwargs)
    function = convert_to_openai_tool(schema, strict=strict)["function"]
    described = {"schema" if key == "parameters" else key: value for key, value in function.items()}
    response_format = {"type": "json_schema", "json_schema": described}
    return model.bind(response_format=response_format, **kwargs)


class _WithRaw(Runnable[Any, dict[str, Any]]):
    """Gives the message beside what a parser makes of it, or the error in its place.

    Over a stream: each chunk under ``raw`` as it comes, and what it gives under ``parsed``.
    """

    run_type = "parser"
    _starts_whole = False
    _flow = "passes"
    _inline = True

    def __init__(self, parser: JsonOutputParser | JsonOutputKeyToolsParser) -> None:
        self._parser = parser
        self.name = parser.get_name()

    async def _execute(self, input: Any, run: Run, **kwargs: Any) -> dict[str, Any]:
        reading, values, problem = self._parser._reading(), [], None
        try:
            values = [*reading.feed(input), *reading.close()]
        except OutputParserException as error:
            problem = error
        parsed = values[-1] if values and problem is None else None
        parsed = [*parsed] if isinstance(parsed, Snapshot) else parsed
        return {
            "raw": message_chunk_to_message(input),
            "parsed": parsed,
            "parsing_error": problem,
        }

    async def _iterate(
        self, inputs: AsyncIterator[Any], run: Run, **kwargs: Any
    ) -> AsyncIterator[Any]:
        reading, came = self._parser._reading(), False
        problem: OutputParserException | None = None
        async with closing(inputs):
            async for chunk in inputs:
                came = True
                yield AddableDict(raw=chunk)
                if problem is not None:
                    continue
                try:
                    for value in reading.feed(chunk):
                        yield AddableDict(parsed=value)
                except OutputParserException as error:
                    problem = error
        if not came:
            return
        if problem is None:
            try:
                for value in reading.close():
                    yield AddableDict(parsed=value)
            except OutputParserException as error:
                problem = error
        yield AddableDict(parsed=None, parsing_error=problem)
