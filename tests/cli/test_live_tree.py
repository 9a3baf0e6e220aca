"""``--tree`` in a terminal."""

from __future__ import annotations

import io
import os
import re
import select
import sys
from collections.abc import Callable

import pytest
from rich.cells import cell_len
from rich.console import Console

from streamflow.cli._live import LiveTree, Picture
from streamflow.cli._rows import Rows
from tests.cli.command import PATIENCE, posix, start
from tests.cli.story import Story, joke


def _draw(
    tell: Callable[[Rows], object],
    *,
    now: float = 1.0,
    width: int = 80,
    height: int = 25,
    whole: bool = True,
    encoding: str = "utf-8",
) -> list[str]:
    rows = Rows()
    tell(rows)
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    console = Console(file=stream, width=width, height=height)
    console.print(Picture(rows, now, whole=whole))
    stream.seek(0)
    return stream.read().splitlines()


def _joke(rows: Rows) -> Story:
    return joke(rows.take)


def _over(rows: Rows) -> None:
    story = joke(rows.take)
    story.end("ReplayChatModel", "Why did the cat sit on the ice cream cone?", 0.5)
    story.fail("StrOutputParser", ValueError("no\nparrot"), 0.5)
    story.cancel("RunnableSequence", 12.5)


def test_while_it_runs() -> None:
    assert _draw(_joke, width=88) == [
        "RunnableSequence       chain       ⠹ running  1.00s  2 chunks  …t on the ice cream cone?",
        "├─ ChatPromptTemplate  prompt      ✓ done       2ms            Human: tell me a joke",
        "├─ ReplayChatModel     chat_model  ⠹ running  998ms  2 tokens  …t on the ice cream cone?",
        "└─ StrOutputParser     parser      ⠹ running  700ms  2 chunks  …t on the ice cream cone?",
    ]


def test_when_it_is_over() -> None:
    assert _draw(_over, width=88) == [
        "RunnableSequence       chain       ■ cancelled  12.5s  2 chunks  …on the ice cream cone?",
        "├─ ChatPromptTemplate  prompt      ✓ done         2ms            Human: tell me a joke",
        "├─ ReplayChatModel     chat_model  ✓ done       498ms  2 tokens  Why did the cat sit on…",
        "└─ StrOutputParser     parser      ✗ failed     200ms  2 chunks  ValueError: no parrot",
    ]


def test_a_narrow_terminal_shows_what_tells_most() -> None:
    assert _draw(_over, width=60) == [
        "RunnableSequence       ■ cancelled  12.5s  2 chunks",
        "├─ ChatPromptTemplate  ✓ done         2ms",
        "├─ ReplayChatModel     ✓ done       498ms  2 tokens",
        "└─ StrOutputParser     ✗ failed     200ms  2 chunks",
    ]


