"""What a prompt gives to a model: text for one kind of model, messages for the other."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from attrs import field, frozen

from ._json import register_type
from .messages import BaseMessage, HumanMessage, get_buffer_string

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ("ChatPromptValue", "PromptValue", "StringPromptValue")


@frozen
class PromptValue(ABC):
    """A formatted prompt, which any model can read."""

    @abstractmethod
    def to_string(self) -> str:
        """The prompt as one text, for a model that completes text."""

    @abstractmethod
    def to_messages(self) -> list[BaseMessage]:
        """The prompt as messages, for a chat model."""


@frozen
class StringPromptValue(PromptValue):
    """A prompt that is text; to a chat model the human says it."""

    text: str

    def to_string(self) -> str:
        """The text."""
        return self.text

    def to_messages(self) -> list[BaseMessage]:
        """The text as the one message of the human."""
        return [HumanMessage(self.text)]


def _as_list(messages: Iterable[BaseMessage]) -> list[BaseMessage]:
    return list(messages)


@frozen
class ChatPromptValue(PromptValue):
    """A prompt that is messages; to a model of text they are a transcript."""

    messages: list[BaseMessage] = field(converter=_as_list)

    def to_string(self) -> str:
        """The messages as a transcript, such as ``Human: hi``."""
        return get_buffer_string(self.messages)

    def to_messages(self) -> list[BaseMessage]:
        """The messages, in a list of their own."""
        return list(self.messages)


for _kind in (StringPromptValue, ChatPromptValue):
    register_type(_kind)
