"""The connections of one model: a pool for each event loop, and one for use without a loop.

What is written here twice is the naming of httpx2's two clients, and nothing else: in a run
without a loop the same coroutines call the blocking client, and never suspend.
"""

from __future__ import annotations

import weakref
from functools import cache, partial
from importlib import import_module
from threading import Lock  # noqa: TID251 - a lock; no thread is started here
from typing import TYPE_CHECKING, Any, Protocol

from anyio.lowlevel import current_token

from ..errors import MissingExtraError
from ..execution import LOOP
from ..execution._background import spawn
from ..execution._ownership import first_owned, outermost
from ..execution._waiting import call_soon

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Mapping

    from anyio.lowlevel import EventLoopToken

    from ..execution import Execution

CLOSE_SECONDS = 5.0
"""How long a connection may take to close."""
_CONNECTIONS = 1000
_IDLE = 100


@cache
def http() -> Any:
    """Return httpx2, which is loaded when the first request is made."""
    return import_module("httpx2")


@cache
def _certificates() -> Any:
    # Reading the certificates of the system takes long; all clients can share them.
    return http().create_ssl_context()


class Response(Protocol):
    """A response of which the body has not been read."""

    @property
    def status_code(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...


class Wire(Protocol):
    """Sends requests and reads what comes back."""

    async def send(
        self, method: str, url: str, headers: dict[str, str], body: bytes, waits: Any
    ) -> Any:
        """Return a `Response`, as soon as its head is there."""
        ...

    def pieces(self, response: Any) -> AsyncIterator[bytes]:
        """Return an iterator of the bytes of its body, as they come over the wire."""
        ...

    async def close(self, response: Any, pieces: Any) -> None:
        """Close a response and its iterator, whatever is left of it."""
        ...


class Clients:
    """The pools of one model.

    Args:
        options: Arguments for httpx2's clients: ``proxy``, ``verify``, ``limits``, ….
        owner: Whose they are, for errors.
    """

    def __init__(self, options: Mapping[str, Any], owner: str) -> None:
        self._options = options
        self._owner = owner
        # A loop's client is closed when the loop ends: a generator on the loop's own list
        # of those to be closed sees to it.
        self._of_loops: dict[EventLoopToken, tuple[Any, AsyncGenerator[None, None]]] = {}
        weakref.finalize(self, _leave, self._of_loops)
        self._lock = Lock()  # Many threads may ask for the one client that they share.
        self._blocking: Any = None
        self._end: Any = None

    def __reduce__(self) -> Any:
        return Clients, (self._options, self._owner)  # A copy of a model connects by itself.

    async def wire(self, execution: Execution) -> Wire:
        """Return what sends the requests of a run.

        Raises:
            MissingExtraError: httpx2 is not installed.
        """
        if execution.blocking:
            return BlockingWire(self._blocking_client())
        loop = current_token()
        if loop not in self._of_loops:
            arguments = await execution.call(self._arguments)
            if loop not in self._of_loops:  # Another task may have been faster.
                client = http().AsyncClient(**arguments)
                keeper = _kept_open(client, self._of_loops, loop)
                self._of_loops[loop] = (client, keeper)
                await outermost(keeper)
        return LoopWire(self._of_loops[loop][0])

    async def aclose(self) -> None:
        """Close what belongs to the running loop, and what belongs to none."""
        self.disconnect()
        _, keeper = self._of_loops.get(current_token(), (None, None))
        if keeper is not None:
            await keeper.aclose()

    def disconnect(self) -> None:
        """Close what belongs to no loop."""
        with self._lock:
            end, self._blocking, self._end = self._end, None, None
        if end is not None:
            end()

    def _blocking_client(self) -> Any:
        with self._lock:
            if self._blocking is None:
                arguments = self._arguments()
                client = self._blocking = http().Client(**arguments)
                self._end = weakref.finalize(self, client.close)
            return self._blocking

    def _arguments(self) -> dict[str, Any]:
        try:
            http()
        except ImportError as error:
            raise MissingExtraError(self._owner, "models") from error
        limits = http().Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_IDLE)
        given = {"limits": limits, **self._options}
        if given.get("verify", True) is True:
            given["verify"] = _certificates()
        # A redirect could carry the key elsewhere; it is an error, which says where to.
        return {**given, "follow_redirects": False}


