"""The Runnable interface.

A unit of work with one input and one output, either of which may arrive in chunks. The
logic of a runnable is written once, in one or both of two hooks:

* ``_execute(input, run)``: a coroutine from the whole input to the whole output;
* ``_iterate(inputs, run)``: an async iterator from chunks to chunks. It closes ``inputs``.

The methods that users call only choose the execution and drive the hooks: the
asynchronous ones on the running event loop, the synchronous ones with none. Subclasses
outside of streamflow need not know the hooks; they override the public method that fits
(see ``_overrides``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from .._unset import Unset
from ..errors import MissingImplementationError
from ..execution import BLOCKING, LOOP, AsyncStream, Stream, drive
from . import _fluent, _overrides
from ._inputs import Once, collect, inputs_of, passed_on
from ._lifecycle import call_run, entry, open_run, root_stream, stream_run
from ._parts import NO_PARTS, Parts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping

    from ..bus import Run
    from ..drawing import Graph
    from ._config import RunnableConfig
    from ._explain import Explanation
    from ._lifecycle import At
    from ._parts import Flow

Input = TypeVar("Input", contravariant=True)
Output = TypeVar("Output", covariant=True)


class Runnable(_fluent.Fluent[Input, Output], Generic[Input, Output]):
    """A unit of work that can be invoked, streamed and combined.

    To make your own, subclass it and override one of ``invoke``, ``ainvoke``, ``stream``,
    ``astream``, ``transform`` and ``atransform``; the others follow from it.
    """

    run_type: ClassVar[str] = "chain"
    """The type of its runs, by which events are named and filtered."""

    name: str | None = None
    """The name of its runs; the class's name if not given."""

    # What the life of a run needs to know of the hooks.
    _starts_whole: ClassVar[bool] = True
    """Its run starts when the whole input is there, not at the first chunk of it."""
    _publishes_chunks: ClassVar[bool] = True
    """Its chunks are messages; false for what by convention only starts and ends."""
    _flow: Flow = "buffers"
    """How it treats a stream, if it is a leaf: see ``_explain``."""
    _inline: bool = False
    """It neither waits nor computes for long: no task or thread is worth it."""
    _own_metadata: Callable[[], Mapping[str, Any]] | None = None
    """Returns metadata of its own runs that their children do not inherit."""
    _own_tags: tuple[str, ...] = ()
    """Tags of its own runs that their children do not inherit."""
    _own_callbacks: Any = None
    """Who listens to its own runs, but not to their children: see ``_callbacks``."""

    _overrides: ClassVar[dict[str, _overrides.Override]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        _overrides.adopt(cls)

    def get_name(self, suffix: str | None = None) -> str:
        """Return the name of its runs, with a suffix if one is given.

        >>> from streamflow.runnables import RunnableLambda
        >>> RunnableLambda(len, name="count").get_name()
        'count'
        """
        name = self.name or type(self).__name__
        return f"{name}{suffix.title()}" if suffix else name

    # What users call.

    def invoke(
        self,
        input: Input,
        config: RunnableConfig | None = None,
        **kwargs: Any,
    ) -> Output:
        """Run to the end and return the output; needs no event loop.

        Args:
            input: The whole input.
            config: How to run it; what the calling run hands down, if not given.
            kwargs: Passed to the implementation, such as ``stop`` for a model.

        Raises:
            Exception: whatever the implementation raises, unchanged.

        >>> from streamflow.runnables import RunnableLambda
        >>> RunnableLambda(len).invoke("abc")
        3
        """
        result: Output = self._entrance("invoke")._enter("invoke", input, config, kwargs)
        return result

    async def ainvoke(
        self,
        input: Input,
        config: RunnableConfig | None = None,
        **kwargs: Any,
    ) -> Output:
        """Run to the end and return the output. As :meth:`invoke`, awaited.

        >>> import anyio
        >>> from streamflow.runnables import RunnableLambda
        >>> anyio.run(RunnableLambda(len).ainvoke, "abc")
        3
        """
        result: Output = await self._entrance("ainvoke")._enter("ainvoke", input, config, kwargs)
        return result

    def stream(
        self,
        input: Input,
        config: RunnableConfig | None = None,
        **kwargs: Any,
    ) -> Stream[Output]:
        """Run and yield the output chunk by chunk; needs no event loop.

        Returns:
            An iterator that is a context manager, too: ``with chain.stream(x) as chunks:``
            closes everything behind it when the block is left.

        Raises:
            StrictStreamingError: ``strict_streaming`` is on, and a step would buffer.

        >>> from streamflow.runnables import RunnableGenerator
        >>> def letters(texts):
        ...     for text in texts:
        ...         yield from text
        >>> list(RunnableGenerator(letters).stream("abc"))
        ['a', 'b', 'c']
        """
        chunks: Stream[Output] = self._entrance("stream")._enter("stream", input, config, kwargs)
        return chunks

    def astream(
        self,
        input: Input,
        config: RunnableConfig | None = None,
        **kwargs: Any,
    ) -> AsyncStream[Output]:
        """Run and yield the output chunk by chunk. As :meth:`stream`, with ``async``.

        >>> import anyio
        >>> from streamflow.language_models import FakeListChatModel
        >>> async def main():
        ...     async with FakeListChatModel(responses=["Hi!"]).astream("hello") as chunks:
        ...         return [chunk.content async for chunk in chunks]
        >>> anyio.run(main)
        ['H', 'i', '!']
        """
        chunks: AsyncStream[Output] = self._entrance("astream")._enter(
            "astream", input, config, kwargs
        )
        return chunks

    def transform(
        self,
        input: Iterator[Input],
        config: RunnableConfig | None = None,
        **kwargs: Any,
    ) -> Stream[Output]:
        """Run on an input that arrives in chunks and yield the output chunk by chunk.

        >>> from streamflow.runnables import RunnablePassthrough
        >>> list(RunnablePassthrough().transform(iter(["so ", "it goes"])))
        ['so ', 'it goes']
        """
        chunks: Stream[Output] = self._entrance("transform")._enter(
            "transform", input, config, kwargs
        )
        return chunks

    def atransform(
        self,
        input: AsyncIterator[Input],
        config: RunnableConfig | None = None,
        **kwargs: Any,
    ) -> AsyncStream[Output]:
        """Run on an input that arrives in chunks. As :meth:`transform`, with ``async``.

        >>> import anyio
        >>> from streamflow.runnables import RunnablePassthrough
        >>> async def words():
        ...     yield "so "
        ...     yield "it goes"
        >>> async def main():
        ...     return [word async for word in RunnablePassthrough().atransform(words())]
        >>> anyio.run(main)
        ['so ', 'it goes']
        """
        chunks: AsyncStream[Output] = self._entrance("atransform")._enter(
            "atransform", input, config, kwargs
        )
        return chunks

    def explain(self) -> Explanation:
        """Return, step by step, what passes chunks on and what waits for its whole input.

        >>> from streamflow.output_parsers import StrOutputParser
        >>> from streamflow.runnables import RunnableLambda
        >>> print((StrOutputParser() | RunnableLambda(len)).explain())
        1 StrOutputParser: passes chunks on
        2 len: waits for its whole input, then yields one chunk
        """
        return _fluent.explain(self)

    def get_graph(self, config: RunnableConfig | None = None) -> Graph:
        """Return the steps in here and the ways between them, to be drawn.

        Args:
            config: A config with which it would be called: it chooses among alternatives.

        Raises:
            ConfigError: the config chooses what there is not.

        >>> from streamflow.runnables import RunnableLambda
        >>> list((RunnableLambda(str) | len).get_graph().nodes)
        ['strInput', 'str', 'len', 'lenOutput']
        """
        return _fluent.graph_of(self, config)

    # From the public methods to the hooks.

    def _entrance(self, method: str) -> Runnable[Any, Any]:
        """Return what a public method of this class, not an override of it, is to run."""
        if method in self._overrides:
            return _Replaced(self)  # an override has called it through super()
        return self

    def _enter(self, method: str, input: Any, config: Any, kwargs: dict[str, Any]) -> Any:
        starts = self._call_config(config)
        if method == "ainvoke":
            return self._invoke_step(input, entry(LOOP, starts), None, config, kwargs)
        if method == "invoke":
            at = entry(BLOCKING, starts)
            return drive(self._invoke_step(input, at, None, config, kwargs))
        inputs = inputs_of(method, input)
        at = entry(LOOP if method.startswith("a") else BLOCKING, starts)
        _fluent.check_strict(self, at.scope, starts, isinstance(inputs, Once))
        chunks = root_stream(self, at, inputs, config, kwargs)
        return AsyncStream(chunks, at.run) if method.startswith("a") else Stream(chunks)

    def _call_config(self, config: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
        """Return all that a call with ``config`` is told: where it starts depends on it."""
        return config

    # What runnables call on one another.

    async def _invoke_step(
        self,
        input: Any,
        at: At,
        tag: str | None,
        config: Mapping[str, Any] | None,
        kwargs: dict[str, Any],
    ) -> Any:
        run = open_run(at, self, config, tag)
        return await call_run(self, run, input, self._execute, kwargs)

    def _stream_step(
        self,
        inputs: AsyncIterator[Any],
        at: At,
        tag: str | None,
        config: Mapping[str, Any] | None,
        kwargs: dict[str, Any],
    ) -> AsyncIterator[Any]:
        return stream_run(self, at, inputs, config, tag, kwargs)

    # The hooks.

    async def _execute(self, input: Any, run: Run, **kwargs: Any) -> Any:
        if type(self)._iterate is Runnable._iterate:
            raise MissingImplementationError(
                f"{type(self).__name__} cannot run: override invoke, ainvoke, stream, "
                f"astream, transform or atransform."
            )
        output = await collect(self._iterate(Once(input), run, **kwargs))
        return None if isinstance(output, Unset) else output

    async def _iterate(
        self, inputs: AsyncIterator[Any], run: Run, **kwargs: Any
    ) -> AsyncIterator[Any]:
        whole = await collect(inputs)
        if not isinstance(whole, Unset):
            yield await self._execute(whole, run, **kwargs)

    def _parts(self) -> Parts:
        """Return the runnables inside of this one, for ``explain`` and ``get_graph``."""
        return NO_PARTS

    def _show_input(self, input: Any) -> Any:
        """Return the input as messages carry it."""
        return input

    def _show_output(self, output: Any) -> Any:
        """Return the output as messages carry it."""
        return output

    def __repr__(self) -> str:
        return f"{self.get_name()}()"


class _Replaced(Runnable[Any, Any]):
    """What a runnable was before its class overrode public methods; see ``_overrides``."""

    def __init__(self, runnable: Any) -> None:
        self._runnable = runnable
        self.name = runnable.get_name()
        self._starts_whole = False  # type: ignore[misc]  # a view, not a class of its own
        for name in _SEEN_IN_MESSAGES:
            setattr(self, name, getattr(runnable, name))
        cls = type(runnable)
        self._execute = getattr(cls, "_replaced_execute", cls._execute).__get__(runnable)  # type: ignore[method-assign]  # a view
        self._iterate = getattr(cls, "_replaced_iterate", cls._iterate).__get__(runnable)  # type: ignore[method-assign]  # a view

    def _enter(self, method: str, input: Any, config: Any, kwargs: dict[str, Any]) -> Any:
        at = entry(LOOP if method.startswith("a") else BLOCKING, config)
        run = _overrides.run_to_go_on_in(self._runnable, method, at, config)
        if run is None:
            return super()._enter(method, input, config, kwargs)
        if method == "ainvoke":
            return self._execute(input, run, **kwargs)
        if method == "invoke":
            return drive(self._execute(input, run, **kwargs))
        chunks = passed_on(self._iterate(inputs_of(method, input), run, **kwargs))
        return AsyncStream(chunks, at.run) if method.startswith("a") else Stream(chunks)


_SEEN_IN_MESSAGES = (
    "run_type",
    "_own_callbacks",
    "_own_metadata",
    "_own_tags",
    "_publishes_chunks",
    "_show_input",
    "_show_output",
)
