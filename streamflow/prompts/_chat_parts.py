"""The forms in which people write the parts of a chat prompt, and what they stand for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from ..errors import ModelInputError
from ..messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from ..messages._convert import message_class
from ._chat_base import BaseChatPromptTemplate
from ._messages import (
    AIMessagePromptTemplate,
    HumanMessagePromptTemplate,
    MessagePromptTemplate,
    SystemMessagePromptTemplate,
)
from ._part import BaseMessagePromptTemplate
from ._placeholder import MessagesPlaceholder
from ._string import StringPromptTemplate
from ._template import Place, parse

if TYPE_CHECKING:
    from ._formats import TemplateFormat

Part: TypeAlias = BaseMessage | BaseMessagePromptTemplate | BaseChatPromptTemplate

_TEMPLATES: dict[type[BaseMessage], type[MessagePromptTemplate]] = {
    HumanMessage: HumanMessagePromptTemplate,
    SystemMessage: SystemMessagePromptTemplate,
    AIMessage: AIMessagePromptTemplate,
}
_ACCEPTED = (
    'a message, a message template, a string (said by the human), a pair such as ("system", '
    '"You are {name}") with the role "system", "human", "user", "ai" or "assistant", a '
    '("placeholder", "{history}"), or another chat prompt'
)


def as_parts(given: Any, template_format: TemplateFormat) -> tuple[Part, ...]:
    """Read one part, or several.

    Raises:
        ModelInputError: Something is no part of a prompt.
        PromptTemplateError: A template cannot be read, or reaches into values.
    """
    several = isinstance(given, Iterable) and not isinstance(given, (str, Mapping))
    if several and not _is_pair(given):
        return tuple([as_part(item, template_format) for item in given])
    return (as_part(given, template_format),)


def as_part(item: Any, template_format: TemplateFormat) -> Part:
    """Read one part; see `as_parts`."""
    if isinstance(item, BaseChatPromptTemplate):
        return item._with()  # a copy, which appending to the original does not change
    if isinstance(item, (BaseMessage, BaseMessagePromptTemplate)):
        return item
    if isinstance(item, str):
        return HumanMessagePromptTemplate.from_template(item, template_format)
    if isinstance(item, StringPromptTemplate):
        return HumanMessagePromptTemplate(item)
    if isinstance(item, Mapping) and item.keys() == {"role", "content"}:
        item = (item["role"], item["content"])
    if isinstance(item, (tuple, list)) and len(item) == 2:
        role, template = item
        if role == "placeholder":
            return _placeholder(template)
        cls = _template_class(role)
        if cls is not None and isinstance(template, (str, list, tuple)):
            return cls.from_template(template, template_format)
        if cls is not None and isinstance(template, StringPromptTemplate):
            return cls(template)
    raise ModelInputError(f"{item!r} is no part of a chat prompt. A part is {_ACCEPTED}.")


def _is_pair(item: object) -> bool:
    # A tuple that begins with a role is one message; two strings in a list are two.
    if not isinstance(item, tuple) or len(item) != 2:
        return False
    return item[0] == "placeholder" or _template_class(item[0]) is not None


def _template_class(role: object) -> type[MessagePromptTemplate] | None:
    cls = message_class(role) if isinstance(role, str) else role
    return _TEMPLATES.get(cls) if isinstance(cls, type) else None


def _placeholder(template: object) -> MessagesPlaceholder:
    """Read ``"{history}"``, or that with whether it is optional, which it is if not said."""
    optional: object = True
    if isinstance(template, (tuple, list)) and len(template) == 2:
        template, optional = template
    if isinstance(template, str) and isinstance(optional, bool):
        parts = parse(template)
        if len(parts) == 1 and isinstance(parts[0], Place):
            return MessagesPlaceholder(parts[0].name, optional=optional)
    raise ModelInputError(
        f"a placeholder is written as its variable in braces, ('placeholder', '{{history}}'), "
        f"not {template!r}"
    )
