"""What passes chunks on, and what waits for its whole input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import define

from ..errors import StrictStreamingError
from ._generator import RunnableGenerator
from ._lambda import RunnableLambda
from ._overrides import CHUNKWISE
from ._parts import Flow, Parts, unwrapped
from ._passthrough import RunnablePassthrough, RunnablePick

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._base import Runnable

_MEANING: dict[Flow, str] = {
    "passes": "passes chunks on",
    "streams": "waits for its whole input, then yields chunks",
    "buffers": "waits for its whole input, then yields one chunk",
}


@define(frozen=True)
class StepReport:
    """How one step treats a stream.

    >>> from streamflow.runnables import RunnablePassthrough
    >>> step, = RunnablePassthrough().explain()
    >>> step.name, step.flow, step.passes_chunks
    ('RunnablePassthrough', 'passes', True)
    """

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
    """How each step of a runnable treats a stream; print it, or look through ``steps``.

    >>> from streamflow.runnables import RunnableLambda, RunnablePassthrough
    >>> [step.flow for step in (RunnablePassthrough() | RunnableLambda(len)).explain()]
    ['passes', 'buffers']
    """

    steps: tuple[StepReport, ...]

    def __str__(self) -> str:
        return "\n".join(str(step) for step in self.steps)

    def __iter__(self) -> Iterator[StepReport]:
        return iter(self.steps)


def explain(runnable: Runnable[Any, Any]) -> Explanation:
    """Return how each step of ``runnable`` treats a stream."""
    if not unwrapped(runnable)._parts().items:
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
    inner = unwrapped(runnable)
    parts = inner._parts()
    itself = parts.at_best if parts.items else flow_of(inner)
    if streaming and itself != "passes":
        where = f"{path} ({runnable.get_name()})" if path else runnable.get_name()
        raise StrictStreamingError(where, f"it {_MEANING[itself]}")
    if not parts.items:
        return streaming if itself == "passes" else itself == "streams"
    if parts.join == "row":
        for part in parts.items:
            streaming = check_streams(part.step, streaming=streaming, path=_join(path, part.key))
        return streaming
    if parts.join == "each":
        streaming = False  # what arrives in chunks is the list, not its elements
    outputs = [
        check_streams(part.step, streaming=streaming, path=_join(path, part.key))
        for part in parts.items
    ]
    return (any(outputs) or parts.join == "each") and itself != "buffers"


def flow_of(runnable: Runnable[Any, Any]) -> Flow:
    """Return how ``runnable`` as a whole treats a stream."""
    inner = unwrapped(runnable)
    parts = inner._parts()
    if parts.join == "each":
        return parts.at_best
    if parts.items:
        return max(parts.at_best, _joined_flow(parts), key=_WORSE.index)
    if isinstance(inner, RunnableLambda):
        return _lambda_flow(inner)
    if isinstance(inner, (RunnableGenerator, RunnablePassthrough, RunnablePick)):
        return "passes"
    if inner._overrides:
        return _overridden_flow(inner)
    return inner._flow


_WORSE: tuple[Flow, ...] = ("passes", "streams", "buffers")


def _joined_flow(parts: Parts) -> Flow:
    flows = [flow_of(part.step) for part in parts.items]
    if all(flow == "passes" for flow in flows):
        return "passes"
    if parts.join == "row":
        # What comes after the last step that buffers decides how the output comes.
        return next(flow for flow in reversed(flows) if flow != "passes")
    if parts.join == "together":
        return "streams"  # what each of them yields is a chunk at least
    return "buffers" if all(flow == "buffers" for flow in flows) else "streams"


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


def _reports(runnable: Runnable[Any, Any], path: str, depth: int) -> Iterator[StepReport]:
    for part in unwrapped(runnable)._parts().items:
        here = _join(path, part.key)
        yield StepReport(here, part.step.get_name(), flow_of(part.step), depth)
        yield from _reports(part.step, here, depth + 1)


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
