"""Dicts and lists with templates for texts, at any depth: the inside of a content block."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from ._formats import TemplateFormat, compile_template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._formats import Compiled


@frozen
class _Text:
    """A text with places."""

    template: Compiled


@frozen
class NestedTemplate:
    """A value of JSON, any text of which may have places. Keys are left as they are."""

    source: Any
    template_format: TemplateFormat
    variables: tuple[str, ...] = field(init=False, eq=False)
    """The names of the places, in order of appearance."""
    _compiled: Any = field(init=False, eq=False)

    @variables.default
    def _find_variables(self) -> tuple[str, ...]:
        texts = _texts(_compile(self.source, self.template_format))
        return tuple(dict.fromkeys(name for each in texts for name in each.template.variables))

    @_compiled.default
    def _compile(self) -> Any:
        return _compile(self.source, self.template_format)

    def fill(self, values: Mapping[str, object]) -> Any:
        """Write it with these values; every variable has one."""
        return _fill(self._compiled, values)


def _compile(value: Any, template_format: TemplateFormat) -> Any:
    if isinstance(value, str):
        return _Text(compile_template(value, template_format))
    if isinstance(value, Mapping):
        return {key: _compile(item, template_format) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_compile(item, template_format) for item in value]
    return value


def _texts(compiled: Any) -> Iterator[_Text]:
    if isinstance(compiled, _Text):
        yield compiled
    elif isinstance(compiled, (dict, list)):
        for item in compiled.values() if isinstance(compiled, dict) else compiled:
            yield from _texts(item)


def _fill(compiled: Any, values: Mapping[str, object]) -> Any:
    if isinstance(compiled, _Text):
        return compiled.template.fill(values)
    if isinstance(compiled, dict):
        return {key: _fill(item, values) for key, item in compiled.items()}
    if isinstance(compiled, list):
        return [_fill(item, values) for item in compiled]
    return compiled
