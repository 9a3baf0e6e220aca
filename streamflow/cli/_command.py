"""The ``streamflow`` command, from its arguments to its exit status."""

from __future__ import annotations

import sys
import traceback
from contextlib import suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, TextIO, cast

from ..bus import Bus
from ._arguments import ModelsRequest, parse
from ._backend import Source, drain
from ._failure import FailureLog, describe
from ._models import write_vendors
from ._output import ChunkWriter, EventWriter, Output, OutputLost
from ._status import CLOSED_PIPE, FAILED, INTERRUPTED, OK, USAGE, Refusal
from ._target import resolve
from ._tree import TreeWriter, tree_view

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..runnables import Runnable
    from ._arguments import Request
    from ._backend import Consumer

_NO_RICH = (
    "streamflow: rich is not installed, so the tree is shown as plain lines; "
    "a live one needs: pip install 'streamflow[cli]'"
)


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line asks for.

    Args:
        argv: The arguments; those of the process if not given.

    Returns:
        The exit status: 0 if the chain has run, 1 if it failed, 2 if it could not be run
        as asked, 130 after Ctrl-C, 141 if nobody reads standard output any more.
    """
    if cast("TextIO | None", sys.stdout) is None:
        _tell("streamflow: cannot write the output: standard output is closed")
        return FAILED
    output = Output(sys.stdout)
    try:
        status = _perform(argv, output)
        output.flush()
    except OutputLost as lost:
        output.mute()
        if lost.reader_left:
            return CLOSED_PIPE
        _tell(f"streamflow: cannot write the output: {lost.reason}")
        return FAILED
    except KeyboardInterrupt:
        _tell("streamflow: interrupted")
        return INTERRUPTED
    return status


def _perform(argv: Sequence[str] | None, output: Output) -> int:
    try:
        request = parse(argv)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else OK
    except Refusal as refusal:
        return _refuse(refusal, whole=False)
    tracebacks = False
    try:
        if isinstance(request, ModelsRequest):
            write_vendors(output, as_json=request.as_json)
            return OK
        tracebacks = request.tracebacks
        chain = resolve(request.target, request.model)
    except Refusal as refusal:
        return _refuse(refusal, whole=tracebacks)
    return _run(chain, request, output)


def _refuse(refusal: Refusal, *, whole: bool) -> int:
    if whole and refusal.__cause__ is not None:
        _tell("".join(traceback.format_exception(refusal.__cause__)).rstrip("\n"))
    _tell(f"streamflow: {refusal}")
    return USAGE


def _run(chain: Runnable[Any, Any], request: Request, output: Output) -> int:
    failures = FailureLog()
    bus = Bus()
    bus.listen(failures.take)
    source = Source(
        chain,
        request.input,
        {**request.config, "bus": bus},
        messages=request.view != "output",
        # The tree's own filter is the view's: the output is shown whatever it hides.
        filter=request.filter if request.view == "events" else None,
    )
    try:
        drain(source, _consumer(request, output), request.backend)
    except OutputLost:
        raise
    except Exception as error:  # noqa: BLE001 - a chain may raise anything
        hints = _hints(request)
        path = failures.path_of(error)
        _tell(describe(error, path, hints=hints, whole=request.tracebacks))
        return FAILED
    except SystemExit:
        raise
    except BaseException as error:
        # On trio, Ctrl-C may come out of the task groups of the chain, in a group.
        raise KeyboardInterrupt from error  # noqa: ASYNC104 - the loop has ended by now
    return OK


def _consumer(request: Request, output: Output) -> Consumer:
    if request.view == "events":
        return EventWriter(output, request.input)
    if request.view == "tree":
        if find_spec("rich") is None:
            _tell(_NO_RICH)
        return TreeWriter(output, tree_view(output, request.filter))
    return ChunkWriter(output)


def _hints(request: Request) -> list[str]:
    hints = []
    if not request.input_given:
        hints.append("no --input was given, so the chain got {}")
    if not request.tracebacks:
        hints.append("--traceback shows where in the code")
    return hints


def _tell(text: str) -> None:
    # Nobody may read standard error either, which is no reason to fail otherwise. If it is
    # closed, `print` would turn to standard output instead.
    if cast("TextIO | None", sys.stderr) is not None:
        with suppress(OSError):
            print(text, file=sys.stderr)
