"""The root of the tree, and how errors show values."""

from __future__ import annotations


class StreamflowError(Exception):
    """The root of the tree; catch it to catch everything that is streamflow's own."""


def shorten(value: object, limit: int = 80) -> str:
    try:
        text = repr(value)
    except Exception as error:  # noqa: BLE001 - a broken repr must not hide the error
        text = f"<repr failed: {type(error).__name__}>"
    return text if len(text) <= limit else text[: limit - 1] + "…"
