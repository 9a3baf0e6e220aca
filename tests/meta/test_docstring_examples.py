"""The examples in docstrings run, and print what they show."""

from __future__ import annotations

import doctest
import importlib
import inspect
import re

import pytest

from tests.meta.sources import MODULES, PUBLIC_MODULES, is_defined

WITH_EXAMPLES = [
    name
    for name, path in MODULES.items()
    if re.search(r"^ *>>> ", path.read_text(encoding="utf-8"), re.MULTILINE)
]


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_in_docstrings_run(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.chdir(str(tmp_path))  # an example may write a file
    failures, _ = doctest.testmod(importlib.import_module(name))
    assert not failures, capsys.readouterr().out


# Errors are raised by streamflow alone and have a table; execution is for its own layers;
# the command line and the demo are run, not called.
NO_EXAMPLES_NEEDED = {f"streamflow.{name}" for name in ("errors", "execution", "cli", "demo")}


@pytest.mark.parametrize("name", sorted(set(PUBLIC_MODULES) - NO_EXAMPLES_NEEDED))
def test_every_public_name_has_an_example(name: str) -> None:
    module = importlib.import_module(name)
    exported = {each: getattr(module, each) for each in getattr(module, "__all__", ())}
    bare = [
        each
        for each, value in exported.items()
        if is_defined(value) and not _shows_an_example(value)
    ]
    assert not bare, f"without an example in the docstring: {bare}"


def _shows_an_example(value: object) -> bool:
    """In its own docstring or, of a class, in that of a method."""
    documented = [value, *vars(value).values()] if inspect.isclass(value) else [value]
    return any(">>> " in (inspect.getdoc(each) or "") for each in documented)
