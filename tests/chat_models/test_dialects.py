"""The dialects, as the vendors' own SDKs read them: what is imitated here is theirs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.chat_models.dialect_anthropic import ANTHROPIC
from tests.chat_models.dialect_openai import OPENAI
from tests.chat_models.dialects import Dialect, Said, Thought
from tests.chat_models.scripts import anthropic_facts, openai_facts
from tests.chat_models.server import Answer, Server
from tests.chat_models.test_contract_tools import CALLS

openai = pytest.importorskip("openai", reason="the official SDK of OpenAI reads its dialect")
anthropic = pytest.importorskip("anthropic", reason="as that of Anthropic does")
oracles = pytest.importorskip("tests.chat_models.test_oracles")

SCRIPTS = {
    **{name: pieces for name, pieces in CALLS.items() if not Said.by(*pieces).bad},
    "text": ("Hel", "lo"),
    "nothing": (),
    "thoughts": (Thought("Well, "), Thought("hm."), "Yes"),
}


# Thoughts it does not tell; arguments that are empty its SDK leaves to the user to read.
OF_OPENAI = {
    name: pieces
    for name, pieces in SCRIPTS.items()
    if name != "thoughts" and all(text for _, _, text in Said.by(*pieces).calls.values())
}


def answer(dialect: Dialect, pieces: Any, *, stream: bool) -> Answer:
    return dialect.answer(*pieces) if stream else Answer.json(dialect.whole(*pieces))


def calls_of(said: Said) -> list[tuple[str, str, Any]]:
    return [(id, name, json.loads(text or "{}")) for id, name, text in said.calls.values()]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("pieces", SCRIPTS.values(), ids=SCRIPTS.keys())
def test_the_sdk_of_anthropic_reads_its_dialect(server: Server, pieces: Any, stream: bool) -> None:
    server.answer(answer(ANTHROPIC, pieces, stream=stream))
    facts, said = anthropic_facts(oracles.anthropic_oracle(server, stream)), Said.by(*pieces)
    assert (facts.text, facts.calls) == (said.text, calls_of(said))
    assert [thought for thought, _ in facts.thoughts] == ([said.thoughts] if said.thoughts else [])
    assert (facts.usage["input"], facts.usage["output"]) == (9, 12)
    assert facts.usage["cache_read"] == ANTHROPIC.usage["input_token_details"]["cache_read"]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("pieces", OF_OPENAI.values(), ids=OF_OPENAI.keys())
def test_the_sdk_of_openai_reads_its_dialect(server: Server, pieces: Any, stream: bool) -> None:
    server.answer(answer(OPENAI, pieces, stream=stream))
    facts, said = openai_facts(oracles.openai_oracle(server, stream)), Said.by(*pieces)
    assert (facts.text, facts.calls) == (said.text, calls_of(said))
    assert (facts.usage["input"], facts.usage["output"]) == (9, 12)
    assert facts.usage["cache_read"] == OPENAI.usage["input_token_details"]["cache_read"]
