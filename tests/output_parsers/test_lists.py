"""Lists, item by item, and words."""

from __future__ import annotations

import csv
import io
from enum import Enum
from typing import Any

import pytest
from hypothesis import given, strategies as st

from streamflow.errors import OutputParserException
from streamflow.output_parsers import (
    CommaSeparatedListOutputParser,
    EnumOutputParser,
    MarkdownListOutputParser,
    NumberedListOutputParser,
)
from tests.output_parsers.cuts import cut, cut_sizes, streamed
from tests.runnables.ways import everywhere

PARSERS = [
    CommaSeparatedListOutputParser(),
    NumberedListOutputParser(),
    MarkdownListOutputParser(),
    NumberedListOutputParser(pattern=r"<([^>]*)>"),
]
texts = st.text(st.sampled_from('ab ,"\n\r\t1.2-*<>'), max_size=40)


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: type(parser).__name__)
@given(text=texts, sizes=cut_sizes)
def test_however_the_text_is_cut(parser: Any, text: str, sizes: list[int]) -> None:
    chunks = streamed(parser, cut(text, sizes))
    assert [item for chunk in chunks for item in chunk] == parser.invoke(text)
    assert all(len(chunk) == 1 for chunk in chunks)


@given(rows=st.lists(st.lists(st.text(st.sampled_from('ab,"\n'), min_size=1), min_size=1)))
def test_items_written_as_a_table_come_back(rows: list[list[str]]) -> None:
    file = io.StringIO()
    csv.writer(file).writerows(rows)
    expected = [item for row in rows for item in row]
    assert CommaSeparatedListOutputParser().invoke(file.getvalue()) == expected


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("", []),
        (" \n", []),
        ("red", ["red"]),
        (" red , green,blue\n", ["red", "green", "blue"]),
        ("red,,blue,", ["red", "", "blue", ""]),
        ("red\r\ngreen, blue", ["red", "green", "blue"]),
        ('"red, dark", "say ""hi"""', ["red, dark", 'say "hi"']),
        ('the "red" one, 5"', ['the "red" one', '5"']),
        ('"red', ["red"]),
    ],
)
def test_commas(text: str, items: list[str]) -> None:
    assert CommaSeparatedListOutputParser().invoke(text) == items


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("", []),
        ("Sure:\n\n1. red\n\n2. dark green\n10. blue", ["red", "dark green", "blue"]),
        ("1.\nred", ["red"]),
        ("no list", []),
    ],
)
def test_numbers(text: str, items: list[str]) -> None:
    assert NumberedListOutputParser().invoke(text) == items


def test_marks() -> None:
    text = "Sure:\n- red\n  * dark-green\n-no\n- blue\n"
    assert MarkdownListOutputParser().invoke(text) == ["red", "dark-green", "blue"]


async def test_an_item_comes_when_it_is_complete() -> None:
    outcome = await everywhere(NumberedListOutputParser(), "1. a", ["1. a", "b\n", "x", "\n2. c"])
    assert outcome.transformed == [["ab"], ["c"]]
    stream = NumberedListOutputParser().transform(iter(["1. a\n", "2. b\n"]))
    assert next(stream) == ["a"]
    stream.close()
    outcome = await everywhere(CommaSeparatedListOutputParser(), "", ["a,", "b", "c, d"])
    assert outcome.whole == []
    assert outcome.transformed == [["a"], ["bc"], ["d"]]


def test_instructions() -> None:
    for parser in PARSERS:
        assert "list" in parser.get_format_instructions()


class Colour(Enum):
    RED = "red"
    DARK = "Dark red"
    ONE = 1


async def test_one_of_several_words() -> None:
    parser = EnumOutputParser(enum=Colour)
    assert await everywhere(parser, " Red\n") == await everywhere(parser, "red")
    assert parser.invoke("dark red") is Colour.DARK
    assert parser.invoke("1") is Colour.ONE
    assert parser.OutputType is Colour
    assert "red, Dark red, 1" in parser.get_format_instructions()
    with pytest.raises(OutputParserException, match="'green' is none of .*red, Dark red, 1"):
        parser.invoke("green")
