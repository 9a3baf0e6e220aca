"""One question to a vendor and its answer: with the attempts that it takes, within its time."""

from __future__ import annotations

import time
import zlib
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from attrs import define

from ..errors import (
    MalformedStreamError,
    ModelConnectionError,
    ModelError,
    ModelRequestError,
    ModelTimeoutError,
)
from ..execution import OutOfTime, closing
from ._client import http
from ._retry import Retries, retry_after
from ._source import Source

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping

    from ..execution import Execution
    from ._client import Clients, Wire

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

_LARGEST_REFUSAL = 1024 * 1024
_LINGER_SECONDS = 1.0
_REQUEST_IDS = (
    "x-request-id", "request-id", "x-amzn-requestid", "apim-request-id",
    "x-goog-request-id", "nvcf-reqid", "x-trace-id", "mistral-correlation-id",
    "x-global-transaction-id", "cf-ray",
)  # fmt: skip


@define(frozen=True)
class Timeouts:
    """How long things may take, in seconds; ``None`` for ever.

    Args:
        read: The wait for the first bytes, and between bytes.
        connect: The wait for a connection.
        total: The whole answer, with all attempts.
    """

    read: float | None = 60.0
    connect: float | None = 10.0
    total: float | None = None


@define(frozen=True)
class Call:
    """A request, ready to be sent.

    Args:
        url: Where to.
        headers: With the key.
        body: The bytes of it.
        secrets: What no error may show.
        method: The HTTP method.
    """

    url: str
    headers: dict[str, str]
    body: bytes
    secrets: tuple[str, ...] = ()
    method: str = "POST"


class AnswerReader(Protocol[T_co]):
    """Reads one answer, from the bytes of its body to what they say."""

    @property
    def finished(self) -> bool:
        """Nothing of the answer is missing."""
        ...

    @property
    def done(self) -> bool:
        """Nothing is to come any more, though the body may not have ended."""
        ...

    @property
    def error(self) -> ModelError | None:
        """What went wrong, if something did; no more bytes are read then."""
        ...

    def feed(self, data: bytes) -> Iterable[T_co]:
        """Take the next bytes, and return what they complete."""
        ...

    def end(self) -> Iterable[T_co]:
        """Take the end of the body, and return what it completes."""
        ...


@define
class Exchange(Generic[T]):
    """Asks until there is an answer.

    Args:
        clients: Whose connections are used.
        execution: How it is waited.
        vendor: Who is asked.
        model: For which model.
        call: Makes the request; anew for each attempt, since what signs it may run out.
        reader: Makes what reads an answer, of a source and a content type.
        timeouts: How long things may take.
        retries: When it is tried again.
    """

    clients: Clients
    execution: Execution
    vendor: str
    model: str | None
    call: Callable[[], Awaitable[Call]]
    reader: Callable[[Source, str], AnswerReader[T]]
    timeouts: Timeouts
    retries: Retries

    async def chunks(self) -> AsyncIterator[T]:
        """Yield what the reader makes of the answer.

        Raises:
            ModelError: there is none, or only a part of it.
        """
        ends = None if self.timeouts.total is None else time.monotonic() + self.timeouts.total
        attempt = 0
        while True:
            attempt += 1
            begun = False
            try:
                async with closing(self._attempt(ends)) as chunks:
                    async for chunk in chunks:
                        begun = True
                        yield chunk
                return
            except ModelError as error:
                wait = None if begun else self.retries.wait(error, attempt)
                if wait is None or (ends is not None and time.monotonic() + wait > ends):
                    raise
            await self.execution.sleep(wait)

    async def _attempt(self, ends: float | None) -> AsyncIterator[T]:
        wire = await self.clients.wire(self.execution)
        call = await self.call()
        source = Source(self.vendor, self.model, call.secrets)
        clock = None if ends is None else self.execution.clock()
        response: Any = None
        pieces: Any = None
        try:
            send = partial(self._send, wire, call)
            response = await self._within(ends, clock, source, send)
            source.status = response.status_code
            source.request_id = _request_id(response.headers)
            pieces = wire.pieces(response)
            next_piece = partial(self._within, ends, clock, source, pieces.__anext__)
            unpack = _unpacking(source, response.headers)
            if not 200 <= response.status_code < 300:
                raise await _refusal(source, response, next_piece, unpack)
            reader = self.reader(source, response.headers.get("content-type", ""))
            check = self.execution.check
            while True:
                check()
                if reader.done and clock is None and not self.execution.blocking:
                    # Only the end of the body is to come. If it comes soon, the connection
                    # can be used again.
                    clock, ends = self.execution.clock(), time.monotonic() + _LINGER_SECONDS
                    next_piece = partial(self._within, ends, clock, source, pieces.__anext__)
                try:
                    data = await (pieces.__anext__() if clock is None else next_piece())
                except StopAsyncIteration:
                    data = None
                except Exception as error:  # noqa: BLE001 - raised on, unless nothing is missing
                    if not reader.finished:
                        raise _failure(source, error) from error.__cause__
                    data = None  # The answer is whole; what broke is only the way to its end.
                if unpack is not None and data is not None:
                    data = unpack(data)
                for chunk in reader.end() if data is None else reader.feed(data):
                    yield chunk
                if reader.error is not None:
                    raise reader.error
                if data is None:
                    return
        finally:
            if clock is not None:
                clock.close()
            if response is not None:
                await wire.close(response, pieces)

    async def _send(self, wire: Wire, call: Call) -> Any:
        waits = self.timeouts
        # Without a loop only the client can end a wait, so each is limited by the whole, too.
        limits = [limit for limit in (waits.read, waits.total) if limit is not None]
        read = min(limits, default=None)
        timeout = http().Timeout(read, connect=waits.connect, pool=None)
        return await wire.send(call.method, call.url, call.headers, call.body, timeout)

    async def _within(
        self, ends: float | None, clock: Any, source: Source, step: Callable[[], Any]
    ) -> Any:
        """Take a step within the time that is left, with errors of the tree."""
        try:
            if ends is None:
                return await step()
            return await clock.limit(max(0.0, ends - time.monotonic()), step)
        except OutOfTime:
            reason = "the whole answer has not come within total_timeout"
            raise source.error(ModelTimeoutError, reason) from None
        except StopAsyncIteration:
            raise
        except Exception as error:  # noqa: BLE001 - raised on
            raise _failure(source, error) from error.__cause__


