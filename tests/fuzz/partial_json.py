"""Looks for texts that break the parser of partial JSON: ``python -m tests.fuzz.partial_json``."""

from __future__ import annotations

import json
from typing import Any

from tests.fuzz.engine import CORPORA, fuzz

CORPUS = CORPORA / "partial_json"
MAX_DEPTH = 64


def check(data: bytes) -> None:
    """Read an input: its first byte says how, the rest is the text.

    Bit 7 means bare JSON, the lower bits the length of the pieces.
    """
    from streamflow._unset import UNSET
    from streamflow.errors import OutputParserException
    from streamflow.partial_json import PartialJSONParser

    # Latin-1 stands in for what is no UTF-8, so that no input is lost.
    how = (data[:1] or b"\1")[0]
    try:
        text = data[1:].decode("utf-8", errors="surrogatepass")
    except UnicodeDecodeError:
        text = data[1:].decode("latin-1")
    size, bare = how % 128 or 1, how >= 128
    parser = PartialJSONParser(bare=bare, max_depth=MAX_DEPTH)
    shown: list[tuple[Any, str]] = []
    value: Any = UNSET
    try:
        for place in range(0, len(text), size):
            if parser.feed(text[place : place + size]):
                shown.append((parser.value, json.dumps(parser.value)))
                del shown[:-2]
        value = parser.close()
    except OutputParserException:
        pass
    for snapshot, before in shown:
        assert json.dumps(snapshot) == before, "a snapshot was changed"
    if bare:
        _compare(text, value)


def _compare(text: str, value: Any) -> None:
    """What the standard library reads is what the parser read."""
    try:
        expected = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return
    depth = max(text.count("["), text.count("{"))
    if depth < MAX_DEPTH // 2:
        assert json.dumps(value) == json.dumps(expected), "json.loads reads something else"


def main() -> None:
    from hypothesis import strategies as st

    tokens = st.sampled_from([*'{}[]",:\\ \n-1.e`~', '"a"', "true", "null", "\\ud83d", "```json\n"])
    texts = st.lists(tokens | st.characters(), max_size=80).map("".join)
    inputs = st.tuples(st.integers(0, 255), texts).map(
        lambda pair: bytes([pair[0]]) + pair[1].encode("utf-8", errors="surrogatepass")
    )
    fuzz(check, CORPUS, ["streamflow.partial_json", "json"], inputs)


if __name__ == "__main__":
    main()
