"""Alternatives that the configuration puts in the place of a runnable."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from streamflow.errors import CoercionError, ConfigError
from streamflow.output_parsers import StrOutputParser
from streamflow.runnables import (
    ConfigurableField,
    Runnable,
    RunnableLambda,
    RunnableParallel,
    RunnablePassthrough,
)
from tests.runnables.says import Says, says, values
from tests.runnables.ways import everywhere

WHICH = ConfigurableField(id="which")


async def test_an_alternative_runs_in_the_place_of_the_default() -> None:
    chain = says().configurable_alternatives(
        WHICH,
        other=Says(a="x") | StrOutputParser(),
        made=lambda: Says(a="y") | StrOutputParser(),
        both={"one": says(), "two": lambda _: 2},
    )
    outcome = await everywhere(chain | RunnablePassthrough(), "hi", config=values(which="other"))
    assert outcome.streamed == outcome.transformed == ["x", "b"]
    assert chain.invoke("hi", values(which="made")) == "yb"
    assert chain.invoke("hi", values(which="both")) == {"one": "ab", "two": 2}
    for default in (values(), values(which="default"), values(which=None)):
        assert chain.invoke("hi", default) == "ab"


@pytest.mark.parametrize("wrong", ["unknown", 1, ["other"]])
async def test_an_unknown_alternative_is_an_error_with_the_known_ones(wrong: Any) -> None:
    chain = RunnablePassthrough() | Says().configurable_alternatives(WHICH, other=Says())
    config = values(which=wrong)
    for _ in range(2):
        with pytest.raises(ConfigError, match="'default', 'other'"):
            await chain.ainvoke("hi", config)
        with pytest.raises(ConfigError, match="'default', 'other'"):
            await anext(chain.astream("hi", config))
    with pytest.raises(ConfigError, match="'default', 'other'"):
        next(RunnableParallel(a=chain, b=chain).transform(iter(["hi"]), config))
    messages: list[Any] = []
    with pytest.raises(ConfigError):
        list(chain.stream("hi", {**config, "callbacks": [messages.append]}))
    assert [message.kind for message in messages][-1] == "error"


def test_a_factory_is_called_once_and_only_when_it_is_chosen() -> None:
    made: list[Runnable[Any, Any]] = []
    begin = threading.Barrier(4)

    def make() -> Runnable[Any, Any]:
        made.append(RunnableLambda(lambda _: len(made)))
        return made[-1]

    chain = RunnableLambda(lambda _: 0).configurable_alternatives(WHICH, made=make)
    assert chain.invoke("hi") == 0
    assert not made

    def call() -> None:
        begin.wait()
        assert chain.invoke("hi", values(which="made")) == 1

    threads = [threading.Thread(target=call) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1


def test_what_is_no_alternative_is_refused() -> None:
    model = Says()
    with pytest.raises(CoercionError):
        model.configurable_alternatives(WHICH, other=1)

    def shout(text: str) -> str:
        return text

    with pytest.raises(ConfigError, match=r"function with arguments.*RunnableLambda\(shout\)"):
        model.configurable_alternatives(WHICH, other=shout)
    with pytest.raises(ConfigError, match="default_key"):
        model.configurable_alternatives(WHICH, default=model)
    chain = model.configurable_alternatives(WHICH, other=lambda: 1)
    with pytest.raises(CoercionError):
        chain.invoke("hi", values(which="other"))


def test_it_has_no_attributes_itself() -> None:
    chain = Says().configurable_alternatives(WHICH, other=Says())
    with pytest.raises(ConfigError, match="it has none"):
        chain.configurable_fields(a=WHICH)


def prefixed() -> Any:
    own = ConfigurableField(id="text")
    shared = ConfigurableField(id="shared", is_shared=True)
    return (
        Says()
        .configurable_fields(a=own, b=shared)
        .configurable_alternatives(
            WHICH,
            default_key="one",
            prefix_keys=True,
            two=Says(a="z").configurable_fields(a=own, b=shared),
        )
    )


def test_prefixes_tell_the_fields_of_alternatives_apart() -> None:
    chain = prefixed() | StrOutputParser()
    both = {"which==one/text": "1", "which==two/text": "2", "shared": "s"}
    assert chain.invoke("hi", values(**both)) == "1s"
    assert chain.invoke("hi", values(which="two", **both)) == "2s"
    assert chain.invoke("hi", values(which="two", shared="s")) == "zs"
    nested = prefixed().configurable_alternatives(ConfigurableField(id="top"), prefix_keys=True)
    deep = values(**{"top==default/which": "two", "top==default/which==two/text": "deep"})
    assert (nested | StrOutputParser()).invoke("hi", deep) == "deepb"
