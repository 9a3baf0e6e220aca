"""What every prompt template is: a runnable from variables to a prompt.

Making a prompt has two halves. What waits for users' code, which are functions as partial
variables and example selectors, is *settled* first: that yields a template of the same kind
without such things. Then it is *written*, which neither waits nor calls anything. Most
templates have nothing to settle, and are written at once.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from attrs import field, frozen

from .._object_types import object_type
from ..errors import MissingImplementationError
from ..execution import drive
from ..prompt_values import PromptValue
from ..runnables import Runnable
from ._caller import ON_LOOP, WITHOUT_LOOP, Caller
from ._inputs import as_values, check, complete, enclose

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from typing_extensions import Self

    from ..bus import Run
    from ._inputs import Partial

Output = TypeVar("Output", covariant=True)


def _as_dict(values: Mapping[str, Any] | None) -> dict[str, Any]:
    return dict(values or {})


@frozen(eq=False, repr=False, slots=False)
class FilledTemplate(Runnable[Any, Output], Generic[Output]):
    """A runnable that writes something with variables in it.

    The input is a dict with the variables. A template with exactly one variable also takes
    its value as it is. Templates do not change; what looks like a change makes another one.
    """

    run_type: ClassVar[str] = "prompt"
    _publishes_chunks = False

    partial_variables: Mapping[str, Partial] = field(factory=dict, kw_only=True, converter=_as_dict)
    """Variables that have a value, or a function, plain or async, that makes one each time."""

    name: str | None = field(default=None, kw_only=True)
    """The name of its runs; the class's name if not given."""

    _declared: Sequence[str] = field(default=(), kw_only=True, alias="input_variables")
    """The variables, for classes that cannot tell; a template that can finds its own."""

    _types: Mapping[str, Any] = field(
        factory=dict, kw_only=True, alias="input_types", converter=_as_dict
    )
    """Types of variables, where they are more than text; for schemas."""

    @cached_property
    def variables(self) -> tuple[str, ...]:
        """All variables that must have a value, in order of appearance."""
        return tuple(self._declared)

    @cached_property
    def input_variables(self) -> list[str]:
        """The variables that a run must be given, in order of appearance."""
        return [name for name in self.variables if name not in self.partial_variables]

    @cached_property
    def optional_variables(self) -> list[str]:
        """The variables that a run may be given, in order of appearance."""
        return []

    @property
    def input_types(self) -> dict[str, Any]:
        """The types of those variables that are more than text."""
        names = (*self.input_variables, *self.optional_variables)
        found = {name: self._type_of(name) for name in names}
        return {**{name: kind for name, kind in found.items() if kind is not str}, **self._types}

    @property
    def InputType(self) -> Any:  # noqa: N802 - under the name that users know
        """The type of the input: a dict of the variables."""
        optional = self.optional_variables
        types = self.input_types
        names = (*self.input_variables, *optional)
        return object_type("PromptInput", {n: types.get(n, str) for n in names}, optional)

    def partial(self, **values: Partial) -> Self:
        """Fill in some variables now; a function is called for each use of the prompt."""
        return self._with(partial_variables={**self.partial_variables, **values})

    # What the kinds of templates differ in.

    def _type_of(self, variable: str) -> Any:
        """Return the type of what a variable is filled in with."""
        return str

    def _write(self, values: Mapping[str, Any]) -> Any:
        """Write it; every variable has a value, and nothing is left to be called."""
        raise MissingImplementationError(f"{type(self).__name__} cannot be filled in")

    def _output(self, written: Any) -> Any:
        """Return what was written as runs return it."""
        return written

    @cached_property
    def _pending(self) -> bool:
        """Whether something has to be called before it can be written."""
        return any(map(callable, self.partial_variables.values()))

    async def _settled(self, values: Mapping[str, Any], call: Caller, given: bool) -> Self:
        """Call what has to be called, and return a template without it.

        Args:
            values: What the template is to be filled in with.
            call: How to call it.
            given: Whether `values` were given to this very template, so that they have
                precedence over its partial variables, which are not even called then.
        """
        partials: dict[str, Any] = {}
        for name, partial in self.partial_variables.items():
            if not (given and name in values):
                partials[name] = await call(partial) if callable(partial) else partial
        return self._with(partial_variables=partials, _pending=False)

    def _inside(self, values: Mapping[str, Any], given: bool) -> Mapping[str, Any]:
        """Return what its parts are filled in with; see `_settled`."""
        return (complete if given else enclose)(self.partial_variables, values)

    # What fills it in.

    def fill(self, values: Mapping[str, Any]) -> Any:
        """Write it as a part of another prompt; every variable has a value."""
        return self._write(enclose(self.partial_variables, values))

    def _filled(self, values: Mapping[str, Any]) -> Any:
        check(self.get_name(), self.input_variables, values)
        if self._pending:
            return drive(self._settle_and_write(values, WITHOUT_LOOP))
        return self._write(complete(self.partial_variables, values))

    async def _afilled(self, values: Mapping[str, Any]) -> Any:
        check(self.get_name(), self.input_variables, values)
        return await self._settle_and_write(values, ON_LOOP)

    async def _settle_and_write(self, values: Mapping[str, Any], call: Caller) -> Any:
        ready = await self._settled(values, call, given=True) if self._pending else self
        return ready._write(complete(ready.partial_variables, values))

    async def _execute(self, input: Any, run: Run, **kwargs: Any) -> Any:
        name = self.get_name()
        values = as_values(name, self.input_variables, input)
        check(name, self.input_variables, values)
        if self._pending:
            call = Caller(run.execution, run)
            return self._output(await self._settle_and_write(values, call))
        return self._output(self._write(complete(self.partial_variables, values)))

    @property
    def _inline(self) -> bool:  # type: ignore[override]  # what is called may wait
        return not self._pending

    def _with(self, **changes: Any) -> Self:
        """Return one with other attributes; what is computed from them is forgotten."""
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        other._forget()
        other.__dict__.update(changes)
        return other

    def _forget(self) -> None:
        for name in ("variables", "input_variables", "optional_variables", "_pending"):
            self.__dict__.pop(name, None)

    def _shown_partials(self) -> str:
        if not self.partial_variables:
            return ""
        return f", partial_variables={dict(self.partial_variables)!r}"

    def pretty_repr(self) -> str:
        """Render the template for people, with the places of its variables."""
        return repr(self)

    def pretty_print(self) -> None:
        """Print the template for people."""
        print(self.pretty_repr())  # noqa: T201 - printing is what was asked for


