"""A model that answers with its settings, so that a test sees what was configured."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from streamflow.language_models import BaseChatModel
from streamflow.output_parsers import StrOutputParser
from streamflow.runnables import Runnable


class Says(BaseChatModel):
    """Answers with its settings, one a chunk."""

    a: Any = "a"
    b: Any = "b"

    def _stream(self, messages: Any, stop: Any = None, **_: Any) -> Iterator[Any]:
        yield from (f"{self.a}", f"{self.b}")


def says(**fields: Any) -> Runnable[Any, Any]:
    return Says().configurable_fields(**fields) | StrOutputParser()


def values(**configurable: Any) -> Any:
    return {"configurable": configurable}
