"""The two addresses of Azure OpenAI: one for all deployments, or one each with a version."""

from __future__ import annotations

from typing import Any

import pytest

from streamflow.chat_models import AzureChatOpenAI
from tests.chat_models.dialect_openai import OPENAI
from tests.chat_models.server import Answer, Server

V1 = "/openai/v1/chat/completions"
PREVIEW = f"{V1}?api-version=preview"
DATED = "/openai/deployments/d-1/chat/completions?api-version=2024-10-21"


def asked(server: Server, end: str = "", **settings: Any) -> tuple[str, str]:
    """Where a question goes, and which model its body names."""
    server.answer(Answer.json(OPENAI.whole("a")))
    given: Any = {"azure_endpoint": server.url + end, "api_key": "k", **settings}
    with AzureChatOpenAI(**given) as model:
        assert model.invoke("Hi").content == "a"
    return server.asked[-1].target, server.asked[-1].json["model"]


@pytest.mark.parametrize(
    ("end", "version", "target"),
    [
        ("", "2024-10-21", DATED),
        ("/openai", "2024-10-21", DATED),
        ("", "v1", V1),
        ("/", "preview", PREVIEW),
        ("", "latest", PREVIEW),
        ("/openai", "v1", V1),
        ("", None, V1),
        ("/openai/v1", None, V1),
        ("/openai/v1/", "v1", V1),
        ("/openai/v1/", "preview", PREVIEW),
        # The address is newer than the versions that have a date.
        ("/openai/v1", "2024-10-21", V1),
    ],
)
def test_addresses(end: str, version: str | None, target: str, server: Server) -> None:
    told = asked(server, end, azure_deployment="d-1", model="gpt-4o", api_version=version)
    # Where the address does not name the deployment, the body does.
    assert told == (target, "gpt-4o" if target == DATED else "d-1")


def test_versions_of_the_environment(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_VERSION", "2024-10-21")
    assert asked(server, azure_deployment="d-1") == (DATED, "d-1")
    assert asked(server, "/openai/v1", azure_deployment="d-1") == (V1, "d-1")
    assert asked(server, azure_deployment="d-1", api_version="v1") == (V1, "d-1")
    monkeypatch.setenv("OPENAI_API_VERSION", "preview")
    assert asked(server, model="d-1") == (PREVIEW, "d-1")


def test_a_token_goes_to_either_address(server: Server) -> None:
    for version in ("v1", "2024-10-21"):
        asked(server, model="d-1", api_version=version, api_key=None, azure_ad_token="token-1")
        assert server.asked[-1].headers["authorization"] == "Bearer token-1"
        assert "api-key" not in server.asked[-1].headers
