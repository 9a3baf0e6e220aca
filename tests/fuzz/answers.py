"""Looks for bodies that break the readers of vendors' answers: ``python -m tests.fuzz.answers``."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from tests.fuzz.engine import CORPORA, fuzz

CORPUS = CORPORA / "answers"


def check(data: bytes) -> None:
    """Read an input: two bytes say how, the rest is the body.

    The first is the number of the protocol, the second the length of the pieces in which the
    body comes. However it is cut, the same comes of it: chunks, an error of the tree, or both.
    """
    from streamflow.errors import ModelError
    from streamflow.messages import AIMessageChunk

    how, size = (*data[:2], 1, 1)[:2]
    read, encode = _protocols()[how % len(_protocols())]
    body = encode(data[2:])
    chunks, error = read([body])
    size = size or 1
    again, same = read([body[start : start + size] for start in range(0, len(body), size)])
    assert again == chunks, "other chunks come of other pieces"
    assert (type(same), str(same)) == (type(error), str(error)), "another error comes of them"
    assert error is None or isinstance(error, ModelError), "the error is none of the tree"
    assert chunks or error is not None, "neither chunks nor an error"
    if chunks:
        message = AIMessageChunk.merge_chunks(chunks)
        assert isinstance(message.text, str)
        assert all(isinstance(call["args"], dict) for call in message.tool_calls)
        message.text.encode()  # no half of a character is left


Read = Callable[[list[bytes]], tuple[list[Any], Any]]


@cache
def _protocols() -> tuple[tuple[Read, Callable[[bytes], bytes]], ...]:
    """How each protocol is read; made late, so that a fuzzer sees the modules load."""
    from streamflow.chat_models._anthropic_stream import AnthropicReader
    from streamflow.chat_models._aws_frames import AwsEvents
    from streamflow.chat_models._converse_stream import ConverseReader
    from streamflow.chat_models._frames import Lines
    from streamflow.chat_models._ollama import OllamaReader
    from streamflow.chat_models._openai_stream import OpenAIReader
    from streamflow.chat_models._reader import Whole
    from streamflow.chat_models._sse import ServerSentEvents

    return (
        (_reading(OpenAIReader, ServerSentEvents), bytes),
        (_reading(OpenAIReader, Whole), bytes),
        (_reading(AnthropicReader, ServerSentEvents), bytes),
        (_reading(AnthropicReader, Whole), bytes),
        (_reading(AnthropicReader, AwsEvents), _packed),
        (_reading(ConverseReader, AwsEvents), _framed),
        (_reading(ConverseReader, AwsEvents), bytes),
        (_reading(ConverseReader, Whole), bytes),
        (_reading(OllamaReader, Lines), bytes),
    )


def _reading(reader: Any, framing: Any) -> Read:
    from streamflow._vendors._source import Source

    def read(pieces: list[bytes]) -> tuple[list[Any], Any]:
        reading = reader(Source("v", "m-1"), framing(), "run-1")
        chunks = [chunk for piece in pieces for chunk in reading.feed(piece)]
        return [*chunks, *reading.end()], reading.error

    return read


def _framed(text: bytes) -> bytes:
    """Return lines of a name and data as AWS' events: hardly an input has the right checksums."""
    from tests.chat_models.answers import aws_message

    lines = (line.partition(b" ") for line in text.split(b"\n") if line)
    return b"".join(
        aws_message(data, **{":event-type": name.decode("latin-1")[:60]}) for name, _, data in lines
    )


def _packed(text: bytes) -> bytes:
    """Return lines as the events of Bedrock in which those of another protocol stand."""
    import base64

    import orjson

    from tests.chat_models.answers import aws_message

    return b"".join(
        aws_message(orjson.dumps({"bytes": base64.b64encode(line).decode()}))
        for line in text.split(b"\n")
        if line
    )


def main() -> None:
    from hypothesis import strategies as st

    words = st.sampled_from(
        [*'{}[]",:\\ \n-1.e', "data: ", "\n\n", '"content"', '"delta"', '"type"', '"index"', "null"]
    )
    texts = st.lists(words | st.characters(codec="utf-8"), max_size=80).map("".join)
    inputs = st.tuples(st.binary(min_size=2, max_size=2), texts).map(
        lambda pair: pair[0] + pair[1].encode()
    )
    fuzz(check, CORPUS, ["streamflow.chat_models", "streamflow.messages", "json"], inputs)


if __name__ == "__main__":
    main()
