"""Results as Markdown."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from os import cpu_count
from pathlib import Path
from typing import Any

from benchmarks.peers import CONTENDERS, FLOOR, LANGCHAIN, STREAMFLOW, STREAMFLOW_TRIO

BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"


PACKAGES = (
    "streamflow",
    "langchain-core",
    "langgraph",
    "anyio",
    "trio",
    "pydantic",
    "pydantic_core",
    "jiter",
    "partial-json-parser",
    "numpy",
    "faiss-cpu",
    "httpx2",
    "openai",
    "langchain-openai",
)


def environment() -> dict[str, Any]:
    """What the numbers were measured with."""
    packages = {}
    for name in PACKAGES:
        try:
            packages[name] = version(name)
        except PackageNotFoundError:
            continue
    return {
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": f"{platform.system()} {platform.machine()}",
        "cores": cpu_count(),
        "packages": packages,
    }


def describe(env: dict[str, Any]) -> str:
    packages = ", ".join(f"{name} {number}" for name, number in env["packages"].items())
    return f"{env['python']} on {env['system']}, {env['cores']} cores; {packages}."


def tables(scenarios: dict[str, Any]) -> str:
    """One table for the speeds beside each peer, and one for each scenario of another kind."""
    speeds = [data for data in scenarios.values() if data["kind"] == "Speed"]
    peers = dict.fromkeys(data["peer"] for data in speeds)
    parts = [_speed_table(peer, [s for s in speeds if s["peer"] == peer]) for peer in peers]
    parts += [_plain_table(data) for data in scenarios.values() if data["kind"] != "Speed"]
    parts += [
        f"Not measured: {data['title']}: {_shown(label, data['peer'])} ({reason})."
        for data in scenarios.values()
        for label, reason in data["absent"].items()
    ]
    return "\n\n".join(parts)


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = list(head)
    rule = ["---"] + ["---:"] * (len(head) - 1)
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [head, rule, *rows])


def number(value: float) -> str:
    """Three digits that matter; a count stays a count."""
    if value >= 100 or float(value).is_integer():
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _shown(label: str, peer: str | None) -> str:
    """The label as the reader knows it: results name the same contender alike everywhere."""
    return peer if peer and label == LANGCHAIN.name else label


def _speed_table(peer: str, speeds: list[dict[str, Any]]) -> str:
    names = [c.name for c in CONTENDERS]
    rows = []
    for data in speeds:
        medians = {label: r["µs"]["median"] for label, r in data["results"].items()}
        cells = [f"{data['title']}, {data['unit']}"]
        cells += [number(medians[name]) if name in medians else "" for name in names]
        faster, wanted = _ratios(medians, data["target"])
        rows.append([*cells, faster, ", ".join(filter(None, [wanted, _of_floor(medians, data)]))])
    shown = [_shown(name, peer) for name in names]
    return _table(["", *shown, f"faster than {peer}", "wanted"], rows)


def _ratios(medians: dict[str, float], target: float | None) -> tuple[str, str]:
    wanted = f"≥ {target:g}×" if target else ""
    own = [medians[c.name] for c in (STREAMFLOW, STREAMFLOW_TRIO) if c.name in medians]
    if not own or LANGCHAIN.name not in medians:
        return "", wanted
    ratios = [medians[LANGCHAIN.name] / value for value in own]
    if target:
        wanted += " ✓" if min(ratios) >= target else " ✗"
    return " / ".join(f"{ratio:.0f}×" for ratio in ratios), wanted


def _of_floor(medians: dict[str, float], data: dict[str, Any]) -> str:
    within = data.get("within")
    if not within or not {FLOOR.name, STREAMFLOW.name} <= medians.keys():
        return ""
    ratio = medians[STREAMFLOW.name] / medians[FLOOR.name]
    return f"≤ {within:g} of the floor {'✓' if ratio <= within else '✗'} ({number(ratio)})"


def _plain_table(data: dict[str, Any]) -> str:
    metrics = list(dict.fromkeys(m for result in data["results"].values() for m in result))
    targets: dict[str, Any] = data["target"] or {}
    first = {label: result[metrics[0]]["median"] for label, result in data["results"].items()}
    rows = []
    for label, result in data["results"].items():
        cells = [number(result[m]["median"]) if m in result else "" for m in metrics]
        if targets:
            cells.append(_against(targets.get(label), first[label], first))
        rows.append([label, *cells])
    return _table([data["title"], *metrics, *(["wanted"] if targets else [])], rows)


def _against(limit: Any, value: float, others: dict[str, float]) -> str:
    """A limit and whether the value keeps it; a dict has shares of what others take."""
    if limit is None:
        return ""
    if not isinstance(limit, dict):
        return f"< {limit:g} {'✓' if value < limit else '✗'}"
    shares = {label: value / others[label] for label in limit if label in others}
    return ", ".join(
        f"≤ {limit[label]:g} of {label} {'✓' if share <= limit[label] else '✗'} ({share:.2f})"
        for label, share in shares.items()
    )


def write_docs(path: Path, text: str) -> None:
    """Put the text between the two markers of a page."""
    page = path.read_text(encoding="utf-8")
    before, found, rest = page.partition(BEGIN)
    _, closed, after = rest.partition(END)
    if not found or not closed:
        message = f"{path.name} lacks the markers {BEGIN} and {END}"
        raise ValueError(message)
    path.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")
