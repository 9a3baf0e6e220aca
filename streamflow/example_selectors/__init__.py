"""Example selectors: which examples a few-shot prompt shows for an input."""

from __future__ import annotations

from ._base import BaseExampleSelector
from ._length import LengthBasedExampleSelector

__all__ = ("BaseExampleSelector", "LengthBasedExampleSelector")
