"""The server and the environment of the tests of vendors' models, for recordings of them."""

from __future__ import annotations

from tests.chat_models.conftest import no_keys, running_server, server

__all__ = ("no_keys", "running_server", "server")
