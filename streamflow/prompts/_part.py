"""What every part of a chat prompt is that becomes messages once it has values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from ..errors import MissingImplementationError
from ..execution import drive
from ..messages._composition import prompt_of
from ._caller import ON_LOOP, WITHOUT_LOOP, Caller
from ._inputs import check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typing_extensions import Self

    from ..messages import BaseMessage
    from ._chat import ChatPromptTemplate


@frozen
class BaseMessagePromptTemplate:
    """A part of a chat prompt that becomes messages once its variables have values.

    To make your own, subclass it and override ``input_variables`` and ``format_messages``.

    Example:
        >>> from streamflow.messages import HumanMessage
        >>> from streamflow.prompts import ChatPromptTemplate
        >>> class Shout(BaseMessagePromptTemplate):
        ...     input_variables = ["text"]
        ...     def format_messages(self, **values):
        ...         return [HumanMessage(values["text"].upper())]
        >>> ChatPromptTemplate([Shout(), ("ai", "{answer}")]).format_messages(text="hi", answer="?")
        [HumanMessage(content='HI'), AIMessage(content='?')]
    """

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables that must have a value, in order of appearance."""
        if type(self).input_variables is BaseMessagePromptTemplate.input_variables:
            raise MissingImplementationError(
                f"{type(self).__name__} does not define input_variables"
            )
        return tuple(self.input_variables)

    @property
    def input_variables(self) -> list[str]:
        """The variables that must have a value, as a list."""
        return list(self.variables)

    @property
    def optional_variables(self) -> list[str]:
        """The variables that may have a value."""
        return []

    @property
    def _pending(self) -> bool:
        return False

    async def _settled(self, values: Mapping[str, Any], call: Caller, given: bool) -> Self:
        return self

    def fill(self, values: Mapping[str, Any]) -> list[BaseMessage]:
        """Make the messages as a part of a prompt; every variable has a value."""
        if type(self).format_messages is BaseMessagePromptTemplate.format_messages:
            raise MissingImplementationError(
                f"{type(self).__name__} does not define format_messages"
            )
        own = (*self.input_variables, *self.optional_variables)
        return self.format_messages(**{name: values[name] for name in own if name in values})

    def format_messages(self, /, **values: Any) -> list[BaseMessage]:
        """Make the messages.

        Raises:
            PromptInputError: Variables are missing, or a value cannot be written.
        """
        return drive(self._made(values, WITHOUT_LOOP))

    async def aformat_messages(self, /, **values: Any) -> list[BaseMessage]:
        """Make the messages. As :meth:`format_messages`, awaited."""
        return await self._made(values, ON_LOOP)

    async def _made(self, values: Mapping[str, Any], call: Caller) -> list[BaseMessage]:
        check(type(self).__name__, self.variables, values)
        ready = await self._settled(values, call, given=False) if self._pending else self
        return ready.fill(values)

    def pretty_repr(self) -> str:
        """Render the template for people, with the places of its variables."""
        raise MissingImplementationError(f"{type(self).__name__} does not define pretty_repr")

    def pretty_print(self) -> None:
        """Print the template for people."""
        print(self.pretty_repr())  # noqa: T201 - printing is what was asked for

    def __add__(self, other: object) -> ChatPromptTemplate:
        """Make a chat prompt of this part and what follows it."""
        return prompt_of(self) + other
