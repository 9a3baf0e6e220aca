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
            "_fields",
            "_hints",
            "_ids",
            "_inspect",
            "_json",
            "_merge",
            "_object_types",
            "_partial_schema",
            "_schema",
            "_sentinel",
            "_sqlite",
            "_storage",
            "_unset",
            "partial_json",
            "serialization",
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
            "example_selectors",
            "prompts",
            "output_parsers",
            "rate_limiters",
            "embeddings",
            "text_splitters",
            "callbacks",  # handlers are told of models in messages and outputs
            "tools",
            "retrievers",
            "vectorstores",
            "language_models",
        ),
    ),
    # Where graphs keep things; what they mean is not known here.
    ("storage", ("checkpoint", "store")),
    ("graph", ("types", "graph", "func")),
    ("test kit", ("testing",)),
    # Their ways over the network; what is asked, and what comes back, is not known here.
    ("vendors", ("_vendors",)),
    ("edges", ("agents", "chat_models", "embedding_models", "cli", "demo", "__main__")),
)

# Modules whose imports inside functions do not count, each with the reason.
DEFERRED: dict[str, str] = {
    "streamflow.runnables._fluent": "`|`, `bind`, `with_retry` and the like return subclasses of "
    "the class that they are methods of",
    "streamflow.messages._step": "functions of messages give runnables that call them",
    "streamflow.runnables._fluent_views": "views are made of what these methods run",
    "streamflow.runnables._fluent_tool": "`as_tool` returns a tool, which is a runnable",
    "streamflow.messages._composition": "messages add up to a chat prompt, which is made of them",
}