def _leave(clients: dict[EventLoopToken, tuple[Any, AsyncGenerator[None, None]]]) -> None:
    """Have the clients closed of a model that is no more, each by its own loop."""
    for token, (_, keeper) in list(clients.items()):
        call_soon(token, partial(_end_soon, keeper, token))


def _end_soon(keeper: AsyncGenerator[None, None], token: EventLoopToken) -> None:
    async def end() -> None:
        await keeper.aclose()

    try:
        spawn(end, "close", token)
    except RuntimeError:  # trio is at its end, and closes the generator itself
        return


async def _kept_open(
    client: Any, clients: dict[EventLoopToken, Any], loop: EventLoopToken
) -> AsyncGenerator[None, None]:
    try:
        yield
    finally:
        clients.pop(loop, None)
        await LOOP.shielded(client.aclose, seconds=CLOSE_SECONDS)


class LoopWire:
    """Sends requests on an event loop."""

    def __init__(self, client: Any) -> None:
        self._client = client

    async def send(
        self, method: str, url: str, headers: dict[str, str], body: bytes, waits: Any
    ) -> Any:
        client = self._client
        request = client.build_request(method, url, headers=headers, content=body, timeout=waits)
        return await client.send(request, stream=True)

    def pieces(self, response: Any) -> AsyncIterator[bytes]:
        return _Pieces(response.aiter_raw())

    async def close(self, response: Any, pieces: Any) -> None:
        if response.is_closed:
            return

        async def work() -> None:
            await LOOP.shielded(_closed, response, pieces, seconds=CLOSE_SECONDS)

        # In a task of its own, which goes on if the caller is cancelled once more: a shield
        # holds off scopes, but not the native cancellation of an asyncio task.
        host = LOOP.background(work, "close")
        try:
            host.start()
        except RuntimeError:  # trio is at its end, and takes no more tasks
            await work()
        else:
            await LOOP.shielded(host.wait, seconds=CLOSE_SECONDS)


class _Pieces:
    """The pieces of a body, from generators of the client that the loop does not close.

    A loop that shuts down would close those below the first one on its own, while that one
    is busy with closing them.
    """

    __slots__ = ("_begun", "_source")

    def __init__(self, source: AsyncIterator[bytes]) -> None:
        self._source = source
        self._begun = False

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    def __anext__(self) -> Awaitable[bytes]:
        if self._begun:
            return self._source.__anext__()
        self._begun = True
        return first_owned(self._source)


async def _closed(response: Any, pieces: AsyncIterator[bytes] | None) -> None:
    await response.aclose()
    if pieces is None:
        return
    try:
        # Each of the client's generators closes the one below only when an error comes up
        # through it, and the loop would warn of the others. The connection is closed, so
        # to read on brings one, at once.
        async for _ in pieces:
            pass
    except http().HTTPError:
        pass
    except http().StreamError:
        pass


class BlockingWire:
    """Sends requests without a loop; nothing here suspends."""

    def __init__(self, client: Any) -> None:
        self._client = client

    async def send(
        self, method: str, url: str, headers: dict[str, str], body: bytes, waits: Any
    ) -> Any:
        client = self._client
        request = client.build_request(method, url, headers=headers, content=body, timeout=waits)
        return client.send(request, stream=True)

    async def pieces(self, response: Any) -> AsyncIterator[bytes]:
        for data in response.iter_raw():
            yield data

    async def close(self, response: Any, pieces: Any) -> None:
        response.close()
