"""The page on the command line knows every option and every exit status."""

from __future__ import annotations

import re

from streamflow.cli import _status
from tests.cli.command import Streamflow
from tests.meta.sources import ROOT

PAGE = (ROOT / "docs" / "how-to" / "command-line.md").read_text(encoding="utf-8")


def _table(title: str) -> str:
    return PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]


def test_options(streamflow: Streamflow) -> None:
    commands = ([], ["run"], ["models"])
    shown = "".join(streamflow(*command, "--help").out for command in commands)
    options = set(re.findall(r"(?<![\w-])--[a-z]+(?:-[a-z]+)?(?![\w-])", shown))
    assert set(re.findall(r"--[a-z]+(?:-[a-z]+)?", _table("Options"))) == options


def test_exit_statuses(streamflow: Streamflow) -> None:
    statuses = {value for value in vars(_status).values() if isinstance(value, int)}
    assert (
        set(map(int, re.findall(r"^\| (\d+) \|", _table("Exit status"), re.MULTILINE))) == statuses
    )
    shown = streamflow("--help").out.partition("exit status:")[2]
    assert set(map(int, re.findall(r"\b\d+\b", shown))) == statuses
