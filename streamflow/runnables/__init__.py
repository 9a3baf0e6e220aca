"""Runnables: units of work that are invoked, streamed and combined."""

from __future__ import annotations

from ._base import Runnable
from ._binding import RunnableBinding
from ._branch import RouterRunnable, RunnableBranch
from ._coerce import coerce_to_runnable
from ._config import (
    RunnableConfig,
    ensure_config,
    get_config,
    merge_configs,
    patch_config,
)
from ._configurable import (
    DynamicRunnable,
    RunnableConfigurableAlternatives,
    RunnableConfigurableFields,
)
from ._configurable_fields import (
    AnyConfigurableField,
    ConfigurableField,
    ConfigurableFieldMultiOption,
    ConfigurableFieldSingleOption,
    ConfigurableFieldSpec,
)
from ._each import RunnableEach
from ._explain import Explanation, StepReport
from ._fallbacks import RunnableWithFallbacks
from ._generator import RunnableGenerator
from ._history import RunnableWithMessageHistory
from ._lambda import RunnableLambda, chain
from ._listeners import RunRecord
from ._parallel import RunnableMap, RunnableParallel
from ._passthrough import RunnableAssign, RunnablePassthrough, RunnablePick
from ._retry import ExponentialJitterParams, RunnableRetry
from ._sequence import RunnableSequence
from ._timeout import RunnableTimeout

__all__ = (
    "AnyConfigurableField",
    "ConfigurableField",
    "ConfigurableFieldMultiOption",
    "ConfigurableFieldSingleOption",
    "ConfigurableFieldSpec",
    "DynamicRunnable",
    "Explanation",
    "ExponentialJitterParams",
    "RouterRunnable",
    "RunRecord",
    "Runnable",
    "RunnableAssign",
    "RunnableBinding",
    "RunnableBranch",
    "RunnableConfig",
    "RunnableConfigurableAlternatives",
    "RunnableConfigurableFields",
    "RunnableEach",
    "RunnableGenerator",
    "RunnableLambda",
    "RunnableMap",
    "RunnableParallel",
    "RunnablePassthrough",
    "RunnablePick",
    "RunnableRetry",
    "RunnableSequence",
    "RunnableTimeout",
    "RunnableWithFallbacks",
    "RunnableWithMessageHistory",
    "StepReport",
    "chain",
    "coerce_to_runnable",
    "ensure_config",
    "get_config",
    "merge_configs",
    "patch_config",
)
