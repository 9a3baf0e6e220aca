"""One of several runnables: chosen by conditions, or named by the input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from .._unset import Unset
from ..errors import ConfigError, MissingKeyError, StepInputError
from ..execution import closing
from ._base import Runnable
from ._coerce import coerce_to_runnable
from ._inputs import Once, collect
from ._parts import Parts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from ..bus import Run
    from ._lifecycle import At

Input = TypeVar("Input", contravariant=True)
Output = TypeVar("Output", covariant=True)


class RunnableBranch(Runnable[Input, Output]):
    """Runs the first runnable whose condition holds for the input.

    The conditions see the whole input; the chosen runnable's chunks are passed on.

    >>> from streamflow.runnables import RunnableBranch
    >>> sign = RunnableBranch(
    ...     (lambda number: number > 0, lambda number: "above"),
    ...     (lambda number: number < 0, lambda number: "below"),
    ...     lambda number: "zero",
    ... )
    >>> sign.invoke(-3)
    'below'

    Args:
        branches: Pairs of a condition and a runnable, and last the runnable for all other
            inputs. Functions will do for all of them.
        name: The name of its runs.

    Raises:
        ConfigError: there is no pair, or something is no pair.
        CoercionError: a part is not and does not become a runnable.
    """

    def __init__(self, *branches: Any, name: str | None = None) -> None:
        if len(branches) < 2:
            raise ConfigError(
                "a RunnableBranch needs at least one (condition, runnable) and a default"
            )
        *pairs, default = branches
        self.branches: list[tuple[Runnable[Any, Any], Runnable[Any, Any]]] = []
        for pair in pairs:
            if not isinstance(pair, (tuple, list)) or len(pair) != 2:
                raise ConfigError(
                    f"a RunnableBranch takes pairs (condition, runnable) before its default, "
                    f"got {pair!r}"
                )
            condition, runnable = pair
            self.branches.append((coerce_to_runnable(condition), coerce_to_runnable(runnable)))
        self.default = coerce_to_runnable(default)
        self.name = name
        parts = [part for pair in self.branches for part in pair]
        self._inline = all(part._inline for part in [*parts, self.default])

    async def _execute(self, input: Any, run: Run, **kwargs: Any) -> Any:
        runnable, tag = await self._choose(input, run)
        return await runnable._invoke_step(input, run, tag, None, kwargs)

    async def _iterate(
        self, inputs: AsyncIterator[Any], run: Run, **kwargs: Any
    ) -> AsyncIterator[Any]:
        whole = await collect(inputs)
        if isinstance(whole, Unset):
            return
        runnable, tag = await self._choose(whole, run)
        async with closing(runnable._stream_step(Once(whole), run, tag, None, kwargs)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def _choose(self, input: Any, run: Run) -> tuple[Runnable[Any, Any], str]:
        for number, (condition, runnable) in enumerate(self.branches, start=1):
            if await condition._invoke_step(input, run, f"condition:{number}", None, {}):
                return runnable, f"branch:{number}"
        return self.default, "branch:default"

    def _parts(self) -> Parts:
        branches = [(f"branch:{n}", each) for n, (_, each) in enumerate(self.branches, start=1)]
        labels = [
            condition.name or key
            for (condition, _), (key, _) in zip(self.branches, branches, strict=True)
        ]
        return Parts.of(
            "choice",
            [*branches, ("branch:default", self.default)],
            at_best="streams",
            labels=[*labels, "default"],
        )

    def __repr__(self) -> str:
        pairs = ", ".join(f"({condition!r}, {runnable!r})" for condition, runnable in self.branches)
        return f"RunnableBranch({pairs}, {self.default!r})"


class RouterRunnable(Runnable[Mapping[str, Any], Output]):
    """Runs the runnable that the input names: the input is ``{"key": ..., "input": ...}``.

    It has no run of its own: the runs are those of what is chosen.

    >>> from streamflow.runnables import RouterRunnable
    >>> router = RouterRunnable({"add": lambda x: x + 1, "double": lambda x: x * 2})
    >>> router.invoke({"key": "double", "input": 21})
    42

    Args:
        runnables: What may be chosen, by key: runnables, or what becomes one.

    Raises:
        CoercionError: one is not and does not become a runnable.
    """

    def __init__(self, runnables: Mapping[str, Any]) -> None:
        self.runnables = {key: coerce_to_runnable(each) for key, each in runnables.items()}
        self._inline = all(each._inline for each in self.runnables.values())

    async def _invoke_step(
        self,
        input: Any,
        at: At,
        tag: str | None,
        config: Mapping[str, Any] | None,
        kwargs: dict[str, Any],
    ) -> Any:
        if self._overrides:
            return await super()._invoke_step(input, at, tag, config, kwargs)
        runnable, inner = self._choose(input)
        return await runnable._invoke_step(inner, at, tag, config, kwargs)

    async def _stream_step(
        self,
        inputs: AsyncIterator[Any],
        at: At,
        tag: str | None,
        config: Mapping[str, Any] | None,
        kwargs: dict[str, Any],
    ) -> AsyncIterator[Any]:
        if self._overrides:
            chunks = super()._stream_step(inputs, at, tag, config, kwargs)
        else:
            whole = await collect(inputs)
            if isinstance(whole, Unset):
                return
            runnable, inner = self._choose(whole)
            chunks = runnable._stream_step(Once(inner), at, tag, config, kwargs)
        async with closing(chunks):
            async for chunk in chunks:
                yield chunk

    # Only a subclass that overrides a public method has a run, and gets here by super().

    async def _execute(self, input: Any, run: Run, **kwargs: Any) -> Any:
        runnable, inner = self._choose(input)
        return await runnable._invoke_step(inner, run, None, None, kwargs)

    def _choose(self, input: Any) -> tuple[Runnable[Any, Any], Any]:
        if not isinstance(input, Mapping):
            raise StepInputError(
                f'{self.get_name()} needs {{"key": ..., "input": ...}}, got '
                f"{type(input).__name__}: {input!r:.80}"
            )
        for key in ("key", "input"):
            if key not in input:
                raise MissingKeyError(self.get_name(), key, input)
        runnable = self.runnables.get(input["key"])
        if runnable is None:
            known = ", ".join(map(repr, self.runnables))
            raise StepInputError(
                f"{self.get_name()} has no runnable for the key {input['key']!r}, only for {known}"
            )
        return runnable, input["input"]

    def _parts(self) -> Parts:
        return Parts.of("choice", self.runnables.items(), at_best="streams")

    def __repr__(self) -> str:
        return f"RouterRunnable({self.runnables!r})"
