"""Images, audio and files in a message, in every form in which people write them."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any

from attrs import define, field

from ..errors import ModelInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS = {
    "image": "image",
    "image_url": "image",
    "input_image": "image",
    "audio": "audio",
    "input_audio": "audio",
    "file": "file",
    "input_file": "file",
    "document": "file",
    "video": "video",
    "video_url": "video",
}
"""The types of content blocks with media, and what kind of media each has."""
_DATA_URL = re.compile(r"data:(?P<mime>[^;,]*)(?:;[^,]*?)?;base64,(?P<data>.*)", re.DOTALL)
_NAMED = ("filename", "name", "title")
_USUAL = {"image": "image/jpeg", "audio": "audio/wav", "file": "application/pdf"}


@define
class Media:
    """Something in a message that is no text: where it is, or its data.

    Attributes:
        kind: ``"image"``, ``"audio"``, ``"file"`` or ``"video"``.
        url: Where it is.
        data: The data as base64.
        mime: The type of the data.
        file_id: What the vendor calls a file that it has already.
        name: The name of the file.
        extra: Marks such as ``cache_control``, and settings such as ``detail``.
    """

    kind: str
    url: str | None = None
    data: str | None = None
    mime: str | None = None
    file_id: str | None = None
    name: str | None = None
    extra: Mapping[str, Any] = field(factory=dict)

    @property
    def mime_type(self) -> str:
        """The type of the data, or the usual one of its kind."""
        return self.mime or _USUAL.get(self.kind, "application/octet-stream")

    @property
    def data_url(self) -> str:
        """The data, or where it is, as a URL."""
        return self.url or f"data:{self.mime_type};base64,{self.data}"


def media_of(block: Mapping[str, Any]) -> Media | None:
    """Return what a content block holds; ``None`` if it holds no media.

    Raises:
        ModelInputError: it is of a kind of media, but holds none.
    """
    kind = KINDS.get(str(block.get("type")))
    if kind is None:
        return None
    facts = _flat(block)
    text = _text_in(facts)
    packed = facts.get("base64", facts.get("data", facts.get("file_data")))
    found = Media(
        kind,
        url=facts.get("url") if isinstance(facts.get("url"), str) else None,
        data=_base64(packed if text is None else text),
        mime=facts.get("mime_type") or facts.get("media_type"),
        file_id=facts.get("file_id"),
        name=next(filter(None, map(facts.get, _NAMED)), None),
        extra={key: facts[key] for key in ("detail", "cache_control") if facts.get(key)},
    )
    if found.mime is None and text is not None:
        found.mime = "text/plain"
    if found.mime is None and isinstance(facts.get("format"), str):
        found.mime = f"{kind}/{facts['format']}"
    for place in (found.url, found.data):
        match = _DATA_URL.match(place) if place else None
        if match is not None:
            found.url, found.data = None, match["data"]
            found.mime = match["mime"] or found.mime
    if not (found.url or found.data or found.file_id):
        raise ModelInputError(
            f"a content block of type {block.get('type')!r} holds no url, no base64 data and no "
            f"file_id, only {sorted(map(str, block))}"
        )
    return found


def _flat(block: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of a block, of which some vendors nest a part."""
    facts = dict(block)
    for key in ("image_url", "input_audio", "video_url", "file", "source", "extras"):
        inner = facts.pop(key, None)
        if isinstance(inner, str):
            facts["url"] = inner
        elif isinstance(inner, dict):
            facts.update(inner)
    if facts.get("source_type") == "id":
        facts.setdefault("file_id", facts.get("id"))
    about = facts.get("metadata")
    if isinstance(about, dict):
        facts = {**{key: about[key] for key in _NAMED if key in about}, **facts}
    return facts


def _text_in(facts: Mapping[str, Any]) -> bytes | None:
    """Return the text of a document that is plain text."""
    text = None
    if facts.get("source_type") == "text":
        text = facts.get("text")
    elif facts.get("type") == "text":  # that of the source, which stands in the block
        text = facts.get("data")
    return text.encode("utf-8", "replace") if isinstance(text, str) else None


def _base64(data: object) -> str | None:
    if isinstance(data, (bytes, bytearray)):
        return base64.b64encode(data).decode()
    return data if isinstance(data, str) and data else None
