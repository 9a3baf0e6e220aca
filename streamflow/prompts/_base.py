"""What every prompt template is: a runnable from variables to a prompt."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import evolve, field, frozen

from .._object_types import object_type
from ..errors import MissingImplementationError
from ..prompt_values import PromptValue
from ..runnables import Runnable
from ._inputs import Partial, as_values, check, complete

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typing_extensions import Self

    from ..bus import Run


@frozen(eq=False, repr=False, slots=False)
class BasePromptTemplate(Runnable[Any, PromptValue]):
    """A prompt with variables, which a run fills in.

    The input is a dict with the variables. A prompt with exactly one variable also takes
    its value as it is. Templates do not change; what looks like a change makes another one.
    """

    run_type: ClassVar[str] = "prompt"
    _inline = True
    _publishes_chunks = False

    partial_variables: Mapping[str, Partial] = field(factory=dict, kw_only=True)
    """Variables that have a value, or a function that makes one for each use."""

    name: str | None = field(default=None, kw_only=True)
    """The name of its runs; the class's name if not given."""

    @property
    def variables(self) -> tuple[str, ...]:
        """All variables that must have a value, in order of appearance."""
        raise MissingImplementationError(f"{type(self).__name__} does not define variables")

    @cached_property
    def input_variables(self) -> list[str]:
        """The variables that a run must be given, in order of appearance."""
        return [name for name in self.variables if name not in self.partial_variables]

    @property
    def optional_variables(self) -> list[str]:
        """The variables that a run may be given, in order of appearance."""
        return []

    @property
    def InputType(self) -> Any:  # noqa: N802 - under the name that users know
        """The type of the input: a dict of the variables."""
        optional = self.optional_variables
        names = (*self.input_variables, *optional)
        return object_type("PromptInput", {n: self._type_of(n) for n in names}, optional)

    def _type_of(self, variable: str) -> Any:
        """Return the type of what a variable is filled in with."""
        return str

    def _fill(self, values: Mapping[str, Any]) -> PromptValue:
        """Make the prompt; every variable has a value."""
        raise MissingImplementationError(f"{type(self).__name__} does not define _fill")

    def partial(self, **values: Partial) -> Self:
        """Fill in some variables now; a function is called for each use of the prompt."""
        return evolve(self, partial_variables={**self.partial_variables, **values})

    def format_prompt(self, /, **values: Any) -> PromptValue:
        """Fill in the variables.

        Raises:
            PromptInputError: Variables are missing, or a value cannot be written.
        """
        return self._fill(self._complete(values))

    def format(self, /, **values: Any) -> str:
        """Fill in the variables and give the prompt as one text.

        Raises:
            PromptInputError: Variables are missing, or a value cannot be written.
        """
        return self.format_prompt(**values).to_string()

    def _complete(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        check(self.get_name(), self.input_variables, values)
        return complete(self.partial_variables, values)

    async def _execute(
        self,
        input: Any,
        run: Run,
        **kwargs: Any,
    ) -> PromptValue:
        values = as_values(self.get_name(), self.input_variables, input)
        return self._fill(self._complete(values))

    def _shown_partials(self) -> str:
        if not self.partial_variables:
            return ""
        return f", partial_variables={dict(self.partial_variables)!r}"
