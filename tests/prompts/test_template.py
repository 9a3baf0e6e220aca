"""Only `{name}` is a place; whatever else is in a template, or in a value, is text."""

from __future__ import annotations

import json
import re
import string
from datetime import date
from typing import Any

import pytest
from hypothesis import assume, given, strategies as st

from streamflow.errors import PromptInputError, PromptTemplateError
from streamflow.messages import HumanMessage
from streamflow.prompts import ChatPromptTemplate, PromptTemplate


def fill(template: str, **values: Any) -> str:
    return PromptTemplate(template).format(**values)


def variables(template: str) -> list[str]:
    return PromptTemplate(template).input_variables


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("", ""),
        ("plain", "plain"),
        ("{x}", "X"),
        ("a {x} b{y}c {x}", "a X bYc X"),
        ("{x!r} {x!s} {x!a}", "'X' X 'X'"),
        (
            "{n:.2f}|{n:>8.1f}|{n:08.3f}|{n:+}|{n: >5}|{n:,}",
            "3.14|     3.1|0003.140|+3.14| 3.14|3.14",
        ),
        ("{x!r:*^7}", "**'X'**"),
        ("{d:%Y-%m-%d}", "2024-05-06"),
        ("{größe}", "L"),
        # Braces that are written twice.
        ("{{x}}", "{x}"),
        ("{{{x}}}", "{X}"),
        ("{{{{x}}}}", "{{x}}"),
        ('{{"a": {{"b": {x}}}}}', '{"a": {"b": X}}'),
        ("{{ {{ }} }}", "{ { } }"),
        ("a }} b", "a } b"),
        ("a {{ b", "a { b"),
        # Braces that are none of the template's business.
        ("{", "{"),
        ("}", "}"),
        ("{}", "{}"),
        ("{ x }", "{ x }"),
        ("{0}", "{0}"),
        ("{x y}", "{x y}"),
        ("{x", "{x"),
        ("{x{y}", "{xY"),
        ('{"city": {x}}', '{"city": X}'),
        ('{"a": {"b": {x}}}', '{"a": {"b": X}}'),
        ('{{"a": {"b": 1}}}', '{"a": {"b": 1}}'),
        ("const p = {x: 1}; if (p) { go({x}) }", "const p = {x: 1}; if (p) { go(X) }"),
        ("{x.}", "{x.}"),
        ("{x.y z}", "{x.y z}"),
        ("{{x.y}} {{x[0]}}", "{x.y} {x[0]}"),
        # What would fill the memory, and what f-strings do not know.
        ("{x!z}", "{x!z}"),
        ("{n:{x}}", "{n:X}"),
        ("{n:999999999}", "{n:999999999}"),
    ],
)
def test_what_becomes_of_a_template(template: str, text: str) -> None:
    values = {"x": "X", "y": "Y", "n": 3.14, "d": date(2024, 5, 6), "größe": "L"}
    assert fill(template, **values) == text


def test_variables_are_in_order_of_appearance() -> None:
    assert variables("{z} {a!r} {{no}} {b:.2f} {a} {e}") == ["z", "a", "b", "e"]


@pytest.mark.parametrize("value", [3, None, ["a"], {"b": 1}, 2.5, True])
def test_values_are_written_as_str_does(value: object) -> None:
    assert fill("<{x}>", x=value) == f"<{value}>"


@pytest.mark.parametrize(
    "place",
    [
        "{x.upper}",
        "{x.__class__.__init__.__globals__}",
        "{x[0]}",
        "{x[__class__]}",
        "{x.a[0].b}",
        "{x.a!r}",
        "{x.a:>10}",
        "{x[]}",
    ],
)
def test_a_template_cannot_reach_into_values(place: str) -> None:
    with pytest.raises(PromptTemplateError) as caught:
        PromptTemplate(f"a {{y}} {place} b")
    assert f"{place} (position 6)" in str(caught.value)
    assert "such as {x}" in str(caught.value)
    assert f"double its braces: {{{place}}}" in str(caught.value)
    with pytest.raises(PromptTemplateError, match="reaches into a value"):
        ChatPromptTemplate([("human", [{"type": "text", "text": place}])])


def test_what_messages_and_values_say_may_look_like_that() -> None:
    prompt = ChatPromptTemplate([HumanMessage("{x.y}"), "{x}"])
    assert [m.text for m in prompt.format_messages(x="{y[0]}")] == ["{x.y}", "{y[0]}"]


