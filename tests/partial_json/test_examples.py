"""What single texts give: the documented forms, the rules for prose, errors, limits."""

from __future__ import annotations

import json
import pickle
import sys
import tracemalloc
from typing import Any

import pytest

from streamflow._unset import UNSET
from streamflow.errors import OutputParserException, StreamflowError
from streamflow.partial_json import (
    PartialJSONParser,
    parse_and_check_json_markdown,
    parse_json_markdown,
    parse_partial_json,
)
from tests.partial_json.documents import read

COUNTRIES = [
    "{", "\n ", ' "', "countries", '":', " [", "\n   ", " {", "\n     ", ' "', "name", '":',
    ' "', "France", '",', "\n     ", ' "', "population", '":', " ", "67", "413", "000",
    "\n   ", " },", "\n   ", " {", "\n     ", ' "', "name", '":', ' "', "Spain", '"',
]  # fmt: skip
SNAPSHOTS: list[Any] = [
    {},
    {"countries": []},
    {"countries": [{}]},
    {"countries": [{"name": ""}]},
    {"countries": [{"name": "France"}]},
    {"countries": [{"name": "France", "population": 67}]},
    {"countries": [{"name": "France", "population": 67413}]},
    {"countries": [{"name": "France", "population": 67413000}]},
    {"countries": [{"name": "France", "population": 67413000}, {}]},
    {"countries": [{"name": "France", "population": 67413000}, {"name": ""}]},
    {"countries": [{"name": "France", "population": 67413000}, {"name": "Spain"}]},
]
INTRO = [" Here", " is", " the", " JSON", ":", "\n\n```", "json", "\n"]


@pytest.mark.parametrize("before", [[], INTRO], ids=["plain", "fenced"])
def test_snapshots_of_a_streamed_answer(before: list[str]) -> None:
    assert read([*before, *COUNTRIES]) == SNAPSHOTS


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1, "b', {"a": 1}),
        ('{"a": 1, "b"', {"a": 1}),
        ('{"a": 1, "b": ', {"a": 1}),
        ('{"a": 1, "b": tru', {"a": 1}),
        ('{"a": -', {}),
        ("[1, 2.", [1, 2]),
        ("[1.5e", [1.5]),
        ("[1e5", [1e5]),
        ('["a\\', ["a"]),
        ('["a\\u00e', ["a"]),
        ('["a\\ud83d\\ude0', ["a"]),
        ('["a\\ud83d\\ude00', ["a😀"]),
        ('["\\ud83d\\u0041', ["\ud83dA"]),
        ('["\\ud83d"]', ["\ud83d"]),
        ('["\\ud83d\\n"]', ["\ud83d\n"]),
        ('["a\nb\t\0"]', ["a\nb\t\0"]),
        ('{"a": {"x": 1}, "a": 2}', {"a": 2}),
        ("\ufeff [1]", [1]),
        ("[-Infinity, Infinity", [float("-inf"), float("inf")]),
        ("[" + "7" * 4000 + "]", [int("7" * 4000)]),
        ("1" * 1000, int("1" * 1000)),
        ("  -12 ", -12),
        ("[1e999]", [float("inf")]),
    ],
)
def test_values_of_bare_json(text: str, value: Any) -> None:
    assert parse_partial_json(text) == value
    assert read(text, bare=True)[-1] == value
    assert read([text], bare=True)[-1] == value


def test_not_a_number() -> None:
    (value,) = read("[NaN]")[-1]
    assert value != value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('see [1] and {name}: {"a": [1', {"a": [1]}),
        ('[Note] the answer: {"a": 1} as in {"b": 2}', {"a": 1}),
        ('3 countries: ["a"]', ["a"]),
        ("I think it is [3, 4], see [1]", [3, 4]),
        ('```python\nd = {"a": 1}\n```\nso ```json\n{"b": 2}\n```', {"b": 2}),
        ('```js\n{"a": 1}\n```', {"a": 1}),
        ('```\nnpm install\n```\n```\n[{"a": "```"}]\n```', [{"a": "```"}]),
        ('```json {"a": 1}```', {"a": 1}),
        ('```{"a": 1}```', {"a": 1}),
        ('~~~json\n{"a": 1}\n~~~', {"a": 1}),
        ('```toml\n[package]\nname = {"a": 1}\n```\n["b"]', ["b"]),
        ("``` json\n12\n```", 12),
        ('```json\n"a"', "a"),
        ('"only a string"', "only a string"),
        ("true\n", True),
        ('`{"a": 1}` is it', {"a": 1}),
        ("``````json\n[1]\n``````", [1]),
        ("```\n```\n[1]", [1]),
    ],
)
def test_json_in_an_answer(text: str, value: Any) -> None:
    assert parse_json_markdown(text) == value
    assert read(text)[-1] == value


