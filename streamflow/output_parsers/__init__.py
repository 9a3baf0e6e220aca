"""Output parsers: from what a model says to what a program needs."""

from __future__ import annotations

from ._text import StrOutputParser

__all__ = ("StrOutputParser",)
