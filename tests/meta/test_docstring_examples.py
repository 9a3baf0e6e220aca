"""The examples in docstrings run, and print what they show."""

from __future__ import annotations

import doctest
import importlib

import pytest

from tests.meta.sources import MODULES

WITH_EXAMPLES = [
    name for name, path in MODULES.items() if "\n    >>> " in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_in_docstrings_run(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.chdir(str(tmp_path))  # an example may write a file
    failures, _ = doctest.testmod(importlib.import_module(name))
    assert not failures, capsys.readouterr().out