@pytest.mark.parametrize("width", [1, 10, 20, 30, 41, 59, 79, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    lines = _draw(_over, width=width)
    assert len(lines) == 4
    assert max(map(cell_len, lines)) <= width


def test_characters_of_double_width_keep_the_columns() -> None:
    def tell(rows: Rows) -> None:
        story = Story(rows.take)
        story.start("名前", id="a")
        story.chunk("a", "🍦" * 100)
        story.start("abcd", below="a")
        story.end("abcd", "🍦" * 100)

    first, second = _draw(tell, width=70)
    assert cell_len(first) <= 70
    assert cell_len(second) <= 70
    assert cell_len(first[: first.index("chain")]) == cell_len(second[: second.index("chain")])
    assert first.endswith("🍦")
    assert second.endswith("🍦…")


def test_branches_show_their_keys() -> None:
    def tell(rows: Rows) -> None:
        story = Story(rows.take)
        story.start("both")
        story.start("RunnableSequence", below="both", tags=("map:key:left",), id="l")
        story.start("RunnableSequence", below="both", tags=("map:key:right",), id="r")
        story.start("step", below="l", tags=("seq:step:1",))

    assert [line.partition("  chain")[0].rstrip() for line in _draw(tell)] == [
        "both",
        "├─ RunnableSequence [left]",
        "│  └─ step",
        "└─ RunnableSequence [right]",
    ]


def test_a_terminal_that_knows_ascii_only() -> None:
    assert _draw(_over, width=60, encoding="ascii") == [
        "RunnableSequence       # cancelled  12.5s  2 chunks",
        "|- ChatPromptTemplate  + done         2ms",
        "|- ReplayChatModel     + done       498ms  2 tokens",
        "`- StrOutputParser     x failed     200ms  2 chunks",
    ]


def _crowd(rows: Rows) -> None:
    story = Story(rows.take)
    story.start("top")
    for number in range(30):
        story.start(f"step {number}", number, below="top")
        story.start(f"part {number}", number, below=f"step {number}")
        if number < 29:
            story.end(f"part {number}", None, number + 1)
            story.end(f"step {number}", None, number + 1)


def test_where_there_is_no_room_for_all_what_runs_is_shown() -> None:
    lines = [line.split("  chain")[0].rstrip() for line in _draw(_crowd, height=8, whole=False)]
    assert lines == [
        "top",
        "├─ step 27",
        "├─ step 28",
        "│  └─ part 28",
        "└─ step 29",
        "   └─ part 29",
        "… and 55 more runs",
    ]
    assert len(_draw(_crowd, height=8, whole=True)) == 61
    assert len(_draw(_crowd, height=2, whole=False)) == 1


def test_another_attempt_counts_anew() -> None:
    def tell(rows: Rows) -> None:
        story = Story(rows.take)
        story.start("flaky")
        story.chunk("flaky", "half a sen")
        story.retry("flaky", 2, void=1)
        story.chunk("flaky", "a whole one")

    line = "flaky  chain  ⠹ running  1.00s  1 chunk, attempt 2  a whole one"
    assert _draw(tell) == [line]


def test_a_broken_repr_does_not_break_the_tree() -> None:
    class Rude:
        def __repr__(self) -> str:
            raise RuntimeError

    def tell(rows: Rows) -> None:
        story = Story(rows.take)
        story.start("run")
        story.chunk("run", Rude())

    assert _draw(tell)[0].endswith("1 chunk  <repr failed: RuntimeError>")


def test_nothing_has_run_yet() -> None:
    assert _draw(lambda rows: None) == []


def test_it_is_drawn_in_place_and_stays_when_it_is_over() -> None:
    stream = io.StringIO()
    console = Console(file=stream, width=80, height=10, force_terminal=True, color_system=None)
    with LiveTree(Rows(), console, clock=lambda: 2.0) as tree:
        joke(tree.take)
    drawn = stream.getvalue()
    assert drawn.startswith("\x1b[?25l")
    assert drawn.endswith("\x1b[?25h")
    last = re.sub(r"\x1b\[[?\d;]*[A-Za-z]", "", drawn).splitlines()[-4:]
    assert [line.partition("■ ")[2].partition(" ")[0] for line in last] == [
        "cancelled",
        "",
        "cancelled",
        "cancelled",
    ]


def _run_in_terminal(*arguments: str, **options: str) -> tuple[int, str]:
    import pty

    controller, terminal = pty.openpty()
    try:
        streams = dict.fromkeys(("stdin", "stdout", "stderr"), terminal)
        with start(*arguments, **streams, **options) as process:
            os.close(terminal)
            seen = b""
            while select.select([controller], [], [], PATIENCE)[0]:
                try:
                    piece = os.read(controller, 65536)
                except OSError:  # Linux says so when the other end is closed
                    break
                if not piece:
                    break
                seen += piece
            return process.wait(PATIENCE), seen.decode()
    finally:
        os.close(controller)


@posix
@pytest.mark.skipif(sys.platform == "darwin", reason="a closed pty loses what was not read")
def test_in_a_terminal() -> None:
    status, seen = _run_in_terminal("run", "tests.cli.chains:words", "--tree")
    assert status == 0
    assert "\x1b[?25l" in seen
    assert "✓ done" in seen
    assert seen.endswith("\x1b[?25h\r\none two three\r\n")
