"""Models by their names, their arguments, and what they say when something is missing."""

from __future__ import annotations

import copy
import gc
import pickle
from typing import Any

import anyio
import anyio.to_thread
import pytest

import streamflow.chat_models
from streamflow._vendors._place import joined
from streamflow._vendors._secret import Secret
from streamflow._vendors._table import ALIASES, VENDORS
from streamflow.chat_models import (
    AzureChatOpenAI,
    ChatAnthropic,
    ChatBedrock,
    ChatDatabricks,
    ChatGroq,
    ChatMistralAI,
    ChatOllama,
    ChatOpenAI,
    ChatVertexAI,
    ChatWatsonx,
    init_chat_model,
)
from streamflow.errors import ConfigError, ModelArgumentError, ModelRateLimitError
from streamflow.language_models import ReplayChatModel
from streamflow.prompts import ChatPromptTemplate
from streamflow.runnables import ConfigurableField
from streamflow.testing import with_model
from tests.chat_models.dialect_openai import OPENAI
from tests.chat_models.server import Server


def pickled(model: Any) -> Any:
    return pickle.loads(pickle.dumps(model))


# ------------------------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("name", "provider", "cls", "model"),
    [
        ("groq:llama3-8b-8192", None, ChatGroq, "llama3-8b-8192"),
        ("llama3-8b-8192", "groq", ChatGroq, "llama3-8b-8192"),
        ("gpt-4o", None, ChatOpenAI, "gpt-4o"),
        ("o3-mini", None, ChatOpenAI, "o3-mini"),
        ("claude-sonnet-4-5", None, ChatAnthropic, "claude-sonnet-4-5"),
        ("anthropic.claude-3-haiku-20240307-v1:0", None, ChatBedrock, None),
        ("gemini-2.5-flash", None, ChatVertexAI, None),
        ("mistral-small", None, ChatMistralAI, None),
        ("ollama:llama3.2:1b", None, ChatOllama, "llama3.2:1b"),
        ("llama3.2:1b", "ollama", ChatOllama, "llama3.2:1b"),
        ("m", "Mistral-AI", None, None),
        ("azure:d-1", None, AzureChatOpenAI, "d-1"),
        ("ibm/granite", None, ChatWatsonx, "ibm/granite"),
    ],
)
def test_names(name: str, provider: str | None, cls: Any, model: str | None) -> None:
    if cls is None:
        with pytest.raises(ConfigError):
            init_chat_model(name, model_provider=provider)
        return
    made = init_chat_model(name, model_provider=provider, api_key="k")
    assert type(made) is cls
    assert made.model == (model or name)


def test_every_vendor_has_its_class_and_its_names() -> None:
    for vendor in VENDORS.values():
        cls = getattr(streamflow.chat_models, vendor.model_class)
        assert cls.vendor is vendor
        assert vendor.name in ALIASES.values() or vendor.name in VENDORS
    assert set(ALIASES.values()) <= set(VENDORS)


def test_an_unknown_provider_lists_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"'nobody'; known are anthropic, .*, watsonx"):
        init_chat_model("m", model_provider="nobody")
    with pytest.raises(ConfigError, match=r"whose model 'strange' is.*known are anthropic"):
        init_chat_model("strange")


@pytest.mark.parametrize("vendor", [v for v in VENDORS.values() if not v.keyless], ids=str)
def test_a_missing_key_names_its_variable(vendor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelArgumentError, match=f"set the environment variable {vendor.keys[0]}"):
        init_chat_model("m", model_provider=vendor.name)
    for name in vendor.keys:
        with monkeypatch.context() as patch:
            patch.setenv(name, "k")
            assert init_chat_model("m", model_provider=vendor.name).model == "m"


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, pickled], ids=lambda f: f.__name__)
@pytest.mark.parametrize(
    "model",
    [
        ChatOpenAI(model="m", api_key="k"),
        ChatBedrock(model="m", region="r"),
        ChatVertexAI(model="m", project="p"),
        ChatWatsonx(model="m", api_key="k", project_id="p"),
    ],
    ids=lambda model: type(model).__name__,
)
def test_models_can_be_copied(model: Any, copied: Any) -> None:
    other = copied(model)
    assert repr(other) == repr(model)
    assert other.api_key == model.api_key
    assert (other._clients is model._clients) == (copied is copy.copy)


