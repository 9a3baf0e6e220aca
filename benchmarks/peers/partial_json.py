"""Ways to get the value of JSON that is still being written.

streamflow keeps its state between pieces; the others parse the text so far at each piece,
which is how langchain-core's JSON parser works and how the libraries are used for this.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

OWN = "streamflow"
LANGCHAIN = "langchain-core"
JITER = "jiter"


def incremental(pieces: list[str]) -> Any:
    """Read all pieces, and the value at each."""
    from streamflow.partial_json import PartialJSONParser

    parser = PartialJSONParser()
    value = None
    for piece in pieces:
        parser.feed(piece)
        value = parser.value
    return value


def _langchain() -> Callable[[str], Any]:
    from langchain_core.utils.json import parse_partial_json

    return parse_partial_json


def _jiter() -> Callable[[str], Any]:
    import jiter

    return lambda text: jiter.from_json(text.encode(), partial_mode="trailing-strings")


def _pydantic_core() -> Callable[[str], Any]:
    from pydantic_core import from_json

    return lambda text: from_json(text, allow_partial="trailing-strings")


def _partial_json_parser() -> Callable[[str], Any]:
    from partial_json_parser import loads

    return loads


# Each loads what parses a text as a whole. With how many pieces of a document are timed,
# spread evenly over it: the slow ones take seconds for one.
REPARSE: dict[str, tuple[Callable[[], Callable[[str], Any]], int]] = {
    LANGCHAIN: (_langchain, 4),
    JITER: (_jiter, 100),
    "pydantic_core": (_pydantic_core, 100),
    "partial-json-parser": (_partial_json_parser, 10),
}
