"""The complete examples in the pages run, as they stand."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.meta.sources import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def _examples() -> Iterator[tuple[Path, str]]:
    """Blocks that import what they use; the others are fragments."""
    for page in PAGES:
        for block in re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL):
            if block.startswith(("import ", "from ")):
                yield page, block


@pytest.mark.parametrize(
    ("page", "code"), [pytest.param(page, code, id=page.stem) for page, code in _examples()]
)
def test_examples_run(page: Path, code: str, tmp_path: Path) -> None:
    file = tmp_path / "example.py"
    file.write_text(code, encoding="utf-8")
    command = [sys.executable, "-W", "error", str(file)]
    done = subprocess.run(
        command,
        cwd=tmp_path,  # an example may write a file
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"an example of {page.name} fails:\n{done.stderr}"
    assert not done.stderr, f"an example of {page.name} complains:\n{done.stderr}"
