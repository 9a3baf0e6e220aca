"""A message that stands for the removal of another one."""

from __future__ import annotations

from typing import Any, ClassVar

from attrs import define

from .._json import register_type
from ._base import BaseMessage, given_fields


@define(repr=False, init=False)
class RemoveMessage(BaseMessage):
    """Takes the place of a message that is to be removed from a list of them.

    >>> from streamflow.messages import RemoveMessage
    >>> RemoveMessage("m1")
    RemoveMessage(content='', id='m1')

    Args:
        id: The id of the message that goes.
    """

    type: ClassVar[str] = "remove"

    def __init__(self, id: str, content: str = "", **fields: Any) -> None:
        self.__attrs_init__(content, id=id, **fields)


register_type(RemoveMessage, encode=given_fields)
