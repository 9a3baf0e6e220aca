"""Hypothesis strategies that several packages of tests share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from attrs import frozen
from hypothesis import strategies as st

from streamflow.bus import EventFilter, Run
from streamflow.runnables import Runnable, RunnableLambda, RunnableParallel, RunnableSequence

NAMES = ("ada", "bob", "cyn")
TYPES = ("chain", "tool", "parser")
TAGS = ("red", "green", "seq:step:1")


class Tool(RunnableLambda[Any, Any]):
    run_type: ClassVar[str] = "tool"


class Parser(RunnableLambda[Any, Any]):
    run_type: ClassVar[str] = "parser"


def plain(value: Any) -> Any:
    """Return the value; runs in a worker thread on a loop."""
    return 0 if isinstance(value, dict) else value


async def asynchronous(value: Any) -> Any:
    """Return the value; runs on a loop of its own where there is none."""
    return plain(value)


@st.composite
def _leaves(draw: st.DrawFn) -> Runnable[Any, Any]:
    kind = draw(st.sampled_from([RunnableLambda, Tool, Parser]))
    function = draw(st.sampled_from([plain, asynchronous]))
    return kind(function, name=draw(st.sampled_from(NAMES)))


def _combined(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, min_size=2, max_size=3)
    return (
        several.map(lambda steps: RunnableSequence(*steps))
        | several.map(lambda steps: RunnableParallel(dict(zip("abc", steps, strict=False))))
        | st.builds(
            lambda step, tags: step.with_config({"tags": tags}),
            inner,
            st.lists(st.sampled_from(TAGS), max_size=2),
        )
    )


def runnables(max_leaves: int = 5) -> st.SearchStrategy[Runnable[Any, Any]]:
    """Trees of runnables with few names, types and tags; any value is their input."""
    return st.recursive(_leaves(), _combined, max_leaves=max_leaves)


@frozen
class Choice:
    """A filter, and the same thing said in another way."""

    filter: EventFilter
    wants: Callable[[Run], bool]


@st.composite
def _simple_choices(draw: st.DrawFn) -> Choice:
    def some(values: tuple[str, ...]) -> Any:
        return draw(st.none() | st.lists(st.sampled_from(values), max_size=2))

    given = {
        f"{verb}_{noun}": some(values)
        for verb in ("include", "exclude")
        for noun, values in (("names", NAMES), ("types", TYPES), ("tags", TAGS))
    }
    predicate = draw(st.sampled_from([None, lambda run: run.parent is None]))

    def named(verb: str, run: Run) -> bool:
        return bool(
            run.name in (given[f"{verb}_names"] or ())
            or run.type in (given[f"{verb}_types"] or ())
            or set(run.tags) & set(given[f"{verb}_tags"] or ())
        )

    def wants(run: Run) -> bool:
        included = any(given[f"include_{noun}"] for noun in ("names", "types", "tags"))
        if included and not named("include", run):
            return False
        return not named("exclude", run) and (predicate is None or predicate(run))

    return Choice(EventFilter(**given, predicate=predicate), wants)


def _combined_choices(inner: st.SearchStrategy[Choice]) -> st.SearchStrategy[Choice]:
    return (
        st.builds(
            lambda a, b: Choice(a.filter & b.filter, lambda run: a.wants(run) and b.wants(run)),
            inner,
            inner,
        )
        | st.builds(
            lambda a, b: Choice(a.filter | b.filter, lambda run: a.wants(run) or b.wants(run)),
            inner,
            inner,
        )
        | st.builds(lambda a: Choice(~a.filter, lambda run: not a.wants(run)), inner)
    )


def filters() -> st.SearchStrategy[Choice]:
    """Event filters, also combined ones, with what they should let through."""
    return st.recursive(_simple_choices(), _combined_choices, max_leaves=4)
