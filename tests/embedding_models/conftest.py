"""The server of these tests, and an environment without keys."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.chat_models.conftest import no_keys
from tests.embedding_models.server import EmbeddingServer

__all__ = ("embedder", "no_keys", "running_embedder")


@pytest.fixture(scope="session")
def running_embedder() -> Iterator[EmbeddingServer]:
    with EmbeddingServer() as server:
        yield server


@pytest.fixture
def embedder(running_embedder: EmbeddingServer) -> EmbeddingServer:
    running_embedder.reset()
    return running_embedder
