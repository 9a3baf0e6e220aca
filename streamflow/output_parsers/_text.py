"""The text of what a model says, chunk by chunk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from ..errors import StepInputError
from ..execution import closing
from ..messages import BaseMessage
from ..outputs import Generation
from ..runnables import Runnable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from ..bus import Run


class StrOutputParser(Runnable[Any, str]):
    """Yields the text of messages, message chunks and generations, and strings as they are.

    Args:
        name: The name of its runs.
    """

    run_type: ClassVar[str] = "parser"
    _starts_whole = False
    _flow = "passes"
    _inline = True

    def __init__(self, *, name: str | None = None) -> None:
        self.name = name

    @property
    def InputType(self) -> Any:  # noqa: N802 - under the name that users know
        """The type of the input."""
        return str | BaseMessage | Generation

    def parse(self, text: str) -> str:
        """Return ``text`` unchanged."""
        return text

    async def _execute(self, input: Any, run: Run, **kwargs: Any) -> str:
        return text_of(input)

    async def _iterate(
        self, inputs: AsyncIterator[Any], run: Run, **kwargs: Any
    ) -> AsyncIterator[str]:
        async with closing(inputs):
            async for chunk in inputs:
                yield text_of(chunk)


def text_of(value: Any) -> str:
    """Return the text of a message, a generation or a string.

    Raises:
        StepInputError: it is none of these.
    """
    if isinstance(value, BaseMessage):
        content = value.content
        return content if type(content) is str else str(value.text)
    if isinstance(value, str):
        return value
    if isinstance(value, Generation):
        return str(value.text)
    raise StepInputError(
        f"StrOutputParser reads messages, generations and strings, got "
        f"{type(value).__name__}: {value!r:.80}"
    )
