"""What cannot be run as it was asked for ends with status 2 and a sentence that helps."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.cli.command import Streamflow

HERE = "tests.cli.chains"

TARGETS = {
    "nowhere:chain": ["there is no module 'nowhere'"],
    "tests.cli.nowhere:chain": ["there is no module 'tests.cli.nowhere'"],
    "tests/cli/chains.py:words": ["is a path", "tests.cli.chains:CHAIN"],
    "no module:chain": ["'no module' is no module name"],
    ":chain": ["'' is no module name"],
    HERE: [f"names no chain: write {HERE}:CHAIN", "words, lines"],
    f"{HERE}:wrods": ["has no 'wrods' (did you mean 'words'?)", "words, lines"],
    f"{HERE}:Shelf.chian": ["tests.cli.chains.Shelf has no 'chian' (did you mean 'chain'?)"],
    f"{HERE}:shelf.broken": ["cannot read 'broken'", "LookupError: empty shelf"],
    f"{HERE}:number": ["is not a runnable, but of type int", "words, lines"],
    f"{HERE}:Shelf": ["is a class, but not one of runnables"],
    f"{HERE}:make_nothing": ["it should make a chain; what it makes is of type NoneType"],
    f"{HERE}:make_badly": ["make_badly() failed: OSError: disk on fire", "chains.py, line"],
    f"{HERE}:make_later": ["it should make a chain; but it is async"],
}


@pytest.mark.parametrize("target", TARGETS)
def test_targets(streamflow: Streamflow, target: str) -> None:
    done = streamflow("run", target)
    assert (done.status, done.out) == (2, "")
    for part in TARGETS[target]:
        assert part in done.err
    assert "Traceback" not in done.err
    assert "_hidden" not in done.err


MODULES = {
    "raise ValueError('bad day')": "ValueError: bad day ({file}, line 1)",
    "def (": "SyntaxError: invalid syntax (broken.py, line 1)",
    "\nimport not_there": "ModuleNotFoundError: No module named 'not_there' ({file}, line 2)",
    "raise SystemExit('bye')": "SystemExit: bye ({file}, line 1)",
}


@pytest.mark.parametrize("code", MODULES)
def test_modules_that_fail(
    streamflow: Streamflow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    file = tmp_path / "broken.py"
    file.write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    done = streamflow("run", "broken:chain")
    expected = f"cannot import broken: {MODULES[code].format(file=file)}"
    assert (done.status, done.err) == (2, f"streamflow: {expected}\n")
    assert "Traceback" in streamflow("run", "broken:chain", "--traceback").err


JSON = {
    "hello": [
        "--input is not JSON",
        "at line 1, column 1\n    hello\n    ^\n",
        "A text is JSON with quotes around it: --input '\"hello\"'",
    ],
    '{"ключ": tru}': ['at line 1, column 10\n    {"ключ": tru}\n             ^\n'],
    "[1,": ["at line 1, column 4"],
    "": ["--input is not JSON: it is empty"],
    f"[{'1, ' * 100}oops]": ["column 302\n", "1, oops]\n"],
    "@nowhere.json": ["cannot read 'nowhere.json': No such file or directory"],
}


@pytest.mark.parametrize("given", JSON, ids=lambda given: given[:12])
def test_input_that_is_not_json(streamflow: Streamflow, given: str) -> None:
    done = streamflow("run", f"{HERE}:echo", "--input", given)
    assert (done.status, done.out) == (2, "")
    for part in JSON[given]:
        assert part in done.err


def test_a_file_that_is_not_json(streamflow: Streamflow, tmp_path: Path) -> None:
    file = tmp_path / "in.json"
    file.write_text('{\n\t"a": 1 "b"\n}')
    done = streamflow("run", f"{HERE}:echo", "--input", f"@{file}")
    assert done.status == 2
    assert f"--input: {file} is not JSON" in done.err
    assert 'at line 2, column 9\n     "a": 1 "b"\n            ^\n' in done.err


CONFIGS = {
    '{"tag": ["a"]}': "--config has no key 'tag' (did you mean 'tags'?)",
    '{"mine": 1}': "--config has no key 'mine'; keys of your own belong in 'configurable'",
    "[1]": "--config must be a JSON object, got [1]",
    '{"recursion_limit": "x"}': "--config: recursion_limit must be a whole number, got 'x'",
    '{"bus": 1}': "--config: bus must be a streamflow.bus.Bus, got 1",
    "x": "--config is not JSON",
}


@pytest.mark.parametrize("config", CONFIGS)
def test_configs(streamflow: Streamflow, config: str) -> None:
    done = streamflow("run", f"{HERE}:echo", "--config", config)
    assert done.status == 2
    assert CONFIGS[config] in done.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param([], "the following arguments are required: command", id="no-command"),
        pytest.param(["run"], "the following arguments are required: MODULE:CHAIN", id="no-chain"),
        pytest.param(["run", "a:b", "--events", "--tree"], "not allowed with", id="two-views"),
        pytest.param(["run", "a:b", "--backend", "curio"], "invalid choice", id="backend"),
        pytest.param(["run", "a:b", "--inp", "1"], "unrecognized arguments", id="abbreviation"),
        pytest.param(["run", "a:b", "--include-tag", "x"], "choose what --events or", id="filter"),
    ],
)
def test_arguments(streamflow: Streamflow, arguments: list[str], message: str) -> None:
    done = streamflow(*arguments)
    assert done.status == 2
    assert message in done.err


def test_trio_is_missing(streamflow: Streamflow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "trio", None)
    done = streamflow("run", f"{HERE}:echo", "--backend", "trio")
    assert done.status == 2
    assert "not installed: pip install 'streamflow[trio]'" in done.err


def test_help_and_version(streamflow: Streamflow) -> None:
    shown = streamflow("run", "--help")
    assert shown.status == 0
    for part in ("examples:", "exit status:", "--include-tag TAG", "streamflow.demo:chain"):
        assert part in shown.out
    assert streamflow("-h").status == 0
    version = streamflow("--version")
    assert (version.status, version.out[:13]) == (0, "streamflow 0.")
