"""What a chain yields, on standard output."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from streamflow.cli._output import Output
from tests.cli.command import BACKENDS, Streamflow

HERE = "tests.cli.chains"


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("chain", "out"),
    [
        pytest.param("words", "one two three\n", id="text"),
        pytest.param("lines", "a\nb\n", id="text-that-ends-with-a-newline"),
        pytest.param("echo", '{"a":1}\n', id="json"),
        pytest.param("mixed", 'text\n{"n":1}\nmore\n', id="mixed"),
        pytest.param(
            "message",
            '{"$type":"streamflow.messages.AIMessageChunk","fields":{"content":"hé"}}\n'
            '{"$type":"streamflow.messages.AIMessageChunk","fields":{"content":"llo"}}\n',
            id="messages",
        ),
    ],
)
def test_output(streamflow: Streamflow, backend: str, chain: str, out: str) -> None:
    done = streamflow("run", f"{HERE}:{chain}", "--input", '{"a": 1}', "--backend", backend)
    assert (done.status, done.out, done.err) == (0, out, "")


@pytest.mark.parametrize(
    ("encoding", "text", "written"),
    [
        pytest.param("utf-8", "half \ud83d é", b"half \\ud83d \xc3\xa9", id="surrogate"),
        pytest.param("ascii", "é", b"\\xe9", id="ascii"),
    ],
)
def test_what_an_encoding_cannot_hold_is_escaped(encoding: str, text: str, written: bytes) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    output = Output(stream)
    output.value(text)
    output.value({"é": 1})
    # Text is for the terminal, JSON for programs, which know that it is UTF-8.
    stream.seek(0)
    assert stream.buffer.read() == written + '\n{"é":1}\n'.encode()


def test_a_stream_without_bytes_will_do() -> None:
    stream = io.StringIO()
    Output(stream).value([1])
    assert stream.getvalue() == "[1]\n"


@pytest.mark.parametrize(
    ("chain", "given", "out"),
    [
        pytest.param("Shelf.chain", "1", "one two three", id="dotted"),
        pytest.param("make", "1", "one two three", id="factory"),
        pytest.param("make_with", "1", "one two three", id="factory-with-options"),
        pytest.param("Made", "1", "made", id="class"),
        pytest.param("double", "21", "42", id="function"),
        pytest.param("triple", "14", "42", id="async-function"),
        pytest.param("mapping", "1", '{"a":1}', id="dict"),
    ],
)
def test_what_can_be_run(streamflow: Streamflow, chain: str, given: str, out: str) -> None:
    done = streamflow("run", f"{HERE}:{chain}", "--input", given)
    assert (done.status, done.out, done.err) == (0, f"{out}\n", "")


def test_modules_are_found_in_the_current_directory(
    streamflow: Streamflow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "corner_shop.py").write_text("def answer(question): return question['n'] + 1")
    monkeypatch.syspath_prepend("")  # to be undone after the test
    monkeypatch.chdir(tmp_path)
    assert streamflow("run", "corner_shop:answer", "--input", '{"n": 41}').out == "42\n"


def test_input_and_config_from_files(streamflow: Streamflow, tmp_path: Path) -> None:
    (tmp_path / "in.json").write_bytes(b'\xef\xbb\xbf{"from": "a file"}\n')
    done = streamflow("run", f"{HERE}:echo", "--input", f"@{tmp_path / 'in.json'}")
    assert done.out == '{"from":"a file"}\n'
    (tmp_path / "config.json").write_text('{"configurable": {"user": 3}}')
    done = streamflow("run", f"{HERE}:settings", "--config", f"@{tmp_path / 'config.json'}")
    assert done.out == '{"user":3}\n'


def test_the_input_is_an_empty_object_if_none_is_given(streamflow: Streamflow) -> None:
    assert streamflow("run", f"{HERE}:echo").out == "{}\n"


def test_what_one_chain_writes_another_reads(streamflow: Streamflow) -> None:
    written = streamflow("run", f"{HERE}:message").lines[0]
    done = streamflow("run", f"{HERE}:echo", "--input", written)
    assert done.lines == [written]


def test_values_that_do_not_come_back_are_written_all_the_same(streamflow: Streamflow) -> None:
    assert json.loads(streamflow("run", f"{HERE}:parcel").out)["fields"] == {"weight": 3}
    assert json.loads(streamflow("run", f"{HERE}:opaque").out)["is"]["$repr"] == "<opaque>"
