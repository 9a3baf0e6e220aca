"""What some types of runs give, in the form in which the older views show it.

They show the runs below the root as tracing tools keep them, in which everything is a dict:
a model's answer stands among generations, what a retriever finds among ``documents``.
"""

from __future__ import annotations

from typing import Any

MODELS = ("chat_model", "llm")
"""The types of runs whose output is a model's answer."""


def text_of(chunk: Any) -> str:
    """Return the text of a chunk of a model's answer; it may be a message or a string."""
    text = getattr(chunk, "text", chunk)
    return str(text) if isinstance(text, str) else ""


def generations(answer: Any) -> dict[str, Any]:
    """Return the answer of a model as the result of a call for one prompt."""
    generation: dict[str, Any] = {"text": text_of(answer), "generation_info": None}
    if isinstance(answer, str):
        generation["type"] = "Generation"
    else:
        is_chunk = type(answer).__name__.endswith("Chunk")
        generation["type"] = "ChatGenerationChunk" if is_chunk else "ChatGeneration"
        generation["message"] = answer
    return {
        "generations": [[generation]],
        "llm_output": None,
        "run": None,
        "type": "LLMResult",
    }
