"""A chain with other chat models in the place of its own."""

from __future__ import annotations

import copy
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

from ..errors import ConfigError
from ..language_models import BaseChatModel
from ..runnables import Runnable, coerce_to_runnable
from ..runnables._configurable import (
    DynamicRunnable,
    RunnableConfigurableAlternatives,
    RunnableConfigurableFields,
)
from ..runnables._inner import values_of
from ..runnables._parts import unwrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..runnables._parts import Parts

R = TypeVar("R", bound=Runnable[Any, Any])

_GRAPHS = "streamflow.graph."
"""Where the objects are that are no runnables, but hold those of a graph."""


def with_model(chain: R, model: BaseChatModel) -> R:
    """Return a copy of a chain with ``model`` in the place of each of its chat models.

    Models are found wherever a runnable holds them as it was made: as a step, a branch, a
    fallback, a node of a graph, with tools bound. What is chosen by the configuration among
    chat models is replaced as a whole. A model that only the code of a function names stays;
    so do models of text.

    >>> from streamflow.language_models import FakeListChatModel
    >>> from streamflow.testing import with_model
    >>> chain = FakeListChatModel(responses=["yes"]) | (lambda message: message.content)
    >>> with_model(chain, FakeListChatModel(responses=["no"])).invoke("well?")
    'no'

    Args:
        chain: The chain; it stays as it is. It may be a chat model.
        model: What to use.

    Raises:
        ConfigError: there is no chat model in the chain.
    """
    swap = Swap(lambda _: model, whole=True)
    return cast("R", swap.within(chain))


class Swap:
    """Makes copies of chains with other models; the same one for the same one.

    Args:
        make: Returns what takes the place of a model.
        whole: Put one in the place of a configurable model, not inside of it.
    """

    def __init__(self, make: Callable[[BaseChatModel], BaseChatModel], *, whole: bool) -> None:
        self._make = make
        self._whole = whole
        self._made: dict[int, tuple[Any, Any]] = {}  # with the original, which keeps its id
        self._found = False

    def within(self, chain: Any) -> Any:
        """Return a copy of ``chain`` with other models.

        Raises:
            ConfigError: there is none.
        """
        changed = self._swapped(chain)
        if not self._found:
            raise ConfigError(
                f"{chain.get_name()} holds no chat model as a part of it. If a function of it "
                f"names one, give the function the model as an argument."
            )
        return changed

    def _swapped(self, thing: Any, depth: int = 3) -> Any:
        """Return ``thing`` itself if nothing in it changes."""
        if type(thing) in (list, tuple, dict):
            return self._container(thing, depth - 1) if depth else thing
        if not isinstance(thing, Runnable) and not type(thing).__module__.startswith(_GRAPHS):
            return thing
        if id(thing) not in self._made:
            self._made[id(thing)] = (thing, thing)  # what holds itself ends here
            self._made[id(thing)] = (thing, self._changed(thing))
        return self._made[id(thing)][1]

    def _container(self, thing: Any, depth: int) -> Any:
        if type(thing) is dict:
            changed: Any = {key: self._swapped(value, depth) for key, value in thing.items()}
            same = all(changed[key] is value for key, value in thing.items())
        else:
            changed = type(thing)(self._swapped(value, depth) for value in thing)
            same = all(new is old for new, old in zip(changed, thing, strict=True))
        return thing if same else changed

    def _changed(self, thing: Any) -> Any:
        if isinstance(thing, BaseChatModel):
            return self._one(thing)
        if isinstance(thing, DynamicRunnable):
            return self._dynamic(thing)
        return self._with_parts(thing, {})

    def _dynamic(self, thing: DynamicRunnable[Any, Any]) -> Any:
        """Return what takes the place of a runnable that stands for others."""
        if isinstance(thing, (RunnableConfigurableFields, RunnableConfigurableAlternatives)):
            if self._whole and isinstance(unwrapped(thing), BaseChatModel):
                return self._one(thing)
            return self._configurable(thing)
        self._found = True  # as it may be: what it chooses is not known yet
        if self._whole and hasattr(thing, "_with_model"):
            return thing._with_model(self._one(thing))
        return Chosen(thing, self)

    def _configurable(
        self,
        thing: RunnableConfigurableFields[Any, Any] | RunnableConfigurableAlternatives[Any, Any],
    ) -> Any:
        if isinstance(thing, RunnableConfigurableFields):
            # Made anew, for it keeps the copies that it has made.
            default = self._swapped(thing.default)
            return thing if default is thing.default else type(thing)(default, thing.fields)
        alternatives = {
            name: each if isinstance(each, Runnable) else partial(self._later, each)
            for name, each in thing.alternatives.items()
        }
        return self._with_parts(thing, {"alternatives": alternatives})

    def _with_parts(self, thing: Any, changes: dict[str, Any]) -> Any:
        values = values_of(thing)
        changed = {n: self._swapped(v) for n, v in {**values, **changes}.items()}
        changed = {name: new for name, new in changed.items() if new is not values[name]}
        return _copied(thing, changed) if changed else thing

    def _one(self, model: Any) -> BaseChatModel:
        self._found = True
        return self._make(model)

    def _later(self, make: Callable[[], Any]) -> Any:
        return self._swapped(coerce_to_runnable(make()))


class Chosen(DynamicRunnable[Any, Any]):
    """Stands for what another runnable chooses, with other models in it.

    Args:
        chooser: The other one.
        swap: What makes the copies.
    """

    def __init__(self, chooser: DynamicRunnable[Any, Any], swap: Swap) -> None:
        self._chooser = chooser
        self._swap = swap

    @property
    def default(self) -> Runnable[Any, Any]:  # type: ignore[override]  # made when asked for
        """What it stands for where nothing is configured."""
        return cast("Runnable[Any, Any]", self._swap._swapped(self._chooser.default))

    def choose(self, configurable: Mapping[str, Any]) -> Runnable[Any, Any]:
        """Return the runnable that these values choose."""
        return cast("Runnable[Any, Any]", self._swap._swapped(self._chooser.choose(configurable)))

    def __getattr__(self, name: str) -> Any:
        if name not in ("bind_tools", "with_structured_output"):
            raise AttributeError(f"{type(self._chooser).__name__} has no attribute {name!r}")
        method = getattr(self._chooser, name)
        return lambda *args, **kwargs: Chosen(method(*args, **kwargs), self._swap)

    def get_name(self, suffix: str | None = None) -> str:
        """Return the name of what it stands for."""
        return self._chooser.get_name(suffix)

    def _own_configurable(self, configurable: Mapping[str, Any]) -> Mapping[str, Any]:
        return self._chooser._own_configurable(configurable)

    def _config_specs(self, seen: set[int]) -> list[Any]:
        return self._chooser._config_specs(seen)

    def _parts(self) -> Parts:
        return self._chooser._parts()


def _copied(thing: Any, changes: dict[str, Any]) -> Any:
    result = copy.copy(thing)
    for name in list(getattr(result, "__dict__", {})):
        if isinstance(getattr(type(result), name, None), cached_property):
            delattr(result, name)  # It may depend on what changes.
    for name, value in changes.items():
        if not isinstance(getattr(type(result), name, None), cached_property):
            object.__setattr__(result, name, value)  # which a frozen class does not forbid
    return result
