"""Whatever a model sends comes back from the file as it was."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, strategies as st

from streamflow.language_models import BaseChatModel
from streamflow.messages import AIMessageChunk
from streamflow.testing import Recording, ReplayChatModel, record
from tests.testing.scripts import Vendor

TEXTS = st.text(max_size=4) | st.sampled_from(["\ud83d", "\ude00", "$type", "\x00", ""])
PIECES = st.fixed_dictionaries(
    {
        "name": st.none() | TEXTS,
        "args": st.none() | TEXTS,
        "id": st.none() | TEXTS,
        "index": st.none() | st.integers(0, 3),
    }
)
BLOCKS = st.fixed_dictionaries({"type": st.just("text"), "text": TEXTS, "index": st.integers(0, 2)})
DATA = st.dictionaries(TEXTS, TEXTS | st.integers() | st.none() | st.lists(TEXTS, max_size=2))
USAGE = st.fixed_dictionaries(
    {name: st.integers(0, 9) for name in ("input_tokens", "output_tokens", "total_tokens")}
)
CHUNKS = st.builds(
    AIMessageChunk,
    TEXTS | st.lists(BLOCKS, max_size=2),
    tool_call_chunks=st.lists(PIECES, max_size=2),
    additional_kwargs=DATA,
    response_metadata=DATA.map(lambda data: {k: v for k, v in data.items() if k != "headers"}),
    usage_metadata=st.none() | USAGE,
    name=st.none() | TEXTS,
    id=st.sampled_from(["one", "two"]),
)


def _streamed(model: BaseChatModel) -> list[Any]:
    return list(model.stream("hm"))


@given(parts=st.lists(CHUNKS, min_size=1, max_size=4))
def test_chunks_come_back(parts: list[AIMessageChunk]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answers.json"
        with record(Vendor(parts=parts), path) as model:
            assert _streamed(model) == parts
        (recording,) = Recording.load_all(path)
        assert [recording.chunk(number) for number in range(len(parts))] == parts
        assert _streamed(ReplayChatModel.load(path, speed=None)) == parts
        again = Path(folder) / "again.json"
        recording.save(again)
        assert again.read_bytes() == path.read_bytes()


def test_a_long_answer(tmp_path: Path) -> None:
    parts = [AIMessageChunk("x", response_metadata={"n": [n]}, id="m") for n in range(12_000)]
    with record(Vendor(parts=parts), tmp_path / "x.json") as model:
        _streamed(model)
    recording = Recording.load(tmp_path / "x.json")
    assert [recording.chunk(number) for number in range(len(parts))] == parts


def test_what_a_reader_does_to_a_chunk_is_not_recorded(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    part = AIMessageChunk("x", response_metadata={"k": "v"}, id="m")
    with record(Vendor(parts=[part]), path) as model:
        for chunk in model.stream("hm"):
            chunk.response_metadata["k"] = "changed"
            chunk.content = "changed"
    replay = ReplayChatModel(recording=Recording.load(path))
    for _ in range(2):
        for chunk in replay.stream("hm"):
            assert (chunk.content, chunk.response_metadata) == ("x", {"k": "v"})
            chunk.response_metadata["k"] = "changed"
