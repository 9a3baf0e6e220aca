"""Looks for texts that break the parser of partial JSON, led by what they reach in its code.

``python -m tests.fuzz.partial_json [SECONDS]``. With atheris (CPython below 3.12, Linux) the
inputs are those that reach new branches; without it Hypothesis makes them. An input that
breaks something is written to the current directory by the one and shown by the other; add
it to the corpus, which the test suite replays.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

CORPUS = Path(__file__).parent / "corpus" / "partial_json"
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


def _with_atheris(seconds: int) -> None:
    import atheris

    with atheris.instrument_imports(include=["streamflow.partial_json", "json"]):
        import streamflow.partial_json  # noqa: F401 - loaded here to be watched
    with tempfile.TemporaryDirectory() as found:
        # What is new goes into the first folder; the corpus is only read.
        options = [f"-max_total_time={seconds}", "-max_len=400", found, str(CORPUS)]
        atheris.Setup([sys.argv[0], *options], check)
        atheris.Fuzz()


def _with_hypothesis(seconds: int) -> None:
    from hypothesis import HealthCheck, given, settings, strategies as st

    tokens = st.sampled_from([*'{}[]",:\\ \n-1.e`~', '"a"', "true", "null", "\\ud83d", "```json\n"])
    texts = st.lists(tokens | st.characters(), max_size=80).map("".join)
    inputs = st.tuples(st.integers(0, 255), texts).map(
        lambda pair: bytes([pair[0]]) + pair[1].encode("utf-8", errors="surrogatepass")
    )
    end = time.monotonic() + seconds
    run = settings(max_examples=2_000, deadline=None, suppress_health_check=list(HealthCheck))(
        given(inputs)(check)
    )
    while time.monotonic() < end:
        run()


def main() -> None:
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    if importlib.util.find_spec("atheris") is not None:
        _with_atheris(seconds)
    else:
        sys.stderr.write("atheris is not installed; Hypothesis makes the inputs\n")
        _with_hypothesis(seconds)


if __name__ == "__main__":
    main()
