"""Classes of tools, and tools made of other things than functions."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import BaseModel, Field
from typing_extensions import NotRequired, TypedDict

from streamflow.errors import ToolDefinitionError
from streamflow.prompts import PromptTemplate
from streamflow.runnables import Runnable, RunnableLambda
from streamflow.tools import BaseTool, BaseToolkit, create_retriever_tool, tool


class Numbers(BaseModel):
    """Two numbers."""

    a: int
    b: int = 5


class Search(BaseTool):
    """Search the web."""

    name = "search"
    limit: int = 5

    def _run(self, query: str, run_manager: Any = None) -> str:
        return f"{self.limit} for {query} {run_manager is not None}"


class AsyncSearch(Search):
    name: str = "async_search"
    description: str = "Search."
    args_schema: type[BaseModel] = Numbers

    async def _arun(self, a: int, b: int, config: Any = None) -> str:
        return f"{a} {b} {'callbacks' in config}"


async def test_a_class_of_tools() -> None:
    search = Search(limit=3)
    assert (search.name, search.description, list(search.args)) == (
        "search",
        "Search the web.",
        ["query"],
    )
    assert search.invoke("tea") == await search.ainvoke("tea") == "3 for tea True"
    other = AsyncSearch()
    assert (other.name, other.limit, list(other.args)) == ("async_search", 5, ["a", "b"])
    assert await other.ainvoke({"a": 1}) == "1 5 True"


class Pinned(Search):
    tags_of_pages: list[str] = Field(default_factory=list, description="which pages")
    limit: int = Field(default=9, gt=0)
    key: str = Field(description="who asks")

    @property
    def description(self) -> str:
        return f"Search for {self.key}."


def test_settings_as_they_are_written_elsewhere() -> None:
    one, other = Pinned(key="ada"), Pinned(key="bob", limit=1)
    assert (one.limit, other.limit, one.description) == (9, 1, "Search for ada.")
    assert one.tags_of_pages == []
    assert one.tags_of_pages is not other.tags_of_pages
    with pytest.raises(ToolDefinitionError, match="needs the arguments \\['key'\\]"):
        Pinned()


def test_a_class_of_tools_without_a_method() -> None:
    class Empty(BaseTool):
        name: str = "empty"
        description: str = "Nothing."

    with pytest.raises(NotImplementedError, match="implement _run or _arun"):
        Empty().invoke({})
    with pytest.raises(ToolDefinitionError, match="needs the arguments \\['name'\\]"):
        BaseTool()


def test_a_toolkit() -> None:
    class Kit(BaseToolkit):
        def get_tools(self) -> list[BaseTool]:
            return [Search()]

    assert [each.name for each in Kit().get_tools()] == ["search"]
    with pytest.raises(TypeError):
        BaseToolkit()  # type: ignore[abstract]  # that is the point


# --------------------------------------------------------------------------- runnables


class Words(TypedDict):
    word: str
    times: NotRequired[int]


def repeat(words: Words) -> str:
    """Repeat a word."""
    return words["word"] * words.get("times", 2)


REPEAT: Runnable[Any, str] = RunnableLambda(repeat)


async def test_a_runnable_as_a_tool() -> None:
    repeating = REPEAT.as_tool()
    assert (repeating.name, repeating.description) == ("repeat", "Repeat a word.")
    assert list(repeating.args) == ["word", "times"]
    assert repeating.invoke({"word": "ab"}) == "abab"
    assert await repeating.ainvoke({"word": "ab", "times": 3}) == "ababab"
    names = [
        (event["event"], event["name"])
        async for event in repeating.astream_events({"word": "a"}, version="v2")
    ]
    assert names == [
        ("on_tool_start", "repeat"),
        ("on_chain_start", "repeat"),
        ("on_chain_end", "repeat"),
        ("on_tool_end", "repeat"),
    ]


def test_a_runnable_on_a_text() -> None:
    def upper(text: str) -> str:
        return text.upper()

    loud = RunnableLambda(upper).as_tool(name="loud", description="Say it loud.")
    assert (loud.name, loud.description, loud.invoke("a")) == ("loud", "Say it loud.", "A")
    assert "Takes {" in RunnableLambda(upper).as_tool().description


def test_a_runnable_with_types_that_are_given() -> None:
    typed = RunnableLambda(lambda x: x["a"] * max(x["b"])).as_tool(
        name="typed", description="Multiply.", arg_types={"a": int, "b": list[int]}
    )
    assert typed.invoke({"a": "3", "b": [1, 2]}) == 6
    by_class = RunnableLambda(lambda x: x["a"] + x["b"]).as_tool(Numbers, name="sum")
    assert by_class.invoke({"a": 1}) == 6


def test_the_decorator_on_a_runnable() -> None:
    assert tool("again", REPEAT).invoke({"word": "x"}) == "xx"
    assert tool(REPEAT).name == "repeat"


def test_a_prompt_as_a_tool() -> None:
    filled = PromptTemplate.from_template("{a} and {b}").as_tool(name="fill", description="Fill.")
    assert filled.invoke({"a": "x", "b": "y"}).to_string() == "x and y"


async def test_a_retriever_as_a_tool() -> None:
    def find(query: str) -> list[Any]:
        return [SimpleNamespace(page_content=f"{query} {n}", metadata={"n": n}) for n in (1, 2)]

    retriever = RunnableLambda(find)
    search = create_retriever_tool(retriever, "search", "Find.", document_separator="|")
    assert search.invoke("tea") == await search.ainvoke({"query": "tea"}) == "tea 1|tea 2"
    assert search.args["query"]["description"] == "query to look up in retriever"
    both = create_retriever_tool(
        retriever, "search", "Find.", response_format="content_and_artifact"
    )
    call = {"name": "search", "args": {"query": "tea"}, "id": "1", "type": "tool_call"}
    assert [each.metadata["n"] for each in both.invoke(call).artifact] == [1, 2]
