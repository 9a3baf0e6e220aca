"""A piece of text with facts about it."""

from __future__ import annotations

from typing import Any, ClassVar

from attrs import define, field

from .._json import register_type


@define(repr=False)
class Document:
    """A text that can be stored, searched for and given to a model.

    Neither its repr nor ``str()`` shows the id: prompts are filled in with them, and a model
    that is asked the same twice is to be asked with the same words.

    >>> Document("harrison worked at kensho")
    Document(page_content='harrison worked at kensho')
    >>> Document(page_content="a page", metadata={"number": 1})
    Document(metadata={'number': 1}, page_content='a page')
    >>> print(Document("a page", metadata={"number": 1}))
    page_content='a page' metadata={'number': 1}
    """

    type: ClassVar[str] = "Document"

    page_content: str
    """The text."""

    metadata: dict[str, Any] = field(factory=dict, kw_only=True)
    """Facts about it, such as where it comes from; by these a store can be filtered."""

    id: str | None = field(default=None, kw_only=True)
    """The key under which a store keeps it; what a store has found has one."""

    def __repr__(self) -> str:
        metadata = f"metadata={self.metadata!r}, " if self.metadata else ""
        return f"{type(self).__name__}({metadata}page_content={self.page_content!r})"

    def __str__(self) -> str:
        metadata = f" metadata={self.metadata!r}" if self.metadata else ""
        return f"page_content={self.page_content!r}{metadata}"


register_type(Document)
