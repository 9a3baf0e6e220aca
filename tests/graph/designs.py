"""Random graphs, as data: how they are built, and a plain interpreter of their rules.

The interpreter knows nothing of runs, tasks or loops: it goes step by step through sets of
names. Nodes write into a list (reduced by addition), into a key of their own (the last value
counts) and count themselves down on their way round a cycle.
"""

from __future__ import annotations

import operator
from typing import Annotated, Any, TypedDict

import anyio

from streamflow.graph import END, START, StateGraph


class State(TypedDict, total=False):
    log: Annotated[list[str], operator.add]
    total: Annotated[int, operator.add]
    rounds: Annotated[dict[str, int], lambda old, new: {**old, **new}]


def build(
    design: dict[str, Any], prefix: str = "", around: Any = lambda work: work, **more: Any
) -> Any:
    """Return the graph of a design.

    Args:
        design: What ``designs()`` draws.
        prefix: What the names of its nodes begin with in the log.
        around: Makes what a node runs out of the function of its state.
        more: Passed to ``compile``.
    """
    builder = StateGraph(State)
    for name in design["names"]:
        if name in design["inner"]:
            inner = build(design["inner"][name], f"{prefix}{name}.", around)
            builder.add_node(name, calls(inner))
        else:
            work = node(prefix + name, is_async=design["async"][name])
            builder.add_node(name, around(work))
    for start, end in design["edges"]:
        builder.add_edge(start, end)
    for starts, end in design["joins"]:
        builder.add_edge(list(starts), end)
    for name, (target, rounds) in design["cycles"].items():
        builder.add_conditional_edges(name, again(prefix + name, target, rounds), [target, END])
    return builder.compile(**more)


def calls(inner: Any) -> Any:
    def call(state: State) -> State:
        before = state.get("log", [])
        result = inner.invoke({"log": before, "rounds": {}}, {"recursion_limit": 100})
        return {"log": result["log"][len(before) :], "total": 100}

    return call


def node(name: str, *, is_async: bool) -> Any:
    def work(state: State) -> State:
        return {
            "log": [name],
            "total": len(state.get("log", [])),
            "rounds": {name: state.get("rounds", {}).get(name, 0) + 1},
        }

    async def awork(state: State) -> State:
        await anyio.lowlevel.checkpoint()
        return work(state)

    return awork if is_async else work


def again(name: str, target: str, rounds: int) -> Any:
    # A graph inside does not count itself, so it goes round never.
    return lambda state: target if 0 < state.get("rounds", {}).get(name, 0) <= rounds else END


def interpret(design: dict[str, Any], log: list[str], prefix: str = "") -> tuple[Any, int]:
    """Return the state that a graph ends in, and how many steps it takes."""
    log, total = list(log), 0
    rounds: dict[str, int] = {}
    arrived: dict[int, set[str]] = {}
    ready, steps = sorted({end for start, end in design["edges"] if start == START}), 0
    while ready:
        steps += 1
        wrote: list[str] = []
        counted: dict[str, int] = {}
        added, following = 0, set()
        for name in ready:
            if name in design["inner"]:
                inner, _ = interpret(design["inner"][name], log, f"{prefix}{name}.")
                wrote += inner["log"][len(log) :]
                added += 100
            else:
                wrote.append(prefix + name)
                added += len(log)
                counted[prefix + name] = rounds.get(prefix + name, 0) + 1
            following |= {end for start, end in design["edges"] if start == name}
            for place, (starts, _) in enumerate(design["joins"]):
                if name in starts:
                    arrived.setdefault(place, set()).add(name)
            if name in design["cycles"]:
                target, most = design["cycles"][name]
                if 0 < {**rounds, **counted}.get(prefix + name, 0) <= most:
                    following.add(target)
        for place, (starts, end) in enumerate(design["joins"]):
            if arrived.get(place) == set(starts):
                following.add(end)
                del arrived[place]
        log, total, rounds = log + wrote, total + added, {**rounds, **counted}
        ready = sorted(following)
    return {"log": log, "total": total, "rounds": rounds}, steps
