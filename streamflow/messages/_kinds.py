"""Kinds of messages, as people name them: by role or by class."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from ..errors import ConfigError
from ._base import BaseMessage
from ._convert import message_class

if TYPE_CHECKING:
    from collections.abc import Iterable

Kind: TypeAlias = str | type[BaseMessage]


def is_one_of(message: BaseMessage, kinds: Kind | Iterable[Kind] | None) -> bool:
    """Whether a message is of one of ``kinds``; a chunk is of the kind of its whole.

    Raises:
        ConfigError: One of them is no role and no class of messages.
    """
    if kinds is None:
        return False
    if isinstance(kinds, (str, type)):
        kinds = (kinds,)
    return any(isinstance(message, _class_of(kind)) for kind in kinds)


def _class_of(kind: Kind) -> type[BaseMessage]:
    found = message_class(kind) if isinstance(kind, str) else kind
    if isinstance(found, type) and issubclass(found, BaseMessage):
        return found
    raise ConfigError(
        f"a kind of messages is a role, such as 'human', 'ai', 'system' or 'tool', or a class "
        f"of messages, got {kind!r}"
    )
