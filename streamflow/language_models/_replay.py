"""Replaying a recorded answer of a real model, token by token, with its timing."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from attrs import define

from .._json import register_type
from ..errors import RecordingError
from ..messages import AIMessageChunk
from ._scripted import ScriptedChatModel

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from typing_extensions import Self

    from ..bus import Run


@register_type
@define(frozen=True)
class Recording:
    """A token stream: what came, and how long after what came before."""

    tokens: tuple[str, ...]
    """The tokens in order."""
    delays: tuple[float, ...]
    """For each token, the seconds that passed before it came."""

    @classmethod
    def of(cls, tokens: Sequence[str], first: float = 0.0, interval: float = 0.0) -> Self:
        """Return a recording with an even pace.

        Args:
            tokens: The tokens.
            first: Seconds before the first token.
            interval: Seconds between two tokens.
        """
        return cls(tuple(tokens), (first, *(interval for _ in tokens[1:])) if tokens else ())

    @classmethod
    def named(cls, name: str) -> Self:
        """Return one of the recordings that come with the package.

        Raises:
            RecordingError: there is none of that name; the message lists those there are.
        """
        recordings = orjson.loads(
            resources.files("streamflow").joinpath("data/recordings.json").read_bytes()
        )["recordings"]
        if name not in recordings:
            raise RecordingError(f"no recording {name!r}; there are {', '.join(recordings)}")
        return cls.of(**recordings[name])

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a recording from a JSON file: ``{"tokens": [...], "delays": [...]}``.

        Raises:
            OSError: the file cannot be read.
            RecordingError: it holds something else.
            ValueError: it is not JSON.
        """
        data = orjson.loads(Path(path).read_bytes())
        try:
            recording = cls(tuple(data["tokens"]), tuple(map(float, data["delays"])))
        except (KeyError, TypeError) as error:
            raise RecordingError(f"{path} holds no recording: {error!r}") from error
        if len(recording.tokens) != len(recording.delays):
            raise RecordingError(f"{path}: a recording has one delay for each token")
        return recording

    def save(self, path: str | Path) -> None:
        """Write the recording to a file that :meth:`load` reads."""
        data = {"tokens": list(self.tokens), "delays": list(self.delays)}
        Path(path).write_bytes(orjson.dumps(data))


class ReplayChatModel(ScriptedChatModel):
    """Answers every call with the same recording, at the pace at which it was made."""

    recording: Recording | Sequence[str]
    """What to replay; plain tokens are replayed without delay."""
    speed: float | None = 1.0
    """How many times faster than recorded; ``None`` for no delay at all."""
    model: str | None = None
    """The model that the answer is from, for the metadata of the runs."""

    @property
    def _llm_type(self) -> str:
        return "replay"

    async def _play(self, prompt: Any, run: Run) -> AsyncIterator[AIMessageChunk]:
        recording = self.recording
        if not isinstance(recording, Recording):
            recording = Recording.of(recording)
        sleep, speed, id_ = run.execution.sleep, self.speed, f"run-{run.id}"
        for token, delay in zip(recording.tokens, recording.delays):  # noqa: B905 - same length
            if delay and speed is not None:
                await sleep(delay / speed)
            yield AIMessageChunk(content=token, id=id_)
