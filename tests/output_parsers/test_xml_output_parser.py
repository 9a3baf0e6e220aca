"""XML, chunk by chunk, and what attacks by it."""

from __future__ import annotations

import pickle
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, strategies as st

from streamflow._merge import merge
from streamflow.errors import OutputParserException
from streamflow.output_parsers import XMLOutputParser
from tests.output_parsers.cuts import cut, cut_sizes, streamed
from tests.runnables.ways import everywhere

tags = st.sampled_from(["a", "b", "film"])
words = st.text(st.sampled_from("xy <&>é\n"), max_size=6).map(lambda text: text.strip() or None)
trees = st.recursive(
    st.tuples(tags, words),
    lambda inner: st.tuples(tags, st.lists(inner, min_size=1, max_size=3)),
    max_leaves=8,
)


def written(tree: Any) -> str:
    tag, inside = tree
    if isinstance(inside, list):
        return f"<{tag}>\n{''.join(map(written, inside))} </{tag}>"
    return f"<{tag}/>" if inside is None else f"<{tag} x='1'>{escape(inside)}</{tag}>"


def value_of(tree: Any) -> Any:
    tag, inside = tree
    return {tag: list(map(value_of, inside)) if isinstance(inside, list) else inside}


@given(tree=trees, sizes=cut_sizes, fenced=st.booleans())
def test_however_the_text_is_cut(tree: Any, sizes: list[int], fenced: bool) -> None:
    expected = value_of(tree)
    if tree[1] is None:
        expected = {tree[0]: []}
    text = written(tree)
    if fenced:
        text = f'I < 3 you:\n```xml\n<?xml version="1.0" encoding="utf-8"?>\n{text}\n```\n<3'
    assert XMLOutputParser().invoke(text) == expected
    chunks = streamed(XMLOutputParser(), cut(text, sizes))
    assert merge(chunks) == expected
    total = chunks[0]
    for chunk in chunks[1:]:
        total = total + chunk
    assert total == expected


async def test_each_element_comes_inside_of_those_around_it() -> None:
    pieces = ["<films><film><title>B", "ig</title><ye", "ar>1988</year></film><film><title>"]
    outcome = await everywhere(
        XMLOutputParser(), "<a>x</a>", [*pieces, "Cast</title></film></films>"]
    )
    assert outcome.whole == {"a": "x"}
    assert outcome.transformed == [
        {"films": [{"film": [{"title": "Big"}]}]},
        {"films": [{"film": [{"year": "1988"}]}]},
        {"films": [{"film": [{"title": "Cast"}]}]},
    ]
    whole = {
        "films": [{"film": [{"title": "Big"}, {"year": "1988"}]}, {"film": [{"title": "Cast"}]}]
    }
    assert merge(outcome.transformed) == whole
    assert pickle.loads(pickle.dumps(merge(outcome.transformed))) == whole
    assert outcome.transformed[0] + {"more": 1} == {**outcome.transformed[0], "more": 1}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("<a></a>", {"a": []}),
        ("<a> </a>", {"a": []}),
        ("<a>x</a>", {"a": "x"}),
        ("<a><b/></a>", {"a": [{"b": None}]}),
        ("<a><b> </b><c>hi</c></a>", {"a": [{"b": " "}, {"c": "hi"}]}),
        ("<a><![CDATA[<b>]]></a>", {"a": "<b>"}),
        ("<!-- so --><a>x<!-- it -->y</a>", {"a": "xy"}),
        ("<a>one <b>two</b> three</a>", {"a": [{"b": "two"}]}),
    ],
)
def test_what_is_made_of_it(text: str, value: Any) -> None:
    assert XMLOutputParser().invoke(text) == value


BILLION_LAUGHS = """<?xml version="1.0"?>
<!DOCTYPE lolz [
 <!ENTITY lol "lol">
 <!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">
]>
<lolz>&lol2;</lolz>"""


@pytest.mark.parametrize(
    "attack",
    [
        BILLION_LAUGHS,
        '<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]><a>&f;</a>',
        '<!DOCTYPE a SYSTEM "http://localhost/a.dtd"><a/>',
        '<!DOCTYPE a [<!ENTITY % p SYSTEM "http://localhost/p">%p;]><a/>',
        "Sure:\n```xml\n" + BILLION_LAUGHS + "\n```",
    ],
)
@pytest.mark.parametrize("size", [1, 7, 1_000])
def test_attacks_are_refused(attack: str, size: int) -> None:
    pieces = [attack[i : i + size] for i in range(0, len(attack), size)]
    with pytest.raises(OutputParserException, match="refused"):
        streamed(XMLOutputParser(), pieces)
    with pytest.raises(OutputParserException, match="refused"):
        XMLOutputParser().invoke(attack)


def test_too_deep() -> None:
    with pytest.raises(OutputParserException, match="deeper than"):
        XMLOutputParser().invoke("<a>" * 100_000)


@pytest.mark.parametrize(
    ("text", "reason", "position"),
    [
        ("I cannot", "no XML", None),
        ("", "no XML", None),
        ("<a><b>", "no element found|not complete|unclosed", 6),
        ("Well: <a>\n<b>x</c></a>", "mismatched tag", 16),
        ("<a>&nbsp;</a>", "undefined entity", 3),
    ],
)
def test_what_is_no_xml(text: str, reason: str, position: int | None) -> None:
    with pytest.raises(OutputParserException, match=reason) as caught:
        XMLOutputParser().invoke(text)
    assert caught.value.text == text
    assert caught.value.position == position
    with pytest.raises(OutputParserException, match=reason):
        streamed(XMLOutputParser(), list(text) or [""])


@given(text=st.text(st.sampled_from("<>/ab!-[]&;?=\"' \n")), sizes=cut_sizes)
def test_nothing_else_is_raised(text: str, sizes: list[int]) -> None:
    try:
        whole = XMLOutputParser().invoke(text)
    except OutputParserException:
        with pytest.raises(OutputParserException):
            streamed(XMLOutputParser(), cut(text, sizes))
    else:
        assert merge(streamed(XMLOutputParser(), cut(text, sizes))) == whole


def test_instructions() -> None:
    text = XMLOutputParser(tags=["film", "title"]).get_format_instructions()
    assert "film, title" in text
    assert "tags" not in XMLOutputParser().get_format_instructions()
