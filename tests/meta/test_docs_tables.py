"""The docs say what the code says, and link to what is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.meta.sources import ROOT
from tools.docs_tables import TABLES, renewed

PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "benchmarks" / "README.md"]


@pytest.mark.parametrize("name", TABLES)
def test_tables_are_fresh(name: str) -> None:
    page, _ = TABLES[name]
    assert page.read_text(encoding="utf-8") == renewed(name), "renew the tables with `make docs`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    lost = [link for link in links if not (page.parent / link).exists()]
    assert not lost, f"{page.name} links to what is not there: {lost}"
