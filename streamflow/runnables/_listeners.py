"""What ``with_listeners`` adds: functions that hear of the one run of a call.

They are told with a record of the run, made of its messages: of the start, and then of the
end.
"""

from __future__ import annotations

import inspect
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from attrs import define

from .._unset import Unset
from ..bus import RunCancelled, RunEnded, RunFailed, RunStarted
from ..bus._sink import listener
from ..errors import RunCancelledError
from ._callbacks import OwnRunListener
from ._config import config_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..bus import Run
    from ..bus._messages import Message
    from ..bus._sink import Sink
    from ._config import RunnableConfig


@define(frozen=True)
class RunRecord:
    """A run as listeners are told of it.

    >>> from streamflow.runnables import RunnableLambda, RunRecord
    >>> def ended(run: RunRecord) -> None:
    ...     print(f"{run.name}: {run.inputs} -> {run.outputs}")
    >>> RunnableLambda(lambda x: x + 1, name="add").with_listeners(on_end=ended).invoke(1)
    add: 1 -> 2
    2
    """

    id: str
    """The id of the run."""
    parent_run_id: str | None
    """The id of the run above it, if there is one."""
    name: str
    """Its name."""
    run_type: str
    """Its type, such as ``"chain"``."""
    tags: list[str]
    """Its tags."""
    metadata: dict[str, Any]
    """Its metadata."""
    start_time: datetime
    """When it started."""
    end_time: datetime | None = None
    """When it ended, if it has."""
    inputs: Any = None
    """Its input, as far as it is known."""
    outputs: Any = None
    """Its output; of a run that failed, what had come so far."""
    error: BaseException | None = None
    """Why it failed, if it has; a ``RunCancelledError`` if it was stopped."""


class RunListeners(OwnRunListener):
    """Functions to be called when a run starts, ends or fails.

    Args:
        on_start: Called with the record, or with the record and the run's config, ...
        on_end: ... as this one, ...
        on_error: ... and this one.
        is_async: They are async functions.
    """

    def __init__(
        self,
        on_start: Callable[..., Any] | None,
        on_end: Callable[..., Any] | None,
        on_error: Callable[..., Any] | None,
        *,
        is_async: bool = False,
    ) -> None:
        self._on_start = on_start
        self._on_end = on_end
        self._on_error = on_error
        self._is_async = is_async

    def sink(self) -> Sink:
        started: list[Message] = []

        def arguments(message: Message) -> tuple[Callable[..., Any] | None, list[Any]]:
            function = self._function_for(message)
            if isinstance(message, RunStarted):
                started.append(message)
            if function is None:
                return None, []
            given: list[Any] = [_record(started[0], message)]
            if _takes_config(function):
                run: Run = message.run  # type: ignore[assignment]  # it was published here
                given.append(config_of(run.scope, run))
            return function, given

        def tell(message: Message) -> None:
            function, given = arguments(message)
            if function is not None:
                function(*given)

        async def tell_async(message: Message) -> None:
            function, given = arguments(message)
            if function is not None:
                await function(*given)

        return listener(tell_async if self._is_async else tell, chunks=False)

    def _function_for(self, message: Message) -> Callable[..., Any] | None:
        if isinstance(message, RunStarted):
            return self._on_start
        if isinstance(message, RunEnded):
            return self._on_end
        return self._on_error if isinstance(message, (RunFailed, RunCancelled)) else None


def _record(started: Message, message: Any) -> RunRecord:
    run: Any = message.run
    error: Any = None
    if isinstance(message, RunFailed):
        error = message.error
    elif isinstance(message, RunCancelled):
        error = RunCancelledError(run.name)
    return RunRecord(
        id=run.id,
        parent_run_id=run.parent_ids[-1] if run.parent is not None else None,
        name=run.name,
        run_type=run.type,
        tags=run.tags,
        metadata=run.metadata,
        start_time=_when(started),
        end_time=None if message is started else _when(message),
        inputs=_known(message.input),
        outputs=_known(getattr(message, "output", getattr(message, "partial", None))),
        error=error,
    )


def _when(message: Message) -> datetime:
    return datetime.fromtimestamp(message.time, timezone.utc)


def _known(value: Any) -> Any:
    return None if isinstance(value, Unset) else value


def _takes_config(function: Callable[..., Any]) -> bool:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # some builtins have no signature
        return False
    places = [each for each in parameters if each.kind in _POSITIONAL]
    return len(places) > 1 or any(each.kind is each.VAR_POSITIONAL for each in places)


_POSITIONAL = (
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
    inspect.Parameter.VAR_POSITIONAL,
)


def listening(
    on_start: Callable[..., Any] | None,
    on_end: Callable[..., Any] | None,
    on_error: Callable[..., Any] | None,
    *,
    is_async: bool,
) -> RunnableConfig:
    """Return the config that adds the functions to the run of a call."""
    listeners = RunListeners(on_start, on_end, on_error, is_async=is_async)
    return {"callbacks": [listeners]}
