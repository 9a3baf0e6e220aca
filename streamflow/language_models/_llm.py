"""Models of text: a string in, a string out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from ..errors import ModelInputError
from ..messages import BaseMessage, convert_to_messages, get_buffer_string
from ..outputs import Generation, LLMResult
from ..prompt_values import PromptValue
from ._model import BaseLanguageModel

if TYPE_CHECKING:
    from ..bus import Run


class BaseLLM(BaseLanguageModel[str]):
    """A model of text.

    To make one, subclass it and implement one of

    * ``_generate(prompts, stop=None, run_manager=None, **kwargs) -> LLMResult``, for a
      list of prompts
    * ``_agenerate(...)``, the same with ``async``
    * ``_stream(prompt, stop=None, run_manager=None, **kwargs)``, a generator of
      ``GenerationChunk`` or strings
    * ``_astream(...)``, the same with ``async``

    For a model that answers one prompt at a time, ``LLM`` is easier.

    >>> from streamflow.language_models import BaseLLM
    >>> from streamflow.outputs import Generation, LLMResult
    >>> class Echo(BaseLLM):
    ...     def _generate(self, prompts, stop=None, **kwargs):
    ...         return LLMResult([[Generation(prompt)] for prompt in prompts])
    >>> Echo().invoke("Hello")
    'Hello'
    """

    run_type: ClassVar[str] = "llm"

    def _read(self, input: Any) -> str:
        return read_text(input)

    def _as_chunk(self, token: str, chunk: Any, run: Run) -> str:
        if chunk is None:
            return token
        return chunk.text if isinstance(chunk, Generation) else str(chunk)

    def _as_output(self, chunk: Any) -> Any:
        return chunk

    def _recorded(self, part: Any, run: Run) -> Generation:
        return Generation(part)

    def _replayed(self, part: Generation, run: Run, *, first: bool) -> str:
        return part.text

    async def _generated(self, prompt: Any, run: Run, kwargs: dict[str, Any]) -> str:
        result: LLMResult = await self._call_author(
            "_generate", "_agenerate", [prompt], run, kwargs
        )
        return result.generations[0][0].text


class LLM(BaseLLM):
    """A model of text that answers one prompt at a time: implement ``_call``.

    ``_call(prompt, stop=None, run_manager=None, **kwargs) -> str``; or ``_acall``, the
    same with ``async``; and ``_stream`` or ``_astream``, if it can stream.

    >>> from streamflow.language_models import LLM
    >>> class Echo(LLM):
    ...     def _call(self, prompt, stop=None, **kwargs):
    ...         return prompt
    >>> Echo().invoke("Hello")
    'Hello'
    """

    def _can_generate(self) -> bool:
        return hasattr(self, "_call") or hasattr(self, "_acall")

    async def _generated(self, prompt: Any, run: Run, kwargs: dict[str, Any]) -> str:
        text: str = await self._call_author("_call", "_acall", prompt, run, kwargs)
        return text


def read_text(value: Any) -> str:
    """Return the text that an input of a model of text stands for.

    Raises:
        ModelInputError: it is none of the forms that a model reads.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, PromptValue):
        return value.to_string()
    if isinstance(value, BaseMessage):
        return get_buffer_string([value])
    if isinstance(value, (list, tuple)):
        return get_buffer_string(convert_to_messages(value))
    raise ModelInputError(
        f"a model reads a string, a list of messages or a prompt value, got "
        f"{type(value).__name__}: {value!r:.80}"
    )
