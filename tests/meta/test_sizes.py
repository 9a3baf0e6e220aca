"""One concept a file: sizes are bounded, and no file is a drawer."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.meta.sources import FILES, ROOT, shown, tree

MAX_FILE = 400
MAX_FUNCTION = 60
MAX_CLASS = 300
DRAWERS = {"base", "common", "helper", "helpers", "main", "misc", "util", "utils"}

# A rule that would make the code worse in a place is broken there: path or path::name,
# with the reason.
EXCEPTIONS: dict[str, str] = {}

TEST_FILES = tuple(sorted((ROOT / "tests").rglob("*.py")))


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("path", [*FILES, *TEST_FILES], ids=shown)
def test_files_are_short(path: Path) -> None:
    if shown(path) not in EXCEPTIONS:
        assert _lines(path) <= MAX_FILE, f"{shown(path)} has {_lines(path)} lines"


@pytest.mark.parametrize("path", FILES, ids=shown)
def test_functions_and_classes_are_short(path: Path) -> None:
    long = []
    for node in ast.walk(tree(path)):
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        limit = MAX_CLASS if isinstance(node, ast.ClassDef) else MAX_FUNCTION
        size = (node.end_lineno or node.lineno) - node.lineno + 1 - _documented(node)
        if size > limit and f"{shown(path)}::{node.name}" not in EXCEPTIONS:
            long.append(f"{node.name} has {size} lines, more than {limit}")
    assert not long, f"{shown(path)}: {'; '.join(long)}"


@pytest.mark.parametrize("path", FILES, ids=shown)
def test_no_drawer_names(path: Path) -> None:
    # `_base.py` may hold the one abstract class of a package; `base.py` if users import it there.
    allowed = {"__main__", "_base", "base"}
    assert path.stem.strip("_") not in DRAWERS or path.stem in allowed, shown(path)


def test_exceptions_are_needed() -> None:
    for entry, reason in EXCEPTIONS.items():
        assert reason.strip(), f"{entry} is excepted without a reason"
        path, _, name = entry.partition("::")
        assert (ROOT / path).is_file(), f"{entry} is excepted, but is gone"
        assert name or _lines(ROOT / path) > MAX_FILE, f"{entry} no longer needs its exception"


def _documented(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> int:
    """The lines of a function's docstring: what is well explained is not long for that."""
    first = node.body[0]
    if isinstance(node, ast.ClassDef) or ast.get_docstring(node) is None:
        return 0
    return (first.end_lineno or first.lineno) - first.lineno + 1
