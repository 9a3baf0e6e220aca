"""The page about pictures shows what its examples print."""

from __future__ import annotations

import contextlib
import io
import re

import pytest

from tests.meta.sources import ROOT

PAGE = (ROOT / "docs" / "how-to" / "draw-a-chain.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize(("code", "output"), EXAMPLES)
def test_the_output_is_true(code: str, output: str) -> None:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, {})
    assert printed.getvalue() == output


def test_there_are_examples() -> None:
    assert len(EXAMPLES) == 4
