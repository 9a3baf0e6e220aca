"""Runnables that stand for another one, which is chosen when they run.

What a call says under ``config["configurable"]``, or a run above it has said, decides.
The chosen runnable runs in their place: they have no run of their own, and chunks pass
through without a layer. What was chosen once is kept, so that the same values give the
same object: a model with its connections, say.
"""

from __future__ import annotations

import inspect
from abc import abstractmethod
from collections.abc import AsyncIterator, Mapping
from threading import RLock  # noqa: TID251 - a lock; no thread is started here
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, cast

from ..errors import CoercionError, ConfigError
from ..execution import aclose
from ._base import Runnable
from ._coerce import coerce_to_runnable
from ._config import configurable_in, ensure_config
from ._configurable_fields import (
    AnyConfigurableField,
    ConfigurableField,
    ConfigurableFieldSpec,
    spec_of,
    specs_within,
)
from ._parts import Parts
from ._replace import annotation_of, check_attributes

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..bus import Run
    from ._config import RunnableConfig
    from ._lifecycle import At

Input = TypeVar("Input", contravariant=True)
Output = TypeVar("Output", covariant=True)

KEPT = 64
"""How many copies with other values one runnable keeps."""


class DynamicRunnable(Runnable[Input, Output], Generic[Input, Output]):
    """Stands for ``default``, or for another runnable if the configuration says so.

    >>> from streamflow.runnables import ConfigurableField, RunnablePick
    >>> pick = RunnablePick("a").configurable_fields(keys=ConfigurableField(id="key"))
    >>> isinstance(pick, DynamicRunnable)
    True
    """

    default: Runnable[Input, Output]
    """What it stands for where nothing is configured."""

    @abstractmethod
    def choose(self, configurable: Mapping[str, Any]) -> Runnable[Input, Output]:
        """Return the runnable that these values choose.

        Raises:
            ConfigError: a value chooses nothing.
        """

    def prepare(
        self, config: RunnableConfig | None = None
    ) -> tuple[Runnable[Input, Output], RunnableConfig]:
        """Return the runnable that would run with ``config``, and the config for it.

        Raises:
            ConfigError: a value chooses nothing.
        """
        config = ensure_config(config)
        chosen, changes = self._chosen(config.get("configurable", {}), config)
        return chosen, cast("RunnableConfig", changes)

    def get_name(self, suffix: str | None = None) -> str:
        """Return the name of what it stands for."""
        return self.default.get_name(suffix)

    def _in_place(self, configurable: Mapping[str, Any]) -> Runnable[Input, Output]:
        """Return what runs in its place if a call has these values."""
        return self.choose({**configurable, **self._own_configurable(configurable)})

    def _own_configurable(self, configurable: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return values that only the chosen runnable is given."""
        return {}

    def _chosen(
        self, configurable: Mapping[str, Any], config: Mapping[str, Any] | None
    ) -> tuple[Runnable[Any, Any], Mapping[str, Any] | None]:
        own = self._own_configurable(configurable)
        if own:
            given = (config or {}).get("configurable") or {}
            config = {**(config or {}), "configurable": {**given, **own}}
        return self.choose({**configurable, **own} if own else configurable), config

    def _attributes(self) -> dict[str, Any]:
        return {}  # What it stands for has attributes; it has none.

    def _parts(self) -> Parts:
        return Parts.of("same", [("default", self.default)])

    async def _invoke_step(
        self,
        input: Any,
        at: At,
        tag: str | None,
        config: Mapping[str, Any] | None,
        kwargs: dict[str, Any],
    ) -> Any:
        if self._overrides:
            return await super()._invoke_step(input, at, tag, config, kwargs)
        chosen, config = self._chosen(configurable_in(at.scope, config), config)
        return await chosen._invoke_step(input, at, tag, config, kwargs)

    def _stream_step(
        self,
        inputs: AsyncIterator[Any],
        at: At,
        tag: str | None,
        config: Mapping[str, Any] | None,
        kwargs: dict[str, Any],
    ) -> AsyncIterator[Any]:
        if self._overrides:
            return super()._stream_step(inputs, at, tag, config, kwargs)
        try:
            chosen, config = self._chosen(configurable_in(at.scope, config), config)
        except Exception as error:  # noqa: BLE001 - raised when the stream is read, as any other
            return _Failing(error, inputs)
        return chosen._stream_step(inputs, at, tag, config, kwargs)

    # Only a subclass that overrides a public method has a run, and gets here by super().

    async def _execute(self, input: Any, run: Run, **kwargs: Any) -> Any:
        chosen, config = self._chosen(configurable_in(run.scope, None), None)
        return await chosen._invoke_step(input, run, None, config, kwargs)

    def _iterate(self, inputs: AsyncIterator[Any], run: Run, **kwargs: Any) -> AsyncIterator[Any]:
        chosen, config = self._chosen(configurable_in(run.scope, None), None)
        return chosen._stream_step(inputs, run, None, config, kwargs)

    def __repr__(self) -> str:
        return repr(self.default)


class RunnableConfigurableFields(DynamicRunnable[Input, Output]):
    """A runnable some of whose attributes can be set by the configuration.

    Made by ``runnable.configurable_fields(...)``. The runnable itself never changes: a call
    that sets an attribute uses a copy.

    >>> from streamflow.runnables import ConfigurableField, RunnablePick
    >>> pick = RunnableConfigurableFields(RunnablePick("a"), {"keys": ConfigurableField(id="key")})
    >>> pick.choose({"key": "b"}).keys
    'b'

    Args:
        default: The runnable.
        fields: For each attribute, how it is configured.

    Raises:
        ConfigError: it has no such attribute.
    """

    def __init__(
        self, default: Runnable[Input, Output], fields: Mapping[str, AnyConfigurableField]
    ) -> None:
        check_attributes(default, fields)
        self.default = default
        self.fields = dict(fields)
        self._inline = default._inline
        self._copies: _Kept[Runnable[Input, Output]] = _Kept()

    def choose(self, configurable: Mapping[str, Any]) -> Runnable[Input, Output]:
        """Return the runnable with the attributes that these values set.

        Raises:
            ConfigError: an option does not exist.
        """
        changes: dict[str, Any] = {}
        for name, field in self.fields.items():
            if not isinstance(field, ConfigurableField):
                given = configurable.get(field.id)
                changes[name] = field.choose(field.default if given is None else given)
            elif field.id in configurable:
                changes[name] = configurable[field.id]
        if not changes:
            return self.default
        return self._copies.get(changes, lambda: self.default._with_attributes(changes))

    def _config_specs(self, seen: set[int]) -> list[ConfigurableFieldSpec]:
        attributes = self.default._attributes()
        own = [
            spec_of(field, annotation_of(self.default, name), attributes[name])
            for name, field in self.fields.items()
        ]
        return [*own, *specs_within([self.default], seen)]

    def configurable_fields(
        self, **fields: AnyConfigurableField
    ) -> RunnableConfigurableFields[Input, Output]:
        """Return this runnable with more fields."""
        return RunnableConfigurableFields(self.default, {**self.fields, **fields})


class RunnableConfigurableAlternatives(DynamicRunnable[Input, Output]):
    """A runnable in whose place the configuration can put another.

    Made by ``runnable.configurable_alternatives(...)``.

    >>> from streamflow.runnables import ConfigurableField, RunnableLambda
    >>> number = RunnableConfigurableAlternatives(
    ...     ConfigurableField(id="as"), RunnableLambda(str), {"number": lambda: RunnableLambda(int)}
    ... )
    >>> number.with_config(configurable={"as": "number"}).invoke("5")
    5

    Args:
        which: The key in ``configurable`` that names the alternative.
        default: The runnable.
        alternatives: Others, by name: runnables, or functions without arguments that make
            one, called when it is first chosen.
        default_key: The name of ``default``.
        prefix_keys: Whether the keys of the alternatives' own fields begin with
            ``{which}=={name}/``, so that two of them may have fields of one name.

    Raises:
        CoercionError: an alternative is no runnable and makes none.
        ConfigError: two alternatives have one name.
    """

    def __init__(
        self,
        which: ConfigurableField,
        default: Runnable[Input, Output],
        alternatives: Mapping[str, Any],
        *,
        default_key: str = "default",
        prefix_keys: bool = False,
    ) -> None:
        if default_key in alternatives:
            raise ConfigError(
                f"{default_key!r} is the name of the default; call the alternative otherwise, "
                f"or give default_key="
            )
        self.which = which
        self.default = default
        self.default_key = default_key
        self.prefix_keys = prefix_keys
        self.alternatives: dict[str, Any] = {
            name: _made(given) if isinstance(given, (Runnable, Mapping)) else given
            for name, given in alternatives.items()
        }
        for name, given in self.alternatives.items():
            if not isinstance(given, Runnable):
                _check_factory(name, given)
        known = (default, *self.alternatives.values())
        self._inline = all(isinstance(each, Runnable) and each._inline for each in known)
        self._making = RLock()

    def choose(self, configurable: Mapping[str, Any]) -> Runnable[Input, Output]:
        """Return the alternative that these values name.

        Raises:
            ConfigError: there is none of that name.
            CoercionError: the function that was to make it returns no runnable.
        """
        name = self._name_in(configurable)
        if name == self.default_key:
            return self.default
        alternative = self.alternatives[name]
        if isinstance(alternative, Runnable):
            return alternative
        with self._making:
            # Another thread may have been faster. What is made stays: it may hold connections.
            if not isinstance(self.alternatives[name], Runnable):
                self.alternatives[name] = _made(self.alternatives[name]())
            made: Runnable[Input, Output] = self.alternatives[name]
        return made

    def _config_specs(self, seen: set[int]) -> list[ConfigurableFieldSpec]:
        names = (self.default_key, *self.alternatives)
        annotation = Literal[names]  # type: ignore[valid-type]  # known when it runs
        specs = [spec_of(self.which, annotation, self.default_key)]
        for name, each in ((self.default_key, self.default), *self.alternatives.items()):
            if not isinstance(each, Runnable):
                continue  # Not made yet, so there is no telling.
            if self.prefix_keys:
                own = specs_within([each], set(seen))
                specs += [spec.prefixed(self._prefix(name)) for spec in own]
            else:
                specs += specs_within([each], seen)
        return specs

    def _own_configurable(self, configurable: Mapping[str, Any]) -> Mapping[str, Any]:
        if not self.prefix_keys:
            return {}
        prefix = self._prefix(self._name_in(configurable))
        return {
            key[len(prefix) :]: value
            for key, value in configurable.items()
            if str(key).startswith(prefix)
        }

    def _prefix(self, name: str) -> str:
        return f"{self.which.id}=={name}/"

    def _name_in(self, configurable: Mapping[str, Any]) -> str:
        name = configurable.get(self.which.id)
        if name is None:
            return self.default_key
        if isinstance(name, str) and (name == self.default_key or name in self.alternatives):
            return name
        known = ", ".join(repr(each) for each in (self.default_key, *self.alternatives))
        raise ConfigError(f"configurable[{self.which.id!r}] must be one of {known}, got {name!r}")


T = TypeVar("T")


class _Kept(Generic[T]):
    """What was made for some values, for the most recent of them."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._made: dict[Any, T] = {}

    def get(self, values: Mapping[str, Any], make: Callable[[], T]) -> T:
        try:
            key = tuple((name, _key(value)) for name, value in values.items())
            hash(key)
        except TypeError:
            return make()
        with self._lock:
            made = self._made[key] = self._made.pop(key) if key in self._made else make()
            if len(self._made) > KEPT:
                del self._made[next(iter(self._made))]
            return made


def _key(value: Any) -> Any:
    """Return a key that differs for values that are equal but not the same: 1, 1.0, True."""
    if isinstance(value, tuple):
        return (type(value), *map(_key, value))
    return (type(value), value)


class _Failing(AsyncIterator[Any]):
    """A stream that fails when it is read."""

    def __init__(self, error: Exception, inputs: AsyncIterator[Any]) -> None:
        self._error = error
        self._inputs = inputs

    async def __anext__(self) -> Any:
        raise self._error

    async def aclose(self) -> None:
        await aclose(self._inputs)


def _check_factory(name: str, given: Any) -> None:
    if not callable(given):
        raise CoercionError(given)
    try:
        inspect.signature(given).bind()
    except TypeError:
        raise ConfigError(
            f"the alternative {name!r} is {given!r}, a function with arguments. It must be a "
            f"runnable, or a function without arguments that makes one: "
            f"RunnableLambda({getattr(given, '__name__', '...')})?"
        ) from None
    except ValueError:  # some builtins have no signature; it will be seen when it is called
        pass


def _made(given: Any) -> Runnable[Any, Any]:
    # A dict is a parallel; a function here is not yet a step, but what makes one.
    if isinstance(given, (Runnable, Mapping)):
        return coerce_to_runnable(given)
    raise CoercionError(given)
