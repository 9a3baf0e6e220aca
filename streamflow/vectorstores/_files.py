"""Files that hold a whole store: a line that says what follows, vectors, documents.

Nothing in a file is executed when it is read. The first line is JSON, with the lengths of
the two parts and a hash of both, so that a file that was cut or changed is noticed.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Any, BinaryIO

from attrs import frozen

from .._json import dumps, dumps_flagged, loads
from ..documents import Document
from ..errors import StorageError, StorageFileError

_FORMAT = "streamflow-vectors"
_VERSION = 1
_HEAD_LIMIT = 10_000


@frozen
class Contents:
    """What is in a file."""

    facts: dict[str, Any]
    """What the store is told when it is made again."""

    vectors: bytes
    """The vectors, as the store writes them."""

    documents: list[Document]
    """The documents, in the order of the vectors."""


def write_store(path: str | os.PathLike[str], kind: str, contents: Contents) -> None:
    """Write a store to a file, in place of a store that is there.

    Args:
        path: The file. Until all is written, what was there stays.
        kind: The name of the store's class.
        contents: What to write.

    Raises:
        StorageError: a metadata would not come back.
        StorageFileError: there is a file that is no such store; it stays as it is.
        OSError: the file cannot be written.
    """
    path = Path(path)
    if path.exists():
        with path.open("rb") as file:
            _read_head(path, kind, file)
    for document in contents.documents:
        data, lossy = dumps_flagged(document.metadata)
        if lossy:
            raise StorageError(f"document {document.id!r} for {path}", not_back(data))
    documents = dumps(contents.documents)
    head = {
        "format": _FORMAT,
        "version": _VERSION,
        "kind": kind,
        "facts": contents.facts,
        "vectors": len(contents.vectors),
        "documents": len(documents),
        "sha256": _hash(contents.vectors, documents),
    }
    _replace(path, [dumps(head) + b"\n", contents.vectors, documents])


def read_store(path: str | os.PathLike[str], kind: str) -> Contents:
    """Return what `write_store` has written.

    Raises:
        StorageFileError: the file is broken, or of another kind or version.
        OSError: the file cannot be read.
    """
    path = Path(path)
    with path.open("rb") as file:
        head = _read_head(path, kind, file)
        body = file.read()
    vectors, documents = body[: head["vectors"]], body[head["vectors"] :]
    if _hash(vectors, documents) != head["sha256"]:
        raise StorageFileError(str(path), "it was changed since it was written")
    found = loads(documents)
    for each in found:
        if not isinstance(each, Document):
            raise StorageFileError(str(path), f"it holds what is no document: {each!r:.80}")
    return Contents(head["facts"], vectors, found)


def not_back(data: bytes) -> str:
    """Return what is to be said of metadata that JSON does not give back."""
    return (
        f"its metadata would not become what it is: {data.decode()[:200]}. A class has to be made "
        f"known with streamflow.serialization.register_type()"
    )


def _read_head(path: Path, kind: str, file: BinaryIO) -> dict[str, Any]:
    """Return what the first line says, if the file is as long as it says, too."""
    line = file.readline(_HEAD_LIMIT)
    try:
        head = loads(line) if line.endswith(b"\n") else None
    except ValueError:
        head = None
    if not isinstance(head, dict) or head.get("format") != _FORMAT:
        raise StorageFileError(str(path), "it holds no vectors of streamflow, or is broken")
    if head.get("version") != _VERSION:
        raise StorageFileError(
            str(path), f"it is of version {head.get('version')!r}, and this reads {_VERSION}"
        )
    if head.get("kind") != kind:
        raise StorageFileError(str(path), f"it was written by {head.get('kind')!r}, not {kind!r}")
    expected, length = len(line) + head["vectors"] + head["documents"], path.stat().st_size
    if length != expected:
        raise StorageFileError(
            str(path), f"it was cut short or added to: {length} bytes, not {expected}"
        )
    return head


def _hash(*parts: bytes) -> str:
    hashed = hashlib.sha256()
    for part in parts:
        hashed.update(part)
    return hashed.hexdigest()


def _replace(path: Path, parts: list[bytes]) -> None:
    """Write a file beside, then put it in place: at no time is there half a file."""
    number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(number, "wb") as file:
            for part in parts:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
