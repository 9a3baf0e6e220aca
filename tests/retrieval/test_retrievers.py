from __future__ import annotations

import threading
from typing import Any

import anyio
import pytest

from streamflow.callbacks import BaseCallbackHandler
from streamflow.documents import Document
from streamflow.errors import MissingImplementationError, ModelArgumentError
from streamflow.retrievers import BaseRetriever
from streamflow.runnables import RunnableLambda


class Plain(BaseRetriever):
    books: list[str]
    k: int = 1

    def _get_relevant_documents(self, query: str, *, run_manager: Any = None, **kwargs: Any) -> Any:
        self.thread = threading.current_thread()
        self.run = run_manager
        found = [Document(book) for book in self.books if query in book]
        return found[: kwargs.get("k", self.k)]


class Awaited(BaseRetriever):
    async def _aget_relevant_documents(self, query: str) -> list[Document]:
        await anyio.lowlevel.checkpoint()
        return [Document(f"awaited {query}")]


class Both(BaseRetriever):
    def _get_relevant_documents(self, query: str) -> list[Document]:
        return [Document("plain")]

    async def _aget_relevant_documents(self, query: str) -> list[Document]:
        return [Document("awaited")]


def test_sync() -> None:
    retriever = Plain(books=["on cats", "on cats and dogs"])
    assert retriever.invoke("cats") == [Document("on cats")]
    assert retriever.invoke("cats", k=2) == [Document("on cats"), Document("on cats and dogs")]
    assert retriever.batch(["dogs", "cows"]) == [[Document("on cats and dogs")], []]
    assert list(retriever.stream("cats")) == [[Document("on cats")]]
    assert retriever.thread is threading.current_thread()
    assert Awaited().invoke("x") == [Document("awaited x")]
    assert Both().invoke("x") == [Document("plain")]


async def test_async_works_in_a_thread_unless_it_is_written_async() -> None:
    retriever = Plain(books=["on cats"])
    assert await retriever.ainvoke("cats") == [Document("on cats")]
    assert retriever.thread is not threading.current_thread()
    assert [chunk async for chunk in retriever.astream("cats")] == [[Document("on cats")]]
    assert await Awaited().ainvoke("x") == [Document("awaited x")]
    assert await Both().ainvoke("x") == [Document("awaited")]


async def test_events() -> None:
    retriever = Plain(books=["on cats"], tags=["mine"], metadata={"shelf": 1})
    chain = RunnableLambda(lambda x: x) | retriever.with_config(run_name="Docs")
    events = [
        event
        async for event in chain.astream_events("cats", {"tags": ["all"]}, version="v2")
        if event["name"] == "Docs"
    ]
    assert [(e["event"], e["data"]) for e in events] == [
        ("on_retriever_start", {"input": {"query": "cats"}}),
        ("on_retriever_end", {"output": [Document("on cats")], "input": {"query": "cats"}}),
    ]
    for event in events:
        assert event["tags"] == ["seq:step:2", "mine", "all"]
        assert event["metadata"] == {"ls_retriever_name": "plain", "shelf": 1}


async def test_the_run_manager_makes_children() -> None:
    inner = RunnableLambda(lambda x: x).with_config(run_name="inner")

    class Calls(BaseRetriever):
        def _get_relevant_documents(self, query: str, *, run_manager: Any) -> list[Document]:
            assert run_manager.tags == []
            assert run_manager.metadata == {"ls_retriever_name": "calls"}
            return [Document(inner.invoke(query, {"callbacks": run_manager.get_child()}))]

    events = [event async for event in Calls().astream_events("x", version="v2")]
    (start,) = [e for e in events if e["event"] == "on_retriever_start"]
    (child,) = [e for e in events if e["name"] == "inner" and e["event"] == "on_chain_start"]
    assert child["parent_ids"] == [start["run_id"]]


async def test_failures_are_told_once() -> None:
    class Broken(BaseRetriever):
        def _get_relevant_documents(self, query: str) -> list[Document]:
            raise KeyError(query)

    class Ears(BaseCallbackHandler):
        def __init__(self) -> None:
            self.heard: list[Any] = []

        def on_retriever_start(self, serialized: Any, query: str, **kwargs: Any) -> None:
            self.heard.append(query)

        def on_retriever_error(self, error: BaseException, **kwargs: Any) -> None:
            self.heard.append(repr(error))

    async def sync(ears: Ears) -> None:
        Broken().invoke("x", {"callbacks": [ears]})

    async def awaited(ears: Ears) -> None:
        await Broken().ainvoke("x", {"callbacks": [ears]})

    for call in (sync, awaited):
        ears = Ears()
        with pytest.raises(KeyError):
            await call(ears)
        assert ears.heard == ["x", "KeyError('x')"]


async def test_cancellation_passes_through() -> None:
    stopped = []

    class Slow(BaseRetriever):
        async def _aget_relevant_documents(self, query: str) -> list[Document]:
            try:
                with anyio.CancelScope() as scope:
                    outer.cancel()
                    await anyio.sleep_forever()
            finally:
                stopped.append(scope.cancelled_caught)
            return []

    with anyio.CancelScope() as outer:
        await Slow().ainvoke("x")
    assert outer.cancelled_caught
    assert stopped == [False]


def test_what_is_missing_is_named() -> None:
    with pytest.raises(MissingImplementationError, match="_get_relevant_documents"):
        BaseRetriever().invoke("x")
    with pytest.raises(ModelArgumentError, match="books"):
        Plain()
