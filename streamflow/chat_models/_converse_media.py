"""Images, documents, audio and video as Bedrock's Converse takes them: as bytes, or from S3."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from ..errors import ModelInputError
from ..messages._media import media_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..messages._media import Media

    Block = dict[str, Any]

_KINDS = {"image": "image", "file": "document", "audio": "audio", "video": "video"}
_FORMATS = {
    "image": ("png", "jpeg", "gif", "webp"),
    "document": ("pdf", "csv", "doc", "docx", "xls", "xlsx", "html", "txt", "md"),
    "audio": ("mp3", "opus", "wav", "aac", "flac", "mp4", "ogg", "mkv", "mka", "x-aac", "m4a",
              "mpeg", "mpga", "pcm", "webm"),
    "video": ("mkv", "mov", "mp4", "webm", "flv", "mpeg", "mpg", "wmv", "three_gp"),
}  # fmt: skip
# Formats by the types and endings of files that are called otherwise.
_RENAMED = {
    "image": {"jpg": "jpeg"},
    "document": {
        "plain": "txt",
        "text": "txt",
        "markdown": "md",
        "htm": "html",
        "msword": "doc",
        "vnd.ms-excel": "xls",
        "vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
        "vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    },
    "audio": {"mpeg": "mp3", "x-wav": "wav", "wave": "wav", "vnd.wave": "wav", "x-m4a": "m4a"},
    "video": {
        "quicktime": "mov",
        "x-matroska": "mkv",
        "x-flv": "flv",
        "x-ms-wmv": "wmv",
        "3gpp": "three_gp",
        "3gp": "three_gp",
    },
}
_TOLD_BESIDE = ("citations", "context")
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9()\[\]-]+")
_LONGEST_NAME = 200


def converse_media(block: Mapping[str, Any]) -> Block | None:
    """Return a content block with media as Converse writes it; ``None`` if it holds none.

    Raises:
        ModelInputError: Converse does not take the media, or not from where it is.
    """
    media = media_of(block)
    if media is None:
        return None
    kind = _KINDS[media.kind]
    part: Block = {"format": _format(kind, media), "source": _source(media)}
    if kind == "document":
        part["name"] = _name(media.name or "document")
        part.update({key: block[key] for key in _TOLD_BESIDE if block.get(key)})
    return {kind: part}


def tell_documents_apart(parts: Iterable[Block]) -> None:
    """Number the documents of a conversation whose names are not their own."""
    named: set[str] = set()
    for part in parts:
        if "document" not in part:
            continue
        name, number = part["document"].get("name"), 1
        own = name
        while own in named:
            number += 1
            own = f"{name[: _LONGEST_NAME - 8]} {number}"
        if own is not None:
            part["document"]["name"] = own
            named.add(own)


def _source(media: Media) -> Block:
    if media.data:
        return {"bytes": media.data}
    if media.url and media.url.startswith("s3://"):
        return {"s3Location": {"uri": media.url}}
    where = f"at {media.url!r:.100}" if media.url else f"of the id {media.file_id!r:.100}"
    raise ModelInputError(
        f"Amazon Bedrock's Converse does not fetch the {media.kind} {where}; give it as base64, "
        f"or by an address that begins with 's3://'"
    )


def _format(kind: str, media: Media) -> str:
    """Return the format, from the type of the data or the ending of a name."""
    told = (media.mime or "").partition(";")[0].strip().lower().rpartition("/")[2]
    endings = [
        PurePosixPath(place).suffix[1:].lower() for place in (media.name, media.url) if place
    ]
    usual = media.mime_type.rpartition("/")[2]
    for word in filter(None, (told, *endings, "" if told else usual)):
        found = _RENAMED[kind].get(word, word)
        if found in _FORMATS[kind]:
            return found
    raise ModelInputError(
        f"Amazon Bedrock's Converse reads no {media.kind} of type {media.mime_type!r}; it knows "
        f"{', '.join(_FORMATS[kind])}"
    )


def _name(name: str) -> str:
    """Return a name of the few characters that the name of a document may have."""
    path = PurePosixPath(name)
    stem = path.stem if path.suffix[1:].isalnum() else name
    return _NOT_IN_NAMES.sub(" ", stem).strip()[:_LONGEST_NAME].strip() or "document"
