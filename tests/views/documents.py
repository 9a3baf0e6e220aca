"""What documents 000, 001 and 004 use: their model, their questions, their printing.

The model is scripted. `printed` runs a block with the run ids that a document prints, so
that what it prints can be compared to the letter.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any

from streamflow._ids import use_ids
from streamflow.language_models import Recording, ReplayChatModel
from streamflow.runnables import Runnable

COUNTRIES = (
    "output a list of the countries france, spain and japan and their populations in JSON "
    'format. Use a dict with an outer key of "countries" which contains a list of countries. '
    "Each country should have the key `name` and `population`"
)


class ChatAnthropic(ReplayChatModel):
    """The model of the documents."""


def model(name: str) -> ChatAnthropic:
    """The model, with the answer of that name."""
    return ChatAnthropic(recording=Recording.named(name).tokens, speed=None)


def extract_country_names(inputs: Any) -> Any:
    """A function that does not operate on input streams and breaks streaming."""
    if not isinstance(inputs, dict) or not isinstance(inputs.get("countries"), list):
        return ""
    return [c.get("name") for c in inputs["countries"] if isinstance(c, dict)]


async def extract_country_names_streaming(inputs: AsyncIterator[Any]) -> AsyncIterator[str]:
    """A function that operates on input streams."""
    so_far: set[str] = set()
    async for value in inputs:
        for country in value.get("countries", []):
            name = country.get("name")
            if name and name not in so_far:
                yield name
                so_far.add(name)


def ids(*known: str) -> Callable[[], str]:
    """A source of ids: those that a document prints, in the order in which they are made."""
    rest: Iterator[str] = iter(known)
    return lambda: next(rest, "00000000-0000-0000-0000-000000000000")


async def printed(
    runnable: Runnable[Any, Any],
    value: Any,
    run_ids: Sequence[str] = (),
    *,
    most: int | None = None,
    parents: bool = False,
    **filters: Any,
) -> list[str]:
    """What ``print(event)`` prints for each event, and ``...`` where the document breaks off.

    The oldest documents are from before ``parent_ids``; without ``parents`` it is left out.
    """
    lines: list[str] = []
    with use_ids(ids(*run_ids)):
        async with runnable.astream_events(value, version="v2", **filters) as events:
            async for event in events:
                if not parents:
                    assert list(event)[-1] == "parent_ids"
                    event = {key: event[key] for key in list(event)[:-1]}
                lines.append(str(event))
                if most is not None and len(lines) > most:
                    lines.append("...")
                    break
    return lines
