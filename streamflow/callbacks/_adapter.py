"""A handler as a sink of the bus.

The sink turns messages into calls of the handler's methods and keeps nothing of the runs:
what a call tells, it has read off the message. A run of a kind whose methods the handler
does not define, or says it ignores, is not listened to at all.

A plain method is called where the message is published. An ``async`` one is queued there,
and awaited before the run that published goes on. An exception that a handler with
``raise_error`` raises is queued, too: thrown on the spot it would keep the message from the
other sinks. It comes up in the run that published as soon as that run settles, once. A run
that is failing or being cancelled has an exception to raise already, or must not be held
up; there it is logged, as it is for all other handlers.
"""

from __future__ import annotations

import inspect
from threading import RLock  # noqa: TID251 - a lock; no thread is started here
from typing import TYPE_CHECKING, Any, NamedTuple

from ..bus import RunCancelled, RunFailed
from ..bus._sink import Sink, logger
from ._calls import Call, calls_for, chat_as_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..bus import EventFilter, Run
    from ..bus._messages import Message
    from ..execution import Execution
    from ._calls import Arguments
    from ._handler import BaseCallbackHandler


class _Route(NamedTuple):
    """A method that the handler defines."""

    function: Callable[..., Any]
    arguments: Callable[[Any], Arguments]
    is_async: bool


class _Waiting(NamedTuple):
    """What a run has to settle: an async call that is due, or an exception to be raised."""

    message: Message
    route: _Route
    error: Exception | None


class HandlerSink(Sink):
    """Calls the methods of a callback handler.

    Args:
        handler: The handler.
        filter: Which runs; all of them if not given.
    """

    __slots__ = ("_handler", "_lock", "_routes", "_waiting")

    is_listener = True

    def __init__(self, handler: BaseCallbackHandler, filter: EventFilter | None = None) -> None:
        super().__init__(filter)
        self._handler = handler
        self._routes: dict[str, dict[str, _Route]] = {}
        self._waiting: list[_Waiting] = []
        # Reentrant: while it is held, a stream may be collected whose run is told of here.
        self._lock = RLock()

    def accepts(self, run: Run) -> bool:
        return bool(self._routes_of(run.type)) and super().accepts(run)

    def wants_chunks(self, run: Run) -> bool:
        return "stream" in self._routes_of(run.type)

    def offer(self, message: Message) -> bool:
        if self._waiting and isinstance(message, (RunFailed, RunCancelled)):
            self._give_up(message.run.id)
        route = self._routes_of(message.run.type).get(message.kind)
        if route is None:
            return False
        if route.is_async:
            self._wait(_Waiting(message, route, None))
            return True
        try:
            args, kwargs = route.arguments(message)
            route.function(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - logged, or raised by settle()
            if self._harms(message):
                self._wait(_Waiting(message, route, error))
                return True
            _log(route, message, error)
        return False

    async def settle(self, run: Run, execution: Execution) -> None:
        while self._waiting:
            due = self._next(run.id)
            if due is None:
                return
            message, route, error = due
            if error is None:
                args, kwargs = route.arguments(message)
                try:
                    await execution.call_async(route.function, *args, **kwargs)
                    continue
                except Exception as failure:  # noqa: BLE001 - logged, or raised below
                    error = failure
                if not self._harms(message):
                    _log(route, message, error)
                    continue
            raise error

    def _harms(self, message: Message) -> bool:
        return self._handler.raise_error and not isinstance(message, (RunFailed, RunCancelled))

    def _wait(self, waiting: _Waiting) -> None:
        with self._lock:
            self._waiting.append(waiting)

    def _next(self, run_id: str) -> _Waiting | None:
        # Runs beside each other settle at the same time: each takes what it has published.
        with self._lock:
            for waiting in self._waiting:
                if waiting.message.run.id == run_id:
                    self._waiting.remove(waiting)
                    return waiting
        return None

    def _give_up(self, run_id: str) -> None:
        """Log the exceptions that the run, which fails, will not settle any more."""
        with self._lock:
            mine = [each for each in self._waiting if each.message.run.id == run_id]
            lost = [each for each in mine if each.error is not None]
            for each in lost:
                self._waiting.remove(each)
        for message, route, error in lost:
            _log(route, message, error)

    def _routes_of(self, run_type: str) -> dict[str, _Route]:
        routes = self._routes.get(run_type)
        if routes is None:
            calls = calls_for(run_type)
            found = {kind: self._route(call) for kind, call in calls.items()}
            routes = {kind: route for kind, route in found.items() if route is not None}
            if run_type == "chat_model" and "start" not in routes:
                routes.update(self._start_as_text())
            self._routes[run_type] = routes
        return routes

    def _start_as_text(self) -> dict[str, _Route]:
        """Return how a handler that knows no chat models is told of the start of one."""
        if self._handler.ignore_chat_model:
            return {}
        start = self._route(Call("on_llm_start", "ignore_llm", chat_as_text))
        return {} if start is None else {"start": start}

    def _route(self, call: Call) -> _Route | None:
        function = getattr(self._handler, call.method, None)
        if function is None or getattr(function, "_does_nothing", False):
            return None
        if getattr(self._handler, call.ignored_by, False):
            return None
        return _Route(function, call.arguments, inspect.iscoroutinefunction(function))


def _log(route: _Route, message: Message, error: Exception | None) -> None:
    logger.error(
        "callback %s failed on the %r message of run %r; the run goes on",
        getattr(route.function, "__qualname__", route.function),
        message.kind,
        message.run.name,
        exc_info=error,
    )
