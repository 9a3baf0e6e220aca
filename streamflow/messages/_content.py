"""What a message says: text, or a list of texts and typed blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, cast

from ._join import join_pieces

if TYPE_CHECKING:
    from collections.abc import Sequence

# A dict of JSON: a content block, extra arguments, what a provider tells about a response.
Block: TypeAlias = dict[str, Any]
Content: TypeAlias = str | list[str | Block]


def text_of(content: Content) -> str:
    """Join the text of a message's content; images, tool uses and the like have none."""
    if isinstance(content, str):
        return content
    parts: list[str] = []
    for block in content:
        if isinstance(block, str):
            parts.append(block)
        elif block.get("type") == "text" and isinstance(text := block.get("text"), str):
            parts.append(text)
    return "".join(parts)


def show_content(content: Content) -> str:
    """Render content for people: text as it is, any other block as a line of its own."""
    if isinstance(content, str):
        return content
    return "\n".join(
        block
        if isinstance(block, str)
        else str(block["text"])
        if block.get("type") == "text" and "text" in block
        else repr(block)
        for block in content
    )


def join_content(contents: Sequence[Content]) -> Content:
    """Join the content of many chunks.

    Text alone stays text. As soon as there are blocks the result is a list, in which text
    stands between the blocks where it came, and blocks of one ``index`` are one. Nothing
    comes of an empty text or list beside others: providers send those to say "no content".
    """
    given = [content for content in contents if content]
    if not given:
        return "" if any(isinstance(content, str) for content in contents) else []
    try:
        return "".join(cast("list[str]", given))
    except TypeError:
        pass  # There are blocks, which join() is the fastest to find out.
    if len(given) == 1:
        return list(given[0])
    parts: list[str | Block] = []
    for content in given:
        if isinstance(content, str):
            parts.append(content)
        else:
            parts.extend(content)
    return join_pieces(parts, text=True)
