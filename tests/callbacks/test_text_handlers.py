"""Handlers that write lines: to the standard output, and to files."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from streamflow.callbacks import (
    FileCallbackHandler,
    StdOutCallbackHandler,
    dispatch_custom_event,
)
from streamflow.language_models import FakeListChatModel, FakeListLLM, GenericFakeChatModel
from streamflow.prompts import ChatPromptTemplate
from streamflow.runnables import RunnableLambda
from tests.callbacks.recorders import Retriever, Tool

LINES = """\
> chain RunnableSequence: {'topic': 'bees'}
> prompt ChatPromptTemplate: {'topic': 'bees'}
< prompt ChatPromptTemplate: ChatPromptValue(messages=[HumanMessage(content='tell bees')])
> chat_model FakeListChatModel: [HumanMessage(content='tell bees')]
< chat_model FakeListChatModel: 'on\\nce'
> llm FakeListLLM: 'AI: on\\nce'
< llm FakeListLLM: 'one'
> tool search: 'one'
< tool search: 'found one'
> retriever look: 'found one'
< retriever look: ['found one']
> chain report: ['found one']
* reported: {'pages': 3}
! chain report: ValueError: no\\nmore
! chain RunnableSequence: ValueError: no\\nmore
"""


def chain() -> Any:
    def report(_: Any) -> None:
        dispatch_custom_event("reported", {"pages": 3})
        raise ValueError("no\nmore")

    return (
        ChatPromptTemplate.from_template("tell {topic}")
        | FakeListChatModel(responses=["on\nce"])
        | FakeListLLM(responses=["one"])
        | Tool(lambda x: f"found {x}", name="search")
        | Retriever(lambda x: [x], name="look")
        | report
    )


async def test_each_run_is_a_line_when_it_starts_and_when_it_ends(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(ValueError, match="no"):
        await chain().ainvoke({"topic": "bees"}, {"callbacks": [StdOutCallbackHandler()]})
    assert capsys.readouterr().out == LINES


def test_tools_and_retrievers_that_fail_are_lines(capsys: pytest.CaptureFixture[str]) -> None:
    def fail(_: Any) -> None:
        raise ValueError("no")

    for step in Tool(fail, name="search"), Retriever(fail, name="look"):
        with pytest.raises(ValueError, match="no"):
            step.invoke("x", {"callbacks": [StdOutCallbackHandler()]})
    model = GenericFakeChatModel(messages=iter(()), name="model")
    with pytest.raises(RuntimeError):
        model.invoke("x", {"callbacks": [StdOutCallbackHandler()]})
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines if line.startswith("!")] == [
        "! tool search",
        "! retriever look",
        "! chat_model model",
    ]


def test_long_values_are_cut(capsys: pytest.CaptureFixture[str]) -> None:
    RunnableLambda(lambda x: x).invoke("x" * 10_000, {"callbacks": [StdOutCallbackHandler()]})
    assert all(len(line) < 250 for line in capsys.readouterr().out.splitlines())


def test_a_file_gets_the_same_lines_and_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "runs.log"
    with FileCallbackHandler(path) as handler:
        with pytest.raises(ValueError, match="no"):
            chain().invoke({"topic": "bees"}, {"callbacks": [handler]})
        assert path.read_text("utf-8") == LINES  # written at once
        assert handler._file is not None
    assert handler._file is None
    handler.close()


def test_the_mode_says_what_becomes_of_the_lines_before(tmp_path: Path) -> None:
    path = tmp_path / "runs.log"
    path.write_text("before\n", "utf-8")
    step = RunnableLambda(lambda x: x, name="same")
    lines = "> chain same: 1\n< chain same: 1\n"
    for mode, before in ("a", "before\n"), ("w", ""):
        with FileCallbackHandler(path, mode) as handler:
            step.invoke(1, {"callbacks": [handler]})
        assert path.read_text("utf-8") == before + lines
        step.invoke(1, {"callbacks": [handler]})  # opens it again, and loses nothing
        assert path.read_text("utf-8") == before + lines * 2
        handler.close()


def test_without_a_line_there_is_no_file(tmp_path: Path) -> None:
    with FileCallbackHandler(tmp_path / "runs.log"):
        pass
    assert not (tmp_path / "runs.log").exists()


def test_a_file_that_cannot_be_written_harms_no_run(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with FileCallbackHandler(tmp_path / "missing" / "runs.log") as handler:
        assert RunnableLambda(lambda x: x).invoke(1, {"callbacks": [handler]}) == 1
    assert "run goes on" in caplog.text


def test_lines_from_many_threads_stay_whole(tmp_path: Path) -> None:
    step = RunnableLambda(lambda x: x, name="same")
    with FileCallbackHandler(tmp_path / "runs.log") as handler:

        def work() -> None:
            for n in range(50):
                step.invoke(n, {"callbacks": [handler]})

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    lines = (tmp_path / "runs.log").read_text("utf-8").splitlines()
    expected = [f"{mark} chain same: {n}" for mark in "<>" for n in range(50)]
    assert sorted(lines) == sorted(expected * 8)
