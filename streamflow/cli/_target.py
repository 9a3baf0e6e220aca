"""From ``MODULE:CHAIN`` to a runnable."""

from __future__ import annotations

import difflib
import importlib
import inspect
import sys
import traceback
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import CoercionError
from ..runnables import Runnable, coerce_to_runnable
from ._model import VARIABLE
from ._status import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from ._model import ModelChoice

_MOST_NAMES = 20

_POSITIONAL = (
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
    inspect.Parameter.VAR_POSITIONAL,
)

_UNKNOWN = [inspect.Parameter("unknown", inspect.Parameter.VAR_POSITIONAL)]


def resolve(target: str, model: ModelChoice | None = None) -> Runnable[Any, Any]:
    """Return the runnable that ``MODULE:CHAIN`` stands for.

    The module is imported with the current directory on the path. ``CHAIN`` is a name in
    it, with dots for attributes. What has that name may be a runnable; a function that
    takes no input, or only a ``model``, or a class of runnables, which is called to make
    one; or anything that ``coerce_to_runnable`` accepts.

    Args:
        target: ``MODULE:CHAIN``.
        model: What the function is given, or else what is put in the place of the models in
            the runnable.

    Raises:
        Refusal: there is none, or what is there is no runnable, and the message lists the
            runnables that the module has; or the model cannot be used.
    """
    name, _, path = target.partition(":")
    module = _import(name)
    if not path:
        raise Refusal(f"{target!r} names no chain: write {name}:CHAIN. {_offer(module)}")
    found = _look_up(module, path)
    wanted = _model_parameter(found)
    if wanted is not None:
        return _made_of_model(found, wanted, target, model)
    chain = _as_runnable(found, target, module)
    return chain if model is None else model.put_in(chain, target)


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


def _model_parameter(found: Any) -> inspect.Parameter | None:
    """Return the parameter `model` of a function that takes no input beside it."""
    if isinstance(found, Runnable) or inspect.isclass(found) or not callable(found):
        return None
    parameters = _parameters(found)
    model = next((each for each in parameters if each.name == "model"), None)
    if model is None or model.kind in (model.VAR_POSITIONAL, model.VAR_KEYWORD):
        return None
    positional = [each for each in parameters if each.kind in _POSITIONAL]
    return model if positional in ([], [model]) else None


def _made_of_model(
    factory: Callable[..., Any],
    parameter: inspect.Parameter,
    target: str,
    model: ModelChoice | None,
) -> Runnable[Any, Any]:
    if model is None:
        if parameter.default is not parameter.empty:
            return _made_by(factory, target)
        raise Refusal(
            f"{target} makes a chain of a model: name one with --model VENDOR:MODEL, or in the "
            f"environment variable {VARIABLE}"
        )
    made = model.make()
    if parameter.kind is parameter.KEYWORD_ONLY:
        return _made_by(partial(factory, model=made), target)
    return _made_by(partial(factory, made), target)


def _takes_no_input(function: Callable[..., Any]) -> bool:
    return not any(each.kind in _POSITIONAL for each in _parameters(function))


def _parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return _UNKNOWN  # of C functions nothing is known


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
