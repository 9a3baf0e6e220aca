"""What of a runnable can be chosen when it runs: fields, options, and their description."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from attrs import evolve, field, frozen

from ..errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ._base import Runnable


@frozen
class ConfigurableField:
    """A value that a call may give under ``config["configurable"][id]``.

    >>> from streamflow.language_models import FakeListChatModel
    >>> model = FakeListChatModel(responses=["hi"]).configurable_fields(
    ...     responses=ConfigurableField(id="answers", name="What to answer")
    ... )
    >>> model.invoke("?", {"configurable": {"answers": ["ho"]}}).content
    'ho'
    """

    id: str
    """The key in ``configurable``."""
    name: str | None = None
    """Its name for people."""
    description: str | None = None
    """What it means."""
    annotation: Any = None
    """Its type; that of the attribute, if not given."""
    is_shared: bool = False
    """The same for all alternatives: it gets no prefix where they do."""


@frozen
class ConfigurableFieldSingleOption:
    """One of several values, which a call names by its key.

    >>> from streamflow.prompts import PromptTemplate
    >>> greeting = ConfigurableFieldSingleOption(
    ...     id="tone", options={"warm": "Dear {name}", "cool": "{name}"}, default="warm"
    ... )
    >>> prompt = PromptTemplate("").configurable_fields(template=greeting)
    >>> prompt.invoke("Ann", {"configurable": {"tone": "cool"}}).text
    'Ann'
    """

    id: str
    """The key in ``configurable``."""
    options: Mapping[str, Any] = field(converter=dict)
    """The values by their keys."""
    default: str
    """The key of the value for a call that names none."""
    name: str | None = None
    """Its name for people."""
    description: str | None = None
    """What it means."""
    is_shared: bool = False
    """The same for all alternatives: it gets no prefix where they do."""

    def __attrs_post_init__(self) -> None:
        self.choose(self.default)

    def choose(self, key: Any) -> Any:
        """Return the value of a key.

        Raises:
            ConfigError: there is no such key.
        """
        return _option(self.id, self.options, key)


@frozen
class ConfigurableFieldMultiOption:
    """Several of several values, which a call names by a list of their keys.

    >>> from streamflow.language_models import FakeListChatModel
    >>> answers = ConfigurableFieldMultiOption(
    ...     id="answers", options={"yes": "Yes.", "no": "No."}, default=["yes"]
    ... )
    >>> model = FakeListChatModel(responses=[]).configurable_fields(responses=answers)
    >>> model.invoke("?", {"configurable": {"answers": ["no", "yes"]}}).content
    'No.'
    """

    id: str
    """The key in ``configurable``."""
    options: Mapping[str, Any] = field(converter=dict)
    """The values by their keys."""
    default: Sequence[str]
    """The keys of the values for a call that names none."""
    name: str | None = None
    """Its name for people."""
    description: str | None = None
    """What it means."""
    is_shared: bool = False
    """The same for all alternatives: it gets no prefix where they do."""

    def __attrs_post_init__(self) -> None:
        self.choose(self.default)

    def choose(self, keys: Any) -> list[Any]:
        """Return the values of several keys.

        Raises:
            ConfigError: there is no such key, or this is no list of keys.
        """
        if isinstance(keys, str) or not hasattr(keys, "__iter__"):
            raise ConfigError(
                f"configurable[{self.id!r}] must be a list of {_keys(self.options)}, got {keys!r}"
            )
        return [_option(self.id, self.options, key) for key in keys]


AnyConfigurableField = (
    ConfigurableField | ConfigurableFieldSingleOption | ConfigurableFieldMultiOption
)


@frozen
class ConfigurableFieldSpec:
    """Describes one key that a runnable reads from ``configurable``.

    >>> from streamflow.language_models import FakeListChatModel
    >>> model = FakeListChatModel(responses=["hi"])
    >>> model = model.configurable_fields(sleep=ConfigurableField(id="sleep"))
    >>> [(spec.id, spec.annotation, spec.default) for spec in model.config_specs]
    [('sleep', float | None, None)]
    """

    id: str
    """The key in ``configurable``."""
    annotation: Any
    """The type of its value."""
    name: str | None = None
    """Its name for people."""
    description: str | None = None
    """What it means."""
    default: Any = None
    """Its value for a call that gives none."""
    is_shared: bool = False
    """The same for all alternatives: it gets no prefix where they do."""
    dependencies: Sequence[str] | None = None
    """The keys that it depends on."""

    def prefixed(self, prefix: str) -> ConfigurableFieldSpec:
        """Return it with a prefix before the key, unless it is shared."""
        return self if self.is_shared else evolve(self, id=f"{prefix}{self.id}")


def spec_of(each: AnyConfigurableField, annotation: Any, default: Any) -> ConfigurableFieldSpec:
    """Return the description of a field, given the type and value of the attribute."""
    if isinstance(each, ConfigurableField):
        if each.annotation is not None:
            annotation = each.annotation
    else:
        keys = Literal[tuple(each.options)]  # type: ignore[valid-type]  # known when it runs
        multiple = isinstance(each, ConfigurableFieldMultiOption)
        annotation = list[keys] if multiple else keys  # type: ignore[valid-type]  # as above
        default = each.default
    return ConfigurableFieldSpec(
        id=each.id,
        annotation=annotation,
        name=each.name,
        description=each.description,
        default=default,
        is_shared=each.is_shared,
    )


def united_specs(specs: Iterable[ConfigurableFieldSpec]) -> list[ConfigurableFieldSpec]:
    """Return the specs, each once.

    Raises:
        ConfigError: two of them describe one key differently.
    """
    united: dict[str, ConfigurableFieldSpec] = {}
    for spec in specs:
        other = united.setdefault(spec.id, spec)
        if other != spec:
            raise ConfigError(
                f"two steps read configurable[{spec.id!r}] and describe it differently: "
                f"{other} and {spec}"
            )
    return list(united.values())


def specs_within(
    runnables: Iterable[Runnable[Any, Any]], seen: set[int]
) -> list[ConfigurableFieldSpec]:
    """Return what runnables, and those inside of them, read from ``configurable``.

    Args:
        runnables: The runnables.
        seen: The ids of those that were asked already: functions may name one another.
    """
    specs: list[ConfigurableFieldSpec] = []
    for each in runnables:
        if id(each) not in seen:
            seen.add(id(each))
            specs += each._config_specs(seen)
    return specs


def _option(id: str, options: Mapping[str, Any], key: Any) -> Any:
    if isinstance(key, str) and key in options:
        return options[key]
    raise ConfigError(f"configurable[{id!r}] must be one of {_keys(options)}, got {key!r}")


def _keys(options: Mapping[str, Any]) -> str:
    return ", ".join(repr(key) for key in options)
