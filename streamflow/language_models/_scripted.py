"""What scripted models share: they need no thread and no loop, so they are written once.

They yield their chunks directly in the run, whatever its execution, and know how to wait
in it. That is closer to the machine than the methods that authors implement.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from .._merge import merge
from ..execution import closing
from ._chat import BaseChatModel
from ._llm import BaseLLM

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from ..bus import Run
    from ..messages import BaseMessage


def script_of(settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the settings without the place that a script has got to, which is none."""
    return {name: value for name, value in settings.items() if name != "i"}


class ScriptedChatModel(BaseChatModel):
    """A chat model that plays a script."""

    # What is bound to it changes nothing in the script.
    _takes_openai_tools = True
    _takes_response_format = True

    _streaming = True

    @property
    def _identifying_params(self) -> Mapping[str, Any]:
        return script_of(super()._identifying_params)

    @abstractmethod
    def _play(self, prompt: Any, run: Run) -> AsyncIterator[Any]:
        """Yield the chunks of the next answer."""

    def _can_stream(self) -> bool:
        return self._streaming

    def _can_generate(self) -> bool:
        return True

    async def _chunks(self, prompt: Any, run: Run, kwargs: dict[str, Any]) -> AsyncIterator[Any]:
        convert = self._converter(run)
        async with closing(self._play(prompt, run)) as chunks:
            async for chunk in chunks:
                yield convert(chunk)

    async def _generated(self, prompt: Any, run: Run, kwargs: dict[str, Any]) -> BaseMessage:
        async with closing(self._chunks(prompt, run, kwargs)) as stream:
            chunks = [chunk async for chunk in stream]
        return self._as_output(merge(chunks) if chunks else self._as_chunk("", None, run))


class ScriptedLLM(BaseLLM):
    """A model of text that plays a script."""

    _streaming = True

    @property
    def _identifying_params(self) -> Mapping[str, Any]:
        return script_of(super()._identifying_params)

    @abstractmethod
    def _play(self, prompt: Any, run: Run) -> AsyncIterator[str]:
        """Yield the chunks of the next answer."""

    def _can_stream(self) -> bool:
        return self._streaming

    def _can_generate(self) -> bool:
        return True

    def _chunks(self, prompt: Any, run: Run, kwargs: dict[str, Any]) -> AsyncIterator[str]:
        return self._play(prompt, run)

    async def _generated(self, prompt: Any, run: Run, kwargs: dict[str, Any]) -> str:
        async with closing(self._play(prompt, run)) as chunks:
            return "".join([chunk async for chunk in chunks])
