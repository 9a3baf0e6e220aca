"""The layers of the package, lowest first: the one place where the order is written.

A module imports from its own layer and from those above it in this table (which are
lower in the architecture), never the other way. A name stands for a module or for a
package with everything inside.
"""

from __future__ import annotations

LAYERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "foundations",
        (
            "errors",
            "_export",
            "_hints",
            "_ids",
            "_inspect",
            "_json",
            "_merge",
            "_object_types",
            "_partial_json",
            "_schema",
            "_sentinel",
            "_sqlite",
            "_unset",
            # Data that any layer may hold; nothing of a model's ways is in it.
            "messages",
        ),
    ),
    # Graphs and their pictures; they know nothing of what has a graph.
    ("pictures", ("drawing",)),
    ("execution", ("execution",)),
    ("bus", ("bus",)),
    ("runnables", ("runnables",)),
    ("views", ("views",)),
    (
        "vocabulary",
        (
            "caches",
            "chat_history",
            "documents",
            "prompt_values",
            "outputs",
            "prompts",
            "output_parsers",
            "rate_limiters",
            "embeddings",
            "callbacks",  # handlers are told of models in messages and outputs
            "tools",
            "retrievers",
            "vectorstores",
            "language_models",
        ),
    ),
    ("graph", ("types", "graph")),
    ("test kit", ("testing",)),
    ("edges", ("chat_models", "cli", "demo", "__main__")),
)

# Modules whose imports inside functions do not count, each with the reason.
DEFERRED: dict[str, str] = {
    "streamflow.runnables._fluent": "`|`, `bind`, `with_retry` and the like return subclasses of "
    "the class that they are methods of",
}
