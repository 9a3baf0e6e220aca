"""Templates in the mustache language, without partials and without code in the data.

Known are ``{{name}}``, ``{{{name}}}`` and ``{{& name}}``, sections ``{{#name}}…{{/name}}``
and their opposite ``{{^name}}…{{/name}}``, comments ``{{! … }}``, other delimiters
``{{=<% %>=}}``, names with dots, and ``{{.}}``.

Names lead through dicts and lists only, never to attributes of objects, and nothing in the
data is called: whoever writes a template sees what was given for it and no more. A prompt
is no HTML, so values are written as they are, whatever the braces.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any, TypeAlias

from attrs import define, field, frozen

from ..errors import PromptTemplateError

_MOST_NESTED = 100
_MISSING = object()


@frozen
class _Name:
    """Where a value goes."""

    path: tuple[str, ...]

    def write(self, scopes: tuple[object, ...], out: list[str]) -> None:
        value = _look_up(self.path, scopes)
        if value is not _MISSING and value is not None:
            out.append(str(value))


@frozen
class _Section:
    """What is written once for each item of a list, or if there is a value, or if not."""

    path: tuple[str, ...]
    inverted: bool
    inner: tuple[_Node, ...]

    def write(self, scopes: tuple[object, ...], out: list[str]) -> None:
        value = _look_up(self.path, scopes)
        empty = _is_empty(value)
        if self.inverted:
            rounds: Sequence[tuple[object, ...]] = [scopes] if empty else []
        elif empty:
            rounds = []
        elif _is_list(value):
            rounds = [(*scopes, item) for item in value]
        else:
            rounds = [(*scopes, value)]
        for each in rounds:
            _write(self.inner, each, out)


_Node: TypeAlias = "str | _Name | _Section"


@frozen(repr=False)
class MustacheTemplate:
    """A text in the mustache language."""

    source: str
    nodes: tuple[_Node, ...] = field(init=False, eq=False)
    variables: tuple[str, ...] = field(init=False, eq=False)
    """The names outside of sections and of the sections themselves, in order of appearance."""

    @nodes.default
    def _parse(self) -> tuple[_Node, ...]:
        return _Parser(self.source).parse()

    @variables.default
    def _find_variables(self) -> tuple[str, ...]:
        names = (node.path[0] for node in self.nodes if not isinstance(node, str) and node.path)
        return tuple(dict.fromkeys(names))

    def __repr__(self) -> str:
        return repr(self.source)

    def fill(self, values: Mapping[str, object]) -> str:
        """Write the text; of what is not there, nothing is written."""
        out: list[str] = []
        _write(self.nodes, (values,), out)
        return "".join(out)


def _write(nodes: tuple[_Node, ...], scopes: tuple[object, ...], out: list[str]) -> None:
    for node in nodes:
        if isinstance(node, str):
            out.append(node)
        else:
            node.write(scopes, out)


def _look_up(path: tuple[str, ...], scopes: tuple[object, ...]) -> Any:
    if not path:  # {{.}}
        return scopes[-1]
    # The first name is searched outwards; from there on the path is followed.
    found = (item for scope in reversed(scopes) if (item := _item(scope, path[0])) is not _MISSING)
    value = next(found, _MISSING)
    for name in path[1:]:
        value = _item(value, name)
    return value


def _item(value: Any, name: str) -> object:
    if isinstance(value, Mapping):
        return value.get(name, _MISSING)
    if _is_list(value) and name.isdecimal() and len(name) < 10 and int(name) < len(value):
        return value[int(name)]
    return _MISSING


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray))


def _is_empty(value: Any) -> bool:
    if value is _MISSING or value is None:
        return True
    plain = isinstance(value, (str, bytes, int, float, Mapping)) or _is_list(value)
    return plain and not value  # of other objects the truth value may be anything, or an error


@define
class _Open:
    """A section whose end has not been read."""

    path: tuple[str, ...]
    inverted: bool
    tag: str
    nodes: list[_Node] = field(factory=list)


class _Parser:
    """Reads a template from its beginning to its end."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._position = 0
        self._set_delimiters("{{", "}}")
        self._open: list[_Open] = [_Open((), inverted=False, tag="")]

    def parse(self) -> tuple[_Node, ...]:
        while (start := self._source.find(self._left, self._position)) >= 0:
            tag = self._tag.match(self._source, start)
            if tag is None:
                shown = self._source[start : start + 20]
                raise self._error(f"the tag {shown!r} has no end", start)
            self._read(tag)
        self._text(self._source[self._position :])
        if len(self._open) > 1:
            raise self._error(
                f"the section {self._open[-1].tag} is never closed", len(self._source)
            )
        return tuple(self._open[0].nodes)

    def _set_delimiters(self, left: str, right: str) -> None:
        self._left = left
        start, end = re.escape(left), re.escape(right)
        triple = rf"\{{(?P<raw>[^}}]*)\}}{end}|" if left == "{{" else ""
        self._tag = re.compile(
            rf"{start}(?:{triple}!(?P<comment>.*?){end}|=(?P<set>[^=]*)={end}|"
            rf"(?P<kind>[#^/&>$<]?)(?P<name>.*?){end})",
            re.DOTALL,
        )

    def _read(self, tag: re.Match[str]) -> None:
        kind = tag["kind"]
        before, after = self._source[self._position : tag.start()], tag.end()
        if kind in ("#", "^", "/") or tag["comment"] is not None or tag["set"] is not None:
            # Such a tag alone on its line takes the line with it.
            blank = "".join(takewhile(" \t".__contains__, reversed(before)))
            line_start = tag.start() - len(blank)
            rest = _REST_OF_LINE.match(self._source, after)
            if rest and (line_start == 0 or self._source[line_start - 1] == "\n"):
                before, after = before[: len(before) - len(blank)], rest.end()
        self._text(before)
        self._position = after
        if tag["comment"] is not None:
            return
        if tag["set"] is not None:
            self._change_delimiters(tag)
        elif kind in ("#", "^"):
            self._enter(tag)
        elif kind == "/":
            self._leave(tag)
        elif kind in (">", "<", "$"):
            raise self._error(
                f"{tag.group()} is a partial, which prompts do not have: put it in place, "
                f"or give it as a variable",
                tag.start(),
            )
        else:
            name = tag["name"] if tag.groupdict().get("raw") is None else tag["raw"]
            self._open[-1].nodes.append(_Name(self._path(name, tag)))

    def _text(self, text: str) -> None:
        if text:
            self._open[-1].nodes.append(text)

    def _enter(self, tag: re.Match[str]) -> None:
        if len(self._open) > _MOST_NESTED:
            raise self._error(f"sections are nested more than {_MOST_NESTED} deep", tag.start())
        path = self._path(tag["name"], tag)
        self._open.append(_Open(path, inverted=tag["kind"] == "^", tag=tag.group()))

    def _leave(self, tag: re.Match[str]) -> None:
        section = self._open[-1]
        if len(self._open) == 1:
            raise self._error(f"{tag.group()} closes a section that is not open", tag.start())
        if section.path != self._path(tag["name"], tag):
            raise self._error(f"{tag.group()} stands where {section.tag} is open", tag.start())
        self._open.pop()
        done = _Section(section.path, section.inverted, tuple(section.nodes))
        self._open[-1].nodes.append(done)

    def _change_delimiters(self, tag: re.Match[str]) -> None:
        given = tag["set"].split()
        if len(given) != 2:
            raise self._error(f"{tag.group()} does not name two delimiters", tag.start())
        self._set_delimiters(*given)

    def _path(self, name: str, tag: re.Match[str]) -> tuple[str, ...]:
        name = name.strip()
        if name == ".":
            return ()
        path = tuple(part.strip() for part in name.split("."))
        if not all(path) or any(char in name for char in "{}=\n"):
            raise self._error(f"{tag.group()} has no name that can be looked up", tag.start())
        return path

    def _error(self, problem: str, position: int) -> PromptTemplateError:
        line = self._source.count("\n", 0, position) + 1
        return PromptTemplateError(f"in a mustache template, line {line}: {problem}")


_REST_OF_LINE = re.compile(r"[ \t]*(?:\r?\n|\Z)")
