"""A prompt that is a list of messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

from attrs import field, frozen

from ..errors import ModelInputError
from ..messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from ..messages._convert import message_class
from ..prompt_values import ChatPromptValue
from ._base import BasePromptTemplate
from ._inputs import enclose
from ._messages import (
    AIMessagePromptTemplate,
    BaseMessagePromptTemplate,
    HumanMessagePromptTemplate,
    MessagePromptTemplate,
    MessagesPlaceholder,
    SystemMessagePromptTemplate,
)
from ._string import PromptTemplate
from ._template import Place, parse

if TYPE_CHECKING:
    from ._inputs import Partial

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


def _as_parts(given: Any) -> tuple[Part, ...]:
    if (
        isinstance(given, Iterable)
        and not isinstance(given, (str, Mapping))
        and not _is_pair(given)
    ):
        return tuple(_as_part(item) for item in given)
    return (_as_part(given),)


@frozen(eq=False, repr=False, slots=False)
class ChatPromptTemplate(BasePromptTemplate):
    """Messages, some of them with places for variables.

    Each item is a message, which is passed on untouched, braces and all; a template of one;
    a ``MessagesPlaceholder``; a string, said by the human; a pair of role and text, such as
    ``("system", "You are {name}")``; or another chat prompt. Prompts, messages and strings
    can be added up with ``+``.
    """

    messages: tuple[Part, ...] = field(converter=_as_parts)
    """The parts, as templates and messages."""

    @classmethod
    def from_messages(
        cls, messages: Sequence[Any], *, partial_variables: Mapping[str, Partial] | None = None
    ) -> ChatPromptTemplate:
        """Make a prompt of messages, in any of the forms above.

        Raises:
            ModelInputError: An item is none of them.
        """
        return cls(messages, partial_variables=partial_variables or {})

    @classmethod
    def from_template(
        cls, template: str, *, partial_variables: Mapping[str, Partial] | None = None
    ) -> ChatPromptTemplate:
        """Make a prompt of one message, said by the human."""
        return cls((template,), partial_variables=partial_variables or {})

    @cached_property
    def variables(self) -> tuple[str, ...]:
        """All variables that must have a value, in order of appearance."""
        names = (name for part in self.messages for name in _needs(part))
        return tuple(dict.fromkeys(names))

    @cached_property
    def optional_variables(self) -> list[str]:
        """The variables that a run may be given, in order of appearance."""
        parts = (part for part in self.messages if not isinstance(part, BaseMessage))
        names = dict.fromkeys(name for part in parts for name in part.optional_variables)
        taken = {*self.variables, *self.partial_variables}
        return [name for name in names if name not in taken]

    @property
    def OutputType(self) -> Any:  # noqa: N802 - under the name that users know
        """The type of the output."""
        return ChatPromptValue

    def _type_of(self, variable: str) -> Any:
        for part in self.messages:
            if isinstance(part, MessagesPlaceholder) and part.variable_name == variable:
                return list[BaseMessage]
            if isinstance(part, ChatPromptTemplate) and variable in part.input_variables:
                return part._type_of(variable)
        return str

    def format_messages(self, /, **values: Any) -> list[BaseMessage]:
        """Fill in the variables and give the messages.

        Raises:
            PromptInputError: Variables are missing, or a value cannot be written.
            ModelInputError: A placeholder got something that is no messages.
        """
        return self._fill(self._complete(values)).to_messages()

    def fill(self, values: Mapping[str, Any]) -> list[BaseMessage]:
        """Make the messages as a part of another prompt; every variable has a value."""
        return self._fill(enclose(self.partial_variables, values)).to_messages()

    def _fill(self, values: Mapping[str, Any]) -> ChatPromptValue:
        messages: list[BaseMessage] = []
        for part in self.messages:
            if isinstance(part, BaseMessage):
                messages.append(part)
            else:
                messages.extend(part.fill(values))
        return ChatPromptValue(messages)

    def __add__(self, other: object) -> ChatPromptTemplate:
        partials = self.partial_variables
        if isinstance(other, ChatPromptTemplate):
            partials = {**partials, **other.partial_variables}
        added = _added_parts(other)
        return ChatPromptTemplate((*self.messages, *added), partial_variables=partials)

    def __radd__(self, other: object) -> ChatPromptTemplate:
        parts = (*_added_parts(other), *self.messages)
        return ChatPromptTemplate(parts, partial_variables=self.partial_variables)

    def pretty_repr(self) -> str:
        """Render the prompt for people: each part under a title line."""
        return "\n\n".join(part.pretty_repr() for part in self.messages)

    def pretty_print(self) -> None:
        """Print the prompt for people."""
        print(self.pretty_repr())  # noqa: T201 - printing is what was asked for

    def __repr__(self) -> str:
        optional = self.optional_variables
        shown = f", optional_variables={optional!r}" if optional else ""
        return (
            f"ChatPromptTemplate(input_variables={self.input_variables!r}{shown}"
            f"{self._shown_partials()}, messages={list(self.messages)!r})"
        )


Part: TypeAlias = BaseMessage | BaseMessagePromptTemplate | ChatPromptTemplate


def _added_parts(other: object) -> tuple[Part, ...]:
    # Two prompts become one, not one inside the other.
    return other.messages if isinstance(other, ChatPromptTemplate) else _as_parts(other)


def _needs(part: Part) -> Iterable[str]:
    return () if isinstance(part, BaseMessage) else part.input_variables


def _is_pair(item: object) -> bool:
    # A tuple that begins with a role is one message; two strings in a list are two.
    if not isinstance(item, tuple) or len(item) != 2:
        return False
    return item[0] == "placeholder" or _template_class(item[0]) is not None


def _template_class(role: object) -> type[MessagePromptTemplate] | None:
    cls = message_class(role) if isinstance(role, str) else role
    return _TEMPLATES.get(cls) if isinstance(cls, type) else None


def _as_part(item: Any) -> Part:
    if isinstance(item, (BaseMessage, BaseMessagePromptTemplate, ChatPromptTemplate)):
        return item
    if isinstance(item, str):
        return HumanMessagePromptTemplate.from_template(item)
    if isinstance(item, PromptTemplate):
        return HumanMessagePromptTemplate(item)
    if isinstance(item, Mapping) and item.keys() == {"role", "content"}:
        item = (item["role"], item["content"])
    if isinstance(item, (tuple, list)) and len(item) == 2:
        role, template = item
        if role == "placeholder":
            return _placeholder(template)
        cls = _template_class(role)
        if cls is not None and isinstance(template, (str, list, tuple)):
            return cls.from_template(template)
        if cls is not None and isinstance(template, PromptTemplate):
            return cls(template)
    raise ModelInputError(f"{item!r} is no part of a chat prompt. A part is {_ACCEPTED}.")


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
