"""Who asks, where it takes more than a key."""

from __future__ import annotations

from typing import Any

import anyio
import pytest
from anyio.lowlevel import checkpoint

from streamflow.chat_models import AzureChatOpenAI, ChatBedrock, ChatVertexAI, ChatWatsonx
from streamflow.errors import ModelAuthenticationError
from tests.chat_models.dialect_anthropic import ANTHROPIC_OF_AWS
from tests.chat_models.dialect_openai import OPENAI
from tests.chat_models.server import Answer, Asked, Server

CLAUDE = "anthropic.claude-3-haiku-20240307-v1:0"


async def test_bedrock_is_signed_with_credentials(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    auth = pytest.importorskip("botocore.auth")
    requests = pytest.importorskip("botocore.awsrequest")
    credentials = pytest.importorskip("botocore.credentials")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-example")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    kind = {"content-type": "application/vnd.amazon.eventstream"}
    server.answer(Answer(ANTHROPIC_OF_AWS.events("a"), headers=kind))
    async with ChatBedrock(model=CLAUDE, base_url=server.url) as model:
        assert [chunk.content async for chunk in model.astream("Hi")] == ["a", ""]
    [asked] = server.asked
    said = asked.headers["authorization"]
    assert said.startswith("AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/")
    assert "/eu-central-1/bedrock/aws4_request" in said
    # The signature is that of what has come, by the library of AWS.
    again = requests.AWSRequest("POST", server.url + asked.target, data=asked.body)
    again.headers["content-type"] = asked.headers["content-type"]
    signer = auth.SigV4Auth(
        credentials.Credentials("AKIAEXAMPLE", "secret-example"), "bedrock", "eu-central-1"
    )
    again.context["timestamp"] = asked.headers["x-amz-date"]
    again.headers["X-Amz-Date"] = asked.headers["x-amz-date"]
    signature = signer.signature(
        signer.string_to_sign(again, signer.canonical_request(again)), again
    )
    assert said.endswith(f"Signature={signature}")


async def test_errors_of_bedrock(server: Server) -> None:
    body = {"message": "The security token included in the request is invalid."}
    server.answer(Answer.json(body, 401, x_amzn_requestid="r-1"))
    async with ChatBedrock(model=CLAUDE, base_url=server.url, api_key="k") as model:
        with pytest.raises(ModelAuthenticationError, match=r"token.*r-1"):
            await model.ainvoke("Hi")


async def test_vertex_asks_for_a_token(server: Server) -> None:
    pytest.importorskip("google.auth")

    class Credentials:
        token = "token-0"
        valid = False

        def refresh(self, request: Any) -> None:
            self.token, self.valid = "token-1", True

    server.answer(Answer.json(OPENAI.whole("a")))
    given: Any = {"project": "p", "location": "europe-west4", "base_url": server.url}
    async with ChatVertexAI(model="gemini-x", credentials=Credentials(), **given) as model:
        for _ in range(2):
            assert (await model.ainvoke("Hi")).content == "a"
    assert [asked.headers["authorization"] for asked in server.asked] == ["Bearer token-1"] * 2
    assert "/locations/europe-west4/" in server.asked[0].target
    assert server.asked[0].json["model"] == "google/gemini-x"


async def test_azure_takes_a_token_in_place_of_a_key(server: Server) -> None:
    async def token() -> str:
        return "token-1"

    server.answer(OPENAI.answer("a"))
    given: Any = {"azure_deployment": "d", "api_version": "1", "azure_endpoint": server.url}
    async with AzureChatOpenAI(azure_ad_token_provider=token, **given) as model:
        assert [chunk.content async for chunk in model.astream("Hi")] == ["a", ""]
    assert server.asked[0].headers["authorization"] == "Bearer token-1"
    assert "api-key" not in server.asked[0].headers


async def test_watsonx_keeps_its_token(server: Server) -> None:
    token = Answer.json({"access_token": "token-1", "expires_in": 3600})
    answer = Answer.json(OPENAI.whole("a"))
    server.answer(token, answer, answer)
    given: Any = {"base_url": server.url, "token_url": f"{server.url}/token", "project_id": "p"}
    async with ChatWatsonx(model="m", api_key="key-1", **given) as model:
        for _ in range(2):
            assert (await model.ainvoke("Hi")).content == "a"
    assert [asked.target.partition("?")[0] for asked in server.asked] == [
        "/token",
        "/ml/v1/text/chat",
        "/ml/v1/text/chat",
    ]
    assert b"apikey=key-1" in server.asked[0].body


def _tokens_and_answers(server: Server, failures: int = 0) -> Any:
    """Have tokens given for keys, after so many refusals; return arguments of a model."""
    left = [failures]

    def respond(asked: Asked) -> Answer:
        if asked.target != "/token":
            return Answer.json(OPENAI.whole("a"))
        if left[0]:
            left[0] -= 1
            return Answer.json({"errorMessage": "no"}, 401)
        return Answer.json({"access_token": "token-1", "expires_in": 3600})

    server.respond = respond
    return {
        "model": "m",
        "api_key": "key-1",
        "base_url": server.url,
        "token_url": f"{server.url}/token",
        "project_id": "p",
    }


async def test_many_first_requests_fetch_one_token(server: Server) -> None:
    async with ChatWatsonx(**_tokens_and_answers(server)) as model:
        answers = await model.abatch(["Hi"] * 10)
    assert [answer.content for answer in answers] == ["a"] * 10
    assert [asked.target for asked in server.asked].count("/token") == 1


def test_many_first_threads_fetch_one_token(server: Server) -> None:
    with ChatWatsonx(**_tokens_and_answers(server)) as model:
        answers = model.batch(["Hi"] * 10)
    assert [answer.content for answer in answers] == ["a"] * 10
    assert [asked.target for asked in server.asked].count("/token") == 1


async def test_who_waits_for_a_token_fetches_it_if_it_did_not_come(server: Server) -> None:
    async with ChatWatsonx(**_tokens_and_answers(server, failures=1)) as model:
        answers = await model.abatch(["Hi"] * 3, return_exceptions=True)
    kinds = sorted(type(answer).__name__ for answer in answers)
    assert kinds == ["AIMessage", "AIMessage", "ModelAuthenticationError"]


async def test_a_call_without_a_loop_does_not_wait_for_one_of_the_loop(server: Server) -> None:
    async with ChatWatsonx(**_tokens_and_answers(server)) as model:
        with anyio.fail_after(10):
            async with anyio.create_task_group() as group:
                group.start_soon(model.ainvoke, "Hi")
                while not server.asked:
                    await checkpoint()
                assert model.invoke("Hi").content == "a"  # blocks the loop


@pytest.mark.parametrize("body", [{}, {"access_token": 1}, {"errorMessage": "Provided API key-1"}])
async def test_watsonx_gets_no_token(server: Server, body: Any) -> None:
    server.answer(Answer.json(body))
    given: Any = {"base_url": server.url, "token_url": f"{server.url}/token", "project_id": "p"}
    async with ChatWatsonx(model="m", api_key="key-1", max_retries=0, **given) as model:
        with pytest.raises(ModelAuthenticationError) as caught:
            await model.ainvoke("Hi")
    assert "key-1" not in f"{caught.value} {caught.value.body}"
