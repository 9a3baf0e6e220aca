"""A compiled graph: a runnable that takes its steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from .._unset import Unset
from ..bus import Bus
from ..errors import ConfigError
from ..execution import closing, hosted
from ..runnables import Runnable
from ..runnables._inputs import Once, collect
from ._names import INTERRUPT
from ._opening import Options, open_engine
from ._printing import DEBUG, printing
from ._states import StateMethods
from ._view import Collected, StreamView, shape_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence

    from ..bus import Run
    from ..checkpoint import BaseCheckpointSaver
    from ..drawing import Graph
    from ..runnables import RunnableConfig
    from ..store import BaseStore
    from ..types import StreamMode
    from ._builder import StateGraph
    from ._cache import NodeCache
    from ._engine import Engine
    from ._plan import Plan

_BETWEEN_STEPS = frozenset({"values", "updates", "debug", "tasks", "checkpoints"})
_MODES = _BETWEEN_STEPS | {"custom", "messages"}


class CompiledStateGraph(StateMethods, Runnable[Any, Any]):
    """A graph that can be run; made by ``StateGraph.compile()``.

    Each run takes steps until no node is left. The methods are those of every runnable;
    beside a config they take

    * ``stream_mode``: what a stream yields, one of ``values``, ``updates``, ``custom``,
      ``messages``, ``debug``, ``tasks`` and ``checkpoints``, or a list of them: then it
      yields pairs of mode and chunk;
    * ``subgraphs``: yield what the graphs inside do, too, each chunk with where it is from;
    * ``context``: what nodes find in ``runtime.context``;
    * ``interrupt_before``, ``interrupt_after``: the nodes around which to stop;
    * ``durability``: when to save the state: ``"sync"``, ``"async"`` or ``"exit"``;
    * ``print_mode``: what to print meanwhile, one of the modes of streams or a list of them;
    * ``debug``: print updates and values, if ``print_mode`` says nothing else;
    * ``output_keys``: the keys of the state to return.

    The input ``None`` goes on where the thread has stopped, and a ``Command`` tells what to
    do there.
    """

    _starts_whole: ClassVar[bool] = True

    def __init__(
        self,
        builder: StateGraph[Any, Any, Any, Any],
        plan: Plan,
        name: str,
        checkpointer: BaseCheckpointSaver | bool | None,
        store: BaseStore | None,
        cache: NodeCache,
        interrupt_before: frozenset[str],
        interrupt_after: frozenset[str],
        debug: bool = False,
    ) -> None:
        self.builder = builder
        self.plan = plan
        self.name = name
        self.checkpointer = checkpointer
        self.store = store
        self.cache = cache
        self.interrupt_before = interrupt_before
        self.interrupt_after = interrupt_after
        self.debug = debug
        self.stream_mode: StreamMode = "updates"

    def _enter(self, method: str, input: Any, config: Any, kwargs: dict[str, Any]) -> Any:
        if method not in ("invoke", "ainvoke") and kwargs.get("stream_mode") is None:
            kwargs = {**kwargs, "stream_mode": self.stream_mode}
        return super()._enter(method, input, config, kwargs)

    # The hooks.

    async def _execute(
        self,
        input: Any,
        run: Run,
        *,
        stream_mode: Any = "values",
        subgraphs: bool = False,
        output_keys: str | Sequence[str] | None = None,
        **options: Any,
    ) -> Any:
        if stream_mode != "values":
            chunks = self._iterate(
                Once(input), run, stream_mode=stream_mode, subgraphs=subgraphs, **options
            )
            async with closing(chunks):
                return [chunk async for chunk in chunks]
        told = Options(**options)
        outlets = self._others_told(run, told, subgraphs=subgraphs)
        engine = await open_engine(self, input, run, outlets, told)
        while await engine.begin():
            await engine.work()
            for view in outlets:
                await view.room(run.execution)
        await self._close(engine)
        return _result(engine, output_keys)

    def _iterate(self, inputs: AsyncIterator[Any], run: Run, **kwargs: Any) -> AsyncIterator[Any]:
        if isinstance(inputs, Once):
            return self._chunks(inputs.value, run, **kwargs)
        return self._chunks_later(inputs, run, kwargs)

    async def _chunks_later(
        self, inputs: AsyncIterator[Any], run: Run, kwargs: dict[str, Any]
    ) -> AsyncIterator[Any]:
        input = await collect(inputs)
        if not isinstance(input, Unset):
            async with closing(self._chunks(input, run, **kwargs)) as chunks:
                async for chunk in chunks:
                    yield chunk

    def _chunks(
        self,
        input: Any,
        run: Run,
        *,
        stream_mode: Any = None,
        subgraphs: bool = False,
        output_keys: Any = None,
        **options: Any,
    ) -> AsyncIterator[Any]:
        if stream_mode is None and run.parent is not None:
            # A step of a chain: the next one is to get what it would get from invoke().
            return self._only_output(input, run, options)
        mode = self.stream_mode if stream_mode is None else stream_mode
        modes = _modes("stream_mode", mode)
        told = Options(**options)
        others = self._others_told(run, told, subgraphs=subgraphs)
        shape = shape_of(several=not isinstance(mode, str), subgraphs=subgraphs)
        within = subgraphs or self.plan.is_function or not modes <= _BETWEEN_STEPS
        if within or others:
            view = StreamView(modes, shape, subgraphs=subgraphs)
            return self._watched(input, run, view, others, told)
        return self._stepwise(input, run, Collected(modes, shape), told)

    async def _only_output(
        self, input: Any, run: Run, options: dict[str, Any]
    ) -> AsyncIterator[Any]:
        yield await self._execute(input, run, **options)

    async def _stepwise(
        self, input: Any, run: Run, outlet: Collected, options: Options
    ) -> AsyncIterator[Any]:
        """Yield what can be told between the steps: no other task is needed."""
        engine = await open_engine(self, input, run, [outlet], options)
        try:
            going = True
            while going:
                for chunk in outlet.taken():
                    yield chunk
                going = await engine.begin()
                for chunk in outlet.taken():
                    yield chunk
                if going:
                    await engine.work()
        except Exception:
            for chunk in outlet.taken():
                yield chunk
            raise
        await self._close(engine)
        _show_end(engine)

    def _others_told(self, run: Run, options: Options, *, subgraphs: bool) -> list[StreamView]:
        """Return who is told beside the caller: the streams of graphs around, the console."""
        others = inner_outlets(run)
        modes = _modes("print_mode", options.print_mode) if options.print_mode else None
        if modes is None and (self.debug if options.debug is None else options.debug):
            modes = DEBUG
        if modes is None:
            return others
        view = printing(modes, subgraphs=subgraphs)
        _listen(run, view)
        return [view, *others]

    def _watched(
        self,
        input: Any,
        run: Run,
        view: StreamView,
        others: list[StreamView],
        options: Options,
    ) -> AsyncIterator[Any]:
        """Return what happens while the graph works in the background."""
        outlets = [view, *others]
        _listen(run, view)

        engines: list[Engine] = []

        async def work() -> None:
            try:
                engine = await open_engine(self, input, run, outlets, options)
                engines.append(engine)
                while await engine.begin():
                    await engine.work()
                    for outlet in outlets:
                        await outlet.room(run.execution)
                await self._close(engine)
            finally:
                view.end()

        chunks = hosted(view, work, run.execution, "graph")
        # Nobody looks at its output if nothing keeps what was sent.
        return _showing_end(chunks, engines) if isinstance(run.sent, list) else chunks

    async def _close(self, engine: Engine) -> None:
        if engine.saving is not None:
            await engine.saving.close(engine)
        engine.bubble()

    # Beside running.

    def get_graph(self, config: RunnableConfig | None = None, *, xray: int | bool = False) -> Graph:
        """Return the nodes and edges, to be drawn.

        Args:
            config: A config with which it would be called.
            xray: Draw the graphs inside, too; or how deep to go.

        >>> from typing import TypedDict
        >>> from streamflow.graph import START, StateGraph
        >>> class State(TypedDict):
        ...     n: int
        >>> def add(state: State) -> State:
        ...     return {"n": state["n"] + 1}
        >>> list(StateGraph(State).add_node(add).add_edge(START, "add").compile().get_graph().nodes)
        ['__start__', 'add', '__end__']
        """
        from ._drawing import drawn  # noqa: PLC0415 - pictures are rarely asked for

        return drawn(self, config, int(xray))

    @property
    def nodes(self) -> dict[str, Any]:
        """The nodes by their names."""
        return dict(self.plan.nodes)

    @property
    def InputType(self) -> Any:  # noqa: N802 - under the name that users know
        """The type of the input."""
        return self.plan.input.cls

    @property
    def OutputType(self) -> Any:  # noqa: N802 - as above
        """The type of the output."""
        return self.plan.output.cls

    def get_subgraphs(self) -> Iterable[tuple[str, CompiledStateGraph]]:
        """Return the graphs that are nodes of this one, by the names of the nodes."""
        return self.plan.subgraphs().items()


def _modes(name: str, given: Any) -> frozenset[str]:
    modes = frozenset((given,) if isinstance(given, str) else given)
    if not modes or not modes <= _MODES:
        raise ConfigError(f"{name} must be of {sorted(_MODES)}, got {given!r}")
    return modes


def _listen(run: Run, view: StreamView) -> None:
    """Let a stream hear of a run and of all below it."""
    bus = Bus()
    bus._add(view)
    run.scope = run.scope.with_bus(bus)
    run.listen((*run.sinks, view))


def inner_outlets(run: Run) -> list[StreamView]:
    """Return the streams of graphs around this one that show what it does."""
    buses = run.scope.buses
    if not buses:
        return []
    return [
        sink
        for bus in buses
        for sink in bus.sinks
        if isinstance(sink, StreamView) and sink.subgraphs
    ]


def _result(engine: Engine, keys: str | Sequence[str] | None) -> Any:
    if engine.plan.is_function and not engine.interrupts:
        return engine.plan.show(engine.values)
    if isinstance(keys, str):
        return engine.values.get(keys)
    output = {} if engine.plan.is_function else engine.output()
    if keys is not None:
        output = {key: value for key, value in engine.values.items() if key in keys}
    if engine.interrupts:
        output[INTERRUPT] = list(engine.interrupts)
    return output


async def _showing_end(
    chunks: AsyncGenerator[Any, None], engines: list[Engine]
) -> AsyncGenerator[Any, None]:
    async with closing(chunks):
        async for chunk in chunks:
            yield chunk
    _show_end(engines[0])


def _show_end(engine: Engine) -> None:
    """Let the run tell the state as its output, not the sum of what was streamed."""
    sent = engine.run.sent
    if isinstance(sent, list):
        sent[:] = [_result(engine, None)]