def _failure(source: Source, error: Exception) -> Exception:
    """Return the error of the tree for what the client raises; others stay.

    What the client raises is not its cause: it holds the request, and so the key. What lies
    below it does not.
    """
    client = http()
    kind: type[ModelError]
    if isinstance(error, client.TimeoutException):
        kind = ModelTimeoutError
        what = "connected" if isinstance(error, client.ConnectTimeout) else "sent anything"
        reason = f"the vendor has not {what} in time ({type(error).__name__})"
    elif isinstance(error, (client.TransportError, client.InvalidURL)):
        kind = ModelConnectionError
        reason = f"the connection failed: {_words(error)}"
    else:
        return error
    return source.error(kind, reason)


def _words(error: BaseException) -> str:
    """Return what went wrong: of errors without words, what the one below them says."""
    said: BaseException | None = error
    while said is not None and not str(said):
        said = said.__cause__ or said.__context__
    return f"{type(error).__name__}: {error if said is None else said}"


def _unpacking(source: Source, headers: Mapping[str, str]) -> Callable[[bytes], bytes] | None:
    """Return what unpacks the pieces of a body, if it is packed: it was not asked to be."""
    coding = headers.get("content-encoding", "identity").strip().lower()
    if coding in ("", "identity"):
        return None
    if coding not in ("gzip", "x-gzip", "deflate"):
        reason = f"the answer is packed as {coding!r}, which nobody asked for"
        raise source.error(MalformedStreamError, reason)
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)  # of gzip or zlib, whichever it is

    def unpack(data: bytes) -> bytes:
        try:
            return unpacker.decompress(data)
        except zlib.error as error:
            reason = f"the answer cannot be unpacked: {error}"
            raise source.error(MalformedStreamError, reason) from None

    return unpack


async def _refusal(
    source: Source,
    response: Any,
    next_piece: Callable[[], Any],
    unpack: Callable[[bytes], bytes] | None,
) -> ModelError:
    """Return the error that a response without an answer stands for."""
    if 300 <= response.status_code < 400:
        place = response.headers.get("location", "nowhere")
        reason = f"redirected to {place}, where the key is not sent; give the right base_url"
        return source.error(ModelRequestError, reason)
    body = bytearray()
    try:
        while len(body) < _LARGEST_REFUSAL:
            data = await next_piece()
            body += data if unpack is None else unpack(data)
    except (StopAsyncIteration, ModelError):
        pass  # The status is known; what has come of the reason will do.
    code = response.headers.get("x-amzn-errortype", "").partition(":")[0]  # AWS says it here
    return source.refusal(bytes(body), retry_after(response.headers), code)


def _request_id(headers: Mapping[str, str]) -> str | None:
    return next((headers[name] for name in _REQUEST_IDS if name in headers), None)
