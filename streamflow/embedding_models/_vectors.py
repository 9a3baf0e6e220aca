"""From the bytes of an answer to vectors, in the order of the texts."""

from __future__ import annotations

import base64
import sys
from array import array
from collections.abc import Mapping
from typing import Any

from attrs import define

from .._vendors._document import DocumentReader

Vector = list[float]


@define
class VectorReader(DocumentReader[list[Vector]]):
    """Reads one answer.

    Args:
        source: Whose answer it is.
        texts: How many texts were sent.
        rows: Where the answer has a row for each; see `EmbeddingVendor`.
        vector: Where a row has its vector.
        dimensions: How long each vector is to be, if somebody chose it.
    """

    texts: int
    rows: str
    vector: str
    dimensions: int | None = None

    def _read(self, document: Any) -> list[Vector]:
        return self._ordered(self._found(document))

    def _found(self, answer: Any) -> list[Any]:
        """Return the rows."""
        if isinstance(answer, Mapping) and answer.get("error"):
            raise self.source.refusal(answer)
        rows = _at(answer, self.rows)
        if not self.rows:
            rows = [rows]
        elif isinstance(rows, Mapping):  # by the type of numbers, of which one was asked for
            rows = rows.get("float")
        if not isinstance(rows, list):
            raise self.malformed(f"the answer has no list {self.rows!r}", answer)
        if len(rows) != self.texts:
            raise self.malformed(f"the answer has {len(rows)} vectors for {self.texts} texts")
        return rows

    def _ordered(self, rows: list[Any]) -> list[Vector]:
        """Return the vectors of rows, each where its index says."""
        numbers = [row.get("index") if isinstance(row, Mapping) else None for row in rows]
        vectors = [self._decoded(_at(row, self.vector)) for row in rows]
        if len(rows) == 1 or all(number is None for number in numbers):
            return vectors
        ordered: list[Any] = [None] * len(rows)
        for number, vector in zip(numbers, vectors, strict=True):
            # Whoever has no place, or one that is taken, would be found for another's text.
            if not isinstance(number, int) or not 0 <= number < len(rows) or ordered[number]:
                raise self.malformed(f"the answer numbers its vectors {_shown(numbers)}")
            ordered[number] = vector
        return ordered

    def _decoded(self, vector: Any) -> Vector:
        try:
            if isinstance(vector, str):
                packed = array("f", base64.b64decode(vector, validate=True))
                if sys.byteorder == "big":
                    packed.byteswap()
                numbers = packed.tolist()
            else:
                # An array takes numbers only, and makes each a float.
                numbers = array("d", vector).tolist()
        except (TypeError, ValueError, OverflowError):
            raise self.malformed(f"not a vector: {vector!r:.60}") from None
        if not numbers:
            raise self.malformed("the answer has an empty vector")
        if self.dimensions is not None and len(numbers) != self.dimensions:
            raise self.malformed(
                f"the model makes vectors of {len(numbers)} numbers, not of dimensions="
                f"{self.dimensions}"
            )
        return numbers


def _at(value: Any, path: str) -> Any:
    """Return what stands in JSON at a path with dots; ``None`` if nothing does."""
    for key in path.split(".") if path else ():
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _shown(numbers: list[Any]) -> str:
    text = ", ".join(map(str, numbers[:10]))
    return f"{text}, …" if len(numbers) > 10 else text
