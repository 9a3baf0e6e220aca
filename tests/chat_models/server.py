"""A small server on loopback that answers as it is told, and tells what it was asked.

With an event loop of its own it serves clients on asyncio, on trio and without a loop.
"""

from __future__ import annotations

import ssl
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import anyio
import anyio.from_thread
import orjson
from anyio.abc import ByteStream
from anyio.streams.tls import TLSListener
from attrs import define, field
from typing_extensions import Self

GONE = (anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError)
"""What a client that hangs up means for a connection."""


@define
class Answer:
    """What a request gets.

    Args:
        pieces: The body, sent piece by piece.
        status: The HTTP status.
        headers: Beside those that it always has.
        hold_after: After so many pieces, wait until the client hangs up.
        cut: Close the connection without an end of the body.
        wait: Seconds to wait before the head.
    """

    pieces: Iterable[bytes] = ()
    status: int = 200
    headers: Mapping[str, str] = field(factory=dict)
    hold_after: int | None = None
    cut: bool = False
    wait: float = 0.0

    @classmethod
    def json(cls, body: Any, status: int = 200, **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return cls([orjson.dumps(body)], status, {"content-type": "application/json", **named})


@define
class Asked:
    """A request that has come."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)


class Host(ABC):
    """Listens on loopback, on an event loop of its own in a thread of its own.

    Args:
        tls: What goes over the wire is encrypted with these certificates.

    Attributes:
        url: Where it listens.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self.url = ""
        self._ready = threading.Event()
        self._stop: Any = None

    def __enter__(self) -> Self:
        self._thread = threading.Thread(
            target=anyio.run, args=(self._serve,), name=type(self).__name__, daemon=True
        )
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._stop()
        self._thread.join(10)

    async def _serve(self) -> None:
        listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
        port = listener.extra(anyio.abc.SocketAttribute.local_port)
        self.url = f"{'https' if self._tls else 'http'}://127.0.0.1:{port}"
        serving = TLSListener(listener, self._tls, False) if self._tls else listener
        token = anyio.lowlevel.current_token()
        async with serving, anyio.create_task_group() as group:
            scope = group.cancel_scope
            self._stop = lambda: anyio.from_thread.run_sync(scope.cancel, token=token)
            self._ready.set()
            await serving.serve(self._connection, group)

    @abstractmethod
    async def _connection(self, stream: ByteStream) -> None:
        """Serve one client."""


class Server(Host):
    """Answers requests in order; the last answer again and again.

    Attributes:
        respond: Makes the answer to each request instead, by what it asks for.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(tls)
        self.reset()

    def reset(self) -> None:
        self.answers: list[Answer] = []
        self.respond: Callable[[Asked], Answer] | None = None
        self.asked: list[Asked] = []
        self.connections = 0
        self.hung_up = threading.Event()
        self.holding = threading.Event()
        self.was_asked = threading.Event()

    def answer(self, *answers: Answer) -> None:
        self.answers = list(answers)

    async def _connection(self, stream: ByteStream) -> None:
        self.connections += 1
        async with stream:
            try:
                while True:
                    asked = await _read(stream)
                    self.asked.append(asked)
                    self.was_asked.set()
                    if not await self._send(stream, self._answer_to(asked)):
                        return
            except (*GONE, ssl.SSLError):
                self.hung_up.set()

    def _answer_to(self, asked: Asked) -> Answer:
        if self.respond is not None:
            return self.respond(asked)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    async def _send(self, stream: ByteStream, answer: Answer) -> bool:
        await anyio.sleep(answer.wait)
        headers = {"content-type": "text/event-stream", **answer.headers}
        lines = [f"HTTP/1.1 {answer.status} Whatever", "transfer-encoding: chunked"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        await stream.send("\r\n".join([*lines, "", ""]).encode())
        for number, piece in enumerate(answer.pieces):
            if number == answer.hold_after:
                break
            if piece:
                await stream.send(b"%x\r\n%b\r\n" % (len(piece), piece))
        if answer.hold_after is not None:
            self.holding.set()
            await stream.receive()  # raises when the client hangs up
        if answer.cut:
            return False
        await stream.send(b"0\r\n\r\n")
        return True


async def _read(stream: ByteStream) -> Asked:
    data = b""
    while b"\r\n\r\n" not in data:
        data += await stream.receive()
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    method, target, _ = first.split(" ")
    headers = {
        name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
    }
    while len(body) < int(headers.get("content-length", 0)):
        body += await stream.receive()
    return Asked(method, target, headers, body)
