"""pydantic models of what a runnable takes and gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_type_hints

from .._schema import ObjectField, model_of, object_model
from ..errors import ConfigError
from ._config import RunnableConfig, ensure_config
from ._types import input_type, output_type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import BaseModel

    from ._base import Runnable


def input_model(runnable: Runnable[Any, Any], config: RunnableConfig | None) -> type[BaseModel]:
    """Return a model of the inputs of ``runnable`` under ``config``."""
    configurable = ensure_config(config).get("configurable", {})
    return model_of(input_type(runnable, configurable), runnable.get_name("input"))


def output_model(runnable: Runnable[Any, Any], config: RunnableConfig | None) -> type[BaseModel]:
    """Return a model of the outputs of ``runnable`` under ``config``."""
    configurable = ensure_config(config).get("configurable", {})
    return model_of(output_type(runnable, configurable), runnable.get_name("output"))


def config_model(runnable: Runnable[Any, Any], include: Sequence[str] | None) -> type[BaseModel]:
    """Return a model of the configs that ``runnable`` takes.

    Raises:
        ConfigError: ``include`` names a key that no config has.
    """
    hints = get_type_hints(RunnableConfig)
    unknown = [key for key in include or () if key not in hints]
    if unknown:
        raise ConfigError(f"a config has no key {unknown}; it has {sorted(hints)}")
    fields: dict[str, ObjectField] = {}
    specs = runnable.config_specs
    if specs:
        values = object_model(
            "Configurable",
            {
                spec.id: ObjectField(spec.annotation, spec.default, spec.name, spec.description)
                for spec in specs
            },
        )
        fields["configurable"] = ObjectField(values, None)
    for key in include or ():
        fields.setdefault(key, ObjectField(hints[key], None))
    return object_model(runnable.get_name("config"), fields)
