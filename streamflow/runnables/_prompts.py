"""The prompt templates inside of a runnable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._config import ensure_config
from ._configurable import DynamicRunnable
from ._inner import inner_runnables

if TYPE_CHECKING:
    from ._base import Runnable
    from ._config import RunnableConfig


def prompts_in(runnable: Runnable[Any, Any], config: RunnableConfig | None) -> list[Any]:
    """Return the prompt templates inside of ``runnable``, each once, in order.

    Of alternatives, only the one that ``config`` chooses counts.
    """
    configurable = ensure_config(config).get("configurable", {})
    prompts, seen, waiting = [], set(), [runnable]
    while waiting:
        each = waiting.pop(0)
        if id(each) in seen:
            continue
        seen.add(id(each))
        if isinstance(each, DynamicRunnable):
            waiting.insert(0, each._in_place(configurable))
        elif each.run_type == "prompt":  # the class of prompts is not known in this layer
            prompts.append(each)
        else:
            waiting[:0] = inner_runnables(each)
    return prompts
