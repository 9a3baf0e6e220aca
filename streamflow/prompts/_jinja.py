"""Templates in the jinja2 language, which is the extra ``jinja2``, in a sandbox.

The sandbox is jinja2's own, in which nothing can be changed, with less in it: of the values,
a template sees the items of dicts and lists and the harmless methods of plain data, such as
``text.upper()`` and ``dict.items()``. It cannot read attributes of other objects, and
calls nothing that it is given.

What a sandbox cannot do is limit time and memory. Such templates are programs, if
small ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from ..errors import MissingExtraError, PromptInputError, PromptTemplateError

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment

_PLAIN = frozenset(
    {str, bytes, int, float, bool, complex, list, tuple, dict, set, frozenset, type(None)}
)


# What a template can cause with values of the wrong kind.
_FAILURES = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


@frozen(repr=False)
class JinjaTemplate:
    """A text in the jinja2 language."""

    source: str
    variables: tuple[str, ...] = field(init=False, eq=False)
    """The names that are not defined in the template, in order of the alphabet."""
    _template: Any = field(init=False, eq=False)

    @variables.default
    def _find_variables(self) -> tuple[str, ...]:
        environment = _environment()
        jinja2, meta = import_module("jinja2"), import_module("jinja2.meta")
        try:
            names = meta.find_undeclared_variables(environment.parse(self.source))
        except jinja2.TemplateSyntaxError as error:
            raise PromptTemplateError(
                f"in a jinja2 template, line {error.lineno}: {error.message}"
            ) from error
        return tuple(sorted(names - environment.globals.keys()))

    @_template.default
    def _compile(self) -> Any:
        jinja2 = import_module("jinja2")
        try:
            return _environment().from_string(self.source)
        except jinja2.TemplateError as error:
            raise PromptTemplateError(f"in a jinja2 template: {error}") from error

    def __repr__(self) -> str:
        return repr(self.source)

    def __reduce__(self) -> tuple[type[JinjaTemplate], tuple[str]]:
        return JinjaTemplate, (self.source,)

    def fill(self, values: Mapping[str, object]) -> str:
        """Write the text.

        Raises:
            PromptTemplateError: The template reaches for what the sandbox does not give.
            PromptInputError: It cannot be filled in with these values.
        """
        jinja2 = import_module("jinja2")
        try:
            text: str = self._template.render({name: values[name] for name in self.variables})
        except jinja2.exceptions.SecurityError as error:
            raise PromptTemplateError(f"refused to a jinja2 template: {error}") from error
        except (jinja2.TemplateError, *_FAILURES) as error:
            raise PromptInputError(f"a jinja2 template cannot be filled in: {error}") from error
        return text


@cache
def _environment() -> SandboxedEnvironment:
    try:
        sandbox = import_module("jinja2.sandbox")
    except ImportError as error:
        raise MissingExtraError('template_format="jinja2"', "jinja2") from error
    runtime, tools = import_module("jinja2.runtime"), import_module("jinja2.utils")
    base: Any = sandbox.ImmutableSandboxedEnvironment
    own = (
        runtime.LoopContext,
        runtime.BlockReference,
        runtime.TemplateReference,
        tools.Cycler,
        tools.Joiner,
        tools.Namespace,
    )

    class Environment(base):  # type: ignore[misc]  # the extra is looked for when it is used
        """Sees plain data, and what belongs to jinja2 itself."""

        def getattr(self, obj: Any, attribute: str) -> Any:
            if isinstance(obj, Mapping) and attribute in obj:
                return obj[attribute]
            return super().getattr(obj, attribute)

        def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
            known = type(obj) in _PLAIN or isinstance(obj, own)
            return known and bool(super().is_safe_attribute(obj, attr, value))

        def is_safe_callable(self, obj: Any) -> bool:
            owner = getattr(obj, "__self__", None)
            own_code = isinstance(obj, (runtime.Macro, *own)) or any(
                obj is each for each in self.globals.values()
            )
            known = own_code or isinstance(owner, own) or type(owner) in _PLAIN - {type(None)}
            return known and bool(super().is_safe_callable(obj))

        def unsafe_undefined(self, obj: Any, attribute: str) -> Any:
            refusal: Exception = sandbox.SecurityError(
                f"the attribute {attribute!r} of a value of type {type(obj).__name__}. "
                f"Give what is meant as a variable, or as a dict."
            )
            raise refusal

    # No comments and statements by line prefix; the text stays as it was written.
    environment: SandboxedEnvironment = Environment(autoescape=False, keep_trailing_newline=True)
    return environment
