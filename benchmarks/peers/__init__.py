"""What is measured: the same chains in streamflow, in langchain-core, and by hand."""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Any, Protocol


class Chain(Protocol):
    """The part of a runnable's interface that the scenarios use."""

    def invoke(self, value: Any) -> Any: ...
    async def ainvoke(self, value: Any) -> Any: ...
    def batch(self, values: Any, config: Any) -> list[Any]: ...
    async def abatch(self, values: Any, config: Any) -> list[Any]: ...
    def astream(self, value: Any) -> AsyncIterator[Any]: ...
    def astream_events(
        self, value: Any, *, version: str, include_types: Iterable[str] | None = None
    ) -> AsyncIterator[dict[str, Any]]: ...


class Peer(Protocol):
    """One way to build the chains of the scenarios."""

    def prompt_model_parser(self, tokens: list[str]) -> Chain: ...
    def prompt_fake_parser(self, text: str) -> Chain: ...
    def three_functions(self) -> Chain: ...
    def ten_branches(self) -> Chain: ...


@dataclass(frozen=True)
class Contender:
    """A peer on a backend: one column of the results."""

    name: str
    backend: str
    package: str | None

    def load(self) -> Peer:
        """Import what this contender measures."""
        if self.package is None:
            return importlib.import_module("benchmarks.peers.floor")  # type: ignore[return-value]  # a module with the functions of Peer
        from benchmarks.peers.library import Library

        return Library(self.package)


FLOOR = Contender("floor", "asyncio", None)
STREAMFLOW = Contender("streamflow", "asyncio", "streamflow")
STREAMFLOW_TRIO = Contender("streamflow (trio)", "trio", "streamflow")
LANGCHAIN = Contender("langchain-core", "asyncio", "langchain_core")

CONTENDERS = (FLOOR, STREAMFLOW, STREAMFLOW_TRIO, LANGCHAIN)
