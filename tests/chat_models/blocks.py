"""Streams of blocks that begin and stop: what the dialects of Anthropic and Converse share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Generic, TypeVar

from tests.chat_models.dialects import Arguments, Call, Piece, Said, piece_of

Event = TypeVar("Event")


class Blocks(ABC, Generic[Event]):
    """Tells pieces in numbered blocks; a call goes on beside those that come behind it."""

    def __init__(self) -> None:
        self._count = 0
        self._open: dict[int, type[Piece]] = {}
        self._calls: dict[int, int] = {}

    def tell(self, said: Iterable[Piece | str], *, ends: bool) -> list[Event]:
        """Return the events of pieces, and those of the blocks' ends."""
        told = [event for piece in said for event in self._take(piece_of(piece))]
        if ends:
            told += self._stopped(list(self._open))
        return told

    def _take(self, piece: Piece) -> list[Event]:
        if isinstance(piece, Arguments):
            return [self.goes_on(self._calls[piece.index], piece)]
        kind = type(piece)
        begun: list[Event] = []
        if kind is Call or self._open.get(self._count - 1) is not kind:
            begun = self._stopped([i for i, each in self._open.items() if each is not Call])
            self._open[self._count] = kind
            begun += self.begins(self._count, piece)
            self._count += 1
        if isinstance(piece, Call):
            self._calls[piece.index] = self._count - 1
            return begun
        return [*begun, self.goes_on(self._count - 1, piece)]

    def _stopped(self, indexes: list[int]) -> list[Event]:
        return [event for i in indexes for event in self.stops(i, self._open.pop(i))]

    @abstractmethod
    def begins(self, index: int, piece: Piece) -> list[Event]:
        """Tell that a block begins; what a piece says that is no call comes behind it."""

    @abstractmethod
    def goes_on(self, index: int, piece: Piece) -> Event:
        """Tell what a piece says: a text, a thought or arguments."""

    @abstractmethod
    def stops(self, index: int, kind: type[Piece]) -> list[Event]:
        """Tell that a block of a kind stops."""


def reason_of(said: Said) -> str:
    """Return why the model stops, in the words of both."""
    return "tool_use" if said.calls else "end_turn"
