"""JSON that is still being written: the value so far, at any moment.

`PartialJSONParser` reads a text in pieces, as a model streams it, and never reads a
character twice; the functions read whole texts.

Example:
    >>> parser = PartialJSONParser(bare=True)
    >>> for piece in ['[{"name": "', "Fran", 'ce"}', ", {", '"na']:
    ...     if parser.feed(piece):
    ...         print(parser.value)
    [{'name': ''}]
    [{'name': 'Fran'}]
    [{'name': 'France'}]
    [{'name': 'France'}, {}]
"""

from __future__ import annotations

from ._parser import PartialJSONParser
from ._whole import parse_and_check_json_markdown, parse_json_markdown, parse_partial_json

__all__ = (
    "PartialJSONParser",
    "parse_and_check_json_markdown",
    "parse_json_markdown",
    "parse_partial_json",
)
