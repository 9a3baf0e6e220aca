"""What the command line understands, and what was asked for."""

from __future__ import annotations

import argparse
import difflib
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal

from attrs import frozen

from ..bus import EventFilter
from ..errors import ConfigError
from ..runnables import RunnableConfig, ensure_config
from ._model import VARIABLE, ModelChoice, chosen_model
from ._status import Refusal
from ._values import read_value

if TYPE_CHECKING:
    from collections.abc import Sequence


Backend = Literal["asyncio", "trio", "none"]
View = Literal["output", "events", "tree"]

_DESCRIPTION = "Run a chain and stream its output to standard output."

_EPILOG = """\
examples:
  streamflow run streamflow.demo:chain --input '{"topic": "parrot"}'
  streamflow run streamflow.demo:chain --input '{"topic": "parrot"}' --tree
  streamflow run streamflow.demo:chain --input @question.json --events --include-type chat_model
  echo '{"topic": "parrot"}' | streamflow run streamflow.demo:chain --input - --backend trio
  streamflow run streamflow.demo:chain --input '{"topic": "parrot"}' --model openai:gpt-4o-mini
  streamflow models

exit status:
  0 the chain has run; 1 it failed; 2 it could not be run as asked;
  130 interrupted with Ctrl-C; 141 the reader of standard output has gone
"""


@frozen
class Request:
    """One ``streamflow run``, as it was asked for."""

    target: str
    """``MODULE:CHAIN``."""
    input: Any
    """What the chain is given."""
    input_given: bool
    """Whether that was said, not assumed."""
    config: RunnableConfig
    """How to run it."""
    view: View
    """What to show of it."""
    filter: EventFilter | None
    """Which runs to show."""
    backend: Backend
    """On what to run it."""
    tracebacks: bool
    """Whether to show the traceback of what goes wrong."""
    model: ModelChoice | None
    """The model to use in the place of the chain's own."""


@frozen
class ModelsRequest:
    """``streamflow models``, as it was asked for."""

    as_json: bool
    """As lines of JSON, not as a table."""


def parse(argv: Sequence[str] | None) -> Request | ModelsRequest:
    """Return what was asked for.

    Args:
        argv: The arguments; those of the process if not given.

    Raises:
        Refusal: a value cannot be used.
        SystemExit: help was asked for, and printed; or the arguments are wrong.
    """
    options = _parser().parse_args(argv)
    if options.command == "models":
        return ModelsRequest(options.json)
    view: View = "events" if options.events else "tree" if options.tree else "output"
    if options.backend == "trio" and find_spec("trio") is None:
        raise Refusal(
            "--backend trio needs trio, which is not installed: pip install 'streamflow[trio]'"
        )
    given = options.input is not None
    return Request(
        target=options.target,
        # As a prompt reads it: no variables. It can say which it misses; of None it could not.
        input=read_value("--input", options.input) if given else {},
        input_given=given,
        config=_config(options.config),
        view=view,
        filter=_filter(options, view),
        backend=options.backend,
        tracebacks=options.traceback,
        model=chosen_model(options.model),
    )


def _config(text: str | None) -> RunnableConfig:
    if text is None:
        return {}
    config = read_value("--config", text)
    if not isinstance(config, dict):
        raise Refusal(f"--config must be a JSON object, got {text}")
    for key in config.keys() - RunnableConfig.__annotations__.keys():
        # Code may put its own keys here; what is typed at a prompt is more likely a slip.
        near = difflib.get_close_matches(str(key), RunnableConfig.__annotations__, n=1)
        slip = f" (did you mean {near[0]!r}?)" if near else ""
        raise Refusal(
            f"--config has no key {key!r}{slip}; keys of your own belong in 'configurable'"
        )
    try:
        ensure_config(config)  # type: ignore[arg-type]  # this is what checks the values
    except ConfigError as error:
        raise Refusal(f"--config: {error}") from error
    return config  # type: ignore[return-value]  # as above


_FILTERS = (
    "include_names",
    "include_types",
    "include_tags",
    "exclude_names",
    "exclude_types",
    "exclude_tags",
)


def _filter(options: argparse.Namespace, view: View) -> EventFilter | None:
    chosen = {name: getattr(options, name) for name in _FILTERS}
    if not any(chosen.values()):
        return None
    if view == "output":
        raise Refusal("--include-... and --exclude-... choose what --events or --tree shows")
    return EventFilter(**chosen)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="streamflow",
        description="streamflow: run chains and watch them while they run.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    # The package holds the version; to import it from here would be to import upwards.
    package = sys.modules[__name__.partition(".")[0]]
    parser.add_argument("--version", action="version", version=f"%(prog)s {package.__version__}")
    commands = parser.add_subparsers(metavar="command", required=True, dest="command")
    run = commands.add_parser(
        "run",
        help="run a chain and stream its output",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    _add_options(run)
    models = commands.add_parser(
        "models",
        help="list the vendors of models, and which of their keys are set",
        description="List the vendors that --model knows, their environment variables, and "
        "which of these are set. What is in them is not shown.",
        allow_abbrev=False,
    )
    models.add_argument("--json", action="store_true", help="write a line of JSON for each vendor")
    return parser


def _add_options(run: argparse.ArgumentParser) -> None:
    run.add_argument(
        "target",
        metavar="MODULE:CHAIN",
        help="a module, as Python imports it from the current directory, and the name of a "
        "runnable in it, or of a function that makes one: without parameters, or of `model`",
    )
    run.add_argument(
        "--input",
        metavar="JSON|@FILE|-",
        help="what the chain is given: JSON, a file that holds it, or standard input "
        "(default: an empty object)",
    )
    run.add_argument(
        "--model",
        metavar="VENDOR:MODEL",
        help="a chat model to use in the place of the chain's own, such as openai:gpt-4o-mini; "
        f"or replay:FILE, a recording (default: what {VARIABLE} says)",
    )
    run.add_argument("--config", metavar="JSON|@FILE", help="the config of the run, a JSON object")
    run.add_argument(
        "--backend",
        choices=("asyncio", "trio", "none"),
        default="asyncio",
        help="the event loop; none for the synchronous methods (default: asyncio)",
    )
    run.add_argument(
        "--traceback", action="store_true", help="show the traceback if something goes wrong"
    )
    view = run.add_mutually_exclusive_group()
    view.add_argument("--events", action="store_true", help="show events (v2), a line of JSON each")
    view.add_argument("--tree", action="store_true", help="show the tree of runs, then the output")
    choice = run.add_argument_group(
        "filters",
        "Which runs --events and --tree show; each may be repeated. A run is shown\n"
        "if any --include-... names it, or there is none, and no --exclude-... does.",
    )
    for verb in ("include", "exclude"):
        for what in ("name", "type", "tag"):
            choice.add_argument(
                f"--{verb}-{what}",
                dest=f"{verb}_{what}s",
                action="append",
                metavar=what.upper(),
                help=f"{verb} runs with this {what}",
            )
