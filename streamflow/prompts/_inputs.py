"""What a prompt is filled in with: checked, and completed by what is known beforehand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from ..errors import PromptInputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# A value, or a function without arguments, plain or async, that makes one for each use.
Partial: TypeAlias = Any | Callable[[], Any]


def as_values(owner: str, needed: Sequence[str], given: object) -> Mapping[str, Any]:
    """Take the input of a prompt: its variables by name, or the value of its only one.

    Raises:
        PromptInputError: It is no mapping, and the prompt does not have just one variable.
    """
    if isinstance(given, Mapping):
        return given
    if len(needed) == 1:
        return {needed[0]: given}
    raise PromptInputError(
        f"{owner} expects a dict with {_names(needed) or 'its variables'}, got "
        f"{type(given).__name__}: {given!r}. Only a prompt with exactly one variable takes "
        f"a value that is no dict."
    )


def check(owner: str, needed: Iterable[str], values: Mapping[str, Any]) -> None:
    """See to it that every variable has a value.

    Raises:
        PromptInputError: Some have none; the message lists them.
    """
    missing = [name for name in needed if name not in values]
    if not missing:
        return
    example = missing[0]
    raise PromptInputError(
        f"{owner} is missing {_names(missing)}. It needs {_names(needed)}; the input has "
        f"{_names(map(str, values)) or 'nothing'}. If {{{example}}} is text rather than a "
        f"variable, double its braces: {{{{{example}}}}}."
    )


def complete(partials: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Add what is known beforehand; a value that is given now has precedence."""
    return {**partials, **values} if partials else values


def enclose(partials: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Add what a part of a prompt knows beforehand, which for that part has precedence."""
    return {**values, **partials} if partials else values


def _names(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in names)
