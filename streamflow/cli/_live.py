"""The tree of runs in a terminal, drawn anew several times a second while they run.

The only file that needs rich; it is loaded when a live tree is to be shown.
"""

from __future__ import annotations

from time import time
from typing import TYPE_CHECKING, TextIO

from attrs import frozen
from rich.console import Console
from rich.live import Live
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    from rich.console import ConsoleOptions, RenderResult
    from typing_extensions import Self

    from ..bus import AnyMessage
    from ._rows import Row, Rows, State

_REFRESHES = 12
"""How often a second the tree is drawn."""

_GAP = "  "
_STYLES: dict[State, str] = {
    "running": "yellow",
    "done": "green",
    "failed": "bold red",
    "cancelled": "magenta",
}


@frozen
class _Signs:
    """What lines and states are drawn with."""

    branch: str
    last: str
    through: str
    states: dict[State, str]
    spinner: str
    ellipsis: str


_UNICODE = _Signs(
    "├─ ", "└─ ", "│  ", {"done": "✓", "failed": "✗", "cancelled": "■"}, "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", "…"
)
_ASCII = _Signs("|- ", "`- ", "|  ", {"done": "+", "failed": "x", "cancelled": "#"}, "|/-\\", "~")


def live_tree(rows: Rows, stream: TextIO) -> LiveTree | None:
    """Return a live tree on ``stream``, or None if the terminal cannot show one."""
    console = Console(file=stream, highlight=False, markup=False, emoji=False)
    return (
        None if console.is_dumb_terminal or not console.is_interactive else LiveTree(rows, console)
    )


class LiveTree:
    """Shows rows in a terminal while they change.

    Args:
        rows: What to show.
        console: Where to.
        clock: Tells the time.
    """

    def __init__(self, rows: Rows, console: Console, clock: Callable[[], float] = time) -> None:
        self._rows = rows
        self._clock = clock
        self._over = False
        self._live = Live(
            console=console, get_renderable=self._picture, refresh_per_second=_REFRESHES
        )

    def take(self, message: AnyMessage) -> None:
        """Enter a message; the next drawing shows it."""
        self._rows.take(message)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for _ in self._rows.cut(self._clock()):
            pass
        self._over = True
        self._live.stop()

    def _picture(self) -> Picture:
        return Picture(self._rows, self._clock(), whole=self._over)


class Picture:
    """The rows as they are now.

    Args:
        rows: What to show.
        now: The time.
        whole: Show all of them, though they be more than the terminal has lines.
    """

    def __init__(self, rows: Rows, now: float, *, whole: bool) -> None:
        self._rows = rows
        self._now = now
        self._whole = whole

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw a line for each row."""
        signs = _ASCII if options.ascii_only else _UNICODE
        every = list(self._rows)
        # One line of the terminal is the cursor's.
        room = len(every) if self._whole else console.height - 1
        shown = every if len(every) <= room else _most_telling(every, room - 1)
        lines = [
            _Line(guide, row, self._now, signs)
            for guide, row in _with_guides(self._rows.roots, set(map(id, shown)), signs)
        ]
        yield from _in_columns(lines, options.max_width, signs)
        if len(shown) < len(every):
            more = f"{signs.ellipsis} and {len(every) - len(shown)} more runs"
            yield Text(more, style="dim", no_wrap=True)


def _most_telling(rows: list[Row], room: int) -> list[Row]:
    """The rows to show where there is room for some only: what runs, then what ended last."""
    # A parent ends after its children, so what runs is below what runs.
    ranked = sorted(rows, key=lambda row: (row.ended is None, row.ended or 0.0, -row.depth))
    return ranked[-room:] if room > 0 else []


def _with_guides(roots: list[Row], shown: set[int], signs: _Signs) -> Iterator[tuple[str, Row]]:
    """Each row that is shown, from top to bottom, with the lines of the tree before it."""
    waiting = [("", "", row) for row in reversed(tuple(roots)) if id(row) in shown]
    while waiting:
        guide, below, row = waiting.pop()
        yield guide, row
        children = [child for child in tuple(row.children) if id(child) in shown]
        for child in reversed(children):
            if child is children[-1]:
                waiting.append((below + signs.last, below + " " * len(signs.through), child))
            else:
                waiting.append((below + signs.branch, below + signs.through, child))


class _Line:
    """One row in the columns of the picture."""

    def __init__(self, guide: str, row: Row, now: float, signs: _Signs) -> None:
        self.row = row
        style = _STYLES[row.state]
        sign = signs.states.get(row.state) or signs.spinner[int(now * 12) % len(signs.spinner)]
        self.cells = {
            "name": Text.assemble((guide, "dim"), (row.name, "bold" if not row.depth else "")),
            "type": Text(row.type, style="cyan"),
            "state": Text(f"{sign} {row.state}", style=style),
            "elapsed": Text(row.elapsed(now), justify="right"),
            "count": Text(row.count(), style="blue", justify="right"),
        }

    def preview(self, width: int, signs: _Signs) -> Text:
        """The end of an output that is still growing, the beginning of any other."""
        text, from_end = self.row.preview()
        style = "red" if self.row.state == "failed" else "dim"
        preview = Text(text, style=style)
        if preview.cell_len <= width:
            return preview
        if not from_end:
            preview.truncate(width - 1)
            return preview.append(signs.ellipsis)
        while preview.cell_len > width - 1:
            preview = preview[max(1, (preview.cell_len - width + 1) // 2) :]
        return Text(signs.ellipsis, style=style).append_text(preview)


def _in_columns(lines: list[_Line], width: int, signs: _Signs) -> Iterator[Text]:
    if not lines:
        return
    widths = {key: max(line.cells[key].cell_len for line in lines) for key in lines[0].cells}
    # Names are worth half of the line; the rest gives way, the least telling first.
    widths["name"] = min(widths["name"], max(width // 2, 10))
    for spare in ("type", "count", "elapsed"):
        if sum(widths.values()) + len(_GAP) * (len(widths) - 1) > width:
            del widths[spare]
    left = width - sum(widths.values()) - len(_GAP) * len(widths)
    for line in lines:
        cells = []
        for key, room in widths.items():
            cell = line.cells[key]
            if cell.justify == "right":
                cell.pad_left(room - cell.cell_len)
            else:
                cell.truncate(room, overflow="ellipsis", pad=True)
            cells.append(cell)
        if left >= 10:
            cells.append(line.preview(left, signs))
        text = Text(_GAP).join(cells)
        text.rstrip()
        text.no_wrap, text.overflow = True, "crop"
        yield text
