"""The arguments of a tool: described for a model, and checked when they come.

pydantic does both, and is loaded when it is first needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from .._unset import UNSET
from ..errors import ToolDefinitionError, ToolInputError
from ._injected import mark_of
from ._json_check import problems_of
from ._json_schema import for_model

if TYPE_CHECKING:
    from pydantic import BaseModel

    from ._signature import Signature


class Arguments:
    """The arguments that a pydantic model describes.

    Args:
        schema: The class that describes them; the model is made of it.
        signature: The arguments of the function. They count if there is no class.
        name: What the model is called if it is made of the signature.
        description: What the model says of itself then.
    """

    def __init__(
        self, schema: Any, signature: Signature, name: str, description: str | None
    ) -> None:
        self._schema = schema
        self._signature = signature
        self._about = (name, description)
        self._model: type[BaseModel] | None = None
        self._shown: dict[tuple[str, str], type[BaseModel]] = {}
        self._keys: list[tuple[str, str]] = []
        self._calls: dict[str, Any] = {}
        self._filled: set[str] = set()

    @property
    def model(self) -> type[BaseModel]:
        """The model of all of them."""
        if self._model is None:
            self._prepare()
        return self._model  # type: ignore[return-value]  # made above

    @property
    def visible(self) -> list[str]:
        """The names of those that a model gives."""
        if self._schema is None:
            return self._signature.names
        return [key for field, key in self._fields() if field not in self._calls]

    def shown(self, name: str, description: str) -> Any:
        """Return the schema of those that a model gives, under another name."""
        about = (name, description)
        found = self._shown.get(about)
        if found is None:
            keep = [field for field, _ in self._fields() if field not in self._calls]
            found = self._shown[about] = _models().with_fields(self.model, keep, *about)
        return found

    def json(self, name: str, description: str) -> dict[str, Any]:
        """Return the JSON schema of those that a model gives."""
        found: dict[str, Any] = _models().json_schema(self.shown(name, description))
        return found

    def checked(
        self, tool: str, given: dict[str, Any], call_id: str | None, *, called: bool
    ) -> dict[str, Any]:
        """Return the values that the function gets.

        Args:
            tool: The name of the tool.
            given: The values as they came.
            call_id: The id of the tool call.
            called: There is a tool call, whose id counts more than one that is given.

        Raises:
            ToolInputError: a value does not fit, or is missing.
        """
        model = self.model
        for field, mark in self._calls.items():
            if mark == "call_id" and (called or field not in given):
                if call_id is None:
                    advice = "it is the id of a tool call; invoke the tool with one that has an id"
                    raise ToolInputError(tool, [(field, advice, UNSET)])
                given = {**given, field: call_id}
        try:
            instance = model.model_validate(given)
        except ValueError as error:
            raise ToolInputError(tool, _problems(error)) from error
        if self._schema is not None:
            try:
                values: dict[str, Any] = _models().values_in(self._schema, instance, self._keys)
            except (TypeError, ValueError) as error:  # of the class itself, which checks more
                raise ToolInputError(tool, [("", str(error), UNSET)]) from error
            return values
        # What was not given is left to the function, whose own defaults then count.
        fields = vars(instance)
        present = instance.model_fields_set | self._filled
        result = {key: fields[field] for field, key in self._keys if field in present}
        if self._signature.takes_more:
            known = self._signature.arguments
            result.update((key, value) for key, value in given.items() if key not in known)
        return result

    def _fields(self) -> list[tuple[str, str]]:
        if self._model is None:
            self._prepare()
        return self._keys

    def _prepare(self) -> None:
        models = _models()
        if self._schema is None:
            model = models.model_of_signature(self._signature, *self._about)
            by_key = {each.name: each.injected for each in self._signature.arguments.values()}
        else:
            model = models.model_of_class(self._schema)
            by_key = {}
        own = model is not self._schema
        self._keys = [
            (field, (info.alias if own else None) or field)
            for field, info in model.model_fields.items()
        ]
        for (field, key), info in zip(self._keys, model.model_fields.values(), strict=True):
            parts = (info.annotation, ..., *info.metadata)
            mark = by_key.get(key) or mark_of(Annotated[parts])
            if mark is not None:
                self._calls[field] = mark
        # A default that pydantic has made, or was told, is none that the function has.
        self._filled = (
            {
                field
                for field, key in self._keys
                if type(self._signature.arguments[key].default).__name__ == "FieldInfo"
            }
            if self._schema is None
            else set()
        )
        self._model = model


class JsonArguments:
    """The arguments that a JSON schema describes; their names and simple types are checked."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        if not isinstance(schema.get("properties", {}), Mapping):
            raise ToolDefinitionError(f"the properties of a JSON schema are a dict, got {schema!r}")
        self._schema = dict(schema)

    @property
    def model(self) -> type[BaseModel]:
        """A model of all of them, as far as they are known: any object."""
        from .._schema import model_of  # noqa: PLC0415 - loads pydantic, when it is asked for

        return model_of(dict[str, Any], self._schema.get("title", "Arguments"))

    @property
    def visible(self) -> list[str]:
        """Their names."""
        return list(self._schema.get("properties", ()))

    def shown(self, name: str, description: str) -> dict[str, Any]:
        """Return the schema as it was given, under another name."""
        return {**self._schema, "title": name, "description": description}

    json = shown

    def checked(
        self, tool: str, given: dict[str, Any], call_id: str | None, *, called: bool
    ) -> dict[str, Any]:
        """Return the values that the function gets.

        Raises:
            ToolInputError: a value is missing, or of another type.
        """
        problems = problems_of(for_model(self._schema), given)
        if problems:
            raise ToolInputError(tool, problems)
        return given


def _problems(error: ValueError) -> list[tuple[str, str, Any]]:
    models = _models()
    if isinstance(error, models.ValidationError):
        found: list[tuple[str, str, Any]] = models.problems_in(error)
        return found
    return [("", str(error), UNSET)]


def _models() -> Any:
    from . import _models  # noqa: PLC0415 - loads pydantic, when it is needed

    return _models
