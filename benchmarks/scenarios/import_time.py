"""How long an import takes in a fresh interpreter, timed inside it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec

from benchmarks.harness import Sample, main

_PROBE = """
import sys, time
before = len(sys.modules)
start = time.perf_counter()
{statements}
print(time.perf_counter() - start, len(sys.modules) - before)
"""

# Packages resolve their names lazily, so what is imported is names, as programs do.
_CHAIN = """
from {0}.language_models import BaseChatModel
from {0}.messages import AIMessage, AIMessageChunk
from {0}.output_parsers import StrOutputParser
from {0}.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from {0}.prompts import ChatPromptTemplate
from {0}.runnables import RunnableLambda
"""

# Label to the package that must be there, and the statements that are timed.
IMPORTS = {
    "`anyio` alone": ("anyio", "import anyio"),
    "`streamflow`": ("streamflow", "import streamflow"),
    "streamflow: `RunnableLambda`": (
        "streamflow",
        "from streamflow.runnables import RunnableLambda",
    ),
    "streamflow: all of prompt, model, parser": ("streamflow", _CHAIN.format("streamflow")),
    "langchain-core: `RunnableLambda`": (
        "langchain_core",
        "from langchain_core.runnables import RunnableLambda",
    ),
    "langchain-core: all of prompt, model, parser": (
        "langchain_core",
        _CHAIN.format("langchain_core"),
    ),
}


@dataclass
class ImportTime:
    """Milliseconds, and modules loaded, for each import."""

    name: str = "import_time"
    title: str = "import"
    repeats: int | None = 15
    imports: Mapping[str, tuple[str, str]] = field(default_factory=lambda: IMPORTS)
    target: dict[str, float] = field(default_factory=lambda: {"`streamflow`": 60})

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(self.imports)

    def sample(self, label: str) -> Sample:
        package, statements = self.imports[label]
        if find_spec(package) is None:
            message = f"{package} is not installed"
            raise ModuleNotFoundError(message)
        done = subprocess.run(
            [sys.executable, "-c", _PROBE.format(statements=statements)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise ImportError(done.stderr.strip().splitlines()[-1])
        seconds, count = done.stdout.split()
        return {"ms": float(seconds) * 1e3, "modules": float(count)}


SCENARIOS = (ImportTime(),)

if __name__ == "__main__":
    main(SCENARIOS[0])
