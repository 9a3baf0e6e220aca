"""Recording what a model really answers, chunk by chunk, with its timing."""

from __future__ import annotations

import copy
import time
from collections.abc import Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import anyio
from attrs import define, field

from ..errors import ConfigError
from ..execution import closing
from ..language_models import BaseChatModel, Recording
from ..language_models._answers import _is_secret
from ..language_models._recording import check_place, fingerprint, save_recordings
from ..messages import AIMessageChunk, BaseMessageChunk, message_to_chunk
from ..messages._base import given_fields
from ..runnables import Runnable
from ..runnables._inner import values_of
from ._swap import Swap

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncIterator, Callable, Iterator

    from ..bus import Run
    from ..outputs import ChatGeneration

R = TypeVar("R", bound=Runnable[Any, Any])

_EMPTY: tuple[object, ...] = ([], {})

_SHORTEST_SECRET = 8
"""Shorter keys are those of services that need none, and may be words of any text."""


@contextmanager
def record(chain: R, path: str | os.PathLike[str]) -> Iterator[R]:
    """Return a context manager: a copy of a chain that writes what its models answer to a file.

    The copy does all that the chain does, and its runs and events are the same. When the
    block ends, also by an error, the file is written; this blocks for as long as that takes.
    It holds the answers that have ended by then, in the order in which they were asked for:
    each chunk, the time before it and how an answer failed. Of a model that was not asked to
    stream that is one chunk. Neither settings nor keys nor the headers of a response are in
    it, and of the messages to the model only a hash. A file that is there is overwritten if
    it is a recording, and only then.

    >>> from streamflow.language_models import FakeListChatModel
    >>> from streamflow.testing import Recording, record
    >>> with record(FakeListChatModel(responses=["Hi!"]), "greeting.json") as model:
    ...     chunks = list(model.stream("Hello"))
    >>> Recording.load("greeting.json").tokens
    ('H', 'i', '!')

    Args:
        chain: A chat model, or a chain that holds some; see `with_model` for where they are
            found.
        path: The file, for ``ReplayChatModel.load``.

    Raises:
        ConfigError: there is no chat model in the chain, or one that overrides ``invoke`` or
            another method that users call.
        OSError: the file cannot be written.
        RecordingError: there is a file that holds no recording, or no such directory.
    """
    check_place(path)
    recorder = Recorder()
    recorded = Swap(recorder.recorded, whole=False).within(chain)
    try:
        yield recorded
    finally:
        recorder.save(path)


class Recorder:
    """What models have answered so far."""

    def __init__(self) -> None:
        self._answers: list[Answer] = []
        self._secrets: set[str] = set()

    def recorded(self, model: BaseChatModel) -> BaseChatModel:
        """Return a copy of ``model`` whose answers are recorded.

        Raises:
            ConfigError: it answers by other means than a chat model does.
        """
        cls = type(model)
        if cls._overrides:
            raise ConfigError(
                f"{cls.__name__} overrides {', '.join(cls._overrides)}, and cannot be recorded: "
                f"implement _generate or _stream"
            )
        self._secrets.update(_secrets_in(values_of(model)))
        result = copy.copy(model)
        recorded = _recorded_class(cls)
        recorded._recorder = self
        recorded._original = model  # which may close what the copy shares with it
        # A subclass made for it, so that it stays what it is in every respect.
        result.__class__ = recorded
        return result

    def begin(self, model: BaseChatModel, prompt: Any) -> Answer:
        """Return the record of an answer that begins now."""
        answer = Answer(fingerprint(prompt), model._own_metadata())
        self._answers.append(answer)
        return answer

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the answers that have ended to a file, if there are any."""
        ended = [answer.recording() for answer in self._answers if answer.ended]
        if ended:
            save_recordings(path, ended, sorted(self._secrets, key=len, reverse=True))


def _recorded_class(cls: Any) -> Any:
    """Return a class like that of a model, but of models whose answers are recorded.

    It has the class as its only base: an object takes on no other class than one that is
    laid out as its own.
    """

    class Recorded(cls):  # type: ignore[misc]  # the class of a user's model
        _recorder: ClassVar[Recorder]

        async def _answer(
            self, prompt: Any, run: Run, kwargs: dict[str, Any]
        ) -> AsyncIterator[Any]:
            now = _clock(run)
            with self._recorder.begin(self, prompt) as answer:
                async with closing(super()._answer(prompt, run, kwargs)) as stream:
                    asked = now()
                    async for chunk in stream:
                        answer.add(self._recorded(chunk, run), now() - asked)
                        yield chunk
                        asked = now()  # what the reader did meanwhile does not count

        async def _whole_answer(self, prompt: Any, run: Run, kwargs: dict[str, Any]) -> Any:
            now = _clock(run)
            with self._recorder.begin(self, prompt) as answer:
                asked = now()
                output = await super()._whole_answer(prompt, run, kwargs)
                answer.add(self._recorded(output, run), now() - asked)
                return output

    for name in ("__module__", "__name__", "__qualname__", "__doc__"):
        setattr(Recorded, name, getattr(cls, name))
    return Recorded


@define(eq=False)
class Answer:
    """An answer as far as it has come; a context manager that sees how it ends."""

    input: str
    facts: Mapping[str, Any]
    chunks: list[BaseMessageChunk] = field(factory=list)
    delays: list[float] = field(factory=list)
    error: str | None = None
    ended: bool = False

    def add(self, part: ChatGeneration, delay: float) -> None:
        """Add a chunk, a copy that nobody else has."""
        chunk = message_to_chunk(part.message)
        metadata = chunk.response_metadata
        if "headers" in metadata:
            chunk.response_metadata = {k: v for k, v in metadata.items() if k != "headers"}
        self.chunks.append(chunk)
        self.delays.append(round(delay, 6))

    def recording(self) -> Recording:
        """Return what is written of it."""
        ids = {chunk.id for chunk in self.chunks}
        id = ids.pop() if len(ids) == 1 else None
        return Recording(
            tuple(_token(chunk, id) for chunk in self.chunks),
            tuple(self.delays),
            id=id,
            error=self.error,
            input=self.input,
            model=self.facts.get("ls_model_name"),
            provider=self.facts.get("ls_provider"),
        )

    def __enter__(self) -> Answer:
        return self

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if isinstance(error, Exception):
            self.error = f"{type(error).__name__}: {error}"
        elif error is not None:
            self.error = "its reader left before the end"
        self.ended = True


def _token(chunk: BaseMessageChunk, id: str | None) -> str | BaseMessageChunk:
    """Return what is written of a chunk whose id is told apart from it."""
    given = given_fields(chunk)
    content = given.pop("content")
    if id is not None:
        del given["id"]
    given = {name: value for name, value in given.items() if value not in _EMPTY}
    if type(chunk) is AIMessageChunk and isinstance(content, str) and not given:
        return content
    return type(chunk)(content=content, **given)


def _clock(run: Run) -> Callable[[], float]:
    return time.monotonic if run.execution.blocking else anyio.current_time


def _secrets_in(settings: Any, name: str = "") -> Iterator[str]:
    if hasattr(settings, "get_secret_value"):
        settings, name = settings.get_secret_value(), "secret"
    if isinstance(settings, Mapping):
        for key, value in settings.items():
            yield from _secrets_in(value, str(key))
    elif (
        isinstance(settings, str)
        and _is_secret(name, settings)
        and len(settings) >= _SHORTEST_SECRET
    ):
        yield settings
