"""Agents: models that call tools until they have an answer."""

from __future__ import annotations

from ._agent import create_agent

__all__ = ("create_agent",)
