"""The vendors of models, and which of their environment variables are set."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .._vendors._table import Vendor
    from ._output import Output

_HEAD = ("vendor", "class", "key", "other variables")


def write_vendors(output: Output, *, as_json: bool) -> None:
    """Write a line for each vendor; what is in the variables is not shown.

    Args:
        output: Where to.
        as_json: As objects of JSON, not as a table.

    Raises:
        OutputLost: it cannot be written.
    """
    from .._vendors._table import VENDORS  # noqa: PLC0415 - only where it is asked for

    if as_json:
        for vendor in VENDORS.values():
            output.value(_facts(vendor))
        return
    rows = [_HEAD, *map(_row, VENDORS.values())]
    widths = [max(map(len, column)) for column in list(zip(*rows, strict=True))[:-1]]
    for *cells, last in rows:
        padded = [cell.ljust(width) for cell, width in zip(cells, widths, strict=True)]
        output.line("  ".join([*padded, last]).rstrip())


def _facts(vendor: Vendor) -> dict[str, object]:
    return {
        "vendor": vendor.name,
        "class": vendor.model_class,
        "key": any(map(_is_set, vendor.proofs)),
        "key_needed": not vendor.keyless,
        "variables": {name: _is_set(name) for name in (*vendor.proofs, *_others(vendor))},
    }


def _row(vendor: Vendor) -> tuple[str, str, str, str]:
    found = next(filter(_is_set, vendor.proofs), None)
    state = "set" if found else "not set (optional)" if vendor.keyless else "not set"
    key = f"{found or ' or '.join(vendor.proofs)}: {state}"
    others = [f"{name}: set" if _is_set(name) else name for name in _others(vendor)]
    return vendor.name, vendor.model_class, key, ", ".join(others)


def _others(vendor: Vendor) -> tuple[str, ...]:
    return (*vendor.urls, *vendor.other_variables)


def _is_set(name: str) -> bool:
    return bool(os.environ.get(name))