def test_a_format_that_does_not_fit_names_the_variable() -> None:
    with pytest.raises(PromptInputError, match=r"'ten' of 'price' .* \{price:\.2f\}"):
        fill("{price:.2f}", price="ten")


# Strings without doubled braces, which a template has to unescape wherever they are.
TEXTS = st.text().filter(lambda text: "{" not in text and "}" not in text)
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
)


@given(DOCUMENTS, st.sampled_from([None, 2]), st.booleans())
def test_any_json_document_survives(document: Any, indent: int | None, compact: bool) -> None:
    separators = (",", ":") if compact else None
    text = json.dumps(document, indent=indent, separators=separators, ensure_ascii=False)
    assert variables(text) == []
    assert fill(text) == text


@given(DOCUMENTS)
def test_a_document_may_have_a_place_inside(document: Any) -> None:
    text = json.dumps({"a": [document], "b": {"c": "@"}}, separators=(",", ":"))
    assume(text.count('"@"') == 1)
    assert json.loads(fill(text.replace('"@"', "{x}"), x="7")) == {"a": [document], "b": {"c": 7}}


FRAGMENTS = ["{x}", "{", "}", "{{", "}}", " ", "a.", "{x.", '{"k":']


@given(st.lists(st.sampled_from(FRAGMENTS)).map("".join), st.text(alphabet="{}xy"))
def test_values_are_never_looked_into(template: str, value: str) -> None:
    assert fill(template, x=value) == fill(template, x="\0").replace("\0", value)


@given(st.text(alphabet="{}xyz!:.[]0 \n"))
def test_any_text_is_a_template_unless_it_reaches_into_values(template: str) -> None:
    try:
        prompt = PromptTemplate(template)
    except PromptTemplateError:
        assert "{x." in template or "{x[" in template or re.search(r"\{[xyz_]\w*[.\[]", template)
        return
    assert all(f"{{{name}" in template for name in prompt.input_variables)
    prompt.format(**dict.fromkeys(prompt.input_variables, 0))


@given(st.text())
def test_text_with_doubled_braces_comes_back(text: str) -> None:
    assert fill(text.replace("{", "{{").replace("}", "}}")) == text


@given(st.text(alphabet=string.ascii_letters + "{} "), st.text())
def test_where_an_f_string_is_valid_the_result_is_the_same(template: str, value: str) -> None:
    try:
        fields = {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}
        assume(all(name.isidentifier() for name in fields))
        expected = template.format(**dict.fromkeys(fields, value))
    except ValueError:
        assume(False)
    assert fill(template, **dict.fromkeys(fields, value)) == expected


@given(st.text().filter(lambda text: "{" not in text and "}" not in text))
def test_text_without_braces_is_what_it_is(text: str) -> None:
    assert fill(text) == text
    assert variables(text) == []


PLACES = st.builds(
    "{{{}{}}}".format,
    st.sampled_from(["x", "y"]),
    st.sampled_from(["", "!r", "!s", "!a", ":>5", "!r:^9", ":[<5", ":!>5", "::^5"]),
)
TEMPLATES = st.lists(PLACES | st.sampled_from(["{", "}", "{{", "}}", "a", '"', "x"])).map("".join)


@given(TEMPLATES, TEMPLATES, st.text(alphabet="{}x"))
def test_the_sum_of_two_templates_is_filled_in_as_both_are(
    left: str, right: str, value: str
) -> None:
    values = dict.fromkeys(variables(left) + variables(right), value)
    total = PromptTemplate(left) + right
    assert total.format(**values) == fill(left, **values) + fill(right, **values)
    assert total.input_variables == list(dict.fromkeys(variables(left) + variables(right)))


@given(TEMPLATES, st.text())
def test_each_place_is_written_as_python_writes_it(template: str, value: str) -> None:
    assume(not re.search(r"\{\{|\}\}", template))
    assume(set(variables(template)) <= {"x", "y"})
    marks = {"x": value, "y": 7}
    expected = re.sub(
        r"\{([xy])((?:![rsa])?(?::[^{}]*)?)\}",
        lambda place: f"{{0{place[2]}}}".format(marks[place[1]]),
        template,
    )
    assert fill(template, **marks) == expected
