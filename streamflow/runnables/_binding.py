"""A runnable with arguments and a config that each call starts from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

from ._base import Runnable
from ._config import RunnableConfig, merge_configs

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
        if isinstance(bound, RunnableBinding):
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

    async def _invoke_step(
        self,
        input: Any,
        at: At,
        tag: str | None,
        config: Mapping[str, Any] | None,
        kwargs: dict[str, Any],
    ) -> Any:
        return await self.bound._invoke_step(
            input, at, tag, self._merged(config), {**self.kwargs, **kwargs}
        )

    def _stream_step(
        self,
        inputs: AsyncIterator[Any],
        at: At,
        tag: str | None,
        config: Mapping[str, Any] | None,
        kwargs: dict[str, Any],
    ) -> AsyncIterator[Any]:
        return self.bound._stream_step(
            inputs, at, tag, self._merged(config), {**self.kwargs, **kwargs}
        )

    async def _execute(self, input: Any, run: Run, **kwargs: Any) -> Any:
        # Only a subclass that overrides a public method gets here, through super().
        return await self._invoke_step(input, run, None, None, kwargs)

    def _merged(self, config: Mapping[str, Any] | None) -> RunnableConfig:
        if not config:
            return self.config
        return merge_configs(self.config, cast("RunnableConfig", config))

    def __repr__(self) -> str:
        return repr(self.bound)
