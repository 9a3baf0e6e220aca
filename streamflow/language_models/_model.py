"""What all language models share: how an author's methods become a run.

An author implements one or more of ``_generate``, ``_agenerate``, ``_stream`` and
``_astream``. Which of them is used depends on what is wanted, chunks or a whole answer,
and on whether there is an event loop; a plain method in an asynchronous run works in a
worker thread, an async one in a synchronous run on a background loop.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from .._fields import KeywordFields, fields_of
from .._inspect import facts_of
from .._merge import merge
from .._unset import Unset
from ..bus import ChunkStreamed
from ..errors import MissingImplementationError
from ..execution import closing
from ..messages import BaseMessage
from ..prompt_values import PromptValue
from ..runnables import Runnable
from ..runnables._inputs import Once, collect
from ..runnables._user_code import call_user, iterate_user, iterate_user_async
from ._answers import answers_of
from ._run_manager import AsyncRunManager, RunManager

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from typing_extensions import Self

    from ..bus import Run
    from ..caches import BaseCache
    from ..outputs import Generation
    from ..rate_limiters import BaseRateLimiter
    from ..runnables._parts import Flow
    from ._answers import Answers

Output = TypeVar("Output", covariant=True)

LanguageModelInput = (
    str | PromptValue | Sequence[BaseMessage | tuple[str, str] | dict[str, Any] | str]
)
"""What a model reads: text, messages in any of their forms, or what a prompt yields."""

_NO_SETTINGS = frozenset({"cache", "callbacks", "name", "rate_limiter"})
"""Arguments that the answers do not depend on."""


class BaseLanguageModel(Runnable[LanguageModelInput, Output], KeywordFields):
    """The root of the model classes; subclass ``BaseChatModel`` or ``LLM`` instead.

    The settings ``model`` (or ``model_name``), ``temperature`` and ``max_tokens``, if the
    class has them, are in the metadata of its runs, under the names ``ls_model_name`` and
    so on that tracing tools read. The ``callbacks`` it is made with, handlers or functions of
    a message, listen to its own runs. Its answers are kept in ``cache``, or in the cache that
    `set_llm_cache` has set, unless ``cache`` is false; a cached answer comes in the chunks
    in which it came first. ``rate_limiter`` says when an answer may be asked for.

    >>> from streamflow.language_models import BaseLanguageModel, FakeListChatModel, FakeListLLM
    >>> issubclass(FakeListChatModel, BaseLanguageModel), issubclass(FakeListLLM, BaseLanguageModel)
    (True, True)
    """

    name: str | None = None
    callbacks: Any = None
    cache: BaseCache | bool | None = None
    rate_limiter: BaseRateLimiter | None = None

    ls_provider: ClassVar[str | None] = None
    """Who runs the model, for the metadata of its runs."""

    # The author's methods: none of them is defined here, so that hasattr tells.

    @property
    def _llm_type(self) -> str:
        return type(self).__name__

    # What the two kinds of models differ in.

    @abstractmethod
    def _read(self, input: Any) -> Any:
        """Return the input in the form that the author's methods take."""

    @abstractmethod
    def _as_chunk(self, token: str, chunk: Any, run: Run) -> Any:
        """Return a chunk of the output for what the author's methods yield or report."""

    @abstractmethod
    def _as_output(self, chunk: Any) -> Any:
        """Return the whole output for the sum of the chunks."""

    @abstractmethod
    async def _generated(self, prompt: Any, run: Run, kwargs: dict[str, Any]) -> Any:
        """Return the whole output by ``_generate`` or ``_agenerate``."""

    @abstractmethod
    def _recorded(self, part: Any, run: Run) -> Generation:
        """Return a chunk of the output, or the whole, as a cache keeps it."""

    @abstractmethod
    def _replayed(self, part: Generation, run: Run, *, first: bool) -> Any:
        """Return what a cache has kept as a chunk of the output of ``run``."""

    @property
    def _identifying_params(self) -> Mapping[str, Any]:
        """What the answers depend on, beside prompt and class: the settings, as data."""
        settings = self._attributes().items()
        return {name: value for name, value in settings if name not in _NO_SETTINGS}

    def _attributes(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in fields_of(type(self))}

    def _with_attributes(self, changes: Mapping[str, Any]) -> Self:
        if type(self).__init__ is not KeywordFields.__init__:
            return super()._with_attributes(changes)
        # Made anew: what a model makes of its settings, such as a client, is not copied.
        return type(self)(**{**self._attributes(), **changes})

    def _can_stream(self) -> bool:
        return hasattr(self, "_stream") or hasattr(self, "_astream")

    def _can_generate(self) -> bool:
        return hasattr(self, "_generate") or hasattr(self, "_agenerate")

    @property
    def _flow(self) -> Flow:  # type: ignore[override]  # known only of the instance
        return "streams" if self._can_stream() else "buffers"

    @property
    def _publishes_chunks(self) -> bool:  # type: ignore[override]  # as above
        return self._can_stream()

    # The hooks.

    async def _execute(self, input: Any, run: Run, **kwargs: Any) -> Any:
        prompt = self._read(input)
        if self._can_stream() and (run.wants_chunks or not self._can_generate()):
            chunks: list[Any] = []
            run.sent = chunks
            async with closing(self._answer(prompt, run, kwargs)) as stream:
                async for chunk in stream:
                    chunks.append(chunk)
                    if run.sinks and run.post(ChunkStreamed(run, chunk)):
                        await run.settle()
            return self._as_output(merge(chunks) if chunks else self._as_chunk("", None, run))
        return await self._whole_answer(prompt, run, kwargs)

    async def _iterate(
        self, inputs: AsyncIterator[Any], run: Run, **kwargs: Any
    ) -> AsyncIterator[Any]:
        whole = await collect(inputs)
        if isinstance(whole, Unset):
            return
        if not self._can_stream():
            yield await self._execute(whole, run, **kwargs)
            return
        prompt = self._read(whole)
        async with closing(self._answer(prompt, run, kwargs)) as stream:
            async for chunk in stream:
                yield chunk

    # An answer is looked for in the cache, then the rate limiter is asked, then the model.

    async def _whole_answer(self, prompt: Any, run: Run, kwargs: dict[str, Any]) -> Any:
        answers = answers_of(self, prompt, kwargs)
        found = None if answers is None else await answers.find(run)
        if found is not None:
            return self._as_output(merge(found))
        await self._admit(run)
        output = await self._generated(prompt, run, kwargs)
        if answers is not None:
            await answers.keep(run, [self._recorded(output, run)])
        return output

    def _answer(self, prompt: Any, run: Run, kwargs: dict[str, Any]) -> AsyncIterator[Any]:
        answers = answers_of(self, prompt, kwargs)
        if answers is None and self.rate_limiter is None:
            return self._chunks(prompt, run, kwargs)  # with no layer between
        return self._kept_answer(answers, prompt, run, kwargs)

    async def _kept_answer(
        self, answers: Answers | None, prompt: Any, run: Run, kwargs: dict[str, Any]
    ) -> AsyncIterator[Any]:
        found = None if answers is None else await answers.find(run)
        if found is not None:
            for chunk in found:
                yield chunk
            return
        await self._admit(run)
        parts = []
        async with closing(self._chunks(prompt, run, kwargs)) as stream:
            async for chunk in stream:
                if answers is not None:
                    parts.append(self._recorded(chunk, run))  # before somebody can change it
                yield chunk
        # Only an answer that has come to its end is one.
        if answers is not None and parts:
            await answers.keep(run, parts)

    async def _admit(self, run: Run) -> None:
        """Wait until the rate limiter lets the call start."""
        limiter = self.rate_limiter
        if limiter is None:
            return
        acquire = limiter.acquire if run.execution.blocking else limiter.aacquire
        await call_user(run, acquire, not run.execution.blocking)

    def _chunks(self, prompt: Any, run: Run, kwargs: dict[str, Any]) -> AsyncIterator[Any]:
        """Return an iterator of the chunks of the output, by ``_stream`` or ``_astream``."""
        function, is_async = self._method("_stream", "_astream", run)
        call = self._arguments(function, is_async, run, kwargs, publishes=False)
        iterate: Any = iterate_user_async if is_async else iterate_user
        chunks: AsyncIterator[Any] = iterate(
            run, lambda _: function(prompt, **call), Once(None), self._converter(run)
        )
        return chunks

    def _converter(self, run: Run) -> Callable[[Any], Any]:
        """Return what makes a chunk of the output of what the author's methods yield."""
        as_chunk = self._as_chunk
        return lambda chunk: as_chunk("", chunk, run)

    def _method(self, plain: str, async_: str, run: Run) -> tuple[Callable[..., Any], bool]:
        """Return the author's method that suits the run, and whether it is async."""
        names = [(plain, False), (async_, True)]
        if not run.execution.blocking:
            names.reverse()
        for name, is_async in names:
            if hasattr(self, name):
                return getattr(self, name), is_async
        raise MissingImplementationError(
            f"{type(self).__name__} cannot run: implement {plain}, {async_}, _stream or _astream."
        )

    def _arguments(
        self,
        function: Callable[..., Any],
        is_async: bool,
        run: Run,
        kwargs: dict[str, Any],
        *,
        publishes: bool,
    ) -> dict[str, Any]:
        arguments = {"stop": None, **kwargs}
        if "run_manager" in facts_of(function).parameters:
            manager = AsyncRunManager if is_async else RunManager
            arguments["run_manager"] = manager(
                run,
                lambda token, chunk: self._as_chunk(token, chunk, run),
                publishes=publishes,
            )
        return arguments

    async def _call_author(
        self, plain: str, async_: str, prompt: Any, run: Run, kwargs: dict[str, Any]
    ) -> Any:
        """Call the author's method for a whole answer and return what it returns."""
        function, is_async = self._method(plain, async_, run)
        arguments = self._arguments(function, is_async, run, kwargs, publishes=True)
        return await call_user(run, function, is_async, prompt, **arguments)

    def _show_input(self, input: Any) -> Any:
        try:
            return self._shown(self._read(input))
        except Exception:  # noqa: BLE001 - the run itself will fail on it, and say so
            return input

    def _shown(self, prompt: Any) -> Any:
        return prompt

    @property
    def _own_callbacks(self) -> Any:
        return self.callbacks

    def _own_metadata(self) -> Mapping[str, Any]:
        """Return the settings of the model as tracing tools name them."""
        model = getattr(self, "model", None) or getattr(self, "model_name", None)
        if model is None:
            return {}
        facts = {
            "ls_provider": self.ls_provider or self._llm_type,
            "ls_model_name": model,
            "ls_model_type": "chat" if self.run_type == "chat_model" else "llm",
            "ls_temperature": getattr(self, "temperature", None),
            "ls_max_tokens": getattr(self, "max_tokens", None),
        }
        return {key: value for key, value in facts.items() if value is not None}

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"