def test_a_lone_scalar_shows_at_once_where_the_text_is_nothing_else() -> None:
    assert read(['"a', "b", '"'], bare=True) == ["a", "ab"]
    assert read(['"a', "b", '"']) == ["ab"]


@pytest.mark.parametrize(
    ("text", "reason", "position"),
    [
        ("", "empty", 0),
        ("tru", "no JSON", 3),
        ("[01]", "not a number", 2),
        ("[1.2.3]", "not a number", 4),
        ("[--1]", "not a number", 1),
        ("[1 2]", "comma or ]", 3),
        ("[1,]", "value was expected", 3),
        ('{"a" 1}', "colon", 5),
        ('{"a": 1,}', "key in double quotes", 8),
        ("{'a': 1}", "key in double quotes", 1),
        ('["\\x"]', "escape", 2),
        ('["\\u12g4"]', "escape", 2),
        ("[1}", "comma or ]", 2),
        ("[1] 2", "more text", 4),
        ("nothing", "value was expected", 1),
        ("[" + "9" * 5000 + "]", "5000 digits", 1),
    ],
)
def test_errors_say_what_and_where(text: str, reason: str, position: int) -> None:
    for pieces in ([text], list(text)):
        with pytest.raises(OutputParserException, match=reason) as caught:
            read(pieces, bare=True)
        assert caught.value.position == position
        assert caught.value.reason in str(caught.value)
        assert text.startswith(caught.value.text or "")


def test_the_value_before_an_error_stays() -> None:
    parser = PartialJSONParser()
    parser.feed('{"a": [1, ')
    before = parser.value
    with pytest.raises(OutputParserException):
        parser.feed("oops")
    assert parser.value == before == {"a": [1]}
    with pytest.raises(OutputParserException, match="value was expected"):
        parser.feed("2]}")


def test_strict_refuses_control_characters() -> None:
    assert parse_partial_json('["a\nb"]') == ["a\nb"]
    for text in ('["a\nb"]', '["a\nb'):
        with pytest.raises(OutputParserException, match="control character"):
            parse_partial_json(text, strict=True)


def test_deep_nesting_is_refused_or_read_but_never_crashes() -> None:
    text = "[" * 100_000
    for bare in (True, False):
        with pytest.raises(OutputParserException, match="deeper than 1000 levels"):
            read([text], bare=bare)
    parser = PartialJSONParser(max_depth=100_000)
    assert parser.feed(text)
    value, depth = parser.value, 0
    while value:
        (value,) = value
        depth += 1
    assert depth == 99_999
    parser.feed("]" * 100_000)
    assert parser.complete


def test_nothing_is_read_twice() -> None:
    """A long string in small pieces takes memory of its own size, not of its square."""
    parser = PartialJSONParser()
    parser.feed('{"text": "')
    tracemalloc.start()
    try:
        for _ in range(25_000):
            parser.feed("word")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(parser.value["text"]) == 100_000
    assert peak < 4_000_000


@pytest.mark.skipif(sys.implementation.name != "cpython", reason="copies are made each time")
def test_a_wide_list_that_nobody_holds_is_used_again() -> None:
    parser = PartialJSONParser()
    parser.feed(json.dumps([{"id": number} for number in range(1000)])[:-1])
    seen = set()
    for number in range(20):
        parser.feed(f", {number}")
        seen.add(id(parser.value))
    assert len(seen) <= 4


def test_before_anything_has_come() -> None:
    parser = PartialJSONParser()
    assert parser.value is UNSET
    assert not parser.complete
    assert not parser.feed("")
    assert not parser.feed("Sure: ")
    assert parser.value is UNSET
    with pytest.raises(OutputParserException, match="no JSON"):
        parser.close()


def test_expected_keys() -> None:
    text = 'Here: {"a": 1, "b": 2}'
    assert parse_and_check_json_markdown(text, ["a", "b"]) == {"a": 1, "b": 2}
    with pytest.raises(OutputParserException, match="no key 'c'") as caught:
        parse_and_check_json_markdown(text, ["a", "c"])
    assert caught.value.text == caught.value.llm_output == text
    with pytest.raises(OutputParserException, match="object was expected, not list"):
        parse_and_check_json_markdown("[1]", [])


def test_the_exception_as_agents_know_it() -> None:
    error = OutputParserException("bad", "say it in JSON", "yes", True)
    assert (error.observation, error.llm_output, error.send_to_llm) == (
        "say it in JSON",
        "yes",
        True,
    )
    assert error.text == "yes"
    assert isinstance(error, (StreamflowError, ValueError))
    with pytest.raises(OutputParserException, match="observation="):
        OutputParserException("bad", send_to_llm=True)
    placed = OutputParserException("bad", text="[x]", position=1)
    again = pickle.loads(pickle.dumps(placed))
    assert (str(again), again.text, again.position) == (str(placed), "[x]", 1)
