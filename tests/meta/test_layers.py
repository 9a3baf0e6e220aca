"""Imports go down the list of layers, and never in a circle."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator

import pytest

from tests.meta.layers import DEFERRED, LAYERS
from tests.meta.sources import MODULES, tree

RANKS = {
    f"streamflow.{name}": (rank, layer)
    for rank, (layer, names) in enumerate(LAYERS)
    for name in names
}


def _rank(module: str) -> tuple[int, str] | None:
    return RANKS.get(".".join(module.split(".")[:2]))


def _is_type_checking(test: ast.expr) -> bool:
    name = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", "")
    return name == "TYPE_CHECKING"


def _statements(body: list[ast.stmt], deferred: bool) -> Iterator[tuple[ast.stmt, bool]]:
    """Every import statement that can run, and whether it stands inside a function."""
    for node in body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield node, deferred
        elif isinstance(node, ast.If) and _is_type_checking(node.test):
            yield from _statements(node.orelse, deferred)
        else:
            inside = deferred or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
            for field in ("body", "orelse", "finalbody"):
                yield from _statements(getattr(node, field, []), inside)
            for part in [*getattr(node, "handlers", []), *getattr(node, "cases", [])]:
                yield from _statements(part.body, inside)


def _targets(node: ast.stmt, module: str) -> Iterator[str]:
    """The modules of the package that one import statement loads."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            is_package = MODULES[module].name == "__init__.py"
            parts = module.split(".")
            parts = parts[: len(parts) - node.level + is_package]
            base = ".".join([*parts, base] if base else parts)
        for alias in node.names:
            inner = f"{base}.{alias.name}"
            yield inner if inner in MODULES else base


@functools.cache
def _graph(with_deferred: bool) -> dict[str, dict[str, int]]:
    """Module to the modules that it imports, with the line of the import."""
    graph: dict[str, dict[str, int]] = {}
    for module, path in MODULES.items():
        edges = graph.setdefault(module, {})
        for node, deferred in _statements(tree(path).body, deferred=False):
            if deferred and not with_deferred:
                continue
            for target in _targets(node, module):
                if target in MODULES:
                    edges[target] = node.lineno
    return graph


def test_every_module_has_a_layer() -> None:
    homeless = sorted(m for m in MODULES if m != "streamflow" and _rank(m) is None)
    assert not homeless, f"in no layer of tests/meta/layers.py: {homeless}"


@pytest.mark.parametrize("module", sorted(MODULES))
def test_imports_go_down(module: str) -> None:
    own = _rank(module)
    if own is None:  # the package itself: its names resolve lazily
        return
    wrong = []
    for target, line in _graph(with_deferred=module not in DEFERRED)[module].items():
        there = _rank(target)
        if target == "streamflow":
            wrong.append(f"line {line} imports the package itself")
        elif there is not None and there[0] > own[0]:
            wrong.append(f"line {line} imports {target}, of the upper layer {there[1]!r}")
    assert not wrong, f"{module} ({own[1]}): " + "; ".join(wrong)


def test_deferred_imports_are_listed_with_a_reason() -> None:
    assert all(reason.strip() for reason in DEFERRED.values())
    gone = sorted(set(DEFERRED) - set(MODULES))
    assert not gone, f"listed in DEFERRED, but there is no such module: {gone}"


def _loaded_with(module: str, edges: dict[str, int]) -> set[str]:
    """What runs when the module is imported: its targets, and the packages around them."""
    loaded = set()
    for target in edges:
        parts = target.split(".")
        for end in range(2, len(parts) + 1):
            name = ".".join(parts[:end])
            if not f"{module}.".startswith(f"{name}."):
                loaded.add(name)
    return loaded


def test_no_import_cycles() -> None:
    graph = {m: _loaded_with(m, edges) for m, edges in _graph(with_deferred=False).items()}
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        if module in path:
            cycle = [*path[path.index(module) :], module]
            pytest.fail("import cycle: " + " -> ".join(cycle))
        if module not in done:
            for target in sorted(graph.get(module, ())):
                visit(target, (*path, module))
            done.add(module)

    for module in sorted(graph):
        visit(module, ())
