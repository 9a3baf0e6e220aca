"""The text of what a model says, chunk by chunk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..execution import closing
from ._base import text_of
from ._transform import BaseTransformOutputParser

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from ..bus import Run


class StrOutputParser(BaseTransformOutputParser[str]):
    """Yields the text of messages, message chunks and generations, and strings as they are.

    >>> from streamflow.messages import AIMessageChunk
    >>> list(StrOutputParser().transform(iter([AIMessageChunk("so "), "it goes"])))
    ['so ', 'it goes']
    """

    _inline = True

    def parse(self, text: str) -> str:
        """Return ``text`` unchanged."""
        return text

    async def _execute(self, input: Any, run: Run, **kwargs: Any) -> str:
        if self._is_another():
            return await super()._execute(input, run, **kwargs)
        return text_of(input, self)

    def _iterate(self, inputs: AsyncIterator[Any], run: Run, **kwargs: Any) -> AsyncIterator[str]:
        if self._is_another():
            return super()._iterate(inputs, run, **kwargs)
        return self._texts(inputs)

    async def _texts(self, inputs: AsyncIterator[Any]) -> AsyncIterator[str]:
        async with closing(inputs):
            async for chunk in inputs:
                yield text_of(chunk, self)

    def _is_another(self) -> bool:
        return type(self) is not StrOutputParser and self._differs_from(StrOutputParser)
