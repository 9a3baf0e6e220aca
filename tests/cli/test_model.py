"""``--model`` and ``STREAMFLOW_MODEL``: another model for the chain."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from streamflow._vendors._table import VENDORS
from streamflow.language_models import BaseChatModel, FakeListChatModel
from streamflow.output_parsers import StrOutputParser
from streamflow.runnables import Runnable
from streamflow.testing import record
from tests.cli.command import BACKENDS, Streamflow, environment
from tests.meta.sources import ROOT

HERE = "tests.cli.test_model"


class Unasked(BaseChatModel):
    def _generate(self, *args: Any, **kwargs: Any) -> Any:
        raise AssertionError("the chain's own model was asked")


chain = Unasked() | StrOutputParser()


def of_model(model: BaseChatModel) -> Runnable[Any, str]:
    return model | StrOutputParser()


def of_option(*, model: BaseChatModel | None = None) -> Runnable[Any, str]:
    return (model or FakeListChatModel(responses=["by default"])) | StrOutputParser()


def of_default(model: BaseChatModel | None = None) -> Runnable[Any, str]:
    return of_option(model=model)


def of_nothing(model: BaseChatModel) -> None:
    return None


def hidden() -> Runnable[Any, Any]:
    own = Unasked()
    return StrOutputParser() | (lambda text: own.invoke(text).content)


def with_input(model: str, other: str = "") -> str:
    return f"{model} is the input"


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is set in the environment."""
    for vendor in VENDORS.values():
        for name in (*vendor.keys, *vendor.urls, *vendor.header_variables.values()):
            monkeypatch.delenv(name, raising=False)


@pytest.fixture
def replay(tmp_path: Path) -> Iterator[str]:
    file = tmp_path / "answers.json"
    with record(FakeListChatModel(responses=["replayed"]), file) as model:
        model.invoke("x")
    return f"replay:{file}"


def _run(streamflow: Streamflow, target: str, *options: str) -> Any:
    return streamflow("run", f"{HERE}:{target}", "--input", '"x"', *options)


@pytest.mark.parametrize("target", ["chain", "of_model", "of_option", "of_default"])
@pytest.mark.parametrize("backend", BACKENDS)
def test_the_model_is_used(streamflow: Streamflow, replay: str, target: str, backend: str) -> None:
    done = _run(streamflow, target, "--model", replay, "--backend", backend)
    assert (done.status, done.out, done.err) == (0, "replayed\n", "")


def test_the_variable_names_one_and_the_option_counts_more(
    streamflow: Streamflow, replay: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STREAMFLOW_MODEL", replay)
    assert _run(streamflow, "chain").out == "replayed\n"
    done = _run(streamflow, "chain", "--model", "replay:nowhere.json")
    assert done.status == 2
    assert (
        done.err == "streamflow: --model: cannot read 'nowhere.json': No such file or directory\n"
    )


def test_the_variable_is_nothing_to_chains_without_a_model(
    streamflow: Streamflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STREAMFLOW_MODEL", "nobody:knows")
    done = streamflow("run", "tests.cli.chains:words")
    assert (done.status, done.out, done.err) == (0, "one two three\n", "")
    done = _run(streamflow, "chain")
    assert (done.status, done.out) == (2, "")
    assert "STREAMFLOW_MODEL nobody:knows: nothing tells whose model" in done.err


@pytest.mark.parametrize("target", ["of_option", "of_default"])
def test_a_function_with_a_model_of_its_own(streamflow: Streamflow, target: str) -> None:
    assert _run(streamflow, target).out == "by default\n"


def test_a_function_whose_input_has_the_name_of_a_model(
    streamflow: Streamflow, replay: str
) -> None:
    assert _run(streamflow, "with_input").out == "x is the input\n"
    assert _run(streamflow, "with_input", "--model", replay).status == 2


REFUSED = {
    ("of_model",): "of_model makes a chain of a model: name one with --model VENDOR:MODEL, or in",
    ("of_nothing", "--model", "REPLAY"): "should make a chain; what it makes is of type NoneType",
    ("hidden", "--model", "REPLAY"): "hidden has no chat model in a place where another can be",
    ("chain", "--model", "openai:gpt-4o"): "--model openai:gpt-4o: ChatOpenAI needs a key: set",
    ("chain", "--model", "nobody:knows"): "--model nobody:knows: nothing tells whose model",
    ("chain", "--model", ""): "--model : nothing tells whose model ''",
}


@pytest.mark.parametrize("options", REFUSED, ids=" ".join)
def test_what_cannot_be_used(streamflow: Streamflow, replay: str, options: tuple[str, ...]) -> None:
    done = _run(streamflow, *(option.replace("REPLAY", replay) for option in options))
    assert (done.status, done.out) == (2, "")
    assert REFUSED[options] in done.err
    assert "Traceback" not in done.err


def test_a_traceback_is_shown_if_it_is_asked_for(streamflow: Streamflow) -> None:
    done = _run(streamflow, "chain", "--model", "nobody:knows", "--traceback")
    assert "Traceback" in done.err


# ------------------------------------------------------------------------------ models


def test_the_table_of_vendors(streamflow: Streamflow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "gsk-secret")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://secret.example")
    monkeypatch.setenv("MISTRAL_API_KEY", "")
    monkeypatch.setenv("WATSONX_TOKEN", "secret")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "secret-1")
    done = streamflow("models")
    assert (done.status, done.err) == (0, "")
    rows = {line.split()[0]: line for line in done.lines}
    assert rows.keys() == {"vendor", *VENDORS}
    assert "ChatGroq" in rows["groq"]
    assert "GROQ_API_KEY: set" in rows["groq"]
    assert "OPENAI_API_KEY: not set" in rows["openai"]
    assert "OPENAI_BASE_URL: set" in rows["openai"]
    assert "MISTRAL_API_KEY: not set" in rows["mistralai"]
    assert "OLLAMA_API_KEY: not set (optional)" in rows["ollama"]
    assert "WATSONX_TOKEN: set" in rows["watsonx"]
    assert "AWS_REGION, AWS_DEFAULT_REGION: set" in rows["bedrock"]
    assert "secret" not in done.out


def test_lines_of_json_for_programs(
    streamflow: Streamflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "gsk-secret")
    done = streamflow("models", "--json")
    facts = {each["vendor"]: each for each in map(json.loads, done.lines)}
    assert facts.keys() == VENDORS.keys()
    assert facts["groq"]["class"] == "ChatGroq"
    assert (facts["groq"]["key"], facts["groq"]["key_needed"]) == (True, True)
    assert facts["groq"]["variables"]["GROQ_API_KEY"] is True
    assert facts["google_vertexai"]["variables"]["GOOGLE_CLOUD_PROJECT"] is False
    assert (facts["ollama"]["key"], facts["ollama"]["key_needed"]) == (False, False)
    assert "secret" not in done.out


def test_models_takes_nothing_else(streamflow: Streamflow) -> None:
    assert streamflow("models", "openai").status == 2
    assert "--json" in streamflow("models", "--help").out


@pytest.mark.parametrize("arguments", [["run", "streamflow.demo:chain", "--input", "[]"]])
def test_a_run_without_the_option_does_not_load_the_vendors(arguments: list[str]) -> None:
    code = (
        "import sys; from streamflow.cli import main; main(sys.argv[1:]); "
        "sys.exit(any(n.startswith(('streamflow.chat_models', 'streamflow.testing', 'httpx')) "
        "for n in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0
