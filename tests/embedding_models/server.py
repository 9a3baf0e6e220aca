"""A server that embeds: the vector of a text is made of the text, so that order shows."""

from __future__ import annotations

import anyio
from anyio.abc import SocketStream

from tests.chat_models.server import Answer, Server

SIZE = 3


def vector(text: str) -> list[float]:
    """The vector of a text; its numbers are the same in 32 bits."""
    number = 0
    for letter in text:
        number = (number * 31 + ord(letter)) % 65536
    return [float(len(text)), number / 4, 0.0]


class EmbeddingServer(Server):
    """Answers each request by what it asks for.

    Attributes:
        at_once: Answer when so many requests are waiting, or no more are to come.
        expected: How many requests are to come.
        most: How many have been waiting together.
    """

    def reset(self) -> None:
        super().reset()
        self.answers = [Answer()]
        self.at_once = 1
        self.expected = 0
        self.most = 0
        self._waiting = 0
        self._all_here: anyio.Event | None = None

    async def _send(self, stream: SocketStream, answer: Answer) -> bool:
        self._waiting += 1
        self.most = max(self.most, self._waiting)
        if self._all_here is None:
            self._all_here = anyio.Event()
        all_here = self._all_here
        if self._waiting >= self.at_once or len(self.asked) >= self.expected:
            all_here.set()
            self._all_here = None
        await all_here.wait()
        try:
            return await super()._send(stream, answer)
        finally:
            self._waiting -= 1
