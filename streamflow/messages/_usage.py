"""How many tokens a response took; over a stream the counts add up."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, cast

# pydantic, which may be asked about these, needs the backport before 3.12.
if sys.version_info >= (3, 12):
    from typing import TypedDict
else:
    from typing_extensions import TypedDict

if TYPE_CHECKING:
    from collections.abc import Sequence


class InputTokenDetails(TypedDict, total=False):
    """Where the input tokens went; providers count different things.

    >>> from streamflow.messages import InputTokenDetails
    >>> details: InputTokenDetails = {"cache_read": 20}
    """

    audio: int
    cache_creation: int
    cache_read: int


class OutputTokenDetails(TypedDict, total=False):
    """Where the output tokens went; providers count different things.

    >>> from streamflow.messages import OutputTokenDetails
    >>> details: OutputTokenDetails = {"reasoning": 5}
    """

    audio: int
    reasoning: int


class _Totals(TypedDict):
    input_tokens: int
    output_tokens: int
    total_tokens: int


class UsageMetadata(_Totals, total=False):
    """The tokens of one response, or of the part of it that one chunk reports.

    >>> from streamflow.messages import AIMessageChunk, UsageMetadata
    >>> usage: UsageMetadata = {"input_tokens": 8, "output_tokens": 1, "total_tokens": 9}
    >>> chunk = AIMessageChunk("a", usage_metadata=usage)
    >>> (chunk + chunk).usage_metadata["total_tokens"]
    18
    """

    input_token_details: InputTokenDetails
    output_token_details: OutputTokenDetails


def add_usage(usages: Sequence[UsageMetadata]) -> UsageMetadata:
    """Add up counts, and the counts inside details; what is no number is kept as last said."""
    return cast("UsageMetadata", _add_counts(cast("Sequence[dict[str, Any]]", usages)))


def _add_counts(dicts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    if len(dicts) == 1:
        return dict(dicts[0])
    columns: dict[str, list[Any]] = {}
    for counts in dicts:
        for key, value in counts.items():
            column = columns.setdefault(key, [])
            if value is not None:
                column.append(value)
    return {key: _add_column(column) for key, column in columns.items()}


def _add_column(values: list[Any]) -> Any:
    if nested := [value for value in values if isinstance(value, dict)]:
        return _add_counts(nested)
    numbers = [value for value in values if isinstance(value, (int, float))]
    if numbers:
        return sum(numbers)
    return values[-1] if values else None
