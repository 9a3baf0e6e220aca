"""Messages of runs that were never run, at times of the test's choosing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from streamflow.bus import (
    AnyMessage,
    ChunkStreamed,
    RunCancelled,
    RunEnded,
    RunFailed,
    RunInfo,
    RunRetried,
    RunStarted,
)


class Story:
    """Tells what happens to some runs, whoever takes the messages.

    Times are seconds after the beginning.
    """

    def __init__(self, take: Callable[[AnyMessage], object]) -> None:
        self._take = take
        self._runs: dict[str, RunInfo] = {}

    def start(
        self,
        name: str,
        time: float = 0.0,
        *,
        below: str | None = None,
        type: str = "chain",
        tags: tuple[str, ...] = (),
        id: str | None = None,
    ) -> None:
        above = [] if below is None else [*self._runs[below].parent_ids, self._runs[below].id]
        run = RunInfo(id or name, name, type, list(tags), {}, above)
        self._runs[id or name] = run
        self._tell(RunStarted(run), time)

    def chunk(self, id: str, chunk: Any, time: float = 0.0) -> None:
        self._tell(ChunkStreamed(self._runs[id], chunk), time)

    def end(self, id: str, output: Any, time: float = 0.0) -> None:
        self._tell(RunEnded(self._runs[id], output), time)

    def fail(self, id: str, error: Exception, time: float = 0.0) -> None:
        self._tell(RunFailed(self._runs[id], error), time)

    def retry(self, id: str, attempt: int, void: int = 0, time: float = 0.0) -> None:
        self._tell(RunRetried(self._runs[id], attempt, ValueError(), void), time)

    def cancel(self, id: str, time: float = 0.0) -> None:
        self._tell(RunCancelled(self._runs[id]), time)

    def _tell(self, message: AnyMessage, time: float) -> None:
        message.time = time
        self._take(message)


def joke(take: Callable[[AnyMessage], object]) -> Story:
    """A prompt has ended, a model streams, and a parser behind it."""
    story = Story(take)
    story.start("RunnableSequence")
    story.start("ChatPromptTemplate", below="RunnableSequence", type="prompt")
    story.end("ChatPromptTemplate", "Human: tell me\na joke", 0.002)
    story.start("ReplayChatModel", 0.002, below="RunnableSequence", type="chat_model")
    story.chunk("ReplayChatModel", "Why did the cat ", 0.3)
    story.start("StrOutputParser", 0.3, below="RunnableSequence", type="parser")
    for name in ("StrOutputParser", "RunnableSequence"):
        story.chunk(name, "Why did the cat ", 0.3)
    for name in ("ReplayChatModel", "StrOutputParser", "RunnableSequence"):
        story.chunk(name, "sit on\nthe ice cream cone?", 0.4)
    return story
