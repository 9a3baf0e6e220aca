"""Runs scenarios side by side and reports them.

python -m benchmarks.run [SCENARIO ...] [--repeats N] [--json FILE] [--compare FILE]
                         [--write-docs] [--list]
"""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import sys
from pathlib import Path
from typing import Any

from benchmarks import scenarios as folder
from benchmarks.harness import Scenario, measure, say
from benchmarks.report import describe, environment, tables, write_docs

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "benchmarks.md"


def load() -> dict[str, Scenario]:
    """Each module of ``benchmarks/scenarios``, in the order of its ``ORDER``."""
    modules = [
        importlib.import_module(f"{folder.__name__}.{info.name}")
        for info in pkgutil.iter_modules(folder.__path__)
    ]
    found = [scenario for module in modules for scenario in module.SCENARIOS]
    names = [name for name in folder.ORDER if name in {s.name for s in found}]
    names += sorted({s.name for s in found} - set(names))
    by_name = {scenario.name: scenario for scenario in found}
    return {name: by_name[name] for name in names}


def compare(old: dict[str, Any], new: dict[str, Any]) -> str:
    """One line for each number that both runs have: before, after, and the change."""
    lines = []
    for name, data in new.items():
        for label, metrics in data["results"].items():
            earlier = old.get(name, {}).get("results", {}).get(label, {})
            for metric, value in metrics.items():
                if metric in earlier:
                    before, after = earlier[metric]["median"], value["median"]
                    change = f"{(after / before - 1) * 100:+.0f} %" if before else ""
                    lines.append(f"{name}: {label}: {before:.3g} -> {after:.3g} {metric} {change}")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("scenario", nargs="*", help="names of scenarios (default: all)")
    parser.add_argument("--repeats", type=int, default=5, help="samples of each number")
    parser.add_argument("--json", type=Path, default=HERE / "results" / "latest.json")
    parser.add_argument("--compare", type=Path, help="results of an earlier run")
    parser.add_argument("--write-docs", action="store_true", help=f"put the tables in {PAGE.name}")
    parser.add_argument("--list", action="store_true", help="name the scenarios and stop")
    options = parser.parse_args()

    known = load()
    if options.list:
        print("\n".join(f"{name:20} {scenario.title}" for name, scenario in known.items()))
        return 0
    unknown = sorted(set(options.scenario) - set(known))
    if unknown:
        parser.error(f"no scenario called {', '.join(unknown)}; there are {', '.join(known)}")

    chosen = [known[name] for name in options.scenario or known]
    results = {s.name: measure(s, options.repeats, say) for s in chosen}
    env = environment()

    text = f"{describe(env)}\n\n{tables(results)}"
    print(text)
    earlier = json.loads(options.compare.read_text("utf-8")) if options.compare else None
    options.json.parent.mkdir(parents=True, exist_ok=True)
    content = json.dumps({"environment": env, "scenarios": results}, indent=1, ensure_ascii=False)
    options.json.write_text(content + "\n", encoding="utf-8")
    if earlier is not None:
        print("\n" + compare(earlier["scenarios"], results))
    if options.write_docs:
        write_docs(PAGE, text)
    return any(data["absent"] for data in results.values())


if __name__ == "__main__":
    sys.exit(main())