# ------------------------------------------------------------------------ configurable


async def test_the_configuration_chooses(server: Server) -> None:
    server.answer(OPENAI.answer("a"))
    model = init_chat_model(api_key="k", base_url=server.url, max_retries=0)
    chain = ChatPromptTemplate.from_template("{x}") | model
    config: Any = {"configurable": {"model": "groq:m-2"}}
    assert [c.content async for c in chain.astream({"x": "Hi"}, config)] == ["a", ""]
    config["configurable"]["model"] = "m-3"
    config["configurable"]["model_provider"] = "openai"
    assert [c.content async for c in chain.astream({"x": "Hi"}, config)] == ["a", ""]
    assert [asked.json["model"] for asked in server.asked] == ["m-2", "m-3"]
    await model.aclose()


async def test_the_models_that_were_made_can_be_closed(server: Server) -> None:
    server.answer(OPENAI.answer("a"))
    async with init_chat_model(api_key="k", base_url=server.url) as model:
        bound = model.bind_tools([])
        for each in (model, bound):
            config: Any = {"configurable": {"model": "groq:m-2"}}
            assert [c.content async for c in each.astream("Hi", config)] == ["a", ""]
    assert server.connections == 1, "one model is made, whatever is done with it"
    assert await anyio.to_thread.run_sync(server.hung_up.wait, 10)


def test_the_models_that_were_made_can_be_closed_without_a_loop(server: Server) -> None:
    server.answer(OPENAI.answer("a"))
    given: Any = {"api_key": "k", "base_url": server.url}
    with init_chat_model("m", model_provider="openai", configurable_fields="any", **given) as model:
        # A value that is no key of a dict: the model is made anew each time.
        config: Any = {"configurable": {"default_headers": {"x-mine": "1"}}}
        assert [chunk.content for chunk in model.stream("Hi", config)] == ["a", ""]
    assert server.hung_up.wait(10)


async def test_a_model_that_was_made_may_be_dropped(server: Server) -> None:
    server.answer(OPENAI.answer("a"))
    model = init_chat_model(api_key="k", base_url=server.url)
    config: Any = {"configurable": {"model": "groq:m-2"}}
    assert [c.content async for c in model.astream("Hi", config)] == ["a", ""]
    del model
    gc.collect()
    assert await anyio.to_thread.run_sync(server.hung_up.wait, 10)
    gc.collect()  # what had not been closed would warn


def test_another_model_takes_the_place_of_the_chosen_one() -> None:
    """No key is needed for that, and what is done with the model is done with the other."""
    schema = {"title": "a", "properties": {"a": {"type": "integer"}}}
    asks = init_chat_model().with_structured_output(schema, method="json_mode")
    chain = ChatPromptTemplate.from_template("{x}") | asks
    other = ReplayChatModel(recording=['{"a": 1}'])
    assert with_model(chain, other).invoke({"x": "Hi"}) == {"a": 1}
    assert with_model(init_chat_model("gpt-4o", configurable_fields="any"), other) is other


def test_no_model_is_chosen() -> None:
    with pytest.raises(ConfigError, match=r"\['model'\]"):
        init_chat_model(api_key="k").invoke("Hi")


def test_a_chain_can_be_drawn_before_its_model_is_chosen() -> None:
    model = init_chat_model(groq_api_key="key-1", configurable_fields=("model", "groq_api_key"))
    chain = ChatPromptTemplate.from_template("{x}") | model
    assert "ConfigurableChatModel" in chain.get_graph().draw_mermaid()
    assert [spec.id for spec in chain.config_specs] == ["model", "groq_api_key"]
    assert "key-1" not in f"{chain.config_specs} {chain!r}"
    assert chain.InputType is not None


def test_only_the_named_fields_can_be_configured() -> None:
    model = init_chat_model("ollama:a", configurable_fields=("temperature",), config_prefix="first")
    chosen = model.choose({"first_temperature": 1, "temperature": 2, "first_model": "b"})
    assert (chosen.model, chosen.temperature) == ("a", 1)
    assert model.choose({"first_temperature": 1}) is chosen, "its connections are kept"


