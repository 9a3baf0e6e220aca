"""Runnables: units of work that are invoked, streamed and combined."""

from __future__ import annotations

from ._base import Runnable
from ._binding import RunnableBinding
from ._coerce import coerce_to_runnable
from ._config import (
    RunnableConfig,
    ensure_config,
    get_config,
    merge_configs,
    patch_config,
)
from ._explain import Explanation, StepReport
from ._generator import RunnableGenerator
from ._lambda import RunnableLambda, chain
from ._listeners import RunRecord
from ._parallel import RunnableMap, RunnableParallel
from ._passthrough import RunnableAssign, RunnablePassthrough, RunnablePick
from ._sequence import RunnableSequence

__all__ = (
    "Explanation",
    "RunRecord",
    "Runnable",
    "RunnableAssign",
    "RunnableBinding",
    "RunnableConfig",
    "RunnableGenerator",
    "RunnableLambda",
    "RunnableMap",
    "RunnableParallel",
    "RunnablePassthrough",
    "RunnablePick",
    "RunnableSequence",
    "StepReport",
    "chain",
    "coerce_to_runnable",
    "ensure_config",
    "get_config",
    "merge_configs",
    "patch_config",
)
