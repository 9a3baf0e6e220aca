"""What every prompt is that consists of messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from ..errors import MissingImplementationError
from ..prompt_values import ChatPromptValue
from ._base import BasePromptTemplate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..messages import BaseMessage


@frozen(eq=False, repr=False, slots=False)
class BaseChatPromptTemplate(BasePromptTemplate):
    r"""A prompt of messages; to make your own, subclass it and override ``format_messages``.

    Runs give ``format_messages`` all variables, those included that are known beforehand.

    Example:
        >>> from streamflow.messages import HumanMessage
        >>> class Twice(BaseChatPromptTemplate):
        ...     def format_messages(self, **values):
        ...         return [HumanMessage(values["text"]), HumanMessage(values["text"])]
        >>> Twice(input_variables=["text"]).format(text="hi")
        'Human: hi\nHuman: hi'
    """

    @property
    def OutputType(self) -> Any:  # noqa: N802 - under the name that users know
        """The type of the output."""
        return ChatPromptValue

    def format_messages(self, /, **values: Any) -> list[BaseMessage]:
        """Fill in the variables and give the messages.

        Raises:
            PromptInputError: Variables are missing, or a value cannot be written.
            ModelInputError: A placeholder got something that is no messages.
        """
        if type(self)._write is BaseChatPromptTemplate._write:
            raise MissingImplementationError(
                f"{type(self).__name__} does not define format_messages"
            )
        messages: list[BaseMessage] = self._filled(values)
        return messages

    async def aformat_messages(self, /, **values: Any) -> list[BaseMessage]:
        """Fill in the variables and give the messages. As :meth:`format_messages`, awaited."""
        messages: list[BaseMessage] = await self._afilled(values)
        return messages

    def _write(self, values: Mapping[str, Any]) -> list[BaseMessage]:
        return self.format_messages(**values)

    def _output(self, written: list[BaseMessage]) -> ChatPromptValue:
        return ChatPromptValue(written)

    def __repr__(self) -> str:
        partials = self._shown_partials()
        return f"{type(self).__name__}(input_variables={self.input_variables!r}{partials})"
