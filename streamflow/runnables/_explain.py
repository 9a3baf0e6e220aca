"""What passes chunks on, and what waits for its whole input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from attrs import define

from ..errors import StrictStreamingError
from ._binding import RunnableBinding
from ._generator import RunnableGenerator
from ._lambda import RunnableLambda
from ._overrides import CHUNKWISE
from ._parallel import RunnableParallel
from ._passthrough import RunnableAssign, RunnablePassthrough, RunnablePick
from ._sequence import RunnableSequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._base import Runnable

Flow = Literal["passes", "streams", "buffers"]

_MEANING: dict[Flow, str] = {
    "passes": "passes chunks on",
    "streams": "waits for its whole input, then yields chunks",
    "buffers": "waits for its whole input, then yields one chunk",
}


@define(frozen=True)
class StepReport:
    """How one step treats a stream."""

    path: str
    """Where it stands, such as ``2`` or ``1.context``."""
    name: str
    """The name of its runs."""
    flow: Flow
    """``"passes"``, ``"streams"`` or ``"buffers"``."""
    depth: int
    """How deep it is nested."""

    @property
    def passes_chunks(self) -> bool:
        """Whether it yields before its input has ended."""
        return self.flow == "passes"

    def __str__(self) -> str:
        return f"{'  ' * self.depth}{self.path} {self.name}: {_MEANING[self.flow]}"


@define(frozen=True)
class Explanation:
    """How each step of a runnable treats a stream; print it, or look through ``steps``."""

    steps: tuple[StepReport, ...]

    def __str__(self) -> str:
        return "\n".join(str(step) for step in self.steps)

    def __iter__(self) -> Iterator[StepReport]:
        return iter(self.steps)


def explain(runnable: Runnable[Any, Any]) -> Explanation:
    """Return how each step of ``runnable`` treats a stream."""
    parts = list(_parts(runnable))
    if not parts:
        return Explanation((StepReport("1", runnable.get_name(), flow_of(runnable), 0),))
    return Explanation(tuple(_reports(runnable, "", 0)))


def check_streams(runnable: Runnable[Any, Any], *, streaming: bool, path: str = "") -> bool:
    """Raise if a step would wait for an input that arrives in chunks.

    Args:
        runnable: What is to be streamed.
        streaming: Whether its input arrives in chunks.
        path: Where it stands.

    Returns:
        Whether its output comes in chunks.

    Raises:
        StrictStreamingError: a step would collapse the stream.
    """
    inner = _unbound(runnable)
    if isinstance(inner, RunnableSequence):
        for key, step in _parts(inner):
            streaming = check_streams(step, streaming=streaming, path=_join(path, key))
        return streaming
    parts = list(_parts(inner))
    if parts:
        branches = [
            check_streams(step, streaming=streaming, path=_join(path, key)) for key, step in parts
        ]
        return any(branches) or streaming
    flow = flow_of(inner)
    if streaming and flow != "passes":
        where = f"{path} ({runnable.get_name()})" if path else runnable.get_name()
        raise StrictStreamingError(where, f"it {_MEANING[flow]}")
    return streaming if flow == "passes" else flow == "streams"


def flow_of(runnable: Runnable[Any, Any]) -> Flow:
    """Return how ``runnable`` as a whole treats a stream."""
    inner = _unbound(runnable)
    parts = [flow_of(step) for _, step in _parts(inner)]
    if isinstance(inner, RunnableSequence):
        if all(flow == "passes" for flow in parts):
            return "passes"
        # What comes after the last step that buffers decides how the output comes.
        return "buffers" if _last_wait(parts) == "buffers" else "streams"
    if parts:
        return "passes" if all(flow == "passes" for flow in parts) else "streams"
    if isinstance(inner, RunnableLambda):
        return _lambda_flow(inner)
    if isinstance(inner, (RunnableGenerator, RunnablePassthrough, RunnablePick)):
        return "passes"
    if inner._overrides:
        return _overridden_flow(inner)
    return inner._flow


def _last_wait(flows: list[Flow]) -> Flow:
    return next(flow for flow in reversed(flows) if flow != "passes")


def _lambda_flow(runnable: RunnableLambda[Any, Any]) -> Flow:
    if runnable.per_chunk:
        return "passes"
    return "streams" if runnable._facts.yields else "buffers"


def _overridden_flow(runnable: Runnable[Any, Any]) -> Flow:
    names = runnable._overrides.keys()
    if names & set(CHUNKWISE):
        return "passes"
    if names & {"stream", "astream"}:
        return "streams"
    return runnable._flow


def _unbound(runnable: Runnable[Any, Any]) -> Runnable[Any, Any]:
    return runnable.bound if isinstance(runnable, RunnableBinding) else runnable


def _parts(runnable: Runnable[Any, Any]) -> Iterator[tuple[str, Runnable[Any, Any]]]:
    inner = _unbound(runnable)
    if isinstance(inner, RunnableSequence):
        yield from ((str(n), step) for n, step in enumerate(inner.steps, start=1))
    elif isinstance(inner, RunnableParallel):
        yield from inner.steps.items()
    elif isinstance(inner, RunnableAssign):
        yield from inner.mapper.steps.items()


def _reports(runnable: Runnable[Any, Any], path: str, depth: int) -> Iterator[StepReport]:
    for key, step in _parts(runnable):
        here = _join(path, key)
        yield StepReport(here, step.get_name(), flow_of(step), depth)
        yield from _reports(step, here, depth + 1)


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
