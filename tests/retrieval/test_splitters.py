from __future__ import annotations

import logging
from typing import Any

import pytest
from hypothesis import given, strategies as st

from streamflow.documents import Document
from streamflow.errors import ConfigError
from streamflow.text_splitters import (
    CharacterTextSplitter,
    Language,
    RecursiveCharacterTextSplitter,
    TextSplitter,
    TokenTextSplitter,
)

TEXTS = st.text(st.sampled_from("ab c\n.é🦜\ufffd"), max_size=150)
KEPT = st.sampled_from([True, "start", "end"])


class Bytes:
    """A tokenizer that cuts characters apart, as those of models do."""

    def encode(self, text: str) -> list[int]:
        return list(text.encode())

    def decode(self, tokens: Any) -> str:
        return bytes(tokens).decode(errors="replace")


@st.composite
def splitters(draw: Any) -> TextSplitter:
    size = draw(st.integers(1, 20))
    options: dict[str, Any] = {
        "chunk_size": size,
        "chunk_overlap": draw(st.integers(0, size)),
        "keep_separator": draw(KEPT),
        "strip_whitespace": False,
        "add_start_index": True,
    }
    kind = draw(st.sampled_from(["recursive", "character", "token", "language"]))
    if kind == "token":
        return TokenTextSplitter(tokenizer=Bytes(), **options)
    if kind == "language":
        language = draw(st.sampled_from(Language))
        return RecursiveCharacterTextSplitter.from_language(language, **options)
    if kind == "character":
        return CharacterTextSplitter(draw(st.sampled_from(["\n", " ", ""])), **options)
    return RecursiveCharacterTextSplitter(**options)


def _starts(splitter: TextSplitter, text: str) -> list[tuple[int, str]]:
    found = splitter.create_documents([text])
    return [(each.metadata["start_index"], each.page_content) for each in found]


@given(splitters(), TEXTS)
def test_the_chunks_without_their_overlap_are_the_text(splitter: TextSplitter, text: str) -> None:
    whole = ""
    before = -1
    for start, chunk in _starts(splitter, text):
        assert before < start <= len(whole)  # no gap, and each begins later
        assert text[start : start + len(chunk)] == chunk
        whole, before = whole[:start] + chunk, start
    assert whole == text


@given(splitters(), TEXTS)
def test_without_overlap_the_chunks_add_up(splitter: TextSplitter, text: str) -> None:
    splitter.chunk_overlap = 0
    assert "".join(splitter.split_text(text)) == text


@given(TEXTS, st.integers(1, 20), st.data())
def test_chunks_are_as_long_as_they_may_be(text: str, size: int, data: Any) -> None:
    overlap = data.draw(st.integers(0, size))
    recursive = RecursiveCharacterTextSplitter(chunk_size=size, chunk_overlap=overlap)
    assert all(0 < len(chunk) <= size for chunk in recursive.split_text(text))


@given(st.text(max_size=60), st.integers(4, 20))
def test_chunks_of_tokens_have_as_many_as_they_may(text: str, size: int) -> None:
    splitter = TokenTextSplitter(tokenizer=Bytes(), chunk_size=size, chunk_overlap=2)
    # A character is never cut, and the longest here has four tokens.
    assert all(len(chunk.encode()) <= size for chunk in splitter.split_text(text))


@given(TEXTS, st.integers(1, 20), st.booleans())
def test_where_separators_go_away_chunks_are_still_parts_of_the_text(
    text: str, size: int, strip: bool
) -> None:
    splitter = RecursiveCharacterTextSplitter(
        chunk_size=size,
        chunk_overlap=0,
        keep_separator=False,
        strip_whitespace=strip,
        add_start_index=True,
    )
    end = 0
    for start, chunk in _starts(splitter, text):
        assert start >= end
        assert text[start : start + len(chunk)] == chunk
        assert not text[end:start].strip()
        end = start + len(chunk)
    assert not text[end:].strip()


def test_documents() -> None:
    splitter = CharacterTextSplitter(" ", chunk_size=7, chunk_overlap=3, add_start_index=True)
    documents = [Document("one two three", metadata={"page": 1}, id="x"), Document("four")]
    assert splitter.split_documents(documents) == [
        Document("one two", metadata={"page": 1, "start_index": 0}),
        Document("three", metadata={"page": 1, "start_index": 8}),
        Document("four", metadata={"start_index": 0}),
    ]
    assert documents[0].metadata == {"page": 1}
    assert splitter.transform_documents(documents) == splitter.split_documents(documents)
    made = splitter.create_documents(["one two three"], [{"page": 1}])
    assert made == splitter.split_documents(documents[:1])
    with pytest.raises(ConfigError, match="2 texts, but 1 metadatas"):
        splitter.create_documents(["a", "b"], [{}])


