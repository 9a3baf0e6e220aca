"""Retrievers as tools."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from ._structured import StructuredTool

if TYPE_CHECKING:
    from collections.abc import Callable


def create_retriever_tool(
    retriever: Any,
    name: str,
    description: str,
    *,
    document_prompt: Any = None,
    document_separator: str = "\n\n",
    response_format: Literal["content", "content_and_artifact"] = "content",
) -> StructuredTool:
    r"""Make a tool that looks something up, and tells the model the text of what it finds.

    Args:
        retriever: A retriever: it returns documents for a text.
        name: The tool's name.
        description: What can be found with it.
        document_prompt: A prompt template that makes the text of a document, out of its
            ``page_content`` and its metadata; the ``page_content`` if not given.
        document_separator: What stands between the texts.
        response_format: With ``"content_and_artifact"`` the documents are the artifact.

    >>> from types import SimpleNamespace
    >>> from streamflow.runnables import RunnableLambda
    >>> def find(text):
    ...     return [SimpleNamespace(page_content=f"{text} {n}", metadata={}) for n in (1, 2)]
    >>> create_retriever_tool(RunnableLambda(find), "find", "Find it.").invoke("tea")
    'tea 1\n\ntea 2'
    """
    text_of = _text if document_prompt is None else _by_prompt(document_prompt)

    def result(documents: Any) -> Any:
        content = document_separator.join(text_of(each) for each in documents)
        return content if response_format == "content" else (content, documents)

    def look_up(query: Annotated[str, "query to look up in retriever"]) -> Any:
        return result(retriever.invoke(query))

    async def look_up_async(query: str) -> Any:
        return result(await retriever.ainvoke(query))

    return StructuredTool(
        name=name,
        func=look_up,
        coroutine=look_up_async,
        description=description,
        response_format=response_format,
    )


def _text(document: Any) -> str:
    text: str = document.page_content
    return text


def _by_prompt(prompt: Any) -> Callable[[Any], str]:
    def text_of(document: Any) -> str:
        text: str = prompt.format(**{**document.metadata, "page_content": document.page_content})
        return text

    return text_of
