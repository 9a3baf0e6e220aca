"""The methods by which a runnable is made configurable, and tells what can be configured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic import BaseModel
    from typing_extensions import Self

    from ._base import Runnable
    from ._configurable_fields import (
        AnyConfigurableField,
        ConfigurableField,
        ConfigurableFieldSpec,
    )

Input = TypeVar("Input", contravariant=True)
Output = TypeVar("Output", covariant=True)


class Configurables(Generic[Input, Output]):
    """The part of the Runnable interface that is about configuration at run time."""

    def configurable_fields(self, **fields: AnyConfigurableField) -> Runnable[Input, Output]:
        """Return this runnable with attributes that ``config["configurable"]`` can set.

        >>> from streamflow.runnables import ConfigurableField, RunnablePick
        >>> pick = RunnablePick("a").configurable_fields(keys=ConfigurableField(id="key"))
        >>> pick.invoke({"a": 1, "b": 2}, {"configurable": {"key": "b"}})
        2

        Args:
            fields: For each attribute, the key under which it is set.

        Raises:
            ConfigError: the runnable has no such attribute.
        """
        from ._binding import RunnableBinding
        from ._configurable import RunnableConfigurableFields

        this = _runnable(self)
        if type(this) is RunnableBinding and not fields.keys() <= this._attributes().keys():
            # What is bound has the attribute that is meant, not what binds.
            inner = this.bound.configurable_fields(**fields)
            return RunnableBinding(inner, kwargs=this.kwargs, config=this.config)
        return RunnableConfigurableFields(this, fields)

    def configurable_alternatives(
        self,
        which: ConfigurableField,
        *,
        default_key: str = "default",
        prefix_keys: bool = False,
        **alternatives: Any,
    ) -> Runnable[Input, Output]:
        """Return this runnable with others that ``config["configurable"]`` can put in its place.

        >>> from streamflow.language_models import FakeListChatModel
        >>> from streamflow.runnables import ConfigurableField
        >>> model = FakeListChatModel(responses=["hi"]).configurable_alternatives(
        ...     ConfigurableField(id="model"), other=FakeListChatModel(responses=["ho"])
        ... )
        >>> model.invoke("?", {"configurable": {"model": "other"}}).content
        'ho'

        Args:
            which: The key that names the alternative.
            default_key: The name of this runnable.
            prefix_keys: Whether the keys of the alternatives' own fields begin with
                ``{which}=={name}/``.
            alternatives: Runnables, or functions without arguments that make one.

        Raises:
            CoercionError: an alternative is no runnable and makes none.
            ConfigError: two alternatives have one name.
        """
        from ._configurable import RunnableConfigurableAlternatives

        return RunnableConfigurableAlternatives(
            which,
            _runnable(self),
            alternatives,
            default_key=default_key,
            prefix_keys=prefix_keys,
        )

    @property
    def config_specs(self) -> list[ConfigurableFieldSpec]:
        """The keys that this runnable, and those inside of it, read from ``configurable``.

        >>> from streamflow.runnables import ConfigurableField, RunnablePick
        >>> pick = RunnablePick("a").configurable_fields(keys=ConfigurableField(id="key"))
        >>> [spec.id for spec in (pick | str).config_specs]
        ['key']

        Raises:
            ConfigError: two of them describe one key differently.
        """
        from ._configurable_fields import specs_within, united_specs

        return united_specs(specs_within([_runnable(self)], set()))

    def config_schema(self, *, include: Sequence[str] | None = None) -> type[BaseModel]:
        """Return a pydantic model of the configs that this runnable takes.

        >>> from streamflow.runnables import ConfigurableField, RunnablePick
        >>> pick = RunnablePick("a").configurable_fields(keys=ConfigurableField(id="key"))
        >>> pick.config_schema()(configurable={"key": "b"}).configurable.key
        'b'

        Args:
            include: The keys of a config that are in it beside ``configurable``.

        Raises:
            ConfigError: there is no such key.
        """
        from ._schemas import config_model

        return config_model(_runnable(self), include)

    def get_config_jsonschema(self, *, include: Sequence[str] | None = None) -> dict[str, Any]:
        """Return the JSON schema of the configs that this runnable takes.

        >>> from streamflow.runnables import RunnablePassthrough
        >>> list(RunnablePassthrough().get_config_jsonschema(include=["tags"])["properties"])
        ['tags']

        Args:
            include: The keys of a config that are in it beside ``configurable``.

        Raises:
            ConfigError: there is no such key.
        """
        from .._schema import json_schema

        return json_schema(self.config_schema(include=include))

    # What a subclass defines that reads more, or is not copied as any object is.

    def _config_specs(self, seen: set[int]) -> list[ConfigurableFieldSpec]:
        """Return ``config_specs``, without what ``seen`` has (see ``specs_within``)."""
        from ._configurable_fields import specs_within
        from ._inner import inner_runnables

        if type(self).config_specs is not Configurables.config_specs:
            return self.config_specs
        return specs_within(inner_runnables(_runnable(self)), seen)

    def _attributes(self) -> dict[str, Any]:
        """Return the attributes that can be configured, with their values."""
        from ._replace import attributes_of

        return attributes_of(_runnable(self))

    def _with_attributes(self, changes: Mapping[str, Any]) -> Self:
        """Return a copy with other attributes."""
        from ._replace import replaced

        return cast("Self", replaced(_runnable(self), changes))


def _runnable(this: Configurables[Input, Output]) -> Runnable[Input, Output]:
    return cast("Runnable[Input, Output]", this)
