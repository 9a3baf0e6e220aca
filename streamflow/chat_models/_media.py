"""Images, audio and files in a message, in every form in which people write them."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any

from attrs import define

from ..errors import ModelInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

_KINDS = {
    "image": "image",
    "image_url": "image",
    "input_image": "image",
    "audio": "audio",
    "input_audio": "audio",
    "file": "file",
    "input_file": "file",
    "document": "file",
    "video": "video",
}
_DATA_URL = re.compile(r"data:(?P<mime>[^;,]*)(?:;[^,]*?)?;base64,(?P<data>.*)", re.DOTALL)
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
    extra: dict[str, Any] | None = None

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
    kind = _KINDS.get(str(block.get("type")))
    if kind is None:
        return None
    facts = _flat(block)
    found = Media(
        kind,
        url=facts.get("url") if isinstance(facts.get("url"), str) else None,
        data=_base64(facts.get("base64", facts.get("data", facts.get("file_data")))),
        mime=facts.get("mime_type") or facts.get("media_type"),
        file_id=facts.get("file_id"),
        name=facts.get("filename") or facts.get("name") or facts.get("title"),
        extra={key: facts[key] for key in ("detail", "cache_control") if facts.get(key)},
    )
    if found.mime is None and isinstance(facts.get("format"), str):
        found.mime = f"{kind}/{facts['format']}"
    for text in (found.url, found.data):
        match = _DATA_URL.match(text) if text else None
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
    for key in ("image_url", "input_audio", "file", "source", "extras"):
        inner = facts.pop(key, None)
        if isinstance(inner, str):
            facts["url"] = inner
        elif isinstance(inner, dict):
            facts.update(inner)
    return facts


def _base64(data: object) -> str | None:
    if isinstance(data, (bytes, bytearray)):
        return base64.b64encode(data).decode()
    return data if isinstance(data, str) and data else None
