"""Templates that become no text but a dict: a content block, the address of an image."""

from __future__ import annotations

from collections.abc import Mapping
from pprint import pformat
from typing import TYPE_CHECKING, Any, cast

from attrs import field, frozen

from ..errors import ModelInputError, PromptTemplateError
from ..prompt_values import ImagePromptValue, ImageURL
from ._base import BasePromptTemplate, FilledTemplate
from ._nested import NestedTemplate
from ._string import PromptTemplate, StringPromptTemplate

if TYPE_CHECKING:
    from ._formats import TemplateFormat


def _nested(instance: Any) -> NestedTemplate:
    if not isinstance(instance.template, Mapping):
        raise PromptTemplateError(
            f"{type(instance).__name__} is made of a dict, got {instance.template!r}"
        )
    return NestedTemplate(dict(instance.template), instance.template_format)


@frozen(eq=False, repr=False, slots=False)
class DictPromptTemplate(FilledTemplate[dict[str, Any]]):
    """A dict, any text of which may have places, at any depth; a run gives the dict.

    Example:
        >>> block = DictPromptTemplate({"type": "audio", "audio": {"data": "{sound}", "rate": 8}})
        >>> block.format(sound="UklGRg")
        {'type': 'audio', 'audio': {'data': 'UklGRg', 'rate': 8}}
    """

    template: dict[str, Any]
    """The dict. Its keys have no places."""

    template_format: TemplateFormat = field(default="f-string", kw_only=True)
    """The language of its texts."""

    _compiled: NestedTemplate = field(init=False)

    @_compiled.default
    def _compile(self) -> NestedTemplate:
        return _nested(self)

    @property
    def variables(self) -> tuple[str, ...]:
        """All variables, in order of appearance."""
        return self._compiled.variables

    @property
    def OutputType(self) -> Any:  # noqa: N802 - under the name that users know
        """The type of the output."""
        return dict[str, Any]

    def _type_of(self, variable: str) -> Any:
        return str if self.template_format == "f-string" else Any

    def format(self, /, **values: Any) -> dict[str, Any]:
        """Fill in the variables and give the dict.

        Raises:
            PromptInputError: Variables are missing, or a value cannot be written.
        """
        written: dict[str, Any] = self._filled(values)
        return written

    async def aformat(self, /, **values: Any) -> dict[str, Any]:
        """Fill in the variables and give the dict. As :meth:`format`, awaited."""
        written: dict[str, Any] = await self._afilled(values)
        return written

    def _write(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return cast("dict[str, Any]", self._compiled.fill(values))

    def pretty_repr(self) -> str:
        """The dict, as it was written."""
        return pformat(self.template, sort_dicts=False)

    def __repr__(self) -> str:
        return (
            f"DictPromptTemplate(input_variables={self.input_variables!r}"
            f"{self._shown_partials()}, template={self.template!r})"
        )


@frozen(eq=False, repr=False, slots=False)
class ImagePromptTemplate(BasePromptTemplate):
    """The address of an image, which a multimodal model looks at.

    Example:
        >>> ImagePromptTemplate({"url": "https://{host}/cat.png"}).format(host="pictures.org")
        {'url': 'https://pictures.org/cat.png'}
    """

    template: dict[str, Any]
    """A dict with ``url`` and, where a model knows it, ``detail``. Both may have places."""

    template_format: TemplateFormat = field(default="f-string", kw_only=True)
    """The language of its texts."""

    _compiled: NestedTemplate = field(init=False)

    @_compiled.default
    def _compile(self) -> NestedTemplate:
        nested = _nested(self)
        if not isinstance(self.template.get("url"), str):
            raise PromptTemplateError(f"an image needs a text as 'url', not {self.template!r}")
        return nested

    @property
    def variables(self) -> tuple[str, ...]:
        """All variables, in order of appearance."""
        return self._compiled.variables

    @property
    def OutputType(self) -> Any:  # noqa: N802 - under the name that users know
        """The type of the output."""
        return ImagePromptValue

    def _type_of(self, variable: str) -> Any:
        return str if self.template_format == "f-string" else Any

    def format(self, /, **values: Any) -> ImageURL:
        """Fill in the variables and give the address, in a dict.

        Raises:
            PromptInputError: Variables are missing, or a value cannot be written.
        """
        written: ImageURL = self._filled(values)
        return written

    async def aformat(self, /, **values: Any) -> ImageURL:
        """Fill in the variables and give the address. As :meth:`format`, awaited."""
        written: ImageURL = await self._afilled(values)
        return written

    def _write(self, values: Mapping[str, Any]) -> ImageURL:
        return cast("ImageURL", self._compiled.fill(values))

    def _output(self, written: ImageURL) -> ImagePromptValue:
        return ImagePromptValue(written)

    def pretty_repr(self) -> str:
        """The block that it becomes, as it was written."""
        block = {"type": "image_url", "image_url": self.template}
        return pformat(block, sort_dicts=False)

    def __repr__(self) -> str:
        return (
            f"ImagePromptTemplate(input_variables={self.input_variables!r}"
            f"{self._shown_partials()}, template={self.template!r})"
        )


ContentTemplate = StringPromptTemplate | ImagePromptTemplate | DictPromptTemplate
"""A template that becomes one content block."""


def content_template(
    item: Any, template_format: TemplateFormat, partials: Mapping[str, Any]
) -> ContentTemplate:
    """Read one item of a list of content.

    Args:
        item: A text, a content block, or a template of one.
        template_format: The language of its texts.
        partials: Variables that are known beforehand.

    Raises:
        ModelInputError: It is none of these.
    """
    template: ContentTemplate
    if isinstance(item, (StringPromptTemplate, ImagePromptTemplate, DictPromptTemplate)):
        template = item
    elif isinstance(item, str):
        template = PromptTemplate(item, template_format=template_format)
    elif not isinstance(item, Mapping):
        raise ModelInputError(
            f"{item!r} is no content: a text, a block such as {{'type': 'text', 'text': 'hi "
            f"{{name}}'}}, or a template of a text, a dict or an image"
        )
    elif item.keys() - {"type"} == {"text"} and isinstance(item["text"], str):
        template = PromptTemplate(item["text"], template_format=template_format)
    elif item.keys() - {"type"} == {"image_url"}:
        url = item["image_url"]
        made = {"url": url} if isinstance(url, str) else url
        template = ImagePromptTemplate(made, template_format=template_format)
    else:
        template = DictPromptTemplate(dict(item), template_format=template_format)
    used = {name: value for name, value in partials.items() if name in template.variables}
    return template.partial(**used) if used else template


def block_of(template: ContentTemplate, values: Mapping[str, Any]) -> dict[str, Any]:
    """Write one content block; every variable has a value."""
    written = template.fill(values)
    if isinstance(written, str):
        return {"type": "text", "text": written}
    if isinstance(template, ImagePromptTemplate):
        return {"type": "image_url", "image_url": written}
    block: dict[str, Any] = written
    return block
