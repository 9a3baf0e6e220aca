"""Output parsers: from what a model says to what a program needs."""

from __future__ import annotations

from ..partial_json import (
    parse_and_check_json_markdown,
    parse_json_markdown,
    parse_partial_json,
)
from ._base import BaseOutputParser
from ._enum import EnumOutputParser
from ._fixing import OutputFixingParser, RetryOutputParser, RetryWithErrorOutputParser
from ._json import JsonOutputParser, SimpleJsonOutputParser
from ._list import (
    CommaSeparatedListOutputParser,
    MarkdownListOutputParser,
    NumberedListOutputParser,
)
from ._text import StrOutputParser
from ._tools import JsonOutputKeyToolsParser, JsonOutputToolsParser, PydanticToolsParser
from ._transform import BaseCumulativeTransformOutputParser, BaseTransformOutputParser
from ._typed import PydanticOutputParser
from ._xml import XMLOutputParser

__all__ = (
    "BaseCumulativeTransformOutputParser",
    "BaseOutputParser",
    "BaseTransformOutputParser",
    "CommaSeparatedListOutputParser",
    "EnumOutputParser",
    "JsonOutputKeyToolsParser",
    "JsonOutputParser",
    "JsonOutputToolsParser",
    "MarkdownListOutputParser",
    "NumberedListOutputParser",
    "OutputFixingParser",
    "PydanticOutputParser",
    "PydanticToolsParser",
    "RetryOutputParser",
    "RetryWithErrorOutputParser",
    "SimpleJsonOutputParser",
    "StrOutputParser",
    "XMLOutputParser",
    "parse_and_check_json_markdown",
    "parse_json_markdown",
    "parse_partial_json",
)
