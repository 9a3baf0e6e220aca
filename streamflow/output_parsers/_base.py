"""The class that output parsers derive from.

A subclass says how one answer is read, by any of ``parse``, ``parse_result``, ``aparse`` and
``aparse_result``; the others follow. Which of them a run uses depends on its execution, as
everywhere: a plain one works in a worker thread of an asynchronous run, an async one on a
background loop of a synchronous run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from .._fields import KeywordFields
from ..errors import MissingImplementationError, StepInputError
from ..execution import LOOP
from ..messages import BaseMessage, BaseMessageChunk
from ..outputs import ChatGeneration, ChatGenerationChunk, Generation, GenerationChunk
from ..runnables import Runnable
from ..runnables._user_code import call_user

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from ..bus import Run

T = TypeVar("T", covariant=True)


class BaseOutputParser(Runnable[Any, T], KeywordFields):
    """Makes a value of what a model says.

    To make one, subclass it and implement ``parse(text)``; or ``parse_result(result)``, if
    more than the text is needed; or one of them with ``async`` and an ``a`` before its name.
    Annotated attributes of the class become arguments of its constructor. A parser of this
    kind waits for the whole answer.

    >>> from streamflow.errors import OutputParserException
    >>> class YesOrNo(BaseOutputParser[bool]):
    ...     yes: str = "yes"
    ...     def parse(self, text: str) -> bool:
    ...         return text.strip().lower() == self.yes
    >>> YesOrNo().invoke("Yes"), YesOrNo(yes="ja").invoke("Yes")
    (True, False)
    """

    run_type: ClassVar[str] = "parser"
    name: str | None = None

    @property
    def InputType(self) -> Any:  # noqa: N802 - under the name that users know
        """The type of the input."""
        return str | BaseMessage | Generation

    # What authors implement; each is made of another one.

    def parse(self, text: str) -> T:
        """Read one answer.

        Raises:
            OutputParserException: it is not what the parser reads.
        """
        raise MissingImplementationError(
            f"{type(self).__name__} cannot parse: implement parse, parse_result, aparse or "
            f"aparse_result."
        )

    def parse_result(self, result: Sequence[Generation], *, partial: bool = False) -> T:
        """Read the first of the answers of a model.

        Args:
            result: The answers, of which most models give one.
            partial: The answer is not complete; what cannot be read yet is ``None``.

        Raises:
            OutputParserException: it is not what the parser reads.
        """
        return self.parse(result[0].text)

    async def aparse(self, text: str) -> T:
        """Read one answer. As :meth:`parse`, which works in a thread meanwhile."""
        return await LOOP.call(self.parse, text)

    async def aparse_result(self, result: Sequence[Generation], *, partial: bool = False) -> T:
        """Read the first answer. As :meth:`parse_result`, which works in a thread meanwhile."""
        return await LOOP.call(self.parse_result, result, partial=partial)

    def parse_with_prompt(self, completion: str, prompt: Any) -> T:
        """Read one answer, knowing what was asked.

        Args:
            completion: The answer.
            prompt: What was asked; most parsers have no use for it.
        """
        return self.parse(completion)

    def get_format_instructions(self) -> str:
        """Return what to tell a model about the form of its answer."""
        raise MissingImplementationError(
            f"{type(self).__name__} has no instructions about the form of an answer: implement "
            f"get_format_instructions."
        )

    # The hooks.

    async def _execute(self, input: Any, run: Run, **kwargs: Any) -> T:
        parsed: T = await self._method(run)([generation_of(input, self)], partial=False)
        return parsed

    def _method(self, run: Run) -> Callable[..., Awaitable[Any]]:
        """Return the author's method that suits a run, as a function of the answers."""
        order = type(self).__mro__
        owners = {name: owner_of(type(self), name) for name in METHODS}

        def preference(name: str) -> tuple[int, bool, bool]:
            # What a class defines says more than what its base does, and so on.
            slow = name.startswith("a") == run.execution.blocking
            return order.index(owners[name]), slow, not name.endswith("result")

        name = min(METHODS, key=preference)
        if owners[name] is BaseOutputParser:
            name = "parse_result"  # which fails with an explanation
        function, is_async = getattr(self, name), name.startswith("a")
        inline = vars(owners[name]).get("_inline", False)

        async def call(result: list[Generation], *, partial: bool) -> Any:
            if name.endswith("result"):
                return await call_user(
                    run, function, is_async, result, inline=inline, partial=partial
                )
            return await call_user(run, function, is_async, result[0].text, inline=inline)

        return call

    def _differs_from(self, cls: type[BaseOutputParser[Any]]) -> bool:
        """Whether a class derived from ``cls`` has changed how an answer is read."""
        order = type(self).__mro__
        known = order.index(cls)
        return any(hasattr(self, name) for name in GENERATORS) or any(
            order.index(owner_of(type(self), name)) < known for name in METHODS
        )


METHODS = ("parse_result", "aparse_result", "parse", "aparse")
GENERATORS = ("_transform", "_atransform")


def owner_of(cls: type[Any], name: str) -> type[Any]:
    return next(base for base in cls.__mro__ if name in base.__dict__)


def text_of(value: Any, reader: object = "a parser") -> str:
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
    raise _unreadable(value, reader)


def generation_of(value: Any, reader: object = "a parser") -> Generation:
    """Return a string, a message or a generation as what a model gives back.

    Raises:
        StepInputError: it is none of these.
    """
    if isinstance(value, BaseMessageChunk):
        return ChatGenerationChunk(value)
    if isinstance(value, BaseMessage):
        return ChatGeneration(value)
    if isinstance(value, str):
        return GenerationChunk(value)
    if isinstance(value, Generation):
        return value
    raise _unreadable(value, reader)


def _unreadable(value: object, reader: object) -> StepInputError:
    name = reader if isinstance(reader, str) else type(reader).__name__
    return StepInputError(
        f"{name} reads messages, generations and strings, got {type(value).__name__}: {value!r:.80}"
    )
