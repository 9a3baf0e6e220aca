"""From ``MODULE:CHAIN`` to a runnable."""

from __future__ import annotations

import difflib
import importlib
import inspect
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import CoercionError
from ..runnables import Runnable, coerce_to_runnable
from ._status import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

_MOST_NAMES = 20

_POSITIONAL = (
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
    inspect.Parameter.VAR_POSITIONAL,
)


def resolve(target: str) -> Runnable[Any, Any]:
    """Return the runnable that ``MODULE:CHAIN`` stands for.

    The module is imported with the current directory on the path. ``CHAIN`` is a name in
    it, with dots for attributes. What has that name may be a runnable; a function that
    takes no input, or a class of runnables, which is called to make one; or anything that
    ``coerce_to_runnable`` accepts.

    Raises:
        Refusal: there is none, or what is there is no runnable; the message lists the
            runnables that the module has.
    """
    name, _, path = target.partition(":")
    module = _import(name)
    if not path:
        raise Refusal(f"{target!r} names no chain: write {name}:CHAIN. {_offer(module)}")
    return _as_runnable(_look_up(module, path), target, module)


def _import(name: str) -> ModuleType:
    if "/" in name or name.endswith(".py"):
        dotted = name.removeprefix("./").removesuffix(".py").replace("/", ".")
        raise Refusal(f"{name!r} is a path; name the module, as Python imports it: {dotted}:CHAIN")
    if not all(part.isidentifier() for part in name.split(".")):
        raise Refusal(f"{name!r} is no module name: write MODULE:CHAIN, such as shop.chains:answer")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if f"{name}.".startswith(f"{missing}."):
            raise Refusal(
                f"there is no module {missing!r}, neither in {here} nor installed"
            ) from error
        raise _failed(f"cannot import {name}", error) from error
    except (Exception, SystemExit) as error:
        raise _failed(f"cannot import {name}", error) from error


def _look_up(module: ModuleType, path: str) -> Any:
    found: Any = module
    so_far = module.__name__
    for part in path.split("."):
        try:
            found = getattr(found, part)
        except AttributeError as error:
            near = difflib.get_close_matches(part, dir(found), n=1)
            slip = f" (did you mean {near[0]!r}?)" if near else ""
            raise Refusal(f"{so_far} has no {part!r}{slip}. {_offer(module)}") from error
        except Exception as error:
            raise _failed(f"cannot read {part!r} of {so_far}", error) from error
        so_far = f"{so_far}.{part}"
    return found


def _as_runnable(found: Any, target: str, module: ModuleType) -> Runnable[Any, Any]:
    if isinstance(found, Runnable):
        return found
    if inspect.isclass(found):
        if not issubclass(found, Runnable):
            raise Refusal(f"{target} is a class, but not one of runnables. {_offer(module)}")
        return _made_by(found, target)
    if callable(found) and _takes_no_input(found):
        return _made_by(found, target)
    try:
        return coerce_to_runnable(found)
    except CoercionError as error:
        kind = type(found).__name__
        raise Refusal(
            f"{target} is not a runnable, but of type {kind}. {_offer(module)}"
        ) from error


def _takes_no_input(function: Callable[..., Any]) -> bool:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return False  # of C functions nothing is known
    return not any(parameter.kind in _POSITIONAL for parameter in parameters)


def _made_by(factory: Callable[[], Any], target: str) -> Runnable[Any, Any]:
    if inspect.iscoroutinefunction(factory):
        raise Refusal(f"{target} takes no input, so it should make a chain; but it is async")
    try:
        made = factory()
    except Exception as error:
        raise _failed(f"cannot make the chain: {target}() failed", error) from error
    if not isinstance(made, Runnable):
        kind = type(made).__name__
        raise Refusal(
            f"{target} takes no input, so it should make a chain; what it makes is of type {kind}"
        )
    return made


def _offer(module: ModuleType) -> str:
    names = [
        name
        for name, value in vars(module).items()
        if isinstance(value, Runnable) and not name.startswith("_")
    ]
    if not names:
        return f"{module.__name__} has no runnables."
    more = ", ..." if len(names) > _MOST_NAMES else ""
    return f"The runnables of {module.__name__}: {', '.join(names[:_MOST_NAMES])}{more}"


def _failed(what: str, error: BaseException) -> Refusal:
    return Refusal(f"{what}: {type(error).__name__}: {error}{_place(error)}")


def _place(error: BaseException) -> str:
    """Where it was raised, unless it says so itself or nobody's code raised it."""
    frames = traceback.extract_tb(error.__traceback__)
    if isinstance(error, SyntaxError) or not frames:
        return ""
    last = frames[-1]
    if last.filename.startswith("<") or last.filename == __file__:
        return ""
    return f" ({last.filename}, line {last.lineno})"
