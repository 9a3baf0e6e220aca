"""The methods that combine runnables: ``|``, ``pipe``, ``bind``, ``with_config``, ...

Each needs subclasses of the very class it is a method of. This is the one file that
imports upwards, inside its functions, so that no other has to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast, overload

from ._fluent_batch import Batches
from ._fluent_configurable import Configurables
from ._fluent_pipe import Pipes
from ._fluent_resilience import Resilience
from ._fluent_tool import Tools
from ._fluent_types import Typed
from ._fluent_views import Views

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from ..bus._scope import Scope
    from ..drawing import Graph
    from ._base import Runnable
    from ._config import RunnableConfig
    from ._explain import Explanation
    from ._sequence import RunnableSequence

Input = TypeVar("Input", contravariant=True)
Output = TypeVar("Output", covariant=True)


class Fluent(
    Pipes[Input, Output],
    Batches[Input, Output],
    Resilience[Input, Output],
    Typed[Input, Output],
    Configurables[Input, Output],
    Tools[Input, Output],
    Views[Input, Output],
    Generic[Input, Output],
):
    """The part of the Runnable interface that makes runnables out of runnables."""

    def _row(self, steps: tuple[Any, ...], name: str | None) -> RunnableSequence[Any, Any]:
        from ._sequence import RunnableSequence

        return RunnableSequence(*steps, name=name)

    def with_config(
        self, config: RunnableConfig | None = None, **kwargs: Any
    ) -> Runnable[Input, Output]:
        """Return this runnable with a config that each call starts from.

        Args:
            config: The config.
            kwargs: Its keys, given as keywords; they count more.

        >>> from streamflow.runnables import RunnableLambda
        >>> RunnableLambda(len).with_config(run_name="count").get_name()
        'count'
        """
        from ._binding import RunnableBinding
        from ._config import merge_configs

        merged = merge_configs(config, cast("RunnableConfig", kwargs))
        return RunnableBinding(_runnable(self), config=merged)

    def with_listeners(
        self,
        *,
        on_start: Callable[..., object] | None = None,
        on_end: Callable[..., object] | None = None,
        on_error: Callable[..., object] | None = None,
    ) -> Runnable[Input, Output]:
        """Return this runnable with functions that hear of its runs, not of those below.

        Each is called with a ``RunRecord``, and with the config of the run if it takes two
        arguments. A function that fails is logged and harms nothing.

        Args:
            on_start: Called when a run has started.
            on_end: Called when it has ended.
            on_error: Called when it has failed or was stopped.

        >>> from streamflow.runnables import RunnableLambda
        >>> add = RunnableLambda(lambda x: x + 1)
        >>> add.with_listeners(on_end=lambda run: print("made", run.outputs)).invoke(1)
        made 2
        2
        """
        from ._listeners import listening

        return self.with_config(listening(on_start, on_end, on_error, is_async=False))

    def with_alisteners(
        self,
        *,
        on_start: Callable[..., Awaitable[object]] | None = None,
        on_end: Callable[..., Awaitable[object]] | None = None,
        on_error: Callable[..., Awaitable[object]] | None = None,
    ) -> Runnable[Input, Output]:
        """Return this runnable with async functions; as :meth:`with_listeners`, awaited.

        >>> from streamflow.runnables import RunnableLambda
        >>> async def ended(run):
        ...     print("made", run.outputs)
        >>> RunnableLambda(lambda x: x + 1).with_alisteners(on_end=ended).invoke(1)
        made 2
        2
        """
        from ._listeners import listening

        return self.with_config(listening(on_start, on_end, on_error, is_async=True))

    def bind(self, **kwargs: Any) -> Runnable[Input, Output]:
        """Return this runnable with keyword arguments that each call gets.

        >>> from streamflow.language_models import FakeListChatModel
        >>> FakeListChatModel(responses=["Hi!"]).bind(stop=["."]).invoke("hello").content
        'Hi!'
        """
        from ._binding import RunnableBinding

        return RunnableBinding(_runnable(self), kwargs=kwargs)

    def assign(self, **branches: Any) -> RunnableSequence[Input, dict[str, Any]]:
        """Return a sequence that adds keys to the dict that this runnable yields.

        Args:
            branches: For each key, what makes its value out of the dict.

        >>> from streamflow.runnables import RunnablePassthrough
        >>> sized = RunnablePassthrough().assign(size=lambda given: len(given["text"]))
        >>> sized.invoke({"text": "abc"})
        {'text': 'abc', 'size': 3}
        """
        from ._passthrough import RunnablePassthrough

        return self.pipe(RunnablePassthrough.assign(**branches))

    @overload
    def pick(self, keys: str) -> RunnableSequence[Input, Any]: ...
    @overload
    def pick(self, keys: list[str]) -> RunnableSequence[Input, dict[str, Any]]: ...
    def pick(self, keys: str | list[str]) -> RunnableSequence[Input, Any]:
        """Return a sequence that picks keys out of the dict that this runnable yields.

        Args:
            keys: One key, whose value is yielded; or a list, for a smaller dict.

        >>> from streamflow.runnables import RunnablePassthrough
        >>> RunnablePassthrough().pick("text").invoke({"text": "abc", "size": 3})
        'abc'
        """
        from ._passthrough import RunnablePick

        return self.pipe(RunnablePick(keys))


def explain(runnable: Runnable[Any, Any]) -> Explanation:
    """Return the explanation of ``runnable``; see ``Runnable.explain``."""
    from ._explain import explain

    return explain(runnable)


def graph_of(runnable: Runnable[Any, Any], config: RunnableConfig | None) -> Graph:
    """Return the graph of ``runnable``; see ``Runnable.get_graph``."""
    from ._graph import graph_of

    return graph_of(runnable, config)


def check_strict(
    runnable: Runnable[Any, Any], scope: Scope, config: Mapping[str, Any] | None, whole: bool
) -> None:
    """Raise if ``strict_streaming`` is on and a step of ``runnable`` would buffer."""
    from ._config import settings_of

    strict = config.get("strict_streaming") if config else None
    if strict is None:
        strict = settings_of(scope).strict_streaming
    if strict:
        from ._explain import check_streams

        check_streams(runnable, streaming=not whole)


def _runnable(fluent: Fluent[Input, Output]) -> Runnable[Input, Output]:
    return cast("Runnable[Input, Output]", fluent)
