"""A chat model by its name, or one that the configuration of a call chooses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, overload
from weakref import WeakSet

from .._fields import fields_of
from .._vendors._secret import hidden
from .._vendors._table import VENDORS, Vendor, vendor_named, vendor_of_model
from ..errors import ConfigError
from ..language_models import BaseChatModel, LanguageModelInput
from ..messages import AIMessage
from ..runnables import ConfigurableFieldSpec, DynamicRunnable
from ..runnables._configurable import _Kept
from ._anthropic import ChatAnthropic
from ._azure import AzureChatOpenAI
from ._bedrock import ChatBedrock, ChatBedrockConverse
from ._ollama import ChatOllama
from ._openai import (
    ChatCohere,
    ChatDatabricks,
    ChatFireworks,
    ChatGroq,
    ChatMistralAI,
    ChatNVIDIA,
    ChatOpenAI,
    ChatOpenRouter,
    ChatTogether,
)
from ._vertex import ChatVertexAI
from ._watsonx import ChatWatsonx

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from typing_extensions import Self

    from ..runnables import Runnable
    from ._model import VendorChatModel

_CLASSES: dict[str, type[VendorChatModel]] = {
    each.vendor.name: each
    for each in (
        AzureChatOpenAI,
        ChatAnthropic,
        ChatBedrock,
        ChatBedrockConverse,
        ChatCohere,
        ChatDatabricks,
        ChatFireworks,
        ChatGroq,
        ChatMistralAI,
        ChatNVIDIA,
        ChatOllama,
        ChatOpenAI,
        ChatOpenRouter,
        ChatTogether,
        ChatVertexAI,
        ChatWatsonx,
    )
}
_WHICH = ("model", "model_provider")
_SETTINGS = frozenset(_WHICH).union(*map(fields_of, _CLASSES.values()))


@overload
def init_chat_model(
    model: str,
    *,
    model_provider: str | None = None,
    configurable_fields: None = None,
    config_prefix: str | None = None,
    **kwargs: Any,
) -> VendorChatModel: ...
@overload
def init_chat_model(
    model: str | None = None,
    *,
    model_provider: str | None = None,
    configurable_fields: Literal["any"] | Sequence[str] | None = None,
    config_prefix: str | None = None,
    **kwargs: Any,
) -> ConfigurableChatModel: ...
def init_chat_model(
    model: str | None = None,
    *,
    model_provider: str | None = None,
    configurable_fields: Literal["any"] | Sequence[str] | None = None,
    config_prefix: str | None = None,
    **kwargs: Any,
) -> VendorChatModel | ConfigurableChatModel:
    """Return the chat model of a name.

    >>> from streamflow.chat_models import init_chat_model
    >>> init_chat_model("groq:llama3-8b-8192", api_key="gsk-…", temperature=0)
    ChatGroq(model='llama3-8b-8192', temperature=0)

    With ``configurable_fields``, or without a model, the configuration of a call decides:

    >>> model = init_chat_model("llama3.2", model_provider="ollama", configurable_fields="any")
    >>> model.choose({"model": "qwen3", "temperature": 1})
    ChatOllama(model='qwen3', temperature=1)

    Args:
        model: The name of the model, with that of the vendor before it or without:
            ``"groq:llama3-8b-8192"``, ``"gpt-4o"``.
        model_provider: The name of the vendor; if it stands nowhere, the beginning of the
            model's name may tell, as that of ``gpt-4o`` does.
        configurable_fields: The arguments that a call may set; ``"any"`` for all, among them
            the address and the key, so the configuration must come from somebody trusted.
            If not given, those are none; but ``model`` and ``model_provider``, if there is
            no model.
        config_prefix: What stands before their names in the configuration: with ``"first"``,
            it is ``first_model``.
        kwargs: Arguments of the model, such as ``temperature`` and ``api_key``.

    Raises:
        ConfigError: there is no such vendor, or nothing tells which it is.
        ModelArgumentError: the model does not have an argument, or a key is missing.
    """
    if model is not None and configurable_fields is None:
        return _made(model, model_provider, kwargs)
    fields = _WHICH if configurable_fields is None else configurable_fields
    given = {"model": model, "model_provider": model_provider, **kwargs}
    defaults = {
        name: hidden(value) if name.endswith(("api_key", "token")) else value
        for name, value in given.items()
        if value is not None
    }
    return ConfigurableChatModel(
        defaults,
        fields if fields == "any" else tuple(fields),
        f"{config_prefix}_" if config_prefix else "",
    )


def _made(model: str, provider: str | None, arguments: Mapping[str, Any]) -> VendorChatModel:
    vendor, name = _vendor(model, provider)
    return _CLASSES[vendor.name](model=name, **arguments)


def _vendor(model: str, provider: str | None) -> tuple[Vendor, str]:
    """Return the vendor of a model, and its name for the model."""
    if provider is not None:
        vendor = vendor_named(provider)
        if vendor is None:
            raise ConfigError(f"there is no model provider {provider!r}; {_known()}")
        return vendor, model
    before, colon, rest = model.partition(":")
    # A name may have a colon of its own: that of a version.
    vendor = vendor_named(before) if colon else None
    if vendor is not None:
        return vendor, rest
    vendor = vendor_of_model(model)
    if vendor is None:
        raise ConfigError(
            f"nothing tells whose model {model!r} is. Write the provider before it, as in "
            f"'groq:llama3-8b-8192', or give model_provider=; {_known()}"
        )
    return vendor, model


def _provider_of(model: str, defaults: Mapping[str, Any]) -> str | None:
    """Return whose model a call chooses, if its name does not tell: the one's of the default."""
    if vendor_named(model.partition(":")[0]) and ":" in model:
        return None
    before, colon, _ = defaults.get("model", "").partition(":")
    given: str | None = defaults.get("model_provider")
    if given is None and colon and vendor_named(before) and not vendor_of_model(model):
        return str(before)
    return given


