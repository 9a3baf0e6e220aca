"""How values are stored: as JSON from which each part comes back with the type that it had.

Nothing is ever imported, or run, because stored data names it: only builtins and classes
that this process has registered come back.
"""

from .._json import register_type
from ._exact import dumps, loads

__all__ = ("dumps", "loads", "register_type")
