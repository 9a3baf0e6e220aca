"""The chain of document 002: a model that answers with JSON in a fence, and its parser."""

from __future__ import annotations

import re
from typing import Any

from streamflow.language_models import Recording, ReplayChatModel
from streamflow.output_parsers import JsonOutputParser
from streamflow.runnables import Runnable

QUESTION = (
    "output a list of the countries france, spain and japan and their populations in JSON "
    'format. Use a dict with an outer key of "countries" which contains a list of countries. '
    "Each country should have the key `name` and `population`"
)


class ChatAnthropic(ReplayChatModel):
    """The model under the name that the document prints."""


def countries_model() -> ChatAnthropic:
    return ChatAnthropic(recording=Recording.named("countries_json_fenced"), speed=None)


def countries() -> Runnable[Any, Any]:
    return countries_model() | JsonOutputParser()


def shown(event: Any) -> str:
    """An event as the document prints it, but for the ids, which it makes anew each time."""
    text = re.sub(r", id='run-[^']*'", "", repr(event))
    return re.sub(r"'run_id': '[^']*'", "'run_id': ID", text)
