"""Writes the parts of the docs that are read off the code.

``python -m tools.docs_tables`` renews them; the tests compare them with the code.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from pathlib import Path

from streamflow import errors
from streamflow._vendors._table import VENDORS

DOCS = Path(__file__).resolve().parents[1] / "docs"


def errors_table() -> str:
    """One row for each error: its name, what it is as well, and what it means."""
    rows = ["| error | also a | meaning |", "| --- | --- | --- |"]
    for name, error in vars(errors).items():
        if not inspect.isclass(error) or not issubclass(error, errors.StreamflowError):
            continue
        others = [
            base for base in error.__bases__ if base not in (Exception, errors.StreamflowError)
        ]
        also = ", ".join(f"`{base.__name__}`" for base in others)
        meaning = inspect.cleandoc(error.__doc__ or "").split("\n\n")[0].replace("\n", " ")
        rows.append(f"| `{name}` | {also} | {meaning.replace('``', '`')} |")
    return "\n".join(rows)


def vendors_table() -> str:
    """One row for each vendor of chat models."""
    rows = [
        "| vendor | class | key | address | else | more | names |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, vendor in sorted(VENDORS.items()):
        keys, urls, others, prefixes = (
            ", ".join(f"`{each}`" for each in group)
            for group in (vendor.proofs, vendor.urls, vendor.other_variables, vendor.prefixes)
        )
        base = f"`{vendor.base_url}`" if vendor.base_url else ""
        cells = (f"`{name}`", f"`{vendor.model_class}`", keys, urls, base, others, prefixes)
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


TABLES: dict[str, tuple[Path, Callable[[], str]]] = {
    "errors": (DOCS / "reference" / "errors.md", errors_table),
    "vendors": (DOCS / "reference" / "vendors.md", vendors_table),
}


def _between(name: str) -> re.Pattern[str]:
    return re.compile(rf"(<!-- {name}: begin -->\n).*?(<!-- {name}: end -->)", re.DOTALL)


def renewed(name: str) -> str:
    """The page that holds the table, with the table as the code has it now."""
    page, make = TABLES[name]
    text, found = _between(name).subn(
        lambda match: f"{match[1]}\n{make()}\n\n{match[2]}", page.read_text(encoding="utf-8")
    )
    if not found:
        message = f"{page.name} lacks the markers of the table {name!r}"
        raise ValueError(message)
    return text


def main() -> None:
    for name, (page, _) in TABLES.items():
        page.write_text(renewed(name), encoding="utf-8")


if __name__ == "__main__":
    main()