@frozen(eq=False, repr=False, slots=False)
class BasePromptTemplate(FilledTemplate[PromptValue]):
    """A prompt with variables, which a run fills in.

    The input is a dict with the variables. A prompt with exactly one variable also takes
    its value as it is. Templates do not change; what looks like a change makes another one.

    To make a class of your own, subclass `StringPromptTemplate` or `BaseChatPromptTemplate`.

    Example:
        >>> from streamflow.prompts import PromptTemplate
        >>> prompt = PromptTemplate("{greeting}, {name}!").partial(greeting=lambda: "Hi")
        >>> prompt.input_variables
        ['name']
        >>> prompt.invoke("Ann")
        StringPromptValue(text='Hi, Ann!')
    """

    def format_prompt(self, /, **values: Any) -> PromptValue:
        """Fill in the variables. Blocks while functions among the partial variables run.

        Raises:
            PromptInputError: Variables are missing, or a value cannot be written.
        """
        prompt: PromptValue = self._output(self._filled(values))
        return prompt

    async def aformat_prompt(self, /, **values: Any) -> PromptValue:
        """Fill in the variables. As :meth:`format_prompt`, awaited."""
        prompt: PromptValue = self._output(await self._afilled(values))
        return prompt

    def format(self, /, **values: Any) -> Any:
        """Fill in the variables and give the prompt as one text.

        Raises:
            PromptInputError: Variables are missing, or a value cannot be written.
        """
        return self.format_prompt(**values).to_string()

    async def aformat(self, /, **values: Any) -> Any:
        """Fill in the variables and give the prompt as one text. As :meth:`format`, awaited."""
        return (await self.aformat_prompt(**values)).to_string()
