"""How many tokens an answer took, in the words of all vendors.

What a vendor counts is of no use to the answer, so counts that are none do not break it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from ..messages import UsageMetadata


def usage_of(
    asked: object,
    said: object,
    total: object = None,
    of_input: dict[str, object] | None = None,
    of_output: dict[str, object] | None = None,
) -> UsageMetadata:
    """Return counts under their usual names; details that are not told are left out.

    Args:
        asked: Tokens of the input.
        said: Tokens of the output.
        total: Tokens of both, if the vendor says so.
        of_input: Where those of the input went.
        of_output: Where those of the output went.
    """
    asked, said = _count(asked) or 0, _count(said) or 0
    told: dict[str, Any] = {
        "input_tokens": asked,
        "output_tokens": said,
        "total_tokens": _count(total) or asked + said,
    }
    for key, details in (("input_token_details", of_input), ("output_token_details", of_output)):
        counts = {name: _count(count) for name, count in (details or {}).items()}
        known = {name: count for name, count in counts.items() if count is not None}
        if known:
            told[key] = known
    return cast("UsageMetadata", told)


def openai_usage(usage: Any) -> UsageMetadata:
    """Return what OpenAI, and those who imitate it, tell."""
    usage = _facts(usage)
    of_input, of_output = (
        _facts(usage.get(key)) for key in ("prompt_tokens_details", "completion_tokens_details")
    )
    return usage_of(
        usage.get("prompt_tokens"),
        usage.get("completion_tokens"),
        usage.get("total_tokens"),
        {
            "audio": of_input.get("audio_tokens"),
            "cache_creation": of_input.get("cache_write_tokens"),
            "cache_read": of_input.get("cached_tokens", usage.get("prompt_cache_hit_tokens")),
        },
        {
            "audio": of_output.get("audio_tokens"),
            "reasoning": of_output.get("reasoning_tokens"),
        },
    )


def anthropic_usage(usage: dict[str, Any]) -> UsageMetadata:
    """Return what Anthropic tells."""
    thinking = _facts(usage.get("output_tokens_details")).get("thinking_tokens")
    return _beside_cache(
        usage.get("input_tokens"),
        usage.get("output_tokens"),
        read=usage.get("cache_read_input_tokens"),
        written=usage.get("cache_creation_input_tokens"),
        of_output={"reasoning": thinking},
    )


def converse_usage(usage: dict[str, Any]) -> UsageMetadata:
    """Return what Bedrock's Converse tells."""
    return _beside_cache(
        usage.get("inputTokens"),
        usage.get("outputTokens"),
        usage.get("totalTokens"),
        read=usage.get("cacheReadInputTokens"),
        written=usage.get("cacheWriteInputTokens"),
    )


def _beside_cache(
    asked: object,
    said: object,
    total: object = None,
    *,
    read: object,
    written: object,
    of_output: dict[str, object] | None = None,
) -> UsageMetadata:
    """Return counts of who counts its cache beside the input."""
    asked = sum(_count(part) or 0 for part in (asked, read, written))
    total = max(_count(total) or 0, asked + (_count(said) or 0))
    return usage_of(asked, said, total, {"cache_creation": written, "cache_read": read}, of_output)


def _count(value: object) -> int | None:
    is_count = isinstance(value, (int, float)) and 0 <= value < float("inf")
    return int(value) if is_count else None  # type: ignore[call-overload]  # it is a number


def _facts(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
