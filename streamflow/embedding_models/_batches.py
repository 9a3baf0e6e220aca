"""Cutting texts into the batches that a vendor takes at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ModelInputError

if TYPE_CHECKING:
    from collections.abc import Sequence


def batches(texts: Sequence[str], most: int, most_bytes: int | None = None) -> list[list[str]]:
    """Return ``texts`` in batches, in order.

    Args:
        texts: The texts.
        most: How many texts a batch may have.
        most_bytes: How many bytes the texts of a batch may have together; one that has more
            than that is a batch of its own.
    """
    if most_bytes is None:
        return [list(texts[start : start + most]) for start in range(0, len(texts), most)]
    cut: list[list[str]] = []
    left = 0
    for text in texts:
        size = len(text.encode("utf-8", "surrogatepass"))
        if not cut or len(cut[-1]) == most or size > left:
            cut.append([])
            left = most_bytes
        cut[-1].append(text)
        left -= size
    return cut


def check_texts(texts: object) -> None:
    """Refuse what is no sequence of texts.

    Raises:
        ModelInputError: it is not.
    """
    if not isinstance(texts, (list, tuple)):
        hint = f"; write [{texts!r:.60}], or call embed_query" if isinstance(texts, str) else ""
        raise ModelInputError(
            f"embed_documents takes a list of texts, got {type(texts).__name__}{hint}"
        )
    for number, text in enumerate(texts):
        if not isinstance(text, str):
            raise ModelInputError(
                f"embeddings take texts, got {text!r:.60} ({type(text).__name__}) at {number}"
            )
