"""Replaying recorded answers of real models, chunk by chunk, with their timing."""

from __future__ import annotations

from collections import Counter
from threading import Lock  # noqa: TID251 - a lock; no thread is started here
from typing import TYPE_CHECKING, Any, Literal, cast

from ..errors import ConfigError, ScriptError
from ._recording import Recording, fingerprint
from ._scripted import ScriptedChatModel

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncIterator, Sequence

    from typing_extensions import Self

    from ..bus import Run
    from ..messages import BaseMessageChunk

_counting = Lock()


class ReplayChatModel(ScriptedChatModel):
    """Answers with recordings, at the pace at which they were made.

    A single recording answers every call. Of several, each call gets the next one; or, with
    ``match="input"``, the next of those that were recorded for the same messages. Tools that
    are bound to it change nothing: it calls those that were called when it was recorded.

    >>> from streamflow.language_models import Recording, ReplayChatModel
    >>> model = ReplayChatModel(recording=["so ", "it ", "goes"])
    >>> [chunk.content for chunk in model.stream("hm")]
    ['so ', 'it ', 'goes']
    >>> model = ReplayChatModel(recording=[Recording.of(["yes"]), Recording.of(["no"])])
    >>> model.invoke("well?").content, model.invoke("really?").content
    ('yes', 'no')
    """

    recording: Recording | Sequence[Recording] | Sequence[str]
    """What to replay; plain tokens are replayed without delay."""
    speed: float | None = 1.0
    """How many times faster than recorded; ``None`` for no delay at all."""
    model: str | None = None
    """The model that the answer is from, for the metadata of the runs."""
    match: Literal["order", "input"] = "order"
    """How the answer to a call is found, of several."""

    @classmethod
    def load(
        cls,
        path: str | os.PathLike[str],
        *,
        speed: float | None = 1.0,
        match: Literal["order", "input"] = "order",
    ) -> Self:
        """Return a model that plays a file of `streamflow.testing.record`, answer by answer.

        Args:
            path: The file.
            speed: How many times faster than recorded; ``None`` for no delay at all.
            match: ``"order"`` to give the answers in the order in which they were asked for;
                ``"input"`` to give each to the messages for which it was recorded, any number
                of times: for chains that ask for several at once.

        Raises:
            OSError: the file cannot be read.
            RecordingError: it holds something else, or is of another version.
        """
        return cls(recording=Recording.load_all(path), speed=speed, match=match)

    @property
    def _llm_type(self) -> str:
        return "replay"

    async def _play(self, prompt: Any, run: Run) -> AsyncIterator[BaseMessageChunk]:
        recording = self._next(prompt)
        sleep, speed, id_ = run.execution.sleep, self.speed, f"run-{run.id}"
        for number, delay in enumerate(recording.delays):
            if delay and speed is not None:
                await sleep(delay / speed)
            chunk = recording.chunk(number)
            if chunk.id is None:
                chunk.id = id_  # it is nobody else's yet
            yield chunk
        if recording.error is not None:
            raise ScriptError(f"the recorded answer fails here, as it did then: {recording.error}")

    def _next(self, prompt: Any) -> Recording:
        """Return the answer to the next call."""
        given = self.recording
        if isinstance(given, Recording):
            return given
        if not given or not isinstance(given[0], Recording):
            return Recording.of(cast("Sequence[str]", given))
        answers = cast("Sequence[Recording]", given)
        if self.match == "order":
            number = self._count("")
            if number >= len(answers):
                raise ScriptError(
                    f"there are {len(answers)} recorded answers, and this is call {number + 1}"
                )
            return answers[number]
        if self.match != "input":
            raise ConfigError(f"match must be 'order' or 'input', got {self.match!r}")
        asked = fingerprint(prompt)
        fitting = [each for each in answers if each.input == asked]
        if not fitting:
            raise ScriptError(
                f"none of the {len(answers)} recorded answers is to these messages, so record "
                f"them anew, or replay them with match='order': {prompt!r:.500}"
            )
        return fitting[self._count(asked) % len(fitting)]

    def _count(self, asked: str) -> int:
        """Return how often this was asked for before."""
        with _counting:
            counts: Counter[str] = vars(self).setdefault("_counts", Counter())
            counts[asked] += 1
            return counts[asked] - 1


ReplayChatModel.__module__ = "streamflow.language_models"
