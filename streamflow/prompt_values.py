"""What a prompt gives to a model: text for one kind of model, messages for the other."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from ._json import register_type
from .messages import BaseMessage, HumanMessage, get_buffer_string

if TYPE_CHECKING:
    from collections.abc import Iterable

if sys.version_info >= (3, 12):
    from typing import TypedDict
else:  # pydantic, which is to read it, needs the backport
    from typing_extensions import TypedDict

__all__ = ("ChatPromptValue", "ImagePromptValue", "ImageURL", "PromptValue", "StringPromptValue")


class ImageURL(TypedDict, total=False):
    """Where an image is, and how closely to look at it.

    >>> ImageURL(url="https://pictures.org/cat.png", detail="low")
    {'url': 'https://pictures.org/cat.png', 'detail': 'low'}
    """

    url: str
    """Its address, which may be a ``data:`` URL with the image itself."""
    detail: str
    """``"auto"``, ``"low"`` or ``"high"``, for models that know it."""


@frozen
class PromptValue(ABC):
    """A formatted prompt, which any model can read.

    >>> from streamflow.prompts import PromptTemplate
    >>> isinstance(PromptTemplate("Hi {name}").invoke("Ann"), PromptValue)
    True
    """

    @abstractmethod
    def to_string(self) -> str:
        """The prompt as one text, for a model that completes text."""

    @abstractmethod
    def to_messages(self) -> list[BaseMessage]:
        """The prompt as messages, for a chat model."""


@frozen
class StringPromptValue(PromptValue):
    """A prompt that is text; to a chat model the human says it.

    >>> StringPromptValue("hi").to_messages()
    [HumanMessage(content='hi')]
    """

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
    """A prompt that is messages; to a model of text they are a transcript.

    >>> ChatPromptValue([HumanMessage("hi")]).to_string()
    'Human: hi'
    """

    messages: list[BaseMessage] = field(converter=_as_list)

    def to_string(self) -> str:
        """The messages as a transcript, such as ``Human: hi``."""
        return get_buffer_string(self.messages)

    def to_messages(self) -> list[BaseMessage]:
        """The messages, in a list of their own."""
        return list(self.messages)


@frozen
class ImagePromptValue(PromptValue):
    """A prompt that is an image; to a chat model the human shows it.

    >>> ImagePromptValue({"url": "https://pictures.org/cat.png"}).to_string()
    'https://pictures.org/cat.png'
    """

    image_url: ImageURL

    def to_string(self) -> str:
        """The address of the image."""
        return self.image_url["url"]

    def to_messages(self) -> list[BaseMessage]:
        """The image as the one message of the human."""
        block: dict[str, Any] = {"type": "image_url", "image_url": dict(self.image_url)}
        return [HumanMessage([block])]


for _kind in (StringPromptValue, ChatPromptValue, ImagePromptValue):
    register_type(_kind)
