"""The answers that a model has given before, as one call of it sees them.

Two texts stand for a call: what is asked, and who is asked how. They say nothing of
what the answer cannot depend on (ids of messages, what a provider told about earlier
answers) and nothing that must not be written down (secrets). A call for which no such
texts can be found, since it involves an object that is no data, is not cached.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import define, fields

from .._json import dumps, dumps_flagged
from ..caches import get_llm_cache
from ..errors import ConfigError
from ..messages import BaseMessage, message_chunk_to_message
from ..runnables._user_code import call_user

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..bus import Run
    from ..caches import BaseCache
    from ..outputs import Generation
    from ._model import BaseLanguageModel

_logger = logging.getLogger("streamflow")
_warned: set[tuple[type, str]] = set()

# What a message has that is not said to the model.
_NOT_ASKED = frozenset({"artifact", "id", "response_metadata", "usage_metadata"})

_SECRET = re.compile(
    r"(?:^|[._-])(?:(?:api|access|secret|private|signing|encryption)[_-]?key|apikey"
    r"|(?:api|access|auth|bearer|refresh|session|id)[_-]?token"
    r"|secret|password|passwd|credentials?|authorization)$|^token$",
    re.IGNORECASE,
)


@define(eq=False)
class Answers:
    """The cache, with the texts that stand for one call."""

    model: BaseLanguageModel[Any]
    cache: BaseCache
    prompt: str
    settings: str

    async def find(self, run: Run) -> list[Any] | None:
        """Return the answer in chunks as if it were given now, or ``None``."""
        look = self.cache.lookup if run.execution.blocking else self.cache.alookup
        found: Sequence[Generation] | None = await call_user(
            run, look, not run.execution.blocking, self.prompt, self.settings
        )
        if not found:
            return None
        return [self.model._replayed(part, run, first=part is found[0]) for part in found]

    async def keep(self, run: Run, answer: Sequence[Generation]) -> None:
        """Keep what the call has yielded. That this fails is logged: the answer is there."""
        keep = self.cache.update if run.execution.blocking else self.cache.aupdate
        try:
            await call_user(
                run, keep, not run.execution.blocking, self.prompt, self.settings, answer
            )
        except Exception:
            _logger.exception("the answer of run %r could not be cached", run.name)


def answers_of(
    model: BaseLanguageModel[Any], prompt: Any, kwargs: Mapping[str, Any]
) -> Answers | None:
    """Return the cache for a call of ``model``; ``None`` if it has none.

    Raises:
        ConfigError: ``cache`` is true, and there is no cache for all models.
    """
    cache = model.cache
    if cache is False:
        return None
    if cache is None or cache is True:
        common = get_llm_cache()
        if common is None:
            if cache is None:
                return None
            raise ConfigError(
                f"{type(model).__name__} has cache=True, but set_llm_cache() was not called. "
                f"Call it, or give the model a cache of its own."
            )
        cache = common
    asked = prompt if isinstance(prompt, str) else _as_text(model, "prompt", _asked(prompt))
    settings = _as_text(model, "settings", _settings(model, kwargs))
    if asked is None or settings is None:
        return None
    return Answers(model, cache, asked, settings)


def _asked(messages: Sequence[BaseMessage]) -> dict[str, Any]:
    """Return what is said to the model."""
    said = {}
    for number, message in enumerate(map(message_chunk_to_message, messages)):
        given = {each.alias: getattr(message, each.alias) for each in fields(type(message))}
        said[f"{number} {type(message).__name__}"] = {
            key: value
            for key, value in given.items()
            if key not in _NOT_ASKED and value not in (None, "", [], {})
        }
    return said


def _settings(model: BaseLanguageModel[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Return who is asked, and how."""
    cls = type(model)
    parts = {
        "class": f"{cls.__module__}.{cls.__qualname__}",
        "type": model._llm_type,
        **model._identifying_params,
        **{f"call.{name}": value for name, value in kwargs.items() if value is not None},
    }
    public = _without_secrets(parts)
    return {name: public[name] for name in sorted(public)}


def _without_secrets(value: Any) -> Any:
    if hasattr(value, "get_secret_value"):
        return None
    if isinstance(value, Mapping):
        return {
            key: _without_secrets(item)
            for key, item in value.items()
            if not (isinstance(key, str) and _is_secret(key, item))
        }
    if isinstance(value, (list, tuple)):
        return [_without_secrets(item) for item in value]
    return value


def _is_secret(name: str, value: object) -> bool:
    # A schema may have a property of such a name; what is secret is text.
    return isinstance(value, (str, bytes)) and _SECRET.search(name) is not None


def _as_text(model: BaseLanguageModel[Any], what: str, parts: dict[str, Any]) -> str | None:
    data, lossy = dumps_flagged(parts)
    if not lossy:
        return data.decode()
    for name, value in parts.items():
        if dumps_flagged(value)[1] and (type(model), name) not in _warned:
            _warned.add((type(model), name))
            _logger.warning(
                "%s is not cached: %r in its %s is no data: %.200s. Define _identifying_params "
                "to say what its answers depend on.",
                type(model).__name__,
                name,
                what,
                dumps(value).decode(),
            )
    return None
