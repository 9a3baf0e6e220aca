"""Programs that leave models and streams as they are end quietly."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.chat_models.dialect_openai import OPENAI
from tests.chat_models.server import Server
from tests.meta.sources import ROOT

START = """
import sys
import anyio
from streamflow.chat_models import ChatOpenAI
from streamflow.runnables import RunnableLambda

model = ChatOpenAI(model="m", base_url=sys.argv[1])

async def ask(x):
    return await model.ainvoke(x)

async def leave(x):
    async for _ in model.astream(x):
        break
"""
PROGRAMS = {
    "asyncio": "anyio.run(ask, 'Hi')",
    "trio": "anyio.run(ask, 'Hi', backend='trio')",
    "a stream that is left, asyncio": "anyio.run(leave, 'Hi')",
    "a stream that is left, trio": "anyio.run(leave, 'Hi', backend='trio')",
    "no loop": "model.invoke('Hi')",
    "a stream that is left, no loop": "next(iter(model.stream('Hi')))",
    "the loop behind synchronous runs": "RunnableLambda(ask).invoke('Hi')",
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_the_end_of_a_program(server: Server, program: str) -> None:
    server.answer(OPENAI.answer("a", "b"))
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", START + program, server.url],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    complaints = [line for line in done.stderr.splitlines() if not line.startswith("Executing <")]
    assert not complaints, "\n".join(complaints)
    assert done.returncode == 0
