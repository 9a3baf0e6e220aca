"""``--tree`` without a terminal: a line when a run starts and one when it is over."""

from __future__ import annotations

import io
import re
import sys

import pytest

from streamflow.bus import EventFilter
from streamflow.cli._output import Output
from streamflow.cli._rows import Rows, one_line, seconds
from streamflow.cli._tree import PlainTree
from streamflow.messages import AIMessage
from tests.cli.command import BACKENDS, Streamflow
from tests.cli.story import Story, joke

HERE = "tests.cli.chains"


def _plain(filter: EventFilter | None = None) -> tuple[PlainTree, io.StringIO]:
    stream = io.StringIO()
    return PlainTree(Rows(filter), Output(stream), clock=lambda: 2.0), stream


def test_a_run_has_a_line_for_its_start_and_one_for_its_end() -> None:
    tree, stream = _plain()
    with tree:
        story = joke(tree.take)
        story.end("ReplayChatModel", AIMessage("Why did the cat sit?"), 0.5)
        story.end("StrOutputParser", "Why did the cat sit?", 0.5)
        story.end("RunnableSequence", "Why did the cat sit?", 1.5)
    assert stream.getvalue().splitlines() == [
        "RunnableSequence (chain) started",
        "  ChatPromptTemplate (prompt) started",
        "  ChatPromptTemplate (prompt) done in 2ms: Human: tell me a joke",
        "  ReplayChatModel (chat_model) started",
        "  StrOutputParser (parser) started",
        "  ReplayChatModel (chat_model) done in 498ms, 2 tokens: Why did the cat sit?",
        "  StrOutputParser (parser) done in 200ms, 2 chunks: Why did the cat sit?",
        "RunnableSequence (chain) done in 1.50s, 2 chunks: Why did the cat sit?",
    ]


def test_what_is_open_at_the_end_was_cancelled_children_first() -> None:
    tree, stream = _plain()
    with tree:
        joke(tree.take)
    said = "Why did the cat sit on the ice cream cone?"
    assert stream.getvalue().splitlines()[-3:] == [
        f"  StrOutputParser (parser) cancelled after 1.70s, 2 chunks: {said}",
        f"  ReplayChatModel (chat_model) cancelled after 2.00s, 2 tokens: {said}",
        f"RunnableSequence (chain) cancelled after 2.00s, 2 chunks: {said}",
    ]


def test_failures_are_told_whole_and_outputs_in_brief() -> None:
    tree, stream = _plain()
    with tree:
        story = Story(tree.take)
        story.start("outer")
        story.start("inner", below="outer", tags=("map:key:left",))
        story.end("inner", {"long": "x" * 200})
        story.start("other", below="outer")
        story.cancel("other")
        story.fail("outer", ValueError("bad\n" + "y" * 200))
    lines = stream.getvalue().splitlines()
    assert lines[2] == "  inner [left] (chain) done in 0ms: {'long': '" + "x" * 67 + "..."
    assert lines[4] == "  other (chain) cancelled after 0ms"
    assert lines[5] == f"outer (chain) failed in 0ms: ValueError: bad {'y' * 200}"


def test_a_run_stands_below_the_nearest_run_that_is_shown() -> None:
    tree, stream = _plain(EventFilter(exclude_names=["middle"]))
    with tree:
        story = Story(tree.take)
        story.start("top")
        story.start("middle", below="top")
        story.start("bottom", below="middle")
        story.end("bottom", None)
        story.end("middle", None)
        story.end("top", None)
    assert [line.partition(" (")[0] for line in stream.getvalue().splitlines()] == [
        "top",
        "  bottom",
        "  bottom",
        "top",
    ]


def _timeless(text: str) -> str:
    return re.sub(r"(in|after) [\d.ms]+", r"\1 TIME", text)


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_output_follows_the_tree(streamflow: Streamflow, backend: str) -> None:
    done = streamflow("run", f"{HERE}:words", "--tree", "--backend", backend)
    assert (done.status, done.err) == (0, "")
    assert _timeless(done.out).splitlines() == [
        "words (chain) started",
        "words (chain) done in TIME, 3 chunks: one two three",
        "",
        "one two three",
    ]


@pytest.mark.parametrize(
    ("chain", "output"), [("echo", "{}"), ("parcel", '"fields":{"weight":3}}'), ("lines", "b")]
)
def test_other_outputs_follow_as_json(streamflow: Streamflow, chain: str, output: str) -> None:
    done = streamflow("run", f"{HERE}:{chain}", "--tree")
    assert done.out.endswith(f"{output}\n")
    assert not done.out.endswith("\n\n")


def test_the_output_is_shown_though_a_filter_hides_its_run(streamflow: Streamflow) -> None:
    done = streamflow("run", f"{HERE}:words", "--tree", "--exclude-name", "words")
    assert done.lines == ["", "one two three"]


def test_filters_choose_lines(streamflow: Streamflow) -> None:
    done = streamflow("run", f"{HERE}:boom", "--tree", "--include-tag", "map:key:bad")
    assert _timeless(done.out).splitlines() == [
        "boom [bad] (chain) started",
        "boom [bad] (chain) failed in TIME: ValueError: no parrot today",
    ]


def test_without_rich_a_hint_says_how_to_get_it(
    streamflow: Streamflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "rich", None)
    done = streamflow("run", f"{HERE}:words", "--tree")
    assert done.status == 0
    assert done.lines[0] == "words (chain) started"
    assert "pip install 'streamflow[cli]'" in done.err


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (-1, "0ms"),
        (0.0004, "0ms"),
        (0.9994, "999ms"),
        (0.9996, "1.00s"),
        (9.994, "9.99s"),
        (9.996, "10.0s"),
        (59.94, "59.9s"),
        (59.96, "1m00s"),
        (3725, "62m05s"),
    ],
)
def test_times_are_read_at_a_glance(value: float, text: str) -> None:
    assert seconds(value) == text


def test_a_preview_holds_nothing_that_a_terminal_would_obey() -> None:
    assert one_line(" red \x1b[31m\n\talert\x07 ") == "red �[31m alert�"
