"""``--events``: what ``astream_events`` yields, a line of JSON for each."""

from __future__ import annotations

import json
from typing import Any

import anyio
import pytest

from streamflow import _json
from tests.cli import chains
from tests.cli.command import BACKENDS, Streamflow

HERE = "tests.cli.chains"


def _nameless(event: dict[str, Any]) -> dict[str, Any]:
    """The event but for ids, of which only the number is the same in another run."""
    ids = len(event["parent_ids"])
    return {**event, "run_id": "", "parent_ids": [""] * ids}


async def _expected(chain: Any) -> list[dict[str, Any]]:
    events = chain.astream_events({"a": 1}, version="v2")
    return [_nameless(json.loads(_json.dumps(event))) async for event in events]


def _shown(streamflow: Streamflow, chain: str, *arguments: str) -> list[dict[str, Any]]:
    done = streamflow("run", f"{HERE}:{chain}", "--input", '{"a": 1}', "--events", *arguments)
    assert (done.status, done.err) == (0, "")
    return [_nameless(json.loads(line)) for line in done.lines]


@pytest.mark.parametrize("backend", BACKENDS)
def test_lines_are_the_events(streamflow: Streamflow, backend: str) -> None:
    shown = _shown(streamflow, "message", "--backend", backend)
    assert shown == anyio.run(_expected, chains.message)


def test_values_come_back_from_the_lines(streamflow: Streamflow) -> None:
    done = streamflow("run", f"{HERE}:message", "--events")
    assert _json.loads(done.lines[1])["data"] == {"chunk": chains.AIMessageChunk(content="hé")}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("options", "names"),
    [
        pytest.param(["--include-name", "echo"], {"echo"}, id="include-name"),
        pytest.param(
            ["--include-name", "echo", "--include-name", "words"],
            {"echo", "words"},
            id="include-two-names",
        ),
        pytest.param(["--include-type", "parser"], set(), id="include-type"),
        pytest.param(["--include-tag", "map:key:bad"], {"boom"}, id="include-tag"),
        pytest.param(
            ["--exclude-name", "boom", "--exclude-tag", "seq:step:3"],
            {"RunnableSequence", "words", "echo"},
            id="exclude",
        ),
        pytest.param(["--exclude-type", "chain"], set(), id="exclude-type"),
    ],
)
def test_filters(streamflow: Streamflow, backend: str, options: list[str], names: set[str]) -> None:
    done = streamflow("run", f"{HERE}:boom", "--events", "--backend", backend, *options)
    assert {json.loads(line)["name"] for line in done.lines} == names


def test_a_line_says_if_something_in_it_does_not_come_back(streamflow: Streamflow) -> None:
    lines = streamflow("run", f"{HERE}:opaque", "--events").lines
    events = [json.loads(line) for line in lines]
    assert [event.get("lossy", False) for event in events] == [False, True, True]
    assert events[1]["data"]["chunk"]["is"]["$repr"] == "<opaque>"


def test_objects_of_attrs_classes_show_their_fields(streamflow: Streamflow) -> None:
    event = json.loads(streamflow("run", f"{HERE}:parcel", "--events").lines[-1])
    assert event["data"]["output"]["fields"] == {"weight": 3}


def test_every_start_has_its_end_though_the_chain_fails(streamflow: Streamflow) -> None:
    done = streamflow("run", f"{HERE}:boom", "--events")
    assert done.status == 1
    events = [json.loads(line) for line in done.lines]
    started = [event["run_id"] for event in events if event["event"].endswith("_start")]
    over = [
        event["run_id"]
        for event in events
        if event["event"].endswith(("_end", "_error", "_cancelled"))
    ]
    assert sorted(started) == sorted(over)
    assert events[-1]["event"] == "on_chain_error"
    assert events[-1]["data"]["error"]["message"] == "no parrot today"


def test_config_reaches_the_events(streamflow: Streamflow) -> None:
    config = '{"run_name": "N", "tags": ["t"], "metadata": {"m": 1}}'
    event = _shown(streamflow, "echo", "--config", config)[0]
    assert (event["name"], event["tags"], event["metadata"]) == ("N", ["t"], {"m": 1})
