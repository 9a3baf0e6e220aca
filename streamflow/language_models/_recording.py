"""Recorded answers of models, and the files that hold them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import orjson
from attrs import asdict, define, field

from .._ids import new_id
from .._json import dumps, loads, register_type
from ..errors import RecordingError
from ..messages import AIMessageChunk, BaseMessage, BaseMessageChunk
from ._answers import _asked
from ._chat import _copied

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from typing_extensions import Self

VERSION = 1
_MARK = "streamflow_recording"


@register_type
@define(frozen=True)
class Recording:
    """An answer of a model: what came, and how long after what came before.

    >>> from streamflow.language_models import Recording
    >>> Recording.of(["so ", "it ", "goes"], first=0.3, interval=0.02).delays
    (0.3, 0.02, 0.02)
    """

    tokens: tuple[str | BaseMessageChunk, ...]
    """The chunks in order: texts, and messages where there was more than text."""
    delays: tuple[float, ...]
    """For each of them, the seconds that passed before it came."""
    id: str | None = field(default=None, kw_only=True)
    """The id of the messages, if the vendor gave one."""
    error: str | None = field(default=None, kw_only=True)
    """How the answer failed after the last chunk, if it did."""
    input: str | None = field(default=None, kw_only=True)
    """What stands for the messages that it answers."""
    model: str | None = field(default=None, kw_only=True)
    """The name of the model that has answered."""
    provider: str | None = field(default=None, kw_only=True)
    """Who runs that model."""

    @classmethod
    def of(
        cls, tokens: Sequence[str | BaseMessageChunk], first: float = 0.0, interval: float = 0.0
    ) -> Self:
        """Return a recording with an even pace.

        Args:
            tokens: The tokens; messages for what is more than text.
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
        from importlib import resources  # noqa: PLC0415 - slow to load, and rarely used

        recordings = orjson.loads(
            resources.files("streamflow").joinpath("data/recordings.json").read_bytes()
        )["recordings"]
        if name not in recordings:
            raise RecordingError(f"no recording {name!r}; there are {', '.join(recordings)}")
        return cls.of(**recordings[name])

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read a file with one recorded answer; see :meth:`load_all`.

        Raises:
            OSError: the file cannot be read.
            RecordingError: it holds something else, or several answers.
        """
        first, *others = cls.load_all(path)
        if others:
            raise RecordingError(
                f"{path} holds {1 + len(others)} answers, and one was asked for: read "
                f"them with Recording.load_all(), or play them with ReplayChatModel.load()"
            )
        return first

    @classmethod
    def load_all(cls, path: str | os.PathLike[str]) -> tuple[Self, ...]:
        """Read the answers in a file that ``streamflow.testing.record`` has written.

        A file with only ``{"tokens": [...], "delays": [...]}``, texts and seconds, holds one
        answer, too.

        Raises:
            OSError: the file cannot be read.
            RecordingError: it holds something else, or is of another version.
        """
        try:
            data = loads(Path(path).read_bytes())
        except ValueError as error:
            raise RecordingError(f"{path} holds no recording: {error}") from error
        if isinstance(data, dict) and _MARK in data:
            if data[_MARK] != VERSION:
                raise RecordingError(
                    f"{path} is a recording of version {data[_MARK]!r}, and this "
                    f"version of streamflow reads {VERSION}: record it anew"
                )
            answers = data.get("answers")
        else:
            answers = [data]
        if not isinstance(answers, list) or not answers:
            raise RecordingError(f"{path} holds no recording: there is no answer in it")
        return tuple(cls._read(answer, path) for answer in answers)

    @classmethod
    def _read(cls, answer: Any, path: str | os.PathLike[str]) -> Self:
        try:
            fields = {name: answer[name] for name in _FACTS if name in answer}
            recording = cls(tuple(answer["tokens"]), tuple(map(float, answer["delays"])), **fields)
        except (KeyError, TypeError, ValueError) as error:
            raise RecordingError(f"{path} holds no recording: {error!r}") from error
        if len(recording.tokens) != len(recording.delays):
            raise RecordingError(f"{path}: a recording has one delay for each token")
        for token in recording.tokens:
            if not isinstance(token, (str, BaseMessageChunk)):
                raise RecordingError(
                    f"{path} holds no recording: a token is text or a chunk of a "
                    f"message, not {token!r:.80}"
                )
        return recording

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the recording to a file that :meth:`load` reads.

        A file that holds something else is not overwritten.

        Raises:
            OSError: the file cannot be written.
            RecordingError: there is a file that holds no recording.
        """
        save_recordings(path, [self])

    def chunk(self, number: int) -> BaseMessageChunk:
        """Return the chunk with a number, from 0; a new one each time.

        >>> Recording.of(["so", " it goes"]).chunk(1)
        AIMessageChunk(content=' it goes')
        """
        token = self.tokens[number]
        if isinstance(token, str):
            return AIMessageChunk(token, id=self.id)
        copy = token.with_id(self.id) if token.id is None and self.id is not None else token
        return cast("BaseMessageChunk", _copied(copy))


Recording.__module__ = "streamflow.language_models"

_FACTS = ("id", "error", "input", "model", "provider")


def fingerprint(messages: Sequence[BaseMessage]) -> str:
    """Return what stands for messages: the same for what a model is told alike."""
    import hashlib  # noqa: PLC0415 - slow to load, and rarely used

    return hashlib.sha256(dumps(_asked(messages))).hexdigest()


def check_place(path: str | os.PathLike[str]) -> None:
    """Raise unless recordings may be written to ``path``.

    Raises:
        OSError: what is there cannot be read.
        RecordingError: what is there is no recording, or one of another version; or there is no
            such directory.
    """
    file = Path(path)
    if not file.parent.is_dir():
        raise RecordingError(f"{path} cannot be written: there is no directory {file.parent}")
    if not file.exists():
        return
    try:
        Recording.load_all(file)
    except RecordingError as error:
        raise RecordingError(f"{error}. The file is left as it is: choose another one.") from error


def save_recordings(
    path: str | os.PathLike[str], recordings: Sequence[Recording], secrets: Sequence[str] = ()
) -> None:
    """Write recordings to a file, whole or not at all.

    Args:
        path: The file.
        recordings: What to write.
        secrets: Texts that may not be in it.

    Raises:
        OSError: the file cannot be written.
        RecordingError: there is a file that holds no recording.
    """
    check_place(path)
    answers = [_written(recording) for recording in recordings]
    data = dumps({_MARK: VERSION, "answers": answers}, indent=True) + b"\n"
    for secret in secrets:
        data = data.replace(dumps(secret)[1:-1], b"***")
    file = Path(path).resolve()  # a link stays one
    beside = file.with_name(f".{file.name}.{new_id()}")
    try:
        beside.write_bytes(data)
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)


def _written(recording: Recording) -> dict[str, Any]:
    fields = asdict(recording, recurse=False)
    facts = {name: fields[name] for name in reversed(_FACTS) if fields[name] is not None}
    return {**facts, "tokens": list(recording.tokens), "delays": list(recording.delays)}