def test_any_field_can_be_configured() -> None:
    model = init_chat_model("ollama:a", configurable_fields="any")
    chosen = model.choose({"model": "groq:b", "api_key": "k", "temperature": 1, "thread_id": "t"})
    assert type(chosen) is ChatGroq
    assert chosen.temperature == 1


def test_a_chosen_model_has_the_tools() -> None:
    def add(a: int, b: int) -> int:
        """Add two numbers."""
        return a + b

    model = init_chat_model("ollama:a", configurable_fields="any").bind_tools([add])
    bound = model.choose({"model": "b"})
    assert bound.kwargs["tools"][0]["function"]["name"] == "add"


def test_fields_of_a_model_can_be_configured() -> None:
    model = ChatOllama(model="a", temperature=0)
    dynamic = model.configurable_fields(temperature=ConfigurableField(id="t"))
    other: Any = dynamic.choose({"t": 1})
    assert (other.model, other.temperature) == ("a", 1)
    assert model.temperature == 0


# --------------------------------------------------------------------------- arguments


def test_names_of_arguments_that_people_know() -> None:
    model = ChatGroq(model_name="m", groq_api_key="k", request_timeout=3, stop_sequences=["x"])
    assert (model.model, model.timeout, model.stop) == ("m", 3, ["x"])
    databricks = ChatDatabricks(endpoint="e", host="h.test", api_key="k")
    assert (databricks.model, databricks.base_url) == ("e", "h.test")
    azure = AzureChatOpenAI(azure_endpoint="https://x.test", deployment_name="d", api_key="k")
    assert (azure.azure_deployment, azure.base_url) == ("d", "https://x.test")
    with pytest.raises(ModelArgumentError, match="no argument"):
        ChatGroq(model="m", api_key="k", colour="blue")


def test_keys_are_not_shown() -> None:
    model = ChatOpenAI(model="m", api_key="key-1", default_headers={"x-secret": "key-1"})
    assert "key-1" not in f"{model!r} {model.api_key} {model.api_key!r}"
    assert model.api_key == Secret("key-1")
    assert model.api_key.get_secret_value() == "key-1"


@pytest.mark.parametrize(
    ("base", "path", "url"),
    [
        ("https://x.test/v1/", "/chat/completions", "https://x.test/v1/chat/completions"),
        ("https://x.test/v1", "/v1/messages", "https://x.test/v1/messages"),
        ("https://x.test/v1/messages", "/v1/messages", "https://x.test/v1/messages"),
        ("x.test", "/a/b", "https://x.test/a/b"),
        ("127.0.0.1:11434", "/api/chat", "http://127.0.0.1:11434/api/chat"),
        ("localhost:1", "/api/chat", "http://localhost:1/api/chat"),
    ],
)
def test_addresses(base: str, path: str, url: str) -> None:
    assert joined(base, path) == url


def test_what_is_missing_of_an_address() -> None:
    with pytest.raises(ModelArgumentError, match="AZURE_OPENAI_ENDPOINT"):
        AzureChatOpenAI(azure_deployment="d", api_version="1", api_key="k").invoke("Hi")
    with pytest.raises(ModelArgumentError, match="GOOGLE_CLOUD_PROJECT"):
        ChatVertexAI(model="m", api_key="k").invoke("Hi")
    with pytest.raises(ModelArgumentError, match="AWS_REGION"):
        ChatBedrock(model="anthropic.m", api_key="k").invoke("Hi")
    with pytest.raises(ModelArgumentError, match="WATSONX_PROJECT_ID"):
        ChatWatsonx(model="m", api_key="k", base_url="https://x.test").invoke("Hi")


def test_errors_can_be_copied() -> None:
    error = ModelRateLimitError("slow", vendor="v", model="m", status=429, retry_after=2.0)
    for other in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert type(other) is ModelRateLimitError
        assert str(other) == str(error) == "v: slow (model 'm', status 429, retry after 2 s)"
        assert other.retry_after == 2
