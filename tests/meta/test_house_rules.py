"""Rules of the house that the shape of the code can show."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from streamflow import errors
from tests.meta.sources import FILES, PACKAGE, shown, tree

# Builtins that belong to a protocol of Python itself, so code must raise them as they are.
PROTOCOL = {
    "AttributeError",  # of `__getattr__`
    "GeneratorExit",
    "IndexError",  # of `__getitem__`
    "KeyError",  # of mappings
    "NotImplementedError",  # of methods left to subclasses
    "StopAsyncIteration",
    "StopIteration",
    "SystemExit",
}


def _calls(path: Path, name: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else node.func
            if name in (called, getattr(called, "id", None)):
                yield node


def test_one_context_variable() -> None:
    places = [
        f"{shown(path)}:{call.lineno}" for path in FILES for call in _calls(path, "ContextVar")
    ]
    assert len(places) <= 1, f"the scope of a run is the one ContextVar; found {places}"


@pytest.mark.parametrize("path", FILES, ids=shown)
def test_buffers_are_bounded(path: Path) -> None:
    unbounded = [
        call.lineno
        for call in _calls(path, "create_memory_object_stream")
        if any("inf" in ast.unparse(argument) for argument in [*call.args, *call.keywords])
    ]
    assert not unbounded, f"{shown(path)}: a buffer without a limit at lines {unbounded}"


def _body(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.stmt]:
    """What the function does: neither its docstring nor what it imports to do it."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return [node for node in body if not isinstance(node, (ast.Import, ast.ImportFrom))]


def _written_twice(node: ast.ClassDef) -> Iterator[str]:
    """Public sync methods with an async form (the name with an ``a``), both with logic."""

    def has_logic(body: list[ast.stmt]) -> bool:
        # A result that is given a type before it is returned is one statement, in two lines.
        named = len(body) == 2 and isinstance(body[0], ast.AnnAssign)
        return len(body) > 1 and not (named and isinstance(body[1], ast.Return))

    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    bodies = {item.name: _body(item) for item in node.body if isinstance(item, functions)}
    for name, body in bodies.items():
        twin = bodies.get(f"a{name}")
        if twin is not None and not name.startswith("_") and has_logic(body) and has_logic(twin):
            yield f"{node.name}.{name}"


@pytest.mark.parametrize("path", FILES, ids=shown)
def test_twins_delegate(path: Path) -> None:
    """A behaviour is written once; its other colour is one statement that drives it."""
    twice = [
        name
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef)
        for name in _written_twice(node)
    ]
    assert not twice, f"{shown(path)}: logic in both colours of {twice}"


@pytest.mark.parametrize("path", FILES, ids=shown)
def test_raises_come_from_the_tree(path: Path) -> None:
    """``raise Name(...)`` names a class of ``streamflow.errors`` or a protocol's own."""
    local = {node.name for node in ast.walk(tree(path)) if isinstance(node, ast.ClassDef)}
    foreign = []
    for node in ast.walk(tree(path)):
        if not isinstance(node, ast.Raise) or not isinstance(node.exc, ast.Call):
            continue
        name = ast.unparse(node.exc.func).rsplit(".", 1)[-1]
        if not name.endswith(("Error", "Exception", "Exit", "Iteration", "Group")):
            continue  # a function or a class chosen at run time
        if name not in errors.__all__ and name not in PROTOCOL and name not in local:
            foreign.append(f"line {node.lineno}: {name}")
    assert not foreign, f"{shown(path)} raises what is not in the tree: {foreign}"


def test_the_package_says_that_it_is_typed() -> None:
    assert (PACKAGE / "py.typed").is_file()
