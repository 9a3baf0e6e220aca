"""The languages that a template may be written in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from ..errors import PromptTemplateError
from ._jinja import JinjaTemplate
from ._mustache import MustacheTemplate
from ._template import Template

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TemplateFormat: TypeAlias = Literal["f-string", "mustache", "jinja2"]


class Compiled(Protocol):
    """A template, ready to be filled in."""

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of what it is filled in with, in order of appearance."""

    def fill(self, values: Mapping[str, object]) -> str:
        """Write the text; every variable has a value."""


_COMPILERS: dict[str, Callable[[str], Compiled]] = {
    "f-string": Template,
    "mustache": MustacheTemplate,
    "jinja2": JinjaTemplate,
}


def compile_template(source: str, template_format: TemplateFormat = "f-string") -> Compiled:
    """Read a template.

    Raises:
        PromptTemplateError: It cannot be read, or there is no such format.
        MissingExtraError: It is a jinja2 template, and jinja2 is not installed.
    """
    compiler = _COMPILERS.get(template_format)
    if compiler is None:
        raise PromptTemplateError(
            f"there is no template_format {template_format!r}, only {', '.join(_COMPILERS)}"
        )
    if not isinstance(source, str):
        raise PromptTemplateError(f"a template is a text, got {type(source).__name__}: {source!r}")
    return compiler(source)
