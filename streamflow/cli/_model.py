"""The model that is to be used in the place of the chain's own."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any

from attrs import frozen

from ..errors import ConfigError
from ..language_models import BaseChatModel, ReplayChatModel
from ._status import Refusal

if TYPE_CHECKING:
    from ..runnables import Runnable

VARIABLE = "STREAMFLOW_MODEL"

_REPLAY = "replay:"


@frozen
class ModelChoice:
    """A model as it was named."""

    name: str
    """``VENDOR:MODEL``, or ``replay:FILE``."""
    by: str
    """Where: the option, or the environment variable."""

    def make(self) -> BaseChatModel:
        """Return the model.

        Raises:
            Refusal: there is none of that name, or it cannot be used.
        """
        try:
            if self.name.startswith(_REPLAY):
                return ReplayChatModel.load(self.name.removeprefix(_REPLAY))
            # The client is heavy, and an extra.
            from ..chat_models import init_chat_model  # noqa: PLC0415 - only where it is asked for

            model: BaseChatModel = init_chat_model(self.name)
        except OSError as error:
            file = self.name.removeprefix(_REPLAY)
            raise Refusal(f"{self.by}: cannot read {file!r}: {error.strerror}") from error
        except Exception as error:
            raise Refusal(f"{self.by} {self.name}: {error}") from error
        return model

    def put_in(self, chain: Runnable[Any, Any], target: str) -> Runnable[Any, Any]:
        """Return a copy of a chain that uses the model.

        A variable may be set for other chains: one without a model stays as it is.

        Raises:
            Refusal: it was asked for by an option, and there is no model in the chain.
        """
        from ..testing._swap import Swap  # noqa: PLC0415 - as above

        make = cache(self.make)
        try:
            changed: Runnable[Any, Any] = Swap(lambda _: make(), whole=True).within(chain)
        except ConfigError as error:
            if self.by == VARIABLE:
                return chain
            raise Refusal(
                f"{self.by} {self.name}: {target} has no chat model in a place where another can "
                f"be put. Make it a function of `model` that returns the chain."
            ) from error
        return changed


def chosen_model(option: str | None) -> ModelChoice | None:
    """Return the model that the option names, or else the environment."""
    if option is not None:
        return ModelChoice(option, "--model")
    name = os.environ.get(VARIABLE)
    return ModelChoice(name, VARIABLE) if name else None
