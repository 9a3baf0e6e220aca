"""Instances of classes out of JSON."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from .._unset import UNSET
from ..errors import ConfigError, OutputParserException
from ._instructions import json_instructions
from ._json import JsonOutputParser, JsonReading
from ._reading import standing, text_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ..outputs import Generation
    from ..runnables._parts import Flow
    from ._reading import Reading


class PydanticOutputParser(JsonOutputParser):
    """Reads JSON and makes an instance of a class of it, checked.

    Over a stream the instance comes at the end, since before there is none; unless partial
    ones are asked for.

    Args:
        pydantic_object: A pydantic model, an attrs class, a dataclass or a TypedDict.
        partial: Over a stream, yield an instance whenever the JSON has changed: made of the
            parts that have come and are valid. A field that has not come has its default,
            or ``None`` if it has none; a key of a TypedDict is missing. The partial
            instance of a pydantic model is one of a class derived from it. Each is
            checked anew, so the work for one grows with what has come. The last value is
            the whole instance.

    Raises:
        OutputParserException: the JSON is malformed, or no such instance.

    >>> from attrs import frozen
    >>> @frozen
    ... class Joke:
    ...     setup: str
    ...     rating: int
    >>> PydanticOutputParser(pydantic_object=Joke).invoke('{"setup": "Why?", "rating": "7"}')
    Joke(setup='Why?', rating=7)
    >>> parser = PydanticOutputParser(pydantic_object=Joke, partial=True)
    >>> for joke in parser.transform(iter(['{"setup": "Wh', 'y?", "rating"', ": 7}"])):
    ...     print(joke)
    Joke(setup='Wh', rating=None)
    Joke(setup='Why?', rating=None)
    Joke(setup='Why?', rating=7)
    """

    partial: bool = False

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        if self.pydantic_object is None:
            raise ConfigError(
                f"{type(self).__name__} needs a class: give it as pydantic_object=..."
            )

    @property
    def OutputType(self) -> Any:  # noqa: N802 - under the name that users know
        """The type of the output."""
        return self.pydantic_object

    @property
    def _flow(self) -> Flow:  # type: ignore[override]  # known only of the instance
        return "passes" if self.partial else "buffers"

    def parse_result(self, result: Sequence[Generation], *, partial: bool = False) -> Any:
        """Read the instance in the first answer.

        Args:
            result: The answers.
            partial: The answer is not complete: return a partial instance, ``None`` if
                there is nothing to make one of.

        Raises:
            OutputParserException: the JSON is malformed, or no such instance.
        """
        value = super().parse_result(result, partial=partial)
        if not partial:
            return self._made.whole(value, result[0].text)
        made = self._made.part(value)
        return None if made is UNSET else made

    def get_format_instructions(self) -> str:
        """Return what to tell a model about the form of its answer, with the JSON schema."""
        return json_instructions(self.pydantic_object)

    @cached_property
    def _made(self) -> Maker:
        return Maker(self.pydantic_object)

    def _reading(self) -> Reading:
        return _Reading(self, self._made, partial=self.partial)


class Maker:
    """Makes instances of a class out of JSON data."""

    def __init__(self, cls: Any) -> None:
        self.name: str = getattr(cls, "__name__", str(cls))
        self._cls = cls

    def whole(self, value: Any, text: str) -> Any:
        """Return an instance.

        Raises:
            OutputParserException: the data makes none.
        """
        try:
            return self._validate(value)
        except Exception as error:
            raise OutputParserException(
                f"the JSON is no {self.name}: {_reason(error)}", text=text
            ) from error

    def part(self, value: Any) -> Any:
        """Return a partial instance, ``UNSET`` if there is nothing to make one of."""
        return self._validate_part(value)

    @cached_property
    def _validate(self) -> Callable[[Any], Any]:
        from .._partial_schema import validator_of  # noqa: PLC0415 - loads pydantic

        return validator_of(self._cls)

    @cached_property
    def _validate_part(self) -> Callable[[Any], Any]:
        from .._partial_schema import partial_validator_of  # noqa: PLC0415 - loads pydantic

        return partial_validator_of(self._cls)


class _Reading:
    def __init__(self, reader: object, made: Maker, *, partial: bool) -> None:
        self._json = JsonReading(reader)
        self._made = made
        self._partial = partial
        self._reader = reader
        self._pieces: list[str] = []
        self._last: Any = UNSET
        self._ended = False

    def feed(self, chunk: Any) -> Iterable[Any]:
        text = text_in(chunk, self._reader)
        self._pieces.append(text)
        for value in self._json.feed(text):
            if self._json.complete:
                yield self._whole(value)  # whatever follows does not change it
            elif self._partial:
                part = self._made.part(value)
                if part is not UNSET and (self._last is UNSET or part != self._last):
                    self._last = part
                    yield standing(part)

    def close(self) -> Iterable[Any]:
        value = self._json.end()
        return () if self._ended else (self._whole(value),)

    def _whole(self, value: Any) -> Any:
        self._ended = True
        return standing(self._made.whole(value, "".join(self._pieces)))


def _reason(error: Exception) -> str:
    from .._schema import ValidationError, problems_in  # noqa: PLC0415 - loaded by now

    if not isinstance(error, ValidationError):
        return f"{type(error).__name__}: {error}"
    return "; ".join(
        f"{place or 'the value'}: {problem}{'' if value is UNSET else f', got {value!r:.80}'}"
        for place, problem, value in problems_in(error)
    )