def _known() -> str:
    return f"known are {', '.join(sorted(VENDORS))}"


class _Made:
    """The models that were made, for whoever chooses the same ones and does more with them."""

    def __init__(self) -> None:
        self.kept: _Kept[BaseChatModel] = _Kept()
        # Also those that are not kept any more, but in use.
        self.open: WeakSet[VendorChatModel] = WeakSet()


class _NoModel(BaseChatModel):
    """Stands where no model is chosen yet: a chain with it can be drawn, but not run."""

    _takes_openai_tools = True
    _takes_response_format = True

    key: str
    name: str | None = "ConfigurableChatModel"

    def _stream(self, messages: Any, stop: Any = None, **kwargs: Any) -> Any:
        raise ConfigError(
            f"no model is chosen: set config['configurable'][{self.key!r}], or give "
            f"init_chat_model a model"
        )


class ConfigurableChatModel(DynamicRunnable[LanguageModelInput, AIMessage]):
    """A chat model that the configuration of a call chooses; made by `init_chat_model`.

    The connections of the models that it makes are closed with their event loop, or sooner by
    ``async with model:`` (or ``with model:`` without a loop).

    Args:
        defaults: The arguments of `init_chat_model` that hold if a call says nothing.
        fields: Those that a call may set, or ``"any"``.
        prefix: What stands before their names in ``config["configurable"]``.
        steps: What is done with the chosen model: methods, with their arguments.
    >>> from streamflow.chat_models import init_chat_model
    >>> model = init_chat_model(api_key="…").with_config(configurable={"model": "groq:llama3"})
    """

    def __init__(
        self,
        defaults: Mapping[str, Any],
        fields: Literal["any"] | tuple[str, ...],
        prefix: str = "",
        steps: tuple[tuple[str, tuple[Any, ...], Mapping[str, Any]], ...] = (),
    ) -> None:
        self._defaults = dict(defaults)
        self._fields = fields
        self._prefix = prefix
        self._steps = steps
        self._made = _Made()
        self._models: _Kept[Runnable[LanguageModelInput, AIMessage]] = _Kept()

    async def aclose(self) -> None:
        """Close the connections of all models that were made, which can be used again.

        Those of the running event loop are closed, and those made without a loop.
        """
        for model in list(self._made.open):
            await model.aclose()

    def close(self) -> None:
        """Close the connections that were made without an event loop."""
        for model in list(self._made.open):
            model.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.aclose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    @property
    def default(self) -> Runnable[LanguageModelInput, AIMessage]:  # type: ignore[override]  # made when asked for
        """The model where nothing is configured."""
        return self.choose({})

    def choose(self, configurable: Mapping[str, Any]) -> Runnable[LanguageModelInput, AIMessage]:
        """Return the model that these values choose; if none, one that fails and says so.

        Raises:
            ConfigError: there is no such vendor, or nothing tells which it is.
            ModelArgumentError: a key is missing, or the model has no such argument.
        """
        given = {
            name.removeprefix(self._prefix): value
            for name, value in configurable.items()
            if name.startswith(self._prefix)
        }
        chosen = {name: value for name, value in given.items() if self._may_set(name)}
        return self._models.get(chosen, lambda: self._with_model(self._chosen_model(chosen)))

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> ConfigurableChatModel:
        """Return this model with tools, whichever it will be; see `BaseChatModel.bind_tools`."""
        return self._then("bind_tools", (tools,), kwargs)

    def with_structured_output(self, schema: Any, **kwargs: Any) -> ConfigurableChatModel:
        """Return this model with answers of a schema; see `BaseChatModel`."""
        return self._then("with_structured_output", (schema,), kwargs)

    def _then(
        self, method: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> ConfigurableChatModel:
        steps = (*self._steps, (method, args, kwargs))
        more = type(self)(self._defaults, self._fields, self._prefix, steps)
        more._made = self._made
        return more

    def _may_set(self, name: str) -> bool:
        if self._fields != "any":
            return name in self._fields
        # The configuration of a call is for all that runs in it; without a prefix only what
        # a model can be told is meant for one.
        return bool(self._prefix) or name in _SETTINGS

    def _with_model(self, model: Any) -> Any:
        """Return ``model`` with what is done with the chosen ones."""
        for method, args, kwargs in self._steps:
            model = getattr(model, method)(*args, **kwargs)
        return model

    def _chosen_model(self, chosen: Mapping[str, Any]) -> BaseChatModel:
        return self._made.kept.get(chosen, lambda: self._make(chosen))

    def _make(self, chosen: Mapping[str, Any]) -> BaseChatModel:
        arguments = {**self._defaults, **chosen}
        model, provider = (arguments.pop(name, None) for name in _WHICH)
        if "model_provider" not in chosen and "model" in chosen:
            provider = _provider_of(chosen["model"], self._defaults)
        if model is None:
            return _NoModel(key=f"{self._prefix}model")
        made = _made(model, provider, arguments)
        self._made.open.add(made)
        return made

    def _config_specs(self, seen: set[int]) -> list[ConfigurableFieldSpec]:
        names = _WHICH if self._fields == "any" else self._fields
        return [
            ConfigurableFieldSpec(
                id=self._prefix + name, annotation=Any, default=self._defaults.get(name)
            )
            for name in names
        ]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._defaults.get('model')!r}, fields={self._fields!r})"
