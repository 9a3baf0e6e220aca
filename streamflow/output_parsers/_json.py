"""JSON in what a model says, while it says it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._unset import UNSET
from ..partial_json import PartialJSONParser
from ._instructions import json_instructions
from ._patch import make_patch
from ._reading import CumulativeReadingParser, standing, text_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..outputs import Generation
    from ._reading import Reading


class JsonOutputParser(CumulativeReadingParser[Any]):
    """Reads JSON, also in prose or in a fence; over a stream, the value so far.

    A value is passed on whenever it has changed, completed as `PartialJSONParser` does: open
    brackets and texts are closed, and what is no value yet is left out. Each stands for the
    whole so far and shares with the one before what did not change; treat them as
    read-only. Each character is read once, however long the answer gets.

    Args:
        diff: Pass on how each value differs from the one before, as a JSON patch: a list of
            operations. All of them, joined, make the value out of ``None``.
        pydantic_object: What the JSON is to look like, for `get_format_instructions`: a
            pydantic model, an attrs class, a dataclass, a TypedDict or a JSON schema. That
            it does is not checked; `PydanticOutputParser` does.

    Raises:
        OutputParserException: at the end there is no JSON in the answer, or it is malformed.

    >>> pieces = ['{"name": "Fra', 'nce", "popul', 'ation": 67', "413}"]
    >>> for value in JsonOutputParser().transform(iter(pieces)):
    ...     print(value)
    {'name': 'Fra'}
    {'name': 'France'}
    {'name': 'France', 'population': 67}
    {'name': 'France', 'population': 67413}
    >>> for patch in JsonOutputParser(diff=True).transform(iter(pieces[:2])):
    ...     print(patch)
    [{'op': 'replace', 'path': '', 'value': {'name': 'Fra'}}]
    [{'op': 'replace', 'path': '/name', 'value': 'France'}]
    """

    pydantic_object: Any = None

    def parse_result(self, result: Sequence[Generation], *, partial: bool = False) -> Any:
        """Read the JSON in the first answer.

        Args:
            result: The answers.
            partial: The answer is not complete: return the value so far, ``None`` if there
                is none.

        Raises:
            OutputParserException: there is no JSON in it, or it is malformed.
        """
        parser = PartialJSONParser()
        parser.feed(result[0].text)
        if not partial:
            return parser.close()
        return None if parser.value is UNSET else parser.value

    def get_format_instructions(self) -> str:
        """Return what to tell a model about the form of its answer.

        >>> print(JsonOutputParser().get_format_instructions())
        Answer with JSON and nothing else.
        """
        return json_instructions(self.pydantic_object)

    def _reading(self) -> Reading:
        return JsonReading(self)


class SimpleJsonOutputParser(JsonOutputParser):
    """`JsonOutputParser` under the name that it had first.

    >>> SimpleJsonOutputParser().invoke('{"a": 1}')
    {'a': 1}
    """


class JsonReading:
    """The JSON of one answer."""

    def __init__(self, reader: object) -> None:
        self._reader = reader
        self._parser = PartialJSONParser()
        self._last: Any = UNSET

    @property
    def complete(self) -> bool:
        """Whether the value is, whatever follows."""
        return self._parser.complete

    def feed(self, chunk: Any) -> Iterable[Any]:
        """Return the value, if it has changed."""
        text = chunk if type(chunk) is str else text_in(chunk, self._reader)
        return (self._shown(self._parser.value),) if self._parser.feed(text) else ()

    def close(self) -> Iterable[Any]:
        """Return the value, if the end has changed it."""
        value = self.end()
        if self._last is not UNSET and not make_patch(self._last, value):
            return ()
        return (self._shown(value),)

    def end(self) -> Any:
        """Return the whole value.

        Raises:
            OutputParserException: there is none, or the JSON is malformed.
        """
        return self._parser.close()

    def _shown(self, value: Any) -> Any:
        self._last = value
        return standing(value)
