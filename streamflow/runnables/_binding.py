"""A runnable with arguments and a config that each call starts from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

from ._base import Runnable
from ._config import RunnableConfig, merge_configs
from ._parts import Parts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from ..bus import Run
    from ._lifecycle import At

Input = TypeVar("Input", contravariant=True)
Output = TypeVar("Output", covariant=True)


class RunnableBinding(Runnable[Input, Output]):
    """Calls another runnable with keyword arguments and a config of its own.

    It has no run of its own. Made by ``runnable.bind(...)`` and
    ``runnable.with_config(...)``.

    Args:
        bound: The runnable.
        kwargs: Keyword arguments for each call; those of the call count more.
        config: A config for each call; the call's own is merged over it.

    >>> from streamflow.runnables import RunnableBinding, RunnableLambda
    >>> loud = RunnableBinding(RunnableLambda(len), config={"tags": ["loud"]})
    >>> loud.invoke("abc")
    3
    """

    def __init__(
        self,
        bound: Runnable[Input, Output],
        *,
        kwargs: Mapping[str, Any] | None = None,
        config: RunnableConfig | None = None,
    ) -> None:
        self.bound: Runnable[Input, Output] = bound
        self.kwargs = dict(kwargs or {})
        self.config: RunnableConfig = config or {}
        if type(bound) is RunnableBinding:
            self.bound = bound.bound
            self.kwargs = {**bound.kwargs, **self.kwargs}
            self.config = merge_configs(bound.config, self.config)
        self._inline = self.bound._inline

    def get_name(self, suffix: str | None = None) -> str:
        """Return ``run_name`` of the config, or the name of the runnable."""
        name = self.config.get("run_name")
        if name:
            return f"{name}{suffix.title()}" if suffix else name
        return self.bound.get_name(suffix)

    def _call_config(self, config: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
        return self._merged(config)

    async def _invoke_step(
        self,
        input: Any,
        at: At,
        tag: str | None,
        config: Mapping[str, Any] | None,
        kwargs: dict[str, Any],
    ) -> Any:
        config = self._merged(config)
        if self._overrides:
            return await super()._invoke_step(input, at, tag, config, kwargs)
        return await self.bound._invoke_step(input, at, tag, config, {**self.kwargs, **kwargs})

    def _stream_step(
        self,
        inputs: AsyncIterator[Any],
        at: At,
        tag: str | None,
        config: Mapping[str, Any] | None,
        kwargs: dict[str, Any],
    ) -> AsyncIterator[Any]:
        config = self._merged(config)
        if self._overrides:
            return super()._stream_step(inputs, at, tag, config, kwargs)
        return self.bound._stream_step(inputs, at, tag, config, {**self.kwargs, **kwargs})

    # Only a subclass that overrides a public method has a run, and gets here by super().

    async def _execute(self, input: Any, run: Run, **kwargs: Any) -> Any:
        return await self.bound._invoke_step(input, run, None, None, {**self.kwargs, **kwargs})

    def _iterate(self, inputs: AsyncIterator[Any], run: Run, **kwargs: Any) -> AsyncIterator[Any]:
        return self.bound._stream_step(inputs, run, None, None, {**self.kwargs, **kwargs})

    def _merged(self, config: Mapping[str, Any] | None) -> RunnableConfig:
        if not config:
            return self.config
        return merge_configs(self.config, cast("RunnableConfig", config))

    def _parts(self) -> Parts:
        return Parts.of("same", [("bound", self.bound)])

    def __repr__(self) -> str:
        return repr(self.bound)
