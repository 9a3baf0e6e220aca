"""Trimming a conversation to a number of tokens."""

from __future__ import annotations

import inspect
from bisect import bisect_right
from typing import TYPE_CHECKING, Any, Literal, cast

from attrs import evolve

from ..errors import ConfigError
from ._ai import AIMessage
from ._base import BaseMessage
from ._convert import convert_to_messages
from ._kinds import is_one_of
from ._roles import SystemMessage, ToolMessage
from ._step import also_a_step
from ._tokens import count_tokens_approximately

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ._kinds import Kind

    Unit = list[BaseMessage]
    Count = Callable[[Sequence[BaseMessage]], int]
    Split = Callable[[str], Iterable[str]]


@also_a_step
def trim_messages(
    messages: object = None,
    *,
    max_tokens: int,
    token_counter: Any = "approximate",  # noqa: S107 - tokens of text, no password
    strategy: Literal["first", "last"] = "last",
    allow_partial: bool = False,
    end_on: Kind | Sequence[Kind] | None = None,
    start_on: Kind | Sequence[Kind] | None = None,
    include_system: bool = False,
    text_splitter: Any = None,
) -> Any:
    """Return as many messages, from the end or from the start, as fit a number of tokens.

    The results of tools stay with the message that called them: both are there or neither,
    since a provider refuses one without the other.

    Args:
        messages: The messages, in any form that `convert_to_messages` reads. Without them, a
            runnable that waits for them is returned.
        max_tokens: How many tokens the result may have.
        token_counter: A function that counts the tokens of a list of messages (``len`` counts
            messages) or, if its argument is annotated with a message class, of one; a model
            with ``get_num_tokens_from_messages``; or ``"approximate"``.
        strategy: ``"last"`` keeps the end of the conversation, ``"first"`` its start.
        allow_partial: Keep a part of the message that does not fit whole.
        end_on: Kinds of messages, roles or classes, of which the result's last one must be;
            what follows the last of these is left out.
        start_on: Kinds of which the first one must be, a system message that is kept aside;
            only with ``"last"``.
        include_system: Keep a system message that stands first; only with ``"last"``.
        text_splitter: Splits a text into the parts of which ``allow_partial`` keeps some; a
            function, or an object with ``split_text``. Lines, if not given.

    Raises:
        ConfigError: an argument is none of these, or does not go with ``"first"``.
        ModelInputError: an item is no message.

    >>> from streamflow.messages import AIMessage, HumanMessage, SystemMessage, trim_messages
    >>> talk = [SystemMessage("Be brief."), HumanMessage("Hi"), AIMessage("Hello"),
    ...     HumanMessage("Which way?")]
    >>> kept = trim_messages(talk, max_tokens=2, token_counter=len, include_system=True)
    >>> [message.content for message in kept]
    ['Be brief.', 'Which way?']
    """
    if strategy not in ("first", "last"):
        raise ConfigError(f"strategy is 'first' or 'last', got {strategy!r}")
    if strategy == "first" and (start_on is not None or include_system):
        raise ConfigError("start_on and include_system go with strategy='last' only")
    count, split = _counter(token_counter), _splitter(text_splitter)
    given = convert_to_messages(messages)
    if strategy == "first":
        units = _first(_units(given), max_tokens, count, split if allow_partial else None)
        return _flat(_ending(units, end_on))
    system: Unit = []
    if include_system and given and isinstance(given[0], SystemMessage):
        system, given = [given[0]], given[1:]
    units = _ending(_units(given), end_on)
    units = _last(system, units, max_tokens, count, split if allow_partial else None)
    return [*system, *_flat(_starting(units, start_on))] if count(system) <= max_tokens else []


def _units(messages: Iterable[BaseMessage]) -> list[Unit]:
    """Group messages such that each call of tools is with its results."""
    units: list[Unit] = []
    asked: set[str | None] = set()
    for message in messages:
        if isinstance(message, ToolMessage) and message.tool_call_id in asked:
            units[-1].append(message)
            continue
        # A message in between ends the row of results: later ones have lost their call.
        asked = set()
        if isinstance(message, AIMessage):
            asked = {call["id"] for call in (*message.tool_calls, *message.invalid_tool_calls)}
        units.append([message])
    return units


