"""The tree drawn at the top of ``streamflow.errors`` is the tree that the classes form."""

from __future__ import annotations

import inspect
import re

from streamflow import errors

_ENTRY = re.compile(r"^(?P<indent>[\s│]*)(?:[├└]── )?(?P<name>[A-Z]\w+)\b(?: \((?P<also>.*?)\))?")


def _drawn() -> dict[str, tuple[str | None, tuple[str, ...]]]:
    """Name to the class above it and the builtins named in parentheses."""
    found: dict[str, tuple[str | None, tuple[str, ...]]] = {}
    above: list[tuple[int, str]] = []
    drawing = (errors.__doc__ or "").split("::", 1)[1]
    for line in drawing.splitlines():
        match = _ENTRY.match(line)
        if match is None or (above and "── " not in line):
            continue
        depth = match.start("name")
        while above and above[-1][0] >= depth:
            above.pop()
        also = tuple(part.strip() for part in (match["also"] or "").split(",") if part.strip())
        found[match["name"]] = (above[-1][1] if above else None, also)
        above.append((depth, match["name"]))
    return found


def _real() -> dict[str, tuple[str | None, tuple[str, ...]]]:
    classes = [
        value
        for value in vars(errors).values()
        if inspect.isclass(value) and issubclass(value, errors.StreamflowError)
    ]
    return {
        cls.__name__: (
            next((base.__name__ for base in cls.__bases__ if base in classes), None),
            tuple(
                base.__name__
                for base in cls.__bases__
                if base not in classes and base is not Exception
            ),
        )
        for cls in classes
    }


def test_the_drawing_is_true() -> None:
    assert _drawn() == _real()


def test_every_error_is_exported() -> None:
    assert sorted(_real()) == sorted(errors.__all__)
