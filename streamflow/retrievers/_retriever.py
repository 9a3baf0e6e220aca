"""What every retriever is: a runnable from a query to documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from .._fields import KeywordFields
from .._inspect import facts_of
from ..documents import Document
from ..errors import MissingImplementationError
from ..runnables import Runnable
from ..runnables._run_manager import BaseRunManager
from ..runnables._user_code import call_user

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from ..bus import Run
    from ..runnables._lifecycle import At


class BaseRetriever(Runnable[str, list[Document]], KeywordFields):
    """Finds documents for a query.

    To make one, implement ``_get_relevant_documents(query)``, which may block, or
    ``_aget_relevant_documents(query)``, or both; with a parameter ``run_manager`` they are told
    of their run. Annotated attributes of the class are arguments for making one:

    >>> class Shelf(BaseRetriever):
    ...     books: list[str]
    ...     def _get_relevant_documents(self, query):
    ...         return [Document(book) for book in self.books if query in book]
    >>> Shelf(books=["on cats", "on dogs"]).invoke("cat")
    [Document(page_content='on cats')]

    ``tags`` and ``metadata`` are added to those of its runs.
    """

    run_type: ClassVar[str] = "retriever"
    _publishes_chunks = False

    name: str | None = None
    tags: list[str] | None = None
    metadata: dict[str, Any] | None = None

    # The author's methods: none of them is defined here, so that hasattr tells.

    async def _execute(self, input: Any, run: Run, **kwargs: Any) -> Any:
        function, is_async = self._method(run)
        if "run_manager" in facts_of(function).parameters:
            kwargs = {"run_manager": BaseRunManager(run), **kwargs}
        return await call_user(run, function, is_async, input, **kwargs)

    def _method(self, run: Run) -> tuple[Callable[..., Any], bool]:
        """Return the author's method that suits the run, and whether it is async."""
        names = [("_get_relevant_documents", False), ("_aget_relevant_documents", True)]
        if not run.execution.blocking:
            names.reverse()
        for name, is_async in names:
            if hasattr(self, name):
                return getattr(self, name), is_async
        raise MissingImplementationError(
            f"{type(self).__name__} cannot search: implement _get_relevant_documents or "
            f"_aget_relevant_documents."
        )

    async def _invoke_step(
        self,
        input: Any,
        at: At,
        tag: str | None,
        config: Mapping[str, Any] | None,
        kwargs: dict[str, Any],
    ) -> Any:
        return await super()._invoke_step(input, at, tag, self._tagged(config), kwargs)

    def _stream_step(
        self,
        inputs: AsyncIterator[Any],
        at: At,
        tag: str | None,
        config: Mapping[str, Any] | None,
        kwargs: dict[str, Any],
    ) -> AsyncIterator[Any]:
        return super()._stream_step(inputs, at, tag, self._tagged(config), kwargs)

    def _tagged(self, config: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
        """Return the config of a run with the tags of this retriever."""
        if not self.tags:
            return config
        config = config or {}
        return {**config, "tags": [*(config.get("tags") or ()), *self.tags]}

    def _own_metadata(self) -> Mapping[str, Any]:
        """Return what tracing tools read, and the metadata it was made with."""
        kind = type(self).__name__
        name = kind.removesuffix("Retriever") or kind
        return {"ls_retriever_name": name.lower(), **(self.metadata or {})}

    def _show_input(self, input: Any) -> Any:
        return {"query": input}

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"
