"""The root of the tree of errors; `streamflow.errors` draws and exports all of it."""

from __future__ import annotations


class StreamflowError(Exception):
    """The root of the tree; catch it to catch everything that is streamflow's own."""


StreamflowError.__module__ = "streamflow.errors"
