"""Templates of one message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from attrs import evolve, field, frozen

from ..messages import AIMessage, BaseMessage, ChatMessage, HumanMessage, SystemMessage
from ..messages._base import pretty_title
from ._part import BaseMessagePromptTemplate
from ._string import PromptTemplate, StringPromptTemplate
from ._structured import ContentTemplate, block_of, content_template

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    from typing_extensions import Self

    from ._caller import Caller
    from ._formats import TemplateFormat
    from ._inputs import Partial


def _as_prompt(given: Any) -> StringPromptTemplate | list[ContentTemplate]:
    return list(given) if isinstance(given, (list, tuple)) else given


@frozen(repr=False)
class MessagePromptTemplate(BaseMessagePromptTemplate):
    """A template of one message, of the role that the class stands for."""

    message_class: ClassVar[type[BaseMessage]]

    prompt: StringPromptTemplate | list[ContentTemplate] = field(converter=_as_prompt)
    """What becomes the content: one text, or a list of texts, images and other blocks."""

    additional_kwargs: dict[str, Any] = field(factory=dict, kw_only=True)
    """Goes into the message as it is."""

    @classmethod
    def from_template(
        cls,
        template: str | Sequence[Any],
        template_format: TemplateFormat = "f-string",
        *,
        partial_variables: Mapping[str, Partial] | None = None,
        **kwargs: Any,
    ) -> Self:
        """Make a template of a text with places, or of content blocks whose texts have.

        Args:
            template: The text, or a list of texts, content blocks and templates of them.
            template_format: The language of its texts.
            partial_variables: Variables that have a value, or a function that makes one.
            kwargs: Arguments of the class.

        Raises:
            PromptTemplateError: A template cannot be read, or reaches into values.
            ModelInputError: An item of the list is no content.
        """
        partials = partial_variables or {}
        if isinstance(template, str):
            prompt = PromptTemplate(
                template, template_format=template_format, partial_variables=partials
            )
            return cls(prompt, **kwargs)
        blocks = [content_template(item, template_format, partials) for item in template]
        return cls(blocks, **kwargs)

    @classmethod
    def from_template_file(
        cls,
        template_file: str | os.PathLike[str],
        input_variables: Sequence[str] = (),
        **kwargs: Any,
    ) -> Self:
        """Make a template of the text in a file; ``input_variables`` are not needed."""
        return cls(PromptTemplate.from_file(template_file), **kwargs)

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables that must have a value, in order of appearance."""
        names = (name for each in self._prompts() for name in each.input_variables)
        return tuple(dict.fromkeys(names))

    def _prompts(self) -> list[ContentTemplate]:
        prompt = self.prompt
        return prompt if isinstance(prompt, list) else [prompt]

    def _type_of(self, variable: str) -> Any:
        kinds = [e._type_of(variable) for e in self._prompts() if variable in e.input_variables]
        return next((kind for kind in kinds if kind is not str), str)

    @property
    def _pending(self) -> bool:
        return any(each._pending for each in self._prompts())

    async def _settled(self, values: Mapping[str, Any], call: Caller, given: bool) -> Self:
        if isinstance(self.prompt, list):
            blocks = [await each._settled(values, call, given=given) for each in self.prompt]
            return evolve(self, prompt=blocks)
        return evolve(self, prompt=await self.prompt._settled(values, call, given=given))

    def fill(self, values: Mapping[str, Any]) -> list[BaseMessage]:
        """Make the message; every variable has a value."""
        prompt = self.prompt
        content: Any
        if isinstance(prompt, list):
            content = [block_of(each, values) for each in prompt]
        else:
            content = prompt.fill(values)
        return [self.message_class(content, **self._fields())]

    def format(self, /, **values: Any) -> BaseMessage:
        """Make the message.

        Raises:
            PromptInputError: Variables are missing, or a value cannot be written.
        """
        return self.format_messages(**values)[0]

    async def aformat(self, /, **values: Any) -> BaseMessage:
        """Make the message. As :meth:`format`, awaited."""
        return (await self.aformat_messages(**values))[0]

    def pretty_repr(self) -> str:
        """Render the template for people: a title line, then the text with its places."""
        title = pretty_title(f"{self.message_class.type.title()} Message")
        return "\n\n".join([title, *(each.pretty_repr() for each in self._prompts())])

    def _fields(self) -> dict[str, Any]:
        extra = self.additional_kwargs
        return {"additional_kwargs": dict(extra)} if extra else {}

    def __repr__(self) -> str:
        parts = [f"prompt={self.prompt!r}"]
        parts += [f"{key}={value!r}" for key, value in self._fields().items()]
        return f"{type(self).__name__}({', '.join(parts)})"


@frozen(repr=False)
class HumanMessagePromptTemplate(MessagePromptTemplate):
    """A template of what the human says."""

    message_class: ClassVar[type[BaseMessage]] = HumanMessage


@frozen(repr=False)
class SystemMessagePromptTemplate(MessagePromptTemplate):
    """A template of what the model is told about its part."""

    message_class: ClassVar[type[BaseMessage]] = SystemMessage


@frozen(repr=False)
class AIMessagePromptTemplate(MessagePromptTemplate):
    """A template of what the model says: an example for it to follow."""

    message_class: ClassVar[type[BaseMessage]] = AIMessage


@frozen(repr=False)
class ChatMessagePromptTemplate(MessagePromptTemplate):
    """A template of a message of any role."""

    message_class: ClassVar[type[BaseMessage]] = ChatMessage

    role: str = field(kw_only=True)
    """The role, as the provider knows it."""

    def _fields(self) -> dict[str, Any]:
        return {**super()._fields(), "role": self.role}
