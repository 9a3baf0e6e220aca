"""What a chain tells of its configuration: specs, their schema, and how it is explained."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from streamflow.errors import ConfigError
from streamflow.language_models import FakeListChatModel
from streamflow.prompts import PromptTemplate
from streamflow.runnables import (
    ConfigurableField,
    ConfigurableFieldMultiOption,
    ConfigurableFieldSingleOption,
    ConfigurableFieldSpec,
    Runnable,
    RunnableLambda,
    RunnableParallel,
    RunnablePassthrough,
    RunnablePick,
    chain,
)

KEYS = ConfigurableField(id="keys", name="Keys", description="Which ones.")


def pick(**field: Any) -> Runnable[Any, Any]:
    return RunnablePick("a").configurable_fields(keys=ConfigurableField(**{"id": "keys", **field}))


def ids(runnable: Runnable[Any, Any]) -> list[str]:
    return [spec.id for spec in runnable.config_specs]


def test_a_field_is_described_by_what_is_known_of_it() -> None:
    model = FakeListChatModel(responses=["hi"]).configurable_fields(
        responses=ConfigurableField(id="said"),
        sleep=ConfigurableField(id="slow", annotation=int, is_shared=True),
        i=ConfigurableFieldSingleOption(
            id="start", options={"first": 0, "last": -1}, default="last"
        ),
        error_on_chunk_number=ConfigurableFieldMultiOption(
            id="odd", options={"x": 1}, default=["x"]
        ),
    )
    assert model.config_specs == [
        ConfigurableFieldSpec(id="said", annotation=list[str], default=["hi"]),
        ConfigurableFieldSpec(id="slow", annotation=int, is_shared=True),
        ConfigurableFieldSpec(id="start", annotation=Literal["first", "last"], default="last"),
        ConfigurableFieldSpec(id="odd", annotation=list[Literal["x"]], default=["x"]),
    ]


inside = pick()


@chain
def calls_one(value: Any) -> Any:
    return inside.invoke(value)


@pytest.mark.parametrize(
    "whole",
    [
        pick() | str,
        RunnableParallel(x=pick(), y=str),
        RunnablePassthrough.assign(x=pick()),
        pick().with_config(tags=["a"]).bind(b=1),
        pick().with_types(output_type=int),
        calls_one,
        RunnableLambda(lambda value: inside),
        RunnableParallel(deep={"deeper": RunnableLambda(str) | pick() | calls_one}),
        pick().with_retry(),
        RunnablePassthrough().with_fallbacks([pick()]),
        pick().map(),
    ],
    ids=lambda each: type(each).__name__,
)
def test_a_chain_tells_what_is_inside(whole: Runnable[Any, Any]) -> None:
    assert ids(whole) == ["keys"]


def test_alternatives_tell_which_there_are_and_what_they_read() -> None:
    other = PromptTemplate("{a}").configurable_fields(template=ConfigurableField(id="text"))
    which = ConfigurableField(id="which", name="Which", description="one of them")
    whole = pick().configurable_alternatives(which, other=other, unmade=pick)
    assert ids(whole) == ["which", "keys", "text"]
    assert whole.config_specs[0] == ConfigurableFieldSpec(
        id="which",
        annotation=Literal["default", "other", "unmade"],
        name="Which",
        description="one of them",
        default="default",
    )
    prefixed = pick(is_shared=True).configurable_alternatives(which, prefix_keys=True, other=other)
    assert ids(prefixed) == ["which", "keys", "which==other/text"]
    twice = pick().configurable_alternatives(which, prefix_keys=True, other=pick())
    assert ids(twice) == ["which", "which==default/keys", "which==other/keys"]


def test_two_descriptions_of_one_key_are_an_error() -> None:
    assert ids(pick(name="A") | pick(name="A")) == ["keys"]
    with pytest.raises(ConfigError, match=r"configurable\['keys'\]"):
        (pick(name="A") | pick(name="B")).config_specs  # noqa: B018 - reading is the point


def test_functions_that_name_one_another_are_looked_at_once() -> None:
    def ping(value: Any) -> Any:
        return pong.invoke(value) if value else inside

    def again(value: Any) -> Any:
        return [ball.invoke(value), pong.invoke(value), configured.invoke(value)]

    ball = RunnableLambda(ping)
    pong = RunnableLambda(again)
    configured = pong.configurable_fields(name=ConfigurableField(id="name"))
    for start in (ball, pong, configured, ball | pong):
        assert sorted(ids(start)) == ["keys", "name"]


def test_a_runnable_of_a_user_may_tell_more() -> None:
    class Own(Runnable[Any, Any]):
        @property
        def config_specs(self) -> list[ConfigurableFieldSpec]:
            return [ConfigurableFieldSpec(id="mine", annotation=int)]

        def invoke(self, input: Any, config: Any = None, **kwargs: Any) -> Any:
            return input

    assert ids(Own() | pick()) == ["mine", "keys"]


def test_the_schema_of_a_config() -> None:
    which = ConfigurableField(id="which")
    whole = pick().configurable_alternatives(which, prefix_keys=True, other=pick(name="Other"))
    model = (whole | str).config_schema(include=["tags", "max_concurrency"])
    config = model(tags=["a"], configurable={"which": "other", "which==other/keys": "b"})
    assert config.tags == ["a"]
    assert config.configurable.which == "other"
    with pytest.raises(ValueError, match="which"):
        model(configurable={"which": "unknown"})
    schema = (whole | str).get_config_jsonschema()
    assert list(schema["properties"]) == ["configurable"]
    assert schema["title"] == "RunnableSequenceConfig"
    properties = schema["$defs"]["Configurable"]["properties"]
    assert properties["which"] == {
        "default": "default",
        "enum": ["default", "other"],
        "title": "Which",
        "type": "string",
    }
    assert properties["which==other/keys"]["title"] == "Other"
    assert properties["which==other/keys"]["default"] == "a"


def test_the_schema_of_a_config_with_nothing_to_configure() -> None:
    assert RunnablePassthrough().get_config_jsonschema()["properties"] == {}
    everything = ["bus", "callbacks", "metadata", "recursion_limit", "run_id", "run_name", "tags"]
    schema = RunnablePassthrough().get_config_jsonschema(include=everything)
    assert sorted(schema["properties"]) == everything
    with pytest.raises(ConfigError, match=r"\['nothing'\]"):
        RunnablePassthrough().config_schema(include=["nothing"])


def test_it_is_explained_as_what_it_stands_for() -> None:
    plain = FakeListChatModel(responses=["hi"])
    whole = plain.configurable_fields(i=ConfigurableField(id="i"))
    whole = whole.configurable_alternatives(ConfigurableField(id="which"), other=plain)
    assert str(whole.explain()) == str(plain.explain())
    assert str((whole | str).explain()) == str((plain | str).explain())
    assert repr(whole | str) == repr(plain | str)


def test_the_choice_can_be_looked_at() -> None:
    other = RunnablePick("b")
    whole: Any = pick().configurable_alternatives(ConfigurableField(id="which"), other=other)
    assert whole.prepare({"configurable": {"which": "other"}})[0] is other
    runnable, config = whole.prepare()
    assert runnable is whole.default
    assert config["configurable"] == {}