async def test_documents_async() -> None:
    splitter = RecursiveCharacterTextSplitter(chunk_size=3, chunk_overlap=0)
    assert await splitter.atransform_documents([Document("ab cd")]) == [
        Document("ab"),
        Document("cd"),
    ]


def test_overlap() -> None:
    splitter = CharacterTextSplitter(" ", chunk_size=7, chunk_overlap=3)
    assert splitter.split_text("one two six ten") == ["one two", "two six", "six ten"]


def test_a_text_of_ones_own_splitter_is_found_again() -> None:
    class Words(TextSplitter):
        def split_text(self, text: str) -> list[str]:
            return text.split()

    assert _starts(Words(add_start_index=True), "a b a") == [(0, "a"), (2, "b"), (4, "a")]


def test_what_cannot_be_cut_is_a_chunk_and_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "streamflow"):
        splitter = CharacterTextSplitter(" ", chunk_size=4, chunk_overlap=0)
        assert splitter.split_text("a longword b") == ["a", "longword", "b"]
    assert "length 8, which is more than 4" in caplog.text


def test_languages() -> None:
    code = "import os\n\n\ndef one():\n    return 1\n\n\n"
    code += "class Two:\n    def three(self):\n        pass\n"
    splitter = RecursiveCharacterTextSplitter.from_language(
        "python", chunk_size=50, chunk_overlap=0
    )
    assert splitter.split_text(code) == [
        "import os\n\n\ndef one():\n    return 1",
        "class Two:\n    def three(self):\n        pass",
    ]
    page = "# One\n\ntext\n\n## Two\n\nmore text\n\n# Three\n\nend"
    splitter = RecursiveCharacterTextSplitter.from_language(
        Language.MARKDOWN, chunk_size=25, chunk_overlap=0
    )
    assert splitter.split_text(page) == ["# One\n\ntext", "## Two\n\nmore text", "# Three\n\nend"]
    with pytest.raises(ConfigError, match="no language 'latin'"):
        RecursiveCharacterTextSplitter.from_language("latin")


def test_other_lengths() -> None:
    class Tokenizer:
        def tokenize(self, text: str) -> list[str]:
            return text.split()

    splitter = CharacterTextSplitter.from_huggingface_tokenizer(
        Tokenizer(), separator=" ", chunk_size=2, chunk_overlap=0
    )
    assert splitter.split_text("aaaa bbbb cccc") == ["aaaa bbbb", "cccc"]


def test_tokens_of_tiktoken() -> None:
    tiktoken = pytest.importorskip("tiktoken")
    ranks = {bytes([each]): each for each in range(256)} | {b"th": 256, b"the": 257}
    encoding = tiktoken.Encoding(
        "small", pat_str=r"\w+|\W+", mergeable_ranks=ranks, special_tokens={"<|end|>": 300}
    )
    splitter = TokenTextSplitter(tokenizer=encoding, chunk_size=4, chunk_overlap=0)
    assert splitter.split_text("the the🦜") == ["the the", "🦜"]
    # What looks like a special token is text.
    assert "".join(splitter.split_text("a<|end|>b")) == "a<|end|>b"


def test_a_tokenizer_that_forgets_is_refused() -> None:
    class Lower(Bytes):
        def decode(self, tokens: Any) -> str:
            return super().decode(tokens).lower()

    with pytest.raises(ConfigError, match="Lower does not give back 'ABC'"):
        TokenTextSplitter(tokenizer=Lower()).split_text("ABC")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"chunk_size": 0}, "chunk_size must be at least 1, got 0"),
        ({"chunk_size": 5, "chunk_overlap": 6}, "from 0 to chunk_size .5., got 6"),
        ({"chunk_overlap": -1}, "got -1"),
        ({"keep_separator": "both"}, "got 'both'"),
        ({"separator": "(", "is_separator_regex": True}, "'.' is no regular expression"),
    ],
)
def test_wrong_options_are_shown(options: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        CharacterTextSplitter(**options)


def test_separators_are_needed() -> None:
    with pytest.raises(ConfigError, match="separators"):
        RecursiveCharacterTextSplitter(separators=[])
