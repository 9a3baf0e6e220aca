"""The mustache language: what it knows, and that it sees data only."""

from __future__ import annotations

import json
import pickle
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, strategies as st

from streamflow.errors import PromptInputError, PromptTemplateError
from streamflow.messages import HumanMessage, SystemMessage
from streamflow.prompts import ChatPromptTemplate, PromptTemplate


def made(template: str) -> PromptTemplate:
    return PromptTemplate.from_template(template, template_format="mustache")


def fill(template: str, **values: Any) -> str:
    prompt = made(template)
    return prompt.format(**{**dict.fromkeys(prompt.input_variables), **values})


class Thing:
    """What an object holds is nobody's business but the program's."""

    secret = "hush"

    def method(self) -> str:
        return "called"

    def __call__(self) -> str:
        return "called"

    def __str__(self) -> str:
        return "a thing"


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("", ""),
        ('plain {x} {"a": {"b": 1}}', 'plain {x} {"a": {"b": 1}}'),
        ("{{x}} {{ x }} {{{x}}} {{& x }}", "<&> <&> <&> <&>"),
        ("{{n}} {{none}} {{no}}|", "0  |"),
        ("{{d.a.b}} {{d.no.b}}|{{l.1}}{{l.9}}|", "deep |2|"),
        ("{{#l}}{{.}},{{/l}}", "1,2,3,"),
        ("{{#rows}}{{k}}-{{x}};{{/rows}}", "a-<&>;b-<&>;"),
        ("{{#d}}{{a.b}}{{/d}}{{#d.a}}{{b}}{{/d.a}}", "deepdeep"),
        ("{{#yes}}y{{/yes}}{{^yes}}n{{/yes}}", "y"),
        ("{{#none}}y{{/none}}{{^none}}n{{/none}}", "n"),
        ("{{#empty}}y{{/empty}}{{^empty}}n{{/empty}}", "n"),
        ("{{#n}}y{{/n}}{{^n}}n{{/n}}", "n"),
        ("{{#x}}{{.}}{{/x}}", "<&>"),
        ("{{#l}}{{#l}}{{.}}{{/l}} {{/l}}", "123 123 123 "),
        ("a{{! {{ a comment\n }}b", "ab"),
        ("{{=<% %>=}}<%x%>{{x}}<%={{ }}=%>{{n}}", "<&>{{x}}0"),
        # Tags alone on a line take the line with them.
        ("a\n{{#yes}}\n  b\n{{/yes}}\nc\n", "a\n  b\nc\n"),
        ("a\r\n  {{! c }}  \r\nb", "a\r\nb"),
        ("  {{#yes}}b{{/yes}}\n", "  b\n"),
        ("{{#yes}}\nb\n{{/yes}}", "b\n"),
    ],
)
def test_what_becomes_of_a_template(template: str, text: str) -> None:
    values: dict[str, Any] = {
        "x": "<&>",
        "n": 0,
        "none": None,
        "yes": True,
        "empty": [],
        "d": {"a": {"b": "deep"}},
        "l": [1, 2, 3],
        "rows": [{"k": "a"}, {"k": "b"}],
    }
    assert fill(template, **values) == text


def test_variables_are_the_names_outside_of_sections() -> None:
    prompt = made("{{z}} {{a.b}} {{#s.t}}{{in}}{{/s.t}}{{^u}}{{v}}{{/u}}{{z}} {{.}}")
    assert prompt.input_variables == ["z", "a", "s", "u"]
    assert set(prompt.get_input_jsonschema()["properties"]) == {"z", "a", "s", "u"}
    with pytest.raises(PromptInputError, match="missing 'a', 's'"):
        prompt.format(z=1, u=2)


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ("a\n{{#b}}", r"line 2: the section \{\{#b\}\} is never closed"),
        ("{{/b}}", "closes a section that is not open"),
        ("{{#a}}{{/b}}", r"\{\{/b\}\} stands where \{\{#a\}\} is open"),
        ("x {{a", "has no end"),
        ("{{}}", "has no name"),
        ("{{a..b}}", "has no name"),
        ("{{> p }}", "is a partial"),
        ("{{=<%}}", "has no name"),
        ("{{a" * 50_000, "has no end"),
        ("{{=<%=}}", "does not name two delimiters"),
        ("{{#a}}" * 200 + "{{/a}}" * 200, "nested more than"),
    ],
)
def test_a_malformed_template_is_refused_when_it_is_made(template: str, told: str) -> None:
    with pytest.raises(PromptTemplateError, match=told):
        made(template)


@pytest.mark.parametrize(
    "template",
    [
        "{{t.secret}}",
        "{{t.method}}",
        "{{t.__class__}}",
        "{{t.__class__.__init__.__globals__}}",
        "{{#t}}{{secret}}{{method}}{{__class__}}{{/t}}",
        "{{s.upper}}{{s.0}}{{s.__len__}}",
        "{{l.append}}{{l.__class__}}{{l.-1}}",
        "{{d.items}}{{d.__class__}}",
    ],
)
def test_a_template_sees_no_attributes(template: str) -> None:
    assert fill(template, t=Thing(), s="text", l=[1], d={}) == ""


def test_nothing_is_called() -> None:
    template = "{{t}} {{#t}}inside{{/t}}"
    assert fill(template, t=Thing()) == "a thing inside"


@given(st.text())
def test_values_come_through_unchanged(value: str) -> None:
    assert fill("<{{x}}|{{{x}}}|{{#l}}{{.}}{{/l}}>", x=value, l=[value]) == (
        f"<{value}|{value}|{value}>"
    )


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(alphabet="ab {"),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(alphabet="ab"), inner),
    )
)
def test_a_document_without_tags_survives(document: Any) -> None:
    text = json.dumps(document, indent=1)
    if "{{" not in text:
        assert fill(text) == text


@given(st.text(alphabet="{}#^/!=&. ab\n"))
def test_any_text_is_a_template_or_refused(text: str) -> None:
    with suppress(PromptTemplateError):
        prompt = made(text)
        assert isinstance(prompt.format(**dict.fromkeys(prompt.input_variables, "")), str)


async def test_in_chats_partials_and_sums() -> None:
    prompt = ChatPromptTemplate.from_messages(
        [("system", "{{a.b}} {x}"), ("placeholder", "{h}"), ("human", [{"text": "{{c}}"}])],
        template_format="mustache",
    )
    prompt = prompt + "{{d}}"
    values = {"a": {"b": 1}, "c": 2, "d": 3, "h": ["{{a}}"]}
    expected = [
        SystemMessage("1 {x}"),
        HumanMessage("{{a}}"),
        HumanMessage([{"type": "text", "text": "2"}]),
        HumanMessage("3"),
    ]
    assert prompt.input_variables == ["a", "c", "d"]
    assert (await prompt.ainvoke(values)).to_messages() == expected
    assert prompt.partial(a={"b": 1}).format_messages(c=2, d=3, h=["{{a}}"]) == expected
    both = made("{{x}}") + "{{y}}"
    assert both.format(x=1, y=2) == "12"
    assert pickle.loads(pickle.dumps(both)).format(x=1, y=2) == "12"


def test_formats_do_not_mix_and_must_exist() -> None:
    with pytest.raises(PromptTemplateError, match="do not add up"):
        made("{{x}}") + PromptTemplate("{y}")
    with pytest.raises(PromptTemplateError, match="no template_format 'f'"):
        PromptTemplate("x", template_format="f")  # type: ignore[arg-type]  # the point
    with pytest.raises(PromptTemplateError, match="a template is a text, got int"):
        PromptTemplate(3)  # type: ignore[arg-type]  # the point
