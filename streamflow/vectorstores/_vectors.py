"""Computing with vectors: many of them, as rows of one array of numpy."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

from ..errors import MissingExtraError, VectorStoreError

if TYPE_CHECKING:
    from collections.abc import Sequence

Metric = Literal["cosine", "l2", "inner_product"]
"""How near two vectors are: the cosine of their angle, the square of their distance, or
their product."""

METRICS = ("cosine", "l2", "inner_product")


def numpy() -> Any:
    """Return numpy.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        return import_module("numpy")
    except ImportError as error:
        raise MissingExtraError("computing with vectors", "vectors") from error


def check_metric(metric: str) -> None:
    """Raise if there is no such metric.

    Raises:
        VectorStoreError: there is none.
    """
    if metric not in METRICS:
        raise VectorStoreError(f"there is no metric {metric!r}; there are {', '.join(METRICS)}")


def as_rows(vectors: Any, dimension: int | None) -> Any:
    """Return vectors as the rows of an array.

    Args:
        vectors: Sequences of numbers.
        dimension: How many numbers each must have; as many as the first, if not given.

    Raises:
        VectorStoreError: they have not, or are no finite numbers.
    """
    np = numpy()
    try:
        rows = np.ascontiguousarray(vectors, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise VectorStoreError(f"these are no vectors of one size: {error}") from None
    if rows.ndim != 2 or not rows.shape[1]:
        raise VectorStoreError(f"a vector is a list of numbers, got shape {rows.shape[1:]}")
    if dimension is not None and rows.shape[1] != dimension:
        raise VectorStoreError(
            f"the store holds vectors of {dimension} numbers, got one of {rows.shape[1]}: "
            f"was it made with another embedding?"
        )
    if not np.isfinite(rows).all():
        raise VectorStoreError("a vector has numbers that are not finite, or too large")
    return rows


def normalized(rows: Any) -> Any:
    """Return vectors of length 1 in the same directions; one without a direction stays."""
    np = numpy()
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(lengths == 0, 1, lengths)


class Rows:
    """Vectors in the order in which they were added, with room for more.

    Args:
        metric: How near two are.
    """

    def __init__(self, metric: Metric) -> None:
        self.metric = metric
        self.count = 0
        self._room: Any = None
        self._norms: Any = None

    @property
    def dimension(self) -> int | None:
        """How many numbers each vector has; ``None`` before the first."""
        return None if self._room is None else int(self._room.shape[1])

    @property
    def array(self) -> Any:
        """The vectors; not to be changed."""
        return self._room[: self.count]

    def append(self, rows: Any) -> None:
        """Add vectors at the end."""
        np = numpy()
        needed = self.count + len(rows)
        if self._room is None or needed > len(self._room):
            room = np.empty((max(needed, 2 * self.count, 16), rows.shape[1]), np.float32)
            norms = np.empty(len(room), np.float32)
            if self.count:
                room[: self.count] = self.array
                norms[: self.count] = self._norms[: self.count]
            self._room, self._norms = room, norms
        self._room[self.count : needed] = rows
        self._norms[self.count : needed] = np.einsum("ij,ij->i", rows, rows)
        self.count = needed

    def keep(self, places: Sequence[int]) -> None:
        """Keep only the vectors at these places."""
        rows = self.array[list(places)]
        self.count, self._room, self._norms = 0, None, None
        if len(rows):
            self.append(rows)

    def nearest(self, vector: Any, k: int) -> list[tuple[int, float]]:
        """Return the places and scores of the nearest vectors, the nearest first."""
        np = numpy()
        if not self.count:
            return []
        scores = self._scores(vector)
        order = scores if self.metric == "l2" else -scores
        k = min(k, self.count)
        # Of several that are as near as one another, the first is taken.
        if k < self.count:
            limit = np.partition(order, k - 1)[k - 1]
            near = np.flatnonzero(order <= limit)
        else:
            near = np.arange(self.count)
        best = near[np.argsort(order[near], kind="stable")][:k]
        if self.metric == "l2":
            # What was chosen by norms and products is measured again, without their rounding.
            exact = np.square(self.array[best] - vector).sum(axis=1)
            again = np.argsort(exact, kind="stable")
            return [(int(best[each]), float(exact[each])) for each in again]
        return [(int(place), float(scores[place])) for place in best]

    def _scores(self, vector: Any) -> Any:
        np = numpy()
        products = self.array @ vector
        norms = self._norms[: self.count]
        if self.metric == "inner_product":
            return products
        length = np.float32(vector @ vector)
        if self.metric == "l2":
            return np.maximum(norms - 2 * products + length, 0)
        lengths = np.sqrt(norms * length)
        return products / np.where(lengths == 0, 1, lengths)


def diverse(query: Any, candidates: Any, k: int, relevance: float) -> list[int]:
    """Return which candidates to take, one by one: near to the query, far from those taken.

    Args:
        query: A vector.
        candidates: Vectors, as rows.
        k: How many to take.
        relevance: From 0, only the distance from the others counts, to 1, only the nearness.
    """
    np = numpy()
    if not len(candidates):
        return []
    unit = normalized(candidates)
    near = unit @ normalized(query[None])[0]
    taken: list[int] = []
    alike = np.full(len(unit), -np.inf)
    left = np.ones(len(unit), dtype=bool)
    while len(taken) < min(k, len(unit)):
        gain = near if not taken else relevance * near - (1 - relevance) * alike
        best = int(np.argmax(np.where(left, gain, -np.inf)))
        taken.append(best)
        left[best] = False
        alike = np.maximum(alike, unit @ unit[best])
    return taken
