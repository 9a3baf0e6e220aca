"""Answers that cannot be read are given back to a model, to be put right."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from ..errors import OutputParserException, StepInputError
from ..messages import BaseMessage, get_buffer_string
from ..prompt_values import PromptValue
from ..prompts import PromptTemplate
from ._base import BaseOutputParser, text_of
from ._text import StrOutputParser

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typing_extensions import Self

    from ..bus import Run
    from ..runnables import Runnable

_FIX = """An answer has to be put into the right form.

The form that was asked for:
{instructions}

The answer:
{completion}

What is wrong with it:
{error}

Give the same answer in the right form, and nothing else."""

_RETRY = """{prompt}

An answer that did not have the form that was asked for:
{completion}

Give the right answer, and nothing else."""

_RETRY_WITH_ERROR = """{prompt}

An answer that did not have the form that was asked for:
{completion}

What is wrong with it:
{error}

Give the right answer, and nothing else."""


class _Repairing(BaseOutputParser[Any]):
    parser: Any
    retry_chain: Any
    max_retries: int = 1

    _template: ClassVar[str]

    @classmethod
    def from_llm(
        cls,
        llm: Runnable[Any, Any],
        parser: BaseOutputParser[Any],
        prompt: Runnable[Any, Any] | None = None,
        max_retries: int = 1,
    ) -> Self:
        """Make one out of a model.

        Args:
            llm: The model.
            parser: The parser of the answers.
            prompt: What to ask, with the variables that ``retry_chain`` is given.
            max_retries: How often the model is asked.
        """
        return cls(parser=parser, retry_chain=cls._chain(llm, prompt), max_retries=max_retries)

    @classmethod
    def _chain(cls, llm: Runnable[Any, Any], prompt: Any) -> Runnable[Any, Any]:
        asked = PromptTemplate.from_template(cls._template) if prompt is None else prompt
        chain: Runnable[Any, Any] = asked | llm | StrOutputParser()
        return chain

    @property
    def OutputType(self) -> Any:  # noqa: N802 - under the name that users know
        """The type of the output: that of the parser."""
        return self.parser.OutputType

    def get_format_instructions(self) -> str:
        """Return those of the parser."""
        instructions: str = self.parser.get_format_instructions()
        return instructions

    async def _repaired(self, answer: Any, run: Run, more: Mapping[str, Any]) -> Any:
        """Return what the parser makes of an answer, or of one that replaces it."""
        for attempt in range(self.max_retries + 1):
            try:
                return await self.parser._invoke_step(answer, run, None, None, {})
            except OutputParserException as error:
                if attempt == self.max_retries:
                    raise
                asked = {**more, "completion": text_of(answer, self), "error": str(error)}
            answer = await self.retry_chain._invoke_step(asked, run, None, None, {})
        raise AssertionError  # the last attempt returns or raises

    @abstractmethod
    async def _execute(self, input: Any, run: Run, **kwargs: Any) -> Any: ...


class OutputFixingParser(_Repairing):
    """A parser that gives an answer that it cannot read to a model, to be put right.

    The runs of the model are children of its own. It waits for the whole answer.

    Args:
        parser: The parser of the answers.
        retry_chain: A runnable from ``instructions`` (those of the parser), ``completion``
            (the answer) and ``error`` to a new answer.
        max_retries: How often the model is asked.

    Raises:
        OutputParserException: the last answer cannot be read either.

    >>> from streamflow.language_models import FakeListChatModel
    >>> from streamflow.output_parsers import JsonOutputParser
    >>> model = FakeListChatModel(responses=['{"a": 1}'])
    >>> parser = OutputFixingParser.from_llm(model, JsonOutputParser())
    >>> parser.invoke("a is one")
    {'a': 1}
    """

    _template = _FIX

    def parse(self, text: str) -> Any:
        """Read an answer, put right if need be. As ``invoke``."""
        return self.invoke(text)

    async def aparse(self, text: str) -> Any:
        """Read an answer, put right if need be. As ``ainvoke``."""
        return await self.ainvoke(text)

    async def _execute(self, input: Any, run: Run, **kwargs: Any) -> Any:
        return await self._repaired(input, run, {"instructions": self._instructions()})

    def _instructions(self) -> str:
        try:
            return self.get_format_instructions()
        except NotImplementedError:
            return "(There are no more words about it.)"


class RetryOutputParser(_Repairing):
    """A parser that asks the model again, with the same prompt, when it cannot read an answer.

    Its input is a dict of the ``prompt`` (a string, messages or a prompt value) and the
    ``completion``, the answer to it. It waits for the whole answer.

    Args:
        parser: The parser of the answers.
        retry_chain: A runnable from ``prompt`` (as text), ``completion`` and ``error`` to a
            new answer.
        max_retries: How often the model is asked again.

    Raises:
        OutputParserException: the last answer cannot be read either.

    >>> from streamflow.language_models import FakeListChatModel
    >>> from streamflow.output_parsers import JsonOutputParser
    >>> model = FakeListChatModel(responses=['{"a": 1}'])
    >>> parser = RetryOutputParser.from_llm(model, JsonOutputParser())
    >>> parser.parse_with_prompt("a is one", "What is a? Answer in JSON.")
    {'a': 1}
    """

    _template = _RETRY

    @property
    def InputType(self) -> Any:  # noqa: N802 - under the name that users know
        """The type of the input."""
        return dict[str, Any]

    def parse_with_prompt(self, completion: str, prompt: Any) -> Any:
        """Read the answer to a prompt, or one that the model gives instead."""
        return self.invoke({"completion": completion, "prompt": prompt})

    async def aparse_with_prompt(self, completion: str, prompt: Any) -> Any:
        """Read the answer to a prompt. As :meth:`parse_with_prompt`, awaited."""
        return await self.ainvoke({"completion": completion, "prompt": prompt})

    async def _execute(self, input: Any, run: Run, **kwargs: Any) -> Any:
        if not isinstance(input, dict) or not {"completion", "prompt"} <= input.keys():
            raise StepInputError(
                f"{type(self).__name__} reads a dict with 'prompt' and 'completion', got "
                f"{type(input).__name__}: {input!r:.80}. Call parse_with_prompt, or put "
                f"{{'prompt': ..., 'completion': ...}} before it."
            )
        return await self._repaired(input["completion"], run, {"prompt": _asked(input["prompt"])})


class RetryWithErrorOutputParser(RetryOutputParser):
    """`RetryOutputParser` that tells the model what was wrong, too.

    >>> from streamflow.language_models import FakeListChatModel
    >>> from streamflow.output_parsers import JsonOutputParser
    >>> model = FakeListChatModel(responses=['{"a": 1}'])
    >>> parser = RetryWithErrorOutputParser.from_llm(model, JsonOutputParser())
    >>> parser.invoke({"prompt": "What is a?", "completion": "one"})
    {'a': 1}
    """

    _template = _RETRY_WITH_ERROR


def _asked(prompt: Any) -> str:
    if isinstance(prompt, PromptValue):
        return prompt.to_string()
    if isinstance(prompt, (str, BaseMessage)):
        return text_of(prompt)
    return get_buffer_string(prompt)
