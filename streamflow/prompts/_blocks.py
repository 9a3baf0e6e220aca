"""Content blocks with places in their texts: pictures by URL, several texts, and so on."""

from __future__ import annotations

from collections.abc import Mapping
from pprint import pformat
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from ._inputs import enclose
from ._template import Template

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ._inputs import Partial


@frozen(repr=False)
class BlocksTemplate:
    """A list of content blocks, any text of which, at any depth, may have places."""

    source: Sequence[Any]
    partial_variables: Mapping[str, Partial] = field(factory=dict, kw_only=True)
    """Variables that have a value, or a function that makes one for each use."""

    _compiled: Any = field(init=False, eq=False)

    @_compiled.default
    def _compile(self) -> Any:
        return _compile(self.source)

    @property
    def input_variables(self) -> list[str]:
        """The variables that must be given, in order of appearance."""
        found = (name for each in _templates(self._compiled) for name in each.variables)
        return [name for name in dict.fromkeys(found) if name not in self.partial_variables]

    def __repr__(self) -> str:
        return repr(self.source)

    def fill(self, values: Mapping[str, object]) -> list[Any]:
        """Write the blocks with these values; every variable has one."""
        filled: list[Any] = _fill(self._compiled, enclose(self.partial_variables, values))
        return filled

    def pretty_repr(self) -> str:
        """The blocks, as they were written."""
        return pformat(self.source, sort_dicts=False)


def _compile(value: Any) -> Any:
    if isinstance(value, str):
        template = Template(value)
        return template if template.variables else template.fill({})
    if isinstance(value, Mapping):
        return {key: _compile(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_compile(item) for item in value]
    return value


def _templates(compiled: Any) -> Iterable[Template]:
    if isinstance(compiled, Template):
        yield compiled
    elif isinstance(compiled, (dict, list)):
        for item in compiled.values() if isinstance(compiled, dict) else compiled:
            yield from _templates(item)


def _fill(compiled: Any, values: Mapping[str, object]) -> Any:
    if isinstance(compiled, Template):
        return compiled.fill(values)
    if isinstance(compiled, dict):
        return {key: _fill(item, values) for key, item in compiled.items()}
    if isinstance(compiled, list):
        return [_fill(item, values) for item in compiled]
    return compiled
