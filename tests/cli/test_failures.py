"""A chain that fails: status 1, and what went wrong in which run."""

from __future__ import annotations

import pytest

from tests.cli.command import BACKENDS, Streamflow

HERE = "tests.cli.chains"


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("view", [[], ["--events"], ["--tree"]], ids=" ".join)
def test_the_message_names_the_run(streamflow: Streamflow, backend: str, view: list[str]) -> None:
    done = streamflow("run", f"{HERE}:boom", "--input", "1", "--backend", backend, *view)
    assert done.status == 1
    assert done.err == (
        "streamflow: the chain failed: ValueError: no parrot today\n"
        "  in the run RunnableSequence > RunnableParallel<bad> (seq:step:3)"
        " > boom (map:key:bad)\n"
        "  --traceback shows where in the code\n"
    )


def test_a_filter_does_not_hide_where_it_failed(streamflow: Streamflow) -> None:
    done = streamflow("run", f"{HERE}:boom", "--events", "--include-name", "words")
    assert "> boom (map:key:bad)" in done.err
    assert all('"name":"words"' in line for line in done.lines)


def test_the_message_does_not_follow_on_the_same_line(streamflow: Streamflow) -> None:
    done = streamflow("run", f"{HERE}:half", "--input", "1")
    assert (done.status, done.out) == (1, "half a sen\n")


def test_without_an_input_a_hint_says_so(streamflow: Streamflow) -> None:
    done = streamflow("run", "streamflow.demo:chain")
    assert done.status == 1
    assert "PromptInputError: ChatPromptTemplate is missing 'topic'" in done.err
    assert "in the run RunnableSequence > ChatPromptTemplate (seq:step:1)" in done.err
    assert "no --input was given, so the chain got {}" in done.err


def test_causes_and_notes_are_told(streamflow: Streamflow) -> None:
    caused = streamflow("run", f"{HERE}:caused", "--input", "1")
    assert "RuntimeError: outer\n  in the run caused\n  caused by KeyError: 'key'\n" in caused.err
    assert "\n  mind the gap\n" in streamflow("run", f"{HERE}:noted").err


def test_the_traceback_is_shown_when_asked_for(streamflow: Streamflow) -> None:
    quiet = streamflow("run", f"{HERE}:boom", "--input", "1")
    assert "Traceback" not in quiet.err
    told = streamflow("run", f"{HERE}:boom", "--input", "1", "--traceback")
    assert told.err.startswith("Traceback (most recent call last):\n")
    assert 'raise ValueError("no parrot today")' in told.err
    assert "streamflow: the chain failed: ValueError: no parrot today\n" in told.err
    assert "--traceback shows" not in told.err


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("view", [[], ["--events"]], ids=["output", "events"])
def test_a_chain_may_end_the_process(streamflow: Streamflow, backend: str, view: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        streamflow("run", f"{HERE}:leave", "--backend", backend, *view)
    assert caught.value.code == 7
