"""The command line: ``streamflow run MODULE:CHAIN``, also as ``python -m streamflow``."""

from __future__ import annotations

from ._command import main

__all__ = ("main",)
