"""The retrieval chain of the documents: what it streams, and all it tells."""

from __future__ import annotations

from typing import Any

import pytest

from streamflow import ChatPromptTemplate, GenericFakeChatModel, RunnablePassthrough
from streamflow.documents import Document
from streamflow.messages import AIMessage
from streamflow.output_parsers import StrOutputParser
from streamflow.vectorstores import FAISS
from tests.retrieval.stores import Letters

pytest.importorskip("faiss")

TEMPLATE = """Answer the question based only on the following context:
{context}

Question: {question}
"""
QUESTION = "where did harrison work?"
FOUND = "[Document(page_content='harrison worked at kensho'), "
FOUND += "Document(page_content='harrison likes spicy food')]"
PROMPT = TEMPLATE.format(context=FOUND, question=QUESTION)


def retriever() -> Any:
    store = FAISS.from_texts(
        ["harrison worked at kensho", "harrison likes spicy food"], embedding=Letters()
    )
    return store.as_retriever()


def chain() -> Any:
    model = GenericFakeChatModel(messages=iter([AIMessage("He worked")]))
    return (
        {
            "context": retriever().with_config(run_name="Docs"),
            "question": RunnablePassthrough(),
        }
        | ChatPromptTemplate.from_template(TEMPLATE)
        | model
        | StrOutputParser()
    )


async def test_the_retriever_alone_yields_all_at_once() -> None:
    assert repr(list(retriever().stream(QUESTION))) == f"[{FOUND}]"
    assert repr([chunk async for chunk in retriever().astream(QUESTION)]) == f"[{FOUND}]"


async def test_the_chain_streams() -> None:
    assert list(chain().stream(QUESTION)) == ["He", " ", "worked"]
    assert [chunk async for chunk in chain().astream(QUESTION)] == ["He", " ", "worked"]


DOCS = ["map:key:context", "FAISS", "Letters"]
TOP: list[str] = []
ONE, TWO, THREE, FOUR = (["seq:step:1"], ["seq:step:2"], ["seq:step:3"], ["seq:step:4"])
PASSED = ["map:key:question"]
MAP, PASS = "RunnableParallel<context,question>", "RunnablePassthrough"
MODEL = "GenericFakeChatModel"


def shown(value: Any) -> Any:
    """A value as it is printed, but for what differs from run to run."""
    if isinstance(value, dict):
        return {key: shown(item) for key, item in value.items()}
    if isinstance(value, list) and value and isinstance(value[0], Document):
        return repr(value)
    if isinstance(value, list):
        return [shown(item) for item in value]
    if hasattr(value, "messages"):
        return [shown(message) for message in value.messages]
    return getattr(value, "content", value)


def rows(events: list[Any]) -> list[Any]:
    return [(e["event"], e["name"], e["tags"], shown(e["data"])) for e in events]


FACTS = {
    "ls_retriever_name": "vectorstore",
    "ls_vector_store_provider": "FAISS",
    "ls_embedding_provider": "Letters",
}
VALUES = {"context": FOUND, "question": QUESTION}
ASKED = {"messages": [[PROMPT]]}
INPUTS = {"input": {"query": QUESTION}}


async def test_all_events_of_version_2() -> None:
    events = [event async for event in chain().astream_events(QUESTION, version="v2")]
    seen = rows(events)
    # The branches run side by side: who is first is not said, what each tells is.
    branches = [row for row in seen if row[2][:1] in (DOCS[:1], PASSED)]
    assert sorted(branches, key=lambda row: row[1]) == [
        ("on_retriever_start", "Docs", DOCS, INPUTS),
        ("on_retriever_end", "Docs", DOCS, {"output": FOUND, **INPUTS}),
        ("on_chain_start", PASS, PASSED, {"input": QUESTION}),
        ("on_chain_stream", PASS, PASSED, {"chunk": QUESTION}),
        ("on_chain_end", PASS, PASSED, {"output": QUESTION, "input": QUESTION}),
    ]
    rest = [row for row in seen if row not in branches]
    chunks = [row for row in rest if row[:2] == ("on_chain_stream", MAP)]
    assert sorted(chunks, key=repr) == [
        ("on_chain_stream", MAP, ONE, {"chunk": {"context": FOUND}}),
        ("on_chain_stream", MAP, ONE, {"chunk": {"question": QUESTION}}),
    ]
    assert [row for row in rest if row not in chunks] == [
        ("on_chain_start", "RunnableSequence", TOP, {"input": QUESTION}),
        ("on_chain_start", MAP, ONE, {"input": QUESTION}),
        ("on_chain_end", MAP, ONE, {"output": VALUES, "input": QUESTION}),
        ("on_prompt_start", "ChatPromptTemplate", TWO, {"input": VALUES}),
        ("on_prompt_end", "ChatPromptTemplate", TWO, {"output": [PROMPT], "input": VALUES}),
        ("on_chat_model_start", MODEL, THREE, {"input": ASKED}),
        *said("He", first=True),
        *said(" "),
        *said("worked"),
        ("on_chat_model_end", MODEL, THREE, {"output": "He worked", "input": ASKED}),
        (
            "on_parser_end",
            "StrOutputParser",
            FOUR,
            {"output": "He worked", "input": "He worked"},
        ),
        ("on_chain_end", "RunnableSequence", TOP, {"output": "He worked"}),
    ]
    assert [e["metadata"] for e in events if e["name"] == "Docs"] == [FACTS, FACTS]


def said(word: str, *, first: bool = False) -> list[Any]:
    started = [("on_parser_start", "StrOutputParser", FOUR, {})] if first else []
    return [
        ("on_chat_model_stream", MODEL, THREE, {"chunk": word}),
        *started,
        ("on_parser_stream", "StrOutputParser", FOUR, {"chunk": word}),
        ("on_chain_stream", "RunnableSequence", TOP, {"chunk": word}),
    ]


async def test_the_events_of_the_retriever_in_version_1() -> None:
    events = [
        event
        async for event in chain().astream_events(QUESTION, version="v1")
        if event["name"] == "Docs"
    ]
    assert rows(events) == [
        ("on_retriever_start", "Docs", DOCS, INPUTS),
        ("on_retriever_end", "Docs", DOCS, {**INPUTS, "output": {"documents": FOUND}}),
    ]
    assert [list(event) for event in events] == [
        ["event", "name", "run_id", "tags", "metadata", "data"]
    ] * 2
