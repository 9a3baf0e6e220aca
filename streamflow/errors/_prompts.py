"""What can go wrong before a model is asked, and after it has answered."""

from __future__ import annotations

from ._root import StreamflowError, shorten


class PromptInputError(StreamflowError, KeyError):
    """Variables of a prompt template are missing from its input."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)

    def __str__(self) -> str:
        # KeyError shows the repr of its argument, which hides line breaks and quotes.
        return self.message


class PromptTemplateError(StreamflowError, ValueError):
    """A prompt template cannot be used: it is malformed, or reaches where it must not."""


class OutputParserException(StreamflowError, ValueError):  # noqa: N818 - the name users know
    """The text of a model is not what the parser of the output reads.

    Args:
        error: What was wrong: a message, or the error that is passed on.
        observation: What an agent is to tell the model about its answer.
        llm_output: The answer of the model; the same as `text`.
        send_to_llm: Whether an agent is to give the model its answer and the observation.
        text: The text that could not be parsed.
        position: Index of the character in `text` where it went wrong.

    Attributes:
        reason: What was wrong, without the place.
        text: The text that could not be parsed, if it is known.
        position: Index of the character where it went wrong, if there is such a place.
        observation: As given.
        llm_output: As given; the text where only that was given.
        send_to_llm: As given.

    Raises:
        OutputParserException: If `send_to_llm` is set and there is nothing to send.

    Example:
        >>> error = OutputParserException("a number was expected", text="[one]", position=1)
        >>> str(error)
        "a number was expected (position 1, at 'one]')"
    """

    def __init__(
        self,
        error: object,
        observation: str | None = None,
        llm_output: str | None = None,
        send_to_llm: bool = False,
        *,
        text: str | None = None,
        position: int | None = None,
    ) -> None:
        self.reason = str(error)
        self.text = llm_output if text is None else text
        self.position = position
        self.observation = observation
        self.llm_output = self.text if llm_output is None else llm_output
        self.send_to_llm = send_to_llm
        if send_to_llm and (observation is None or self.llm_output is None):
            message = "send_to_llm=True needs an observation= and an llm_output= to send"
            raise OutputParserException(message)
        super().__init__(self.reason + self._place())

    def _place(self) -> str:
        if self.position is None:
            return ""
        # A slice first: the text may be long, and a part of it is all that is shown.
        rest = (self.text or "")[self.position : self.position + 80]
        return f" (position {self.position}, {f'at {shorten(rest, 40)}' if rest else 'at the end'})"

    def __reduce__(self) -> tuple[object, ...]:
        # By default only the finished message would come back, as the first argument.
        return _restore_parser_exception, (self.reason, self.__dict__.copy())


def _restore_parser_exception(reason: str, state: dict[str, object]) -> OutputParserException:
    error = OutputParserException(reason)
    error.__dict__.update(state)
    error.args = (reason + error._place(),)
    return error
