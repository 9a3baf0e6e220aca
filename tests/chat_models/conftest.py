"""The server of these tests, and an environment without keys."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from streamflow._vendors._table import VENDORS
from tests.chat_models.server import Server

_PREFIXES = ("AWS_", "AZURE_", "GOOGLE_", "GCLOUD_", "OLLAMA_", "OPENAI_", "WATSONX_")


@pytest.fixture(scope="session")
def running_server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture
def server(running_server: Server) -> Server:
    running_server.reset()
    return running_server


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests run as on a machine where nothing is set."""
    known = {name for vendor in VENDORS.values() for name in (*vendor.keys, *vendor.urls)}
    for name in os.environ:
        if name in known or name.startswith(_PREFIXES) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
