"""XML, read while it comes, by the parser of the extra ``xml``, which defuses attacks."""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

from .._merge import AddableDict
from ..errors import MissingExtraError, OutputParserException
from ._reading import ReadingParser, text_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ._reading import Reading

    Path = tuple[tuple[str, int], ...]

MAX_DEPTH = 200
"""How deep elements may be nested."""

# The beginning of an element, of a comment, or of what may stand before the first element.
_START = re.compile(r"<[A-Za-z_:!?]")


class XMLOutputParser(ReadingParser[dict[str, Any]]):
    """Reads XML, also in prose or in a fence, into dicts, lists and strings.

    An element with elements inside is ``{tag: [...]}``, one with text ``{tag: text}``; one
    without either has ``None``, or ``[]`` if it is the outermost. Attributes, and text beside
    elements, are left out. Over a stream, each innermost element comes when it is complete,
    inside of those around it; the chunks add up to the whole.

    Documents that declare types or entities are refused: these are what attacks are made of.

    Args:
        tags: The tags that the model is to use, for `get_format_instructions`.

    Raises:
        OutputParserException: there is no XML in the answer, or it is malformed, or refused.
        MissingExtraError: the extra is not installed.

    >>> parser = XMLOutputParser()
    >>> parser.invoke("<film><title>Big</title><year>1988</year></film>")
    {'film': [{'title': 'Big'}, {'year': '1988'}]}
    >>> for chunk in parser.transform(iter(["<film><title>B", "ig</title><ye", "ar/></film>"])):
    ...     print(chunk)
    {'film': [{'title': 'Big'}]}
    {'film': [{'year': None}]}
    """

    tags: Sequence[str] | None = None

    def get_format_instructions(self) -> str:
        """Return what to tell a model about the form of its answer."""
        lines = [
            "Answer with one XML document and nothing else: no explanation, no Markdown.",
            "Close every element that you open. Write &lt; for < and &amp; for & in texts.",
        ]
        if self.tags:
            lines.append(f"Use these tags: {', '.join(self.tags)}.")
        return "\n".join(lines)

    def _reading(self) -> Reading:
        return _Document(self)


class _Elements(AddableDict[str, Any]):
    """A part of a document that knows its place, so that parts of one element add up to it."""

    __slots__ = ("_leaves",)

    def __init__(self, leaves: Sequence[tuple[Path, Any]]) -> None:
        super().__init__(_nested(leaves))
        self._leaves = leaves

    def __reduce__(self) -> Any:
        return _Elements, (self._leaves,)

    @classmethod
    def merge_chunks(cls, chunks: Sequence[Any]) -> Any:
        """Return the document that the parts are of."""
        if not all(isinstance(chunk, _Elements) for chunk in chunks):
            return AddableDict.merge_chunks([dict(chunk) for chunk in chunks])
        return _Elements([leaf for chunk in chunks for leaf in chunk._leaves])


def _nested(leaves: Sequence[tuple[Path, Any]]) -> dict[str, Any]:
    """Return the elements on the paths, of which neighbours share what they have in common."""
    top: list[Any] = []
    open_: list[tuple[tuple[str, int], list[Any]]] = []
    for path, text in leaves:
        depth = 0
        while depth < min(len(open_), len(path) - 1) and open_[depth][0] == path[depth]:
            depth += 1
        del open_[depth:]
        for step in path[depth:-1]:
            inside: list[Any] = []
            (open_[-1][1] if open_ else top).append({step[0]: inside})
            open_.append((step, inside))
        (open_[-1][1] if open_ else top).append({path[-1][0]: text})
    return dict(top[0]) if top else {}


class _Document:
    """One answer with a document in it."""

    def __init__(self, reader: object) -> None:
        try:
            library = import_module("defusedxml.ElementTree")
        except ImportError as error:
            raise MissingExtraError("XMLOutputParser", "xml") from error
        self._reader = reader
        self._events = _Events()
        self._parser = library.DefusedXMLParser(target=self._events, forbid_dtd=True)
        self._pieces: list[str] = []
        self._length = 0
        # Where the document begins; until then, what may be a part of its beginning.
        self._start: int | None = None
        self._tail = ""

    def feed(self, chunk: Any) -> Iterable[Any]:
        text = text_in(chunk, self._reader)
        if self._events.ended:
            return ()
        self._pieces.append(text)
        self._length += len(text)
        if self._start is None:
            text = self._tail + text
            found = _START.search(text)
            if found is None:
                self._tail = "<" if text.endswith("<") else ""
                return ()
            self._start = self._length - len(text) + found.start()
            text = text[found.start() :]
        self._read(self._parser.feed, text)
        return self._events.taken()

    def close(self) -> Iterable[Any]:
        if not self._events.ended:
            if self._start is None:
                self._fail("there is no XML in this text")
            # The library may not have looked at the last few characters: it waits for more,
            # so that a long tag in many pieces is not read again with each.
            self._read(self._parser.close)
        if not self._events.ended:
            self._fail("the XML is not complete")
        return self._events.taken()

    def _read(self, read: Callable[..., Any], *text: str) -> None:
        try:
            read(*text)
        except Exception as error:  # noqa: BLE001 - the library raises what is no public class
            if not self._events.ended:  # what follows the document does not matter
                self._fail(_reason(error), error)

    def _fail(self, reason: str, error: Exception | None = None) -> NoReturn:
        text, position = "".join(self._pieces), None
        if isinstance(error, SyntaxError):
            line, column = getattr(error, "position", (1, 0))
            position = self._start or 0
            for _ in range(line - 1):
                position = text.find("\n", position) + 1
            position += column
        raise OutputParserException(reason, text=text, position=position) from error


class _Events:
    """What the parser tells of, and what is made of it."""

    def __init__(self) -> None:
        self.ended = False
        self._path: list[tuple[str, int]] = []
        # For each open element how many are in it, and the text of the innermost.
        self._counts = [0]
        self._texts: list[str] = []
        self._leaves: list[tuple[Path, Any]] = []

    def start(self, tag: str, attributes: Any) -> None:
        if len(self._path) == MAX_DEPTH:
            raise OutputParserException(f"elements are nested deeper than {MAX_DEPTH}")
        self._path.append((tag, self._counts[-1]))
        self._counts[-1] += 1
        self._counts.append(0)
        self._texts = []

    def data(self, text: str) -> None:
        self._texts.append(text)

    def end(self, tag: str) -> None:
        if self._counts.pop() == 0:
            text: Any = "".join(self._texts) or None
            if len(self._path) == 1 and not (text and text.strip()):
                text = []
            self._leaves.append((tuple(self._path), text))
        self._path.pop()
        self._texts = []
        self.ended = not self._path

    def close(self) -> None:
        """Do nothing; the parser asks for this."""

    def taken(self) -> list[Any]:
        """Return the elements that have ended since."""
        taken = [_Elements([leaf]) for leaf in self._leaves]
        self._leaves = []
        return taken


def _reason(error: Exception) -> str:
    if isinstance(error, OutputParserException):
        return error.reason
    if isinstance(error, SyntaxError):
        return f"the XML is malformed: {error}"
    return f"the XML is refused, since it declares types or entities: {type(error).__name__}"
