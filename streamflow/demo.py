"""A chain to try the command line on: ``streamflow run streamflow.demo:chain``.

The model replays recorded answers, so it needs neither a network nor a key, and answers
the same whatever it is asked.
"""

from __future__ import annotations

from typing import Any

from .language_models import Recording, ReplayChatModel
from .output_parsers import StrOutputParser
from .prompts import ChatPromptTemplate
from .runnables import RunnableParallel

__all__ = ("chain", "jokes")

chain = (
    ChatPromptTemplate.from_template("tell me a joke about {topic}")
    | ReplayChatModel(recording=Recording.named("parrot_joke"), speed=2.0)
    | StrOutputParser()
)
"""A prompt, a model, a parser. Its input: ``{"topic": "parrot"}``."""

jokes: RunnableParallel[Any] = RunnableParallel(
    parrot=chain,
    cat=ChatPromptTemplate.from_template("tell me a joke about ice cream and a {topic}")
    | ReplayChatModel(recording=Recording.named("cat_joke"))
    | StrOutputParser(),
)
"""Two such chains beside each other. Its input: ``{"topic": "cat"}``."""
