"""``with_model``: another model wherever a chain holds one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from streamflow.errors import ConfigError
from streamflow.graph import create_react_agent
from streamflow.language_models import BaseChatModel, FakeListChatModel, ReplayChatModel
from streamflow.messages import AIMessage, AIMessageChunk
from streamflow.output_parsers import OutputFixingParser, StrOutputParser
from streamflow.prompts import ChatPromptTemplate
from streamflow.runnables import (
    ConfigurableField,
    DynamicRunnable,
    RouterRunnable,
    Runnable,
    RunnableBranch,
    RunnableLambda,
    RunnableParallel,
    RunnablePassthrough,
)
from streamflow.testing import Recording, with_model
from tests.testing.scripts import Vendor


class Never(BaseChatModel):
    """Fails the test if it is asked."""

    _takes_openai_tools = True

    model: str = "never"

    def _generate(self, *args: Any, **kwargs: Any) -> Any:
        raise AssertionError("the model of the chain was asked")


class Holder(Runnable[Any, Any]):
    """A runnable of a user's own, with slots and in a dict."""

    def __init__(self, model: Any) -> None:
        self._within = {"deep": [(model, 1)]}

    def invoke(self, input: Any, config: Any = None, **kwargs: Any) -> Any:
        return self._within["deep"][0][0].invoke(input, config)


def weather(city: str) -> str:
    """Tell the weather of a city."""
    return city


never = Never()
prompt = ChatPromptTemplate.from_template("{x}")

CHAINS: dict[str, Callable[[], Runnable[Any, Any]]] = {
    "model": lambda: never,
    "sequence": lambda: prompt | never | StrOutputParser(),
    "nested": lambda: RunnablePassthrough() | (prompt | never).with_config(run_name="inner"),
    "parallel": lambda: (
        RunnableParallel(a=prompt | never, b=prompt | never) | (lambda both: both["b"])
    ),
    "assign": lambda: RunnablePassthrough.assign(y=prompt | never) | (lambda both: both["y"]),
    "branch": lambda: RunnableBranch((lambda x: False, len), never),
    "router": lambda: RouterRunnable({"k": never}),
    "bound": lambda: never.bind(stop=["x"]),
    "tools": lambda: never.bind_tools([weather]),
    "retry": never.with_retry,
    "fallbacks": lambda: RunnableLambda(lambda x: 1 / 0).with_fallbacks([never]),
    "timeout": lambda: never.with_timeout(total=60),
    "each": lambda: prompt.map() | never.map() | (lambda answers: answers[0]),
    "listeners": lambda: never.with_listeners(on_start=lambda run: None),
    "fields": lambda: never.configurable_fields(model=ConfigurableField(id="model")),
    "alternatives": lambda: never.configurable_alternatives(ConfigurableField(id="w"), x=never),
    "a user's own": lambda: Holder(never),
    "fixing parser": lambda: (
        RunnableLambda(lambda _: "not json")
        | OutputFixingParser.from_llm(parser=StrOutputParser(), llm=never)
        | (lambda _: AIMessage("yes"))
    ),
}

VARIABLES = {"x": "hm"}
INPUTS: dict[str, Any] = {
    "sequence": VARIABLES,
    "nested": VARIABLES,
    "parallel": VARIABLES,
    "assign": VARIABLES,
    "each": [VARIABLES],
    "router": {"key": "k", "input": "hm"},
}


@pytest.mark.parametrize("name", CHAINS)
async def test_every_place(name: str) -> None:
    changed = with_model(CHAINS[name](), ReplayChatModel(recording=["y", "es"]))
    given = INPUTS.get(name, "hm")
    for output in (changed.invoke(given), await changed.ainvoke(given)):
        assert getattr(output, "content", output) == "yes"


def test_the_chain_itself_stays_as_it_is() -> None:
    chain = prompt | never | StrOutputParser()
    with_model(chain, ReplayChatModel(recording=["x"]))
    assert chain.steps[1] is never
    with pytest.raises(AssertionError):
        chain.invoke({"x": 1})


def test_what_has_no_model_is_shared() -> None:
    chain = prompt | never | StrOutputParser()
    changed = with_model(chain, ReplayChatModel(recording=["x"]))
    assert (changed.steps[0], changed.steps[2]) == (chain.steps[0], chain.steps[2])
    assert changed.steps[0] is chain.steps[0]


def test_names_and_tools_stay() -> None:
    chain: Any = never.bind_tools([weather]).with_config(run_name="asks", tags=["t"])
    changed: Any = with_model(chain, FakeListChatModel(responses=["x"]))
    assert changed.kwargs == chain.kwargs
    assert changed.get_name() == "asks"


def test_a_chain_without_a_model() -> None:
    chain = RunnableLambda(never.invoke, name="asks")
    with pytest.raises(ConfigError, match="asks holds no chat model .* as an argument"):
        with_model(chain, never)


def test_what_holds_itself() -> None:
    class Loop(Runnable[Any, Any]):
        def __init__(self) -> None:
            self.me, self.model = self, never

        def invoke(self, input: Any, config: Any = None, **kwargs: Any) -> Any:
            return self.model.invoke(input)

    assert with_model(Loop(), ReplayChatModel(recording=["yes"])).invoke("x").content == "yes"


class Chooser(DynamicRunnable[Any, Any]):
    """Makes a model when it is asked for, and does something with it."""

    default = never

    def choose(self, configurable: Any) -> Runnable[Any, Any]:
        return never | StrOutputParser()

    def _with_model(self, model: BaseChatModel) -> Runnable[Any, Any]:
        return model | StrOutputParser()


def test_a_model_that_is_made_when_it_is_asked_for() -> None:
    chain = RunnablePassthrough() | Chooser()
    assert with_model(chain, ReplayChatModel(recording=["yes"])).invoke("x") == "yes"


def test_an_agent_against_a_recorded_conversation() -> None:
    agent = create_react_agent(never, [weather])
    asks = Recording.of([*Vendor().parts])
    says = Recording.of(["It is ", "sunny."])
    replayed = with_model(agent, ReplayChatModel(recording=[asks, says]))
    state = replayed.invoke({"messages": [("user", "What is it like in Bern?")]})
    assert [message.type for message in state["messages"]] == ["human", "ai", "tool", "ai"]
    assert state["messages"][1].tool_calls[0]["args"] == {"city": "Bern"}
    assert state["messages"][1].usage_metadata["total_tokens"] == 7
    assert [m.content for m in state["messages"][2:]] == ["Bern", "It is sunny."]


def test_a_chunk_is_no_recording() -> None:
    model = ReplayChatModel(recording=[AIMessageChunk("a"), AIMessageChunk("b")])
    assert [chunk.content for chunk in model.stream("x")] == ["a", "b"]
