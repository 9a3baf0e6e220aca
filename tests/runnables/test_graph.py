"""The graphs of runnables: what is in them, however it is put together."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from streamflow.drawing import Graph
from streamflow.language_models import FakeListChatModel
from streamflow.output_parsers import StrOutputParser
from streamflow.prompts import ChatPromptTemplate
from streamflow.runnables import (
    ConfigurableField,
    RouterRunnable,
    Runnable,
    RunnableBranch,
    RunnableLambda,
    RunnableParallel,
    RunnablePassthrough,
    RunnablePick,
    RunnableSequence,
)

prompt = ChatPromptTemplate.from_template("about {topic}")
model = FakeListChatModel(responses=["x"])


def f(value: Any) -> Any:
    return value


def g(value: Any) -> Any:
    return value


def h(value: Any) -> Any:
    return value


F, G, H = RunnableLambda(f), RunnableLambda(g), RunnableLambda(h)


def ways(runnable: Runnable[Any, Any], config: Any = None) -> list[str]:
    """Each edge as ``source > target``, or ``source ?label> target`` if conditional."""
    graph = runnable.get_graph(config)
    return [
        f"{edge.source} {f'?{edge.data}' if edge.conditional else ''}> {edge.target}"
        for edge in graph.edges
    ]


def test_one_step() -> None:
    assert ways(F) == ["fInput > f", "f > fOutput"]
    assert ways(RunnablePassthrough())[0] == "PassthroughInput > Passthrough"
    assert ways(RunnablePick("a"))[0] == "Pick<a>Input > Pick<a>"


def test_a_row() -> None:
    assert ways(prompt | model | StrOutputParser()) == [
        "PromptInput > ChatPromptTemplate",
        "ChatPromptTemplate > FakeListChatModel",
        "FakeListChatModel > StrOutputParser",
        "StrOutputParser > StrOutputParserOutput",
    ]


def test_a_row_in_a_row() -> None:
    inner = RunnableSequence(F, G, name="inner")
    assert ways(inner | H) == ["fInput > f", "f > g", "g > h", "h > hOutput"]


def test_steps_of_one_name_are_told_apart() -> None:
    assert ways(F | f | f) == ["fInput > f", "f > f_2", "f_2 > f_3", "f_3 > fOutput"]


def test_side_by_side() -> None:
    assert ways(RunnableParallel(a=F, b=G | H)) == [
        "Parallel<a,b>Input > f",
        "Parallel<a,b>Input > g",
        "g > h",
        "f > Parallel<a,b>Output",
        "h > Parallel<a,b>Output",
    ]


def test_side_by_side_in_a_row() -> None:
    assert ways(F | RunnableParallel(a=F, b=G) | H) == [
        "fInput > f",
        "f > Parallel<a,b>Input",
        "Parallel<a,b>Input > f_2",
        "Parallel<a,b>Input > g",
        "f_2 > Parallel<a,b>Output",
        "g > Parallel<a,b>Output",
        "Parallel<a,b>Output > h",
        "h > hOutput",
    ]


def test_side_by_side_in_one_another() -> None:
    assert ways(RunnableParallel(a=RunnableParallel(b=F), c=G))[:2] == [
        "Parallel<a,c>Input > Parallel<b>Input",
        "Parallel<b>Input > f",
    ]


def test_adding_keys() -> None:
    assert ways(RunnablePassthrough.assign(a=F)) == [
        "Assign<a>Input > Passthrough",
        "Assign<a>Input > f",
        "Passthrough > Assign<a>Output",
        "f > Assign<a>Output",
    ]


def test_a_branch() -> None:
    branch = RunnableBranch((f, g), (lambda _: True, F | G), h)
    assert ways(branch | F) == [
        "BranchInput > Branch",
        "Branch ?f> g",
        "Branch ?branch:2> f",
        "f > g_2",
        "Branch ?default> h",
        "g > f_2",
        "g_2 > f_2",
        "h > f_2",
        "f_2 > fOutput",
    ]


def test_a_router() -> None:
    assert ways(RouterRunnable({"add": F, "sub": G})) == [
        "RouterRunnableInput > RouterRunnable",
        "RouterRunnable ?add> f",
        "RouterRunnable ?sub> g",
        "f > RouterRunnableOutput",
        "g > RouterRunnableOutput",
    ]


def test_fallbacks_are_not_always_taken() -> None:
    assert ways(F.with_fallbacks([G, H]))[1:4] == [
        "WithFallbacks > f",
        "WithFallbacks ?fallback:1> g",
        "WithFallbacks ?fallback:2> h",
    ]


def groups(graph: Graph) -> dict[str, tuple[str, ...]]:
    return {id: node.group for id, node in graph.nodes.items() if node.group}


def test_what_is_done_around_is_a_frame() -> None:
    chain = F.with_retry() | G.with_timeout(total=1).with_retry() | (F | G).map() | H
    assert groups(chain.get_graph()) == {
        "f": ("Retry",),
        "g": ("Retry 2", "Timeout"),
        "f_2": ("Each",),
        "g_2": ("Each",),
    }
    assert ways(chain)[1:4] == ["f > g", "g > f_2", "f_2 > g_2"]


def test_side_by_side_in_a_frame() -> None:
    graph = RunnableParallel(a=F).with_retry().get_graph()
    assert list(graph.nodes) == [
        "Parallel<a>Input",
        "Parallel<a>Input_2",
        "f",
        "Parallel<a>Output",
        "Parallel<a>Output_2",
    ]
    assert list(groups(graph)) == ["Parallel<a>Input_2", "f", "Parallel<a>Output"]


def test_a_binding_is_what_it_binds() -> None:
    bound = F.bind(x=1).with_config(tags=["t"])
    assert ways(bound) == ways(F)
    assert ways(bound.with_config(run_name="mine")) == ["mineInput > mine", "mine > mineOutput"]
    assert ways(F | bound.with_config(run_name="mine"))[1] == "f > mine"
    graph = bound.get_graph()
    assert graph.nodes["f"].data is F


CHOICE = F.configurable_alternatives(ConfigurableField("which"), default_key="f", g=G, h=G | H)


@pytest.mark.parametrize(
    ("runnable", "config", "steps"),
    [
        (CHOICE, None, ["f"]),
        (CHOICE, {"configurable": {"which": "g"}}, ["g"]),
        (CHOICE | F, {"configurable": {"which": "h"}}, ["g", "h", "f"]),
        (CHOICE.with_config(configurable={"which": "g"}), None, ["g"]),
        (
            CHOICE.with_config(configurable={"which": "g"}),
            {"configurable": {"which": "f"}},
            ["f"],
        ),
        (F | CHOICE.with_config(configurable={"which": "g"}), None, ["f", "g"]),
        (
            F | CHOICE.with_config(configurable={"which": "g"}),
            {"configurable": {"which": "h"}},
            ["f", "g"],
        ),
    ],
)
def test_the_config_chooses(runnable: Runnable[Any, Any], config: Any, steps: list[str]) -> None:
    graph = runnable.get_graph(config)
    assert [id for id, node in graph.nodes.items() if node.kind == "runnable"] == steps


def test_what_nodes_stand_for() -> None:
    graph = (prompt | model).get_graph()
    first, asked, answered, last = graph.nodes.values()
    assert (first.kind, first.data) == ("schema", None)
    assert (asked.kind, asked.data) == ("runnable", prompt)
    assert (answered.kind, answered.data) == ("runnable", model)
    assert (graph.first_node(), graph.last_node()) == (first, last)


class Mine(Runnable[Any, Any]):
    """A runnable that knows nothing of graphs."""

    def invoke(self, input: Any, config: Any = None, **kwargs: Any) -> Any:
        return input


def test_runnables_of_users() -> None:
    assert ways(Mine() | F) == ["MineInput > Mine", "Mine > f", "f > fOutput"]


# ---------------------------------------------------------------------------- any chain

leaves = st.sampled_from([F, G, H, RunnablePassthrough(), prompt, Mine()])
chains: st.SearchStrategy[Runnable[Any, Any]] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=4).map(lambda steps: RunnableSequence(*steps)),
        st.dictionaries(st.sampled_from("abc"), inner, min_size=1).map(RunnableParallel),
        st.dictionaries(st.sampled_from("abc"), inner, min_size=1).map(RouterRunnable),
        inner.map(lambda step: RunnablePassthrough.assign(a=step)),
        inner.map(lambda step: step.with_retry()),
        inner.map(lambda step: step.map()),
        inner.map(lambda step: step.with_config(tags=["t"])),
        st.tuples(inner, inner).map(lambda pair: pair[0].with_fallbacks([pair[1]])),
        st.tuples(inner, inner).map(lambda pair: RunnableBranch((f, pair[0]), pair[1])),
    ),
    max_leaves=8,
)


@given(chains)
def test_every_step_is_on_a_way_from_the_first_to_the_last(chain: Runnable[Any, Any]) -> None:
    graph = chain.get_graph()
    first, last = graph.first_node(), graph.last_node()
    assert first is not None
    assert last is not None
    targets = {id: [e.target for e in graph.edges if e.source == id] for id in graph.nodes}
    sources = {id: [e.source for e in graph.edges if e.target == id] for id in graph.nodes}
    assert _reached(first.id, targets) == _reached(last.id, sources) == set(graph.nodes)
    shown = [node for node in graph.nodes.values() if node.kind == "runnable"]
    # What is explained and has nothing inside is drawn; so is what chooses, and what passes by.
    leaf_count = sum(1 for node in shown if node.data is not None and not node.data._parts().items)
    explained = chain.explain().steps
    paths = [step.path for step in explained]
    inner = [path for path in paths if any(other.startswith(f"{path}.") for other in paths)]
    assert leaf_count == len(explained) - len(inner)
    assert graph.draw_ascii()
    assert graph.draw_mermaid()


def _reached(start: str, onward: dict[str, list[str]]) -> set[str]:
    found, waiting = {start}, [start]
    while waiting:
        for id in onward[waiting.pop()]:
            if id not in found:
                found.add(id)
                waiting.append(id)
    return found
