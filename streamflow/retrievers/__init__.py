"""Retrievers: runnables from a question to documents."""

from __future__ import annotations

from ._retriever import BaseRetriever

__all__ = ("BaseRetriever",)
