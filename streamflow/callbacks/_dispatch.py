"""Events of the user's own, published by the run whose code sends them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..bus import CustomEvent, Run, current_run
from ..errors import NoActiveRunError
from ..runnables._callbacks import parent_in

if TYPE_CHECKING:
    from ..runnables import RunnableConfig


def dispatch_custom_event(
    name: str, data: Any = None, *, config: RunnableConfig | None = None
) -> None:
    """Tell everybody who listens to the current run that something happened in it.

    It is a ``CustomEvent`` on the bus, ``on_custom_event`` in ``astream_events`` (version
    ``"v2"``) and a call of ``on_custom_event`` of handlers. Works in plain functions and
    generators and in threads that streamflow starts. A thread waits here for a subscriber
    that is slow; in ``async`` code use ``adispatch_custom_event``, which awaits.

    Args:
        name: What happened.
        data: Anything that tells more.
        config: The config that the code was given, if the current run is not known, as in a
            thread of your own.

    Raises:
        NoActiveRunError: no run is active here.

    >>> from streamflow.callbacks import dispatch_custom_event
    >>> from streamflow.runnables import RunnableLambda
    >>> def search(query):
    ...     dispatch_custom_event("searched", {"pages": 3})
    ...     return "found"
    >>> with RunnableLambda(search).stream_events("bees") as messages:
    ...     [(each.name, each.data) for each in messages if each.kind == "custom"]
    [('searched', {'pages': 3})]
    """
    run = _run_for("dispatch_custom_event", config)
    if run.sinks:
        run.publish_now(CustomEvent(run, name, data))


async def adispatch_custom_event(
    name: str, data: Any = None, *, config: RunnableConfig | None = None
) -> None:
    """Tell everybody who listens to the current run; as ``dispatch_custom_event``, awaited.

    Args:
        name: What happened.
        data: Anything that tells more.
        config: The config that the code was given, if the current run is not known.

    Raises:
        NoActiveRunError: no run is active here.

    >>> import anyio
    >>> from streamflow.callbacks import adispatch_custom_event
    >>> from streamflow.runnables import RunnableLambda
    >>> async def search(query):
    ...     await adispatch_custom_event("searched", {"pages": 3})
    ...     return "found"
    >>> async def main():
    ...     async for event in RunnableLambda(search).astream_events("bees"):
    ...         if event["event"] == "on_custom_event":
    ...             print(event["name"], event["data"])
    >>> anyio.run(main)
    searched {'pages': 3}
    """
    run = _run_for("adispatch_custom_event", config)
    if run.sinks:
        await run.publish(CustomEvent(run, name, data))


def _run_for(function: str, config: RunnableConfig | None) -> Run:
    run = parent_in(config) or current_run()
    if run is None:
        raise NoActiveRunError(
            f"{function}() was called outside of any run. Call it in code that a runnable "
            f"runs; in a thread of your own pass config=, the config that your function was "
            f"given, or start the thread with contextvars.copy_context().run(...)."
        )
    if run.done:
        raise NoActiveRunError(
            f"{function}() was called after the run {run.name!r} had ended, so nobody can "
            f"hear it. Wait, in the function, for the threads and tasks that it starts."
        )
    return run
