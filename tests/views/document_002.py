"""The chain of document 002: a model that answers with JSON in a fence, and its parser."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from typing import Any

from streamflow.language_models import Recording, ReplayChatModel
from streamflow.runnables import Runnable

QUESTION = (
    "output a list of the countries france, spain and japan and their populations in JSON "
    'format. Use a dict with an outer key of "countries" which contains a list of countries. '
    "Each country should have the key `name` and `population`"
)


class ChatAnthropic(ReplayChatModel):
    """The model under the name that the document prints."""


class JsonOutputParser(Runnable[Any, Any]):
    """Yields the JSON so far, completed, whenever it has changed."""

    run_type = "parser"

    async def atransform(
        self, input: AsyncIterator[Any], config: Any = None, **kwargs: Any
    ) -> AsyncIterator[Any]:
        text, last = "", None
        async for chunk in input:
            text += chunk.content
            value = completed(text)
            if value is not None and value != last:
                last = value
                yield value


def completed(text: str) -> Any:
    """The JSON in ``text`` as far as it goes, with everything that is open closed."""
    start = text.find("{")
    body = text[start:].partition("```")[0] if start >= 0 else ""
    for end in range(len(body), 0, -1):
        try:
            return json.loads(body[:end] + _closing(body[:end]))
        except ValueError:
            continue
    return None


def _closing(text: str) -> str:
    stack: list[str] = []
    for part in re.findall(r'"(?:[^"\\]|\\.)*"?|[{}\[\]]', text):
        if part in "{[":
            stack.append("}" if part == "{" else "]")
        elif part in "}]":
            stack.pop()
        elif not part.endswith('"') or len(part) == 1:
            stack.append('"')
    return "".join(reversed(stack))


def countries_model() -> ChatAnthropic:
    return ChatAnthropic(recording=Recording.named("countries_json_fenced"), speed=None)


def countries() -> Runnable[Any, Any]:
    return countries_model() | JsonOutputParser()


def shown(event: Any) -> str:
    """An event as the document prints it, but for the ids, which it makes anew each time."""
    text = re.sub(r", id='run-[^']*'", "", repr(event))
    return re.sub(r"'run_id': '[^']*'", "'run_id': ID", text)
