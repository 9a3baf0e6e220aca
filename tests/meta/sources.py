"""The files of the package, parsed once, for the tests of the house rules."""

from __future__ import annotations

import ast
import functools
import inspect
from pathlib import Path
from typing import get_origin

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "streamflow"

FILES = tuple(sorted(PACKAGE.rglob("*.py")))


def module_name(path: Path) -> str:
    """The dotted name under which the file is imported."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def is_public(module: str) -> bool:
    return not any(part.startswith("_") for part in module.split("."))


@functools.cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def is_defined(value: object) -> bool:
    """Whether it is a class or a function; Python 3.10 takes ``list[int]`` for a class, too."""
    return inspect.isfunction(value) or (inspect.isclass(value) and get_origin(value) is None)


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


MODULES = {module_name(path): path for path in FILES}
PUBLIC_MODULES = tuple(name for name in MODULES if is_public(name))
