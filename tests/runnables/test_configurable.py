"""Fields and alternatives that the configuration chooses when a chain runs."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import pytest
from attrs import define, frozen
from hypothesis import given, strategies as st

from streamflow.errors import ConfigError
from streamflow.language_models import BaseChatModel
from streamflow.messages import AIMessage
from streamflow.output_parsers import StrOutputParser
from streamflow.prompts import ChatPromptTemplate
from streamflow.runnables import (
    ConfigurableField,
    ConfigurableFieldMultiOption,
    ConfigurableFieldSingleOption,
    Runnable,
    RunnableConfigurableFields,
    RunnableGenerator,
    RunnableLambda,
    RunnableParallel,
    RunnablePassthrough,
    RunnablePick,
    RunnableSequence,
)
from streamflow.runnables._configurable import KEPT
from tests.runnables.says import Says, says, values
from tests.runnables.ways import everywhere, names_of

A, B = ConfigurableField(id="the_a"), ConfigurableField(id="the_b")


async def test_a_field_is_set_for_one_call_and_streams_through() -> None:
    model = Says()
    chain = model.configurable_fields(a=A, b=B) | StrOutputParser()
    outcome = await everywhere(chain, "hi", config=values(the_a="x"))
    assert outcome.streamed == outcome.transformed == ["x", "b"]
    assert outcome.whole == "xb"
    assert (await everywhere(chain, "hi")).streamed == ["a", "b"]
    assert (model.a, model.b) == ("a", "b")


async def test_it_has_no_run_of_its_own() -> None:
    plain, configurable = Says(), Says().configurable_fields(a=A).configurable_alternatives(B)
    assert names_of(configurable, "hi") == names_of(plain, "hi")
    assert configurable.get_name() == "Says"
    chained = names_of(configurable | StrOutputParser(), "hi", config=values(the_a="x"))
    assert chained == names_of(plain | StrOutputParser(), "hi")


class Plain(Runnable[Any, Any]):
    """A runnable as a user writes it."""

    def __init__(self, greeting: str) -> None:
        self.greeting = greeting
        self._secret = 1

    @cached_property
    def shouted(self) -> str:
        return self.greeting.upper()

    def invoke(self, input: Any, config: Any = None, **kwargs: Any) -> Any:
        return f"{self.shouted} {input}"


@frozen(eq=False)
class Frozen(Runnable[Any, Any]):
    greeting: str
    made: str = ""

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "made", self.greeting.upper())

    def invoke(self, input: Any, config: Any = None, **kwargs: Any) -> Any:
        return f"{self.made} {input}"


@define(eq=False)
class Defined(Runnable[Any, Any]):
    greeting: str

    def invoke(self, input: Any, config: Any = None, **kwargs: Any) -> Any:
        return f"{self.greeting.upper()} {input}"


@pytest.mark.parametrize("kind", [Plain, Frozen, Defined])
async def test_runnables_of_a_user(kind: Any) -> None:
    runnable = kind("hi")
    assert runnable.invoke("Ann") == "HI Ann"
    chain = runnable.configurable_fields(greeting=ConfigurableField(id="g"))
    assert (await everywhere(chain, "Ann", config=values(g="bye"))).whole == "BYE Ann"
    assert chain.invoke("Ann") == "HI Ann"
    with pytest.raises(ConfigError, match="'greeting'"):
        runnable.configurable_fields(secret=A)


def test_prompts_parsers_and_other_parts() -> None:
    style = ConfigurableField(id="style")
    prompt = ChatPromptTemplate.from_messages(["{q}"]).configurable_fields(messages=style)
    (message,) = prompt.invoke({"q": "hi"}, values(style=[("system", "no {q}")])).messages
    assert (message.type, message.content) == ("system", "no hi")
    named = StrOutputParser().configurable_fields(name=ConfigurableField(id="n"))
    assert names_of(named, "hi", config=values(n="mine"))[0] == ("start", "mine")
    pick = RunnablePick("a").configurable_fields(keys=ConfigurableField(id="keys"))
    assert pick.invoke({"a": 1, "b": 2}, values(keys=["b"])) == {"b": 2}


def test_what_is_bound_is_configured_inside_of_the_binding() -> None:
    bound = Says().bind(stop=["."]).with_config(tags=["mine"])
    chain = bound.configurable_fields(a=A) | StrOutputParser()
    assert chain.invoke("hi", values(the_a="x")) == "xb"
    own = Says().bind(stop=["."]).configurable_fields(kwargs=ConfigurableField(id="kwargs"))
    assert own.invoke("hi", values(kwargs={})).content == "ab"


@pytest.mark.parametrize(
    ("runnable", "fixed"),
    [
        (RunnableLambda(str), "func"),
        (RunnablePassthrough() | str, "steps"),
        (RunnableParallel(a=str), "steps"),
        (RunnableGenerator(lambda chunks: (yield from chunks)), "transform"),
        (Says(), "invoke"),
    ],
)
def test_an_attribute_that_cannot_be_replaced_is_named(runnable: Any, fixed: str) -> None:
    with pytest.raises(ConfigError, match=rf"'{fixed}'.*it has .*'name'"):
        runnable.configurable_fields(**{fixed: A})


def test_a_model_is_made_anew_with_what_it_makes_of_its_settings() -> None:
    class Client(BaseChatModel):
        url: str = "here"

        def __init__(self, **settings: Any) -> None:
            super().__init__(**settings)
            self.connections = [self.url]

        def _generate(self, messages: Any, stop: Any = None, **_: Any) -> Any:
            return AIMessage(self.url)

    class Lazy(Client):
        __init__ = BaseChatModel.__init__

        @cached_property
        def connection(self) -> list[str]:
            return [self.url]

        def _generate(self, messages: Any, stop: Any = None, **_: Any) -> Any:
            return AIMessage(self.connection[0])

    for kind in (Client, Lazy):
        model = kind(url="there")
        model.invoke("hi")
        chain = model.configurable_fields(url=ConfigurableField(id="url"))
        assert chain.invoke("hi", values(url="elsewhere")).content == "elsewhere"
        assert chain.invoke("hi").content == "there"


def test_equal_values_get_the_same_copy_and_only_those() -> None:
    chain: Any = Says().configurable_fields(a=A)
    assert chain.choose({"the_a": "x"}) is chain.choose({"the_a": "x", "other": 1})
    copies = [chain.choose({"the_a": value}) for value in (1, 1.0, True, (1,), (True,), [1], [1])]
    assert [copy.a for copy in copies] == [1, 1.0, True, (1,), (True,), [1], [1]]
    assert len({id(copy) for copy in copies}) == 7
    assert chain.choose({}) is chain.default


def test_the_number_of_copies_is_bounded() -> None:
    chain: Any = Says().configurable_fields(a=A)
    kept = chain.choose({"the_a": "kept"})
    for number in range(3 * KEPT):
        chain.choose({"the_a": number})
        assert chain.choose({"the_a": "kept"}) is kept, "it was asked for all the time"
    assert len(chain._copies._made) == KEPT


def test_fields_can_be_added() -> None:
    chain = Says().configurable_fields(a=A).configurable_fields(b=B) | StrOutputParser()
    assert chain.invoke("hi", values(the_a="x", the_b="y")) == "xy"


# Options.

TONE = ConfigurableFieldSingleOption(id="tone", options={"warm": "W", "cool": "C"}, default="warm")
WORDS = ConfigurableFieldMultiOption(
    id="words", options={"one": 1, "two": 2, "three": 3}, default=["one"]
)


async def test_options_are_named_by_their_keys() -> None:
    chain = says(a=TONE, b=WORDS)
    assert (await everywhere(chain, "hi")).streamed == ["W", "[1]"]
    given = values(tone="cool", words=["three", "two"])
    assert (await everywhere(chain, "hi", config=given)).streamed == ["C", "[3, 2]"]
    assert chain.invoke("hi", values(tone=None, words=None)) == "W[1]"


@pytest.mark.parametrize(
    "wrong", [{"tone": "hot"}, {"tone": ["warm"]}, {"words": ["four"]}, {"words": "one"}]
)
def test_an_option_that_does_not_exist_is_an_error_with_those_that_do(wrong: Any) -> None:
    expected = "'warm', 'cool'" if "tone" in wrong else "'one', 'two', 'three'"
    with pytest.raises(ConfigError, match=expected):
        says(a=TONE, b=WORDS).invoke("hi", values(**wrong))


def test_the_default_is_one_of_the_options() -> None:
    with pytest.raises(ConfigError, match="'nothing'"):
        ConfigurableFieldSingleOption(id="a", options={"x": 1}, default="nothing")
    with pytest.raises(ConfigError, match="'nothing'"):
        ConfigurableFieldMultiOption(id="a", options={"x": 1}, default=["nothing"])


# Inheritance.

Overlay = st.dictionaries(st.sampled_from(["the_a", "the_b"]), st.sampled_from("uvwxyz"))
Layers = st.lists(st.one_of(st.tuples(st.just("config"), Overlay), st.just(("run", None))))


@given(Layers, Overlay)
async def test_the_nearest_value_counts(
    layers: list[tuple[str, Any]], call: dict[str, str]
) -> None:
    """From outside in: what a config says counts more than what runs above have said.

    The config of a call goes through the configs that are bound around the same run, and
    counts more than they do.
    """
    chain = says(a=A, b=B)
    for kind, overlay in reversed(layers):
        inner = chain
        if kind == "config":
            chain = inner.with_config(values(**overlay))
        else:
            chain = RunnableParallel(only=RunnableSequence(inner, RunnablePassthrough()))
            chain = chain | (lambda branches: branches["only"])
    inherited: dict[str, str] = {}
    explicit = dict(call)
    for kind, overlay in [*layers, ("run", None)]:
        if kind == "config":
            explicit = {**overlay, **explicit}
        else:
            inherited, explicit = {**inherited, **explicit}, {}
    expected = inherited.get("the_a", "a") + inherited.get("the_b", "b")
    assert (await chain.ainvoke("hi", values(**call))) == expected
    assert "".join(chain.stream("hi", values(**call))) == expected


async def test_calls_inside_of_functions_inherit() -> None:
    inner = says(a=A)

    def plain(text: str) -> Any:
        return inner.invoke(text)

    async def asynchronous(text: str) -> Any:
        return "".join([chunk async for chunk in inner.astream(text)])

    for function in (plain, asynchronous, lambda text: inner):
        chain = RunnableLambda(function)
        assert (await everywhere(chain, "hi", config=values(the_a="x"))).whole == "xb"


def test_a_subclass_may_do_something_around_the_choice() -> None:
    class Loud(RunnableConfigurableFields[Any, Any]):
        def invoke(self, input: Any, config: Any = None, **kwargs: Any) -> Any:
            return super().invoke(input, config, **kwargs).content.upper()

        def stream(self, input: Any, config: Any = None, **kwargs: Any) -> Any:
            for chunk in super().stream(input, config, **kwargs):
                yield chunk.content.upper()

    chain = Loud(Says(), {"a": A})
    assert chain.invoke("hi", values(the_a="x")) == "XB"
    assert list(chain.stream("hi", values(the_a="x"))) == ["X", "B"]
