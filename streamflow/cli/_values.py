"""JSON values as they are given on the command line: in place, in a file, on standard input."""

from __future__ import annotations

import codecs
import sys
from pathlib import Path
from typing import Any, TextIO, cast

import orjson

from .._json import loads
from ._status import Refusal

_SHOWN = 60
"""How many characters of a faulty line are shown."""


def read_value(option: str, text: str) -> Any:
    """Return the value that an option was given.

    What the command prints it reads again: messages and other registered types, written
    by one chain, come back as what they were.

    Args:
        option: The option's name, for messages.
        text: JSON; ``@`` and the path of a file that holds it; or ``-`` for standard input.

    Raises:
        Refusal: there is no such file, or what it holds is not JSON.
    """
    data = _bytes_of(option, text).removeprefix(codecs.BOM_UTF8).rstrip()
    try:
        return loads(data)
    except orjson.JSONDecodeError as error:
        raise Refusal(_explain(option, text, data, error)) from error


def _bytes_of(option: str, text: str) -> bytes:
    if text == "-":
        if cast("TextIO | None", sys.stdin) is None:
            raise Refusal(f"{option}: standard input is closed")
        return sys.stdin.buffer.read()
    if not text.startswith("@"):
        return text.encode("utf-8", "surrogateescape")
    try:
        return Path(text[1:]).read_bytes()
    except OSError as error:
        raise Refusal(f"{option}: cannot read {text[1:]!r}: {error.strerror}") from error


def _explain(option: str, text: str, data: bytes, error: orjson.JSONDecodeError) -> str:
    source = {"-": "standard input"}.get(text, text[1:] if text.startswith("@") else "")
    what = f"{option}: {source} is not JSON" if source else f"{option} is not JSON"
    if not data:
        return f"{what}: it is empty"
    lines = data.decode("utf-8", "replace").split("\n")
    line = lines[error.lineno - 1] if error.lineno <= len(lines) else ""
    start = max(0, error.colno - 1 - _SHOWN // 2)
    shown = line[start : start + _SHOWN].replace("\t", " ")
    message = (
        f"{what}: {error.msg} at line {error.lineno}, column {error.colno}\n"
        f"    {shown}\n"
        f"    {' ' * (error.colno - 1 - start)}^"
    )
    if option == "--input" and not source and text[:1].isalpha():
        message += f"\n  A text is JSON with quotes around it: {option} '\"{_cut(text)}\"'"
    return message


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN and "\n" not in text else "..."
