"""What counts as a runnable: runnables, functions, generator functions, dicts of those."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._inspect import facts_of
from ..errors import CoercionError
from ._base import Runnable


def coerce_to_runnable(thing: Any) -> Runnable[Any, Any]:
    """Return ``thing`` as a runnable.

    A runnable stays as it is, a generator function becomes a ``RunnableGenerator``, any
    other function a ``RunnableLambda``, a dict a ``RunnableParallel`` of its values.

    Raises:
        CoercionError: it is none of these.

    >>> from streamflow.runnables import coerce_to_runnable
    >>> coerce_to_runnable({"size": len}).invoke("abc")
    {'size': 3}
    """
    if isinstance(thing, Runnable):
        return thing
    if isinstance(thing, Mapping):
        from ._parallel import RunnableParallel  # noqa: PLC0415 - it coerces its branches

        return RunnableParallel(dict(thing))
    if callable(thing):
        if facts_of(thing).yields:
            from ._generator import RunnableGenerator  # noqa: PLC0415 - as above

            return RunnableGenerator(thing)
        from ._lambda import RunnableLambda  # noqa: PLC0415 - as above

        return RunnableLambda(thing)
    raise CoercionError(thing)
