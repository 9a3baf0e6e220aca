"""Where handlers come from: the config, the model's constructor, a bus; and who inherits."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import define

from streamflow.bus import Bus, EventFilter
from streamflow.callbacks import BaseCallbackHandler
from streamflow.errors import ConfigError
from streamflow.language_models import FakeListChatModel, SimpleChatModel
from streamflow.runnables import (
    Runnable,
    RunnableConfig,
    RunnableLambda,
    ensure_config,
    merge_configs,
)
from tests.callbacks.recorders import Recorder


def run_names(handler: Recorder) -> list[str]:
    return [kwargs["name"] for _, _, kwargs in handler.of("on_chain_start")]


def outer(inner: Runnable[Any, Any]) -> Runnable[Any, Any]:
    def call(x: Any) -> Any:
        return inner.invoke(x)

    return RunnableLambda(call, name="outer")


INNER = RunnableLambda(lambda x: x, name="inner")


@pytest.mark.parametrize("form", [lambda h: h, lambda h: [h], lambda h: (h,), lambda h: [h, h]])
def test_the_runs_below_inherit_the_handlers_of_a_config(form: Any) -> None:
    handler = Recorder()
    outer(INNER).invoke(1, {"callbacks": form(handler)})
    assert run_names(handler) == ["outer", "inner"]


def test_handlers_and_functions_listen_side_by_side() -> None:
    handler, messages = Recorder(), []
    outer(INNER).invoke(1, {"callbacks": [handler, messages.append]})
    assert run_names(handler) == ["outer", "inner"]
    assert [message.kind for message in messages] == ["start", "start", "end", "end"]


def test_a_handler_that_is_inherited_and_given_again_is_called_once() -> None:
    handler = Recorder()
    again = RunnableLambda(lambda x: INNER.invoke(x, {"callbacks": [handler]}), name="outer")
    again.invoke(1, {"callbacks": [handler]})
    assert run_names(handler) == ["outer", "inner"]


def test_two_handlers_that_are_equal_are_two() -> None:
    called = []

    @define
    class Equal(BaseCallbackHandler):
        def on_chain_start(self, *_: Any, **__: Any) -> None:
            called.append(1)

    assert Equal() == Equal()
    INNER.invoke(1, {"callbacks": [Equal(), Equal()]})
    assert called == [1, 1]


def test_a_handler_of_a_call_inside_hears_of_that_call_only() -> None:
    handler = Recorder()
    inner = RunnableLambda(lambda x: INNER.invoke(x, {"callbacks": [handler]}), name="outer")
    inner.invoke(1)
    assert run_names(handler) == ["inner"]


def test_the_callbacks_that_code_is_given_can_be_passed_on_with_more() -> None:
    above, below = Recorder(), Recorder()

    def code(x: Any, config: RunnableConfig) -> Any:
        return INNER.invoke(x, {"callbacks": [config["callbacks"], below]})

    RunnableLambda(code, name="outer").invoke(1, {"callbacks": [above]})
    assert run_names(above) == ["outer", "inner"]
    assert run_names(below) == ["inner"]
    parents = {kwargs["name"]: kwargs["parent_run_id"] for _, _, kwargs in above.calls}
    assert parents["inner"] == above.calls[0][2]["run_id"]


def test_a_binding_adds_its_handlers_to_those_of_the_call() -> None:
    bound, called = Recorder(), Recorder()
    with_config = INNER.with_config(callbacks=[bound])

    def code(x: Any, config: RunnableConfig) -> Any:
        return with_config.invoke(x, config)

    RunnableLambda(code, name="outer").invoke(1, {"callbacks": called})
    assert run_names(bound) == ["inner"]
    assert run_names(called) == ["outer", "inner"]


def test_merged_configs_have_the_handlers_of_all() -> None:
    first, second, third = Recorder(), Recorder(), Recorder()
    merged = merge_configs(
        {"callbacks": first}, {"callbacks": [second]}, None, {"callbacks": third}
    )
    assert merged["callbacks"] == [first, second, third]


def test_ensure_config_keeps_the_handlers_it_is_given() -> None:
    handler = Recorder()
    INNER.invoke(1, ensure_config({"callbacks": [handler]}))
    assert run_names(handler) == ["inner"]

    def code(x: Any) -> Any:
        return INNER.invoke(x, ensure_config({"callbacks": [handler]}))

    above = Recorder()
    RunnableLambda(code, name="outer").invoke(1, {"callbacks": [above]})
    assert run_names(handler) == ["inner", "inner"]
    assert run_names(above) == ["outer", "inner"]


def test_the_handlers_of_a_model_hear_of_its_own_runs_only() -> None:
    class Asking(SimpleChatModel):
        def _call(self, messages: Any, **_: Any) -> str:
            return INNER.invoke("answer")

    handler, above = Recorder(), Recorder()
    model = Asking(callbacks=[handler])
    (INNER | model).invoke("hi", {"callbacks": [above]})
    assert handler.names == [("on_chat_model_start", "Asking"), ("on_llm_end", "Asking")]
    assert ("on_chain_start", "inner") in above.names
    assert ("on_chat_model_start", "Asking") in above.names
    handler.calls.clear()
    model.invoke("hi", {"callbacks": [handler]})
    assert [method for method, name in handler.names if name == "Asking"] == [
        "on_chat_model_start",
        "on_llm_end",
    ]


def test_a_model_may_get_its_handlers_later() -> None:
    handler, messages = Recorder(), []
    model = FakeListChatModel(responses=["a"])
    model.invoke("hi")
    model.callbacks = [handler, messages.append]
    list(model.stream("hi"))
    assert len(handler.of("on_llm_new_token")) == 1
    assert [message.kind for message in messages] == ["start", "stream", "end"]


def test_a_bus_takes_a_handler_for_a_listener() -> None:
    bus, handler = Bus(), Recorder()
    stop = bus.listen(handler, EventFilter(include_names=["inner"]))
    with bus.active():
        outer(INNER).invoke(1)
        stop()
        outer(INNER).invoke(1)
    assert run_names(handler) == ["inner"]


def test_the_process_can_have_a_handler() -> None:
    bus, handler = Bus(), Recorder()
    bus.listen(handler)
    bus.install()
    try:
        outer(INNER).invoke(1)
    finally:
        bus.close()
    assert run_names(handler) == ["outer", "inner"]


@pytest.mark.parametrize("callbacks", [7, ["log"], [object()], {"a": 1}])
def test_what_cannot_listen_is_refused(callbacks: Any) -> None:
    with pytest.raises(ConfigError, match="must hold callback handlers or functions"):
        INNER.invoke(1, {"callbacks": callbacks})