def _flat(units: Iterable[Unit]) -> list[BaseMessage]:
    return [message for unit in units for message in unit]


def _ending(units: list[Unit], kinds: Any) -> list[Unit]:
    if kinds is not None:
        while units and not is_one_of(units[-1][-1], kinds):
            units.pop()
    return units


def _starting(units: list[Unit], kinds: Any) -> list[Unit]:
    if kinds is None:
        return units
    starts = (place for place, unit in enumerate(units) if is_one_of(unit[0], kinds))
    return units[next(starts, len(units)) :]


def _first(units: list[Unit], limit: int, count: Count, split: Split | None) -> list[Unit]:
    fitting = _how_many(units, limit, lambda number: count(_flat(units[:number])))
    kept = units[:fitting]
    if split is not None and fitting < len(units):
        before = _flat(kept)
        part = _part(units[fitting], split, lambda some: count([*before, some]) <= limit, end=False)
        kept += [[part]] if part is not None else []
    return kept


def _last(
    system: Unit, units: list[Unit], limit: int, count: Count, split: Split | None
) -> list[Unit]:
    def size(number: int) -> int:
        return count([*system, *_flat(units[len(units) - number :])])

    start = len(units) - _how_many(units, limit, size)
    kept = units[start:]
    if split is not None and start > 0:
        after = _flat(kept)
        part = _part(
            units[start - 1], split, lambda some: count([*system, some, *after]) <= limit, end=True
        )
        kept = [[part], *kept] if part is not None else kept
    return kept


def _how_many(units: list[Unit], limit: int, size: Callable[[int], int]) -> int:
    """Return how many units fit, asking for few sizes: more units are never smaller."""
    return bisect_right(range(1, len(units) + 1), limit, key=size)


def _part(
    unit: Unit, split: Split, fits: Callable[[BaseMessage], bool], *, end: bool
) -> BaseMessage | None:
    """Return the largest part of a message that fits, from its start or from its end."""
    if len(unit) > 1:
        return None  # What belongs together is not torn.
    message = unit[0]
    content = message.content
    pieces: list[Any] = list(split(content)) if isinstance(content, str) else content
    for number in range(len(pieces) - 1, 0, -1):
        some = pieces[-number:] if end else pieces[:number]
        part = evolve(message, content="".join(some) if isinstance(content, str) else some)
        if fits(part):
            return part
    return None


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def _splitter(splitter: Any) -> Split:
    if splitter is None:
        return _lines
    split = getattr(splitter, "split_text", splitter)
    if not callable(split):
        raise ConfigError(f"text_splitter is a function or has split_text, got {splitter!r}")
    return cast("Split", split)


def _counter(counter: Any) -> Count:
    if counter == "approximate":
        return count_tokens_approximately
    of_model = getattr(counter, "get_num_tokens_from_messages", None)
    if of_model is not None:
        return cast("Count", of_model)
    if not callable(counter):
        raise ConfigError(
            f"token_counter is a function of messages, a model that counts tokens, or "
            f"'approximate', got {counter!r}"
        )
    if _counts_one(counter):
        return lambda messages: sum(counter(message) for message in messages)
    return cast("Count", counter)


def _counts_one(counter: Callable[..., int]) -> bool:
    """Whether a function counts the tokens of one message, as its annotation says."""
    try:
        parameters = list(inspect.signature(counter).parameters.values())
    except ValueError:  # a builtin, such as len
        return False
    annotation = parameters[0].annotation if parameters else None
    if isinstance(annotation, str):
        return annotation.rpartition(".")[2] in {"BaseMessage", "AnyMessage"}
    return isinstance(annotation, type) and issubclass(annotation, BaseMessage)
