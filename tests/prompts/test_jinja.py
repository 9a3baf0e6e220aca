"""The jinja2 language, in its sandbox."""

from __future__ import annotations

import pickle
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, strategies as st

from streamflow.errors import PromptInputError, PromptTemplateError
from streamflow.messages import HumanMessage
from streamflow.prompts import ChatPromptTemplate, PromptTemplate


def made(template: str) -> PromptTemplate:
    return PromptTemplate.from_template(template, template_format="jinja2")


def fill(template: str, **values: Any) -> str:
    return made(template).format(**values)


class Thing:
    secret = "hush"

    def method(self) -> str:
        return "called"

    def __getitem__(self, key: str) -> str:
        raise KeyError(key)

    def __str__(self) -> str:
        return "a thing"


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("", ""),
        ('{"a": {"b": 1}} {x}\n', '{"a": {"b": 1}} {x}\n'),
        ("{{ x }} {{ n + 1 }}", "<&> 4"),
        ("{% for i in l %}{{ loop.index }}{{ i }}{{ ',' if not loop.last }}{% endfor %}", "1a,2b"),
        ("{% if n > 2 %}many{% else %}few{% endif %}", "many"),
        ("{{ d.k }} {{ d['k'] }} {{ d.items }} {{ d.nothing }}|", "v v 7 |"),
        ("{% for k, v in e.items() %}{{ k }}={{ v }}{% endfor %}", "a=1"),
        ("{{ x | upper }} {{ l | join('-') }} {{ s.upper() }} {{ l[0] }}", "<&> a-b TEXT a"),
        ("{{ rows | map(attribute='k') | join }}", "12"),
        ("{% set ns = namespace(n=0) %}{% set ns.n = 2 %}{{ ns.n }}", "2"),
        ("{% macro m(a) %}<{{ a }}>{% endmacro %}{{ m(1) }}{# no #}", "<1>"),
        ("{{ missing.x if missing is defined }}", ""),
        ("{{ t }}", "a thing"),
    ],
)
def test_what_becomes_of_a_template(template: str, text: str) -> None:
    values = {
        "x": "<&>",
        "n": 3,
        "l": ["a", "b"],
        "d": {"k": "v", "items": 7},
        "e": {"a": 1},
        "s": "text",
        "rows": [{"k": 1}, {"k": 2}],
        "t": Thing(),
    }
    assert made(template).format(**{"missing": "", **values}) == text


def test_variables() -> None:
    prompt = made("{{ b }} {{ a.c }} {% for i in l %}{{ i }}{% endfor %}{{ range(2) }}")
    assert prompt.input_variables == ["a", "b", "l"]
    with pytest.raises(PromptInputError, match="missing 'b', 'l'"):
        prompt.format(a={})
    assert repr(made("{{ b }}")) == (
        "PromptTemplate(input_variables=['b'], template='{{ b }}', template_format='jinja2')"
    )


@pytest.mark.parametrize(
    "template",
    [
        "{{ t.secret }}",
        "{{ t.method() }}",
        "{{ t['secret'] }}",
        "{{ t | attr('secret') }}",
        "{{ [t] | map(attribute='secret') | join }}",
        "{{ [t] | groupby('secret') }}",
        "{{ [t] | sort(attribute='secret') }}",
        "{{ [t] | selectattr('secret') | list }}",
        "{{ [t] | sum(attribute='secret') }}",
        "{{ namespace(t=t).t.secret }}",
        "{{ cycler(t).next().secret }}",
        "{{ t | xmlattr }}",
        "{{ self._TemplateReference__context }}",
        "{% include 'x' %}",
        "{{ t.__class__ }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ ''['__class__'] }}",
        "{{ '{0.__class__}'.format(1) }}",
        "{{ '{0.secret}'.format(t) }}",
        "{{ f() }}",
        "{{ m() }}",
        "{{ range.__globals__ }}",
        "{{ lipsum.__globals__ }}",
        "{{ cycler.__init__.__globals__ }}",
        "{% for i in [1] %}{{ loop.__class__ }}{{ loop._iterator }}{% endfor %}",
        "{% set x = d.update({'a': 1}) %}",
        "{{ l.append(1) }}",
        "{{ range(999999999) }}",
    ],
)
def test_what_the_sandbox_does_not_give(template: str) -> None:
    data: dict[str, Any] = {"t": Thing(), "f": print, "m": Thing().method, "d": {}, "l": []}
    prompt = made(template)
    with pytest.raises((PromptTemplateError, PromptInputError)) as caught:
        prompt.format(**data)
    assert "hush" not in str(caught.value)
    assert data["d"] == {}
    assert data["l"] == []


def test_a_refusal_says_what_to_do() -> None:
    with pytest.raises(PromptTemplateError, match=r"'secret' of a value of type Thing.* a dict"):
        fill("{{ t.secret }}", t=Thing())


@pytest.mark.parametrize("template", ["{% if %}", "{{ a", "{% nothing %}", "{{ a | no_filter }}"])
def test_a_malformed_template_is_refused_when_it_is_made(template: str) -> None:
    with pytest.raises(PromptTemplateError, match="in a jinja2 template"):
        made(template)


@pytest.mark.parametrize("template", ["{{ d.a.b }}", "{{ x + 1 }}", "{% include 'x' %}"])
def test_what_cannot_be_filled_in(template: str) -> None:
    with pytest.raises(PromptInputError, match="cannot be filled in"):
        made(template).format(d={}, x="x")


@given(st.text())
def test_values_come_through_unchanged(value: str) -> None:
    assert fill("<{{ x }}|{{ d.x }}>", x=value, d={"x": value}) == f"<{value}|{value}>"


async def test_in_chats_and_after_a_journey() -> None:
    prompt = ChatPromptTemplate([("human", "{{ x }}")], template_format="jinja2")
    again = pickle.loads(pickle.dumps(prompt))
    assert (await again.ainvoke("{{ 1 }}")).to_messages() == [HumanMessage("{{ 1 }}")]


_WITHOUT = """
import sys
sys.modules["jinja2"] = None
from streamflow.prompts import PromptTemplate
try:
    PromptTemplate("x", template_format="jinja2")
except ImportError as error:
    print(error)
"""


def test_without_the_extra() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT], capture_output=True, text=True, check=True
    )
    assert "needs the extra 'jinja2'" in done.stdout
