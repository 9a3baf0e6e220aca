"""What a public module says it exports is what it holds, and what it holds is at home."""

from __future__ import annotations

import ast
import importlib
import types
from typing import Any

import pytest

from tests.meta.sources import MODULES, PUBLIC_MODULES, is_defined, tree

# Public modules that are run, not imported from.
SCRIPTS = {"streamflow.__main__"}
NAMES = sorted(set(PUBLIC_MODULES) - SCRIPTS)


@pytest.mark.parametrize("name", NAMES)
def test_all_is_declared(name: str) -> None:
    module = importlib.import_module(name)
    exported = getattr(module, "__all__", None)
    assert isinstance(exported, tuple), f"{name} needs a tuple __all__"
    assert len(set(exported)) == len(exported), f"{name}.__all__ names something twice"
    missing = [export for export in exported if not hasattr(module, export)]
    assert not missing, f"{name}.__all__ names what is not there: {missing}"


@pytest.mark.parametrize("name", NAMES)
def test_all_is_complete(name: str) -> None:
    """A public name that is defined here, or re-exported from beside it, is in ``__all__``."""
    module = importlib.import_module(name)
    exported = set(getattr(module, "__all__", ()))
    loose = [
        key
        for key, value in vars(module).items()
        if not key.startswith("_")
        and key not in exported
        and not isinstance(value, types.ModuleType)
        and _is_of(value, name)
    ]
    assert not loose, f"public in {name}, but not in __all__: {sorted(loose)}"


def _is_of(value: object, module: str) -> bool:
    if not is_defined(value):
        return False
    home: str = getattr(value, "__module__", "") or ""
    return home == module or home.startswith(f"{module}._")


def test_each_name_has_one_home() -> None:
    """A class or function is exported by the public module that it names as its own.

    The root may repeat any, and a module may give what it exports a second name.
    """
    homes: dict[int, tuple[Any, set[str]]] = {}
    for name in NAMES:
        if name == "streamflow":
            continue
        module = importlib.import_module(name)
        for export in getattr(module, "__all__", ()):
            value = getattr(module, export)
            if is_defined(value):
                homes.setdefault(id(value), (value, set()))[1].add(name)
    shared = {
        f"{value.__qualname__} of {value.__module__}": sorted(modules)
        for value, modules in homes.values()
        if len(modules) > 1 and value.__module__.partition("._")[0] not in modules
    }
    assert not shared, f"exported from more than one module: {shared}"


@pytest.mark.parametrize(
    "name", [n for n in NAMES if MODULES[n].name == "__init__.py" and n != "streamflow"]
)
def test_facades_hold_no_code(name: str) -> None:
    """A package's ``__init__`` has a docstring, imports, ``__all__`` and its publication."""
    wrong = [
        f"line {node.lineno}"
        for node in tree(MODULES[name]).body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        and node.name not in {"__getattr__", "__dir__"}
    ]
    assert not wrong, f"{name} defines something at {', '.join(wrong)}; move it to a _file"


@pytest.mark.parametrize("name", sorted(MODULES))
def test_modules_have_a_docstring(name: str) -> None:
    assert ast.get_docstring(tree(MODULES[name])), f"{name} does not say what it is"
