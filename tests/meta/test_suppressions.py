"""A suppression names the rule that it suppresses and says why."""

from __future__ import annotations

import io
import re
import tokenize
from pathlib import Path

import pytest

from tests.meta.sources import FILES, ROOT, shown

CHECKED = [
    *FILES,
    *sorted((ROOT / "tests").rglob("*.py")),
    *sorted(ROOT.glob("benchmarks/**/*.py")),
]

_SUPPRESSION = re.compile(
    r"#\s*(?:noqa|type:\s*ignore|pyright:\s*ignore|mypy:|ruff:\s*noqa)", re.IGNORECASE
)
_CODES = r"[A-Za-z0-9_-]+(?:\s*,\s*[A-Za-z0-9_-]+)*"
_COMPLETE = re.compile(
    rf"#\s*(?:noqa:\s*{_CODES}\s+(?:-|—|#|:)\s*\w|(?:type|pyright):\s*ignore\[{_CODES}\]\s+#\s*\w)"
)


@pytest.mark.parametrize("path", CHECKED, ids=shown)
def test_suppressions_have_code_and_reason(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    bare = [
        f"line {token.start[0]}: {token.string}"
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type == tokenize.COMMENT
        and _SUPPRESSION.search(token.string)
        and not _COMPLETE.search(token.string)
    ]
    assert not bare, (
        f"{shown(path)}: write `# noqa: CODE - reason` or `# type: ignore[code]  # reason`: {bare}"
    )
