"""An event as a dict, of whatever version."""

from __future__ import annotations

from typing import Any, TypedDict

from ..errors import EventVersionError

VERSIONS = ("v1", "v2")


class _Event(TypedDict):
    event: str
    data: dict[str, Any]
    run_id: str
    name: str
    tags: list[str]
    metadata: dict[str, Any]


class StreamEvent(_Event, total=False):
    """Something that happened in a run, as ``astream_events`` tells it.

    ===============  ====================================================================
    ``event``        ``on_<type>_<start|stream|end|error|cancelled|retry>``, or
                     ``on_custom_event``
    ``data``         ``input``, ``chunk``, ``output``, ``error`` and ``partial``, as far as
                     the event has them
    ``run_id``       the id of the run
    ``name``         the name of the run, or of the custom event
    ``tags``         the tags of the run: its own first, then the inherited ones
    ``metadata``     the metadata of the run
    ``parent_ids``   the ids of the runs above it, from the root down; not in version 1
    ===============  ====================================================================

    >>> from streamflow.views import StreamEvent
    >>> def tokens(event: StreamEvent) -> str:
    ...     return event["data"]["chunk"] if event["event"] == "on_llm_stream" else ""
    """

    parent_ids: list[str]


def check_version(version: object) -> None:
    """Raise unless ``astream_events`` knows ``version``.

    Raises:
        EventVersionError: it does not.
    """
    if version not in VERSIONS:
        raise EventVersionError(version, VERSIONS)
