"""A prompt that is a list of messages."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, overload

from attrs import field, frozen

from ..messages import BaseMessage
from ._chat_base import BaseChatPromptTemplate
from ._chat_parts import Part, as_part, as_parts
from ._messages import MessagePromptTemplate
from ._placeholder import MessagesPlaceholder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from typing_extensions import Self

    from ._caller import Caller
    from ._formats import TemplateFormat
    from ._inputs import Partial


def _unread(given: Any) -> tuple[Part, ...]:
    """Take anything; it is read when the format is known."""
    parts: tuple[Part, ...] = given
    return parts


@frozen(eq=False, repr=False, slots=False)
class ChatPromptTemplate(BaseChatPromptTemplate):
    """Messages, some of them with places for variables.

    Each item is a message, which is passed on untouched, braces and all; a template of one;
    a ``MessagesPlaceholder``; a string, said by the human; a pair of role and text, such as
    ``("system", "You are {name}")``; ``("placeholder", "{history}")``; or another chat
    prompt. Prompts, messages and strings can be added up with ``+``.

    Args:
        messages: The parts, in any of these forms.
        template_format: The language of the texts: ``"f-string"``, ``"mustache"`` or
            ``"jinja2"``.
        partial_variables: Variables that have a value, or a function that makes one.
        name: The name of its runs.
        input_variables: Not needed: the parts tell.
        input_types: Types of variables, where they are more than text.

    Raises:
        ModelInputError: An item is none of these.
        PromptTemplateError: A template cannot be read, or reaches into values.

    Example:
        >>> prompt = ChatPromptTemplate([("system", "Be {mood}."), ("human", "{question}")])
        >>> prompt.format_messages(mood="kind", question="Why?")
        [SystemMessage(content='Be kind.'), HumanMessage(content='Why?')]
    """

    messages: tuple[Part, ...] = field(converter=_unread)
    """The parts, as templates and messages."""

    template_format: TemplateFormat = field(default="f-string", kw_only=True)
    """The language of texts that are given as such."""

    def __attrs_post_init__(self) -> None:
        # The format decides how the parts are read, so a converter of the field is too early.
        self.__dict__["messages"] = as_parts(self.messages, self.template_format)

    @classmethod
    def from_messages(
        cls,
        messages: Sequence[Any],
        template_format: TemplateFormat = "f-string",
        *,
        partial_variables: Mapping[str, Partial] | None = None,
    ) -> ChatPromptTemplate:
        """Make a prompt of messages, in any of the forms above.

        Raises:
            ModelInputError: An item is none of them.
            PromptTemplateError: A template cannot be read, or reaches into values.
        """
        return cls(
            messages, template_format=template_format, partial_variables=partial_variables or {}
        )

    @classmethod
    def from_template(
        cls,
        template: str,
        *,
        template_format: TemplateFormat = "f-string",
        partial_variables: Mapping[str, Partial] | None = None,
    ) -> ChatPromptTemplate:
        """Make a prompt of one message, said by the human.

        Raises:
            PromptTemplateError: The template cannot be read, or reaches into values.
        """
        return cls.from_messages((template,), template_format, partial_variables=partial_variables)

    @cached_property
    def variables(self) -> tuple[str, ...]:
        """All variables that must have a value, in order of appearance."""
        names = (name for part in self._templates() for name in part.input_variables)
        return tuple(dict.fromkeys(names))

    @cached_property
    def optional_variables(self) -> list[str]:
        """The variables that a run may be given, in order of appearance."""
        names = dict.fromkeys(
            name for part in self._templates() for name in part.optional_variables
        )
        taken = {*self.variables, *self.partial_variables}
        return [name for name in names if name not in taken]

    def _templates(self) -> list[Any]:
        return [part for part in self.messages if not isinstance(part, BaseMessage)]

    def _type_of(self, variable: str) -> Any:
        kinds: list[Any] = []
        for part in self.messages:
            if isinstance(part, MessagesPlaceholder) and part.variable_name == variable:
                kinds.append(list[BaseMessage])
            elif isinstance(part, (BaseChatPromptTemplate, MessagePromptTemplate)) and variable in (
                *part.input_variables,
                *part.optional_variables,
            ):
                kinds.append(part._type_of(variable))
        return next((kind for kind in kinds if kind is not str), str)

    # How it is made.

    @cached_property
    def _pending(self) -> bool:
        own = any(map(callable, self.partial_variables.values()))
        return own or any(part._pending for part in self._templates())

    async def _settled(self, values: Mapping[str, Any], call: Caller, given: bool) -> Self:
        settled = await super()._settled(values, call, given)
        inside = settled._inside(values, given)
        parts = [
            part
            if isinstance(part, BaseMessage) or not part._pending
            else await part._settled(inside, call, given=False)
            for part in self.messages
        ]
        return settled._with(messages=tuple(parts), _pending=False)

    def _write(self, values: Mapping[str, Any]) -> list[BaseMessage]:
        messages: list[BaseMessage] = []
        for part in self.messages:
            if isinstance(part, BaseMessage):
                messages.append(part)
            else:
                messages.extend(part.fill(values))
        return messages

    # What it has in common with a list.

    def append(self, message: Any) -> None:
        """Add a part at the end, in any of the forms above; this changes the prompt itself."""
        self.extend((as_part(message, self.template_format),))

    def extend(self, messages: Iterable[Any]) -> None:
        """Add parts at the end, each in any of the forms above; this changes the prompt itself."""
        added = [as_part(each, self.template_format) for each in messages]
        self._forget()
        self.__dict__["messages"] = (*self.messages, *added)

    def __len__(self) -> int:
        return len(self.messages)

    @overload
    def __getitem__(self, index: int) -> Part: ...

    @overload
    def __getitem__(self, index: slice) -> ChatPromptTemplate: ...

    def __getitem__(self, index: int | slice) -> Part | ChatPromptTemplate:
        if isinstance(index, slice):
            return self._with(messages=self.messages[index])
        return self.messages[index]

    def __add__(self, other: object) -> ChatPromptTemplate:
        partials, types = self.partial_variables, self._types
        if isinstance(other, ChatPromptTemplate):
            partials = {**partials, **other.partial_variables}
            types = {**types, **other._types}
        parts = (*self.messages, *self._added(other))
        return self._with(messages=parts, partial_variables=partials, _types=types)

    def __radd__(self, other: object) -> ChatPromptTemplate:
        return self._with(messages=(*self._added(other), *self.messages))

    def _added(self, other: object) -> tuple[Part, ...]:
        # Two prompts become one, not one inside the other.
        if isinstance(other, ChatPromptTemplate):
            return other.messages
        return as_parts(other, self.template_format)

    def pretty_repr(self) -> str:
        """Render the prompt for people: each part under a title line."""
        return "\n\n".join(part.pretty_repr() for part in self.messages)

    def __repr__(self) -> str:
        optional = self.optional_variables
        shown = f", optional_variables={optional!r}" if optional else ""
        return (
            f"ChatPromptTemplate(input_variables={self.input_variables!r}{shown}"
            f"{self._shown_partials()}, messages={list(self.messages)!r})"
        )
