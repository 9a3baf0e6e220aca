"""What can go wrong with models that run here."""

from __future__ import annotations

from ._root import StreamflowError
from ._runs import StepInputError


class ModelArgumentError(StreamflowError, TypeError):
    """A model was made with an argument that it does not take, or without one it needs."""


class ScriptError(StreamflowError, RuntimeError):
    """A scripted model has nothing left to say, or was told to fail here."""


class RecordingError(StreamflowError, ValueError):
    """A recording does not exist, or a file does not hold one."""


class ModelInputError(StepInputError):
    """The input of a language model is none of the forms that it reads."""
