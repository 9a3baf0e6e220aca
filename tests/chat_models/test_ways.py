"""The way to a vendor: certificates of one's own, and proxies."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import anyio
import pytest
from anyio.abc import ByteStream

from streamflow.chat_models import ChatAnthropic, ChatOpenAI, VendorChatModel
from streamflow.errors import ModelConnectionError
from tests.chat_models.dialect_openai import OPENAI
from tests.chat_models.server import GONE, Answer, Host, Server

trustme = pytest.importorskip("trustme", reason="makes certificates")


class Proxy(Host):
    """Passes connections on, to whom they ask for, and remembers whom."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    async def _connection(self, stream: ByteStream) -> None:
        async with stream as near:
            head = b""
            while b"\r\n\r\n" not in head:
                head += await near.receive()
            method, target, _ = head.split(b" ", 2)
            self.asked.append(f"{method.decode()} {target.decode()}")
            place = target.removeprefix(b"http://").split(b"/")[0].decode()
            host, _, port = place.partition(":")
            async with (
                await anyio.connect_tcp(host, int(port)) as far,
                anyio.create_task_group() as group,
            ):
                if method == b"CONNECT":
                    await near.send(b"HTTP/1.1 200 Connected\r\n\r\n")
                else:
                    await far.send(head)
                group.start_soon(self._pass_on, far, near)
                await self._pass_on(near, far)
                group.cancel_scope.cancel()

    async def _pass_on(self, source: ByteStream, target: ByteStream) -> None:
        try:
            while True:
                await target.send(await source.receive())
        except GONE:
            return


@pytest.fixture(scope="module")
def authority() -> Any:
    return trustme.CA()


@pytest.fixture(scope="module")
def trust(authority: Any) -> ssl.SSLContext:
    """What a client needs to know the server."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture(scope="module")
def running_secure_server(authority: Any) -> Iterator[Server]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with Server(context) as server:
        yield server


@pytest.fixture
def secure(running_secure_server: Server) -> Server:
    running_secure_server.reset()
    return running_secure_server


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with Proxy() as proxy:
        yield proxy


def model_of(server: Server, **options: Any) -> VendorChatModel:
    return ChatOpenAI(
        model="m-1",
        api_key="key-1",
        base_url=server.url,
        max_retries=0,
        client_options=options,
    )


async def both_ways(model: VendorChatModel) -> list[Any]:
    """What it says, with a loop and without."""
    async with model:
        said = [chunk.content async for chunk in model.astream("Hi")]
    with model:
        return said + [chunk.content for chunk in model.stream("Hi")]


# ------------------------------------------------------------------------ certificates


async def test_a_server_that_nobody_vouches_for_gets_no_key(secure: Server) -> None:
    secure.answer(OPENAI.answer("a"))
    with pytest.raises(ModelConnectionError, match="certificate verify failed"):
        await both_ways(model_of(secure))
    with model_of(secure) as model, pytest.raises(ModelConnectionError, match="certificate"):
        model.invoke("Hi")
    assert not secure.asked


async def test_certificates_of_ones_own(secure: Server, trust: ssl.SSLContext) -> None:
    secure.answer(OPENAI.answer("a"))
    assert await both_ways(model_of(secure, verify=trust)) == ["a", ""] * 2
    assert [asked.headers["authorization"] for asked in secure.asked] == ["Bearer key-1"] * 2


def test_certificates_that_the_environment_names(
    secure: Server, authority: Any, tmp_path: Any
) -> None:
    file = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(file)
    secure.answer(Answer.json(OPENAI.whole("a")))
    code = (
        "from streamflow.chat_models import ChatOpenAI\n"
        f"print(ChatOpenAI(model='m', api_key='k', base_url={secure.url!r}).invoke('Hi').content)"
    )
    environment = {**os.environ, "SSL_CERT_FILE": str(file)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.stdout, done.stderr) == ("a\n", "")


# ----------------------------------------------------------------------------- proxies


async def test_through_a_proxy(server: Server, proxy: Proxy) -> None:
    server.answer(OPENAI.answer("a"))
    assert await both_ways(model_of(server, proxy=proxy.url)) == ["a", ""] * 2
    assert proxy.asked == [f"POST {server.url}/chat/completions"] * 2
    assert len(server.asked) == 2


async def test_a_proxy_does_not_see_what_is_encrypted(
    secure: Server, proxy: Proxy, trust: ssl.SSLContext
) -> None:
    secure.answer(OPENAI.answer("a"))
    assert await both_ways(model_of(secure, proxy=proxy.url, verify=trust)) == ["a", ""] * 2
    assert proxy.asked == [f"CONNECT {secure.url.removeprefix('https://')}"] * 2


async def test_a_proxy_that_the_environment_names(
    secure: Server, proxy: Proxy, trust: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    secure.answer(OPENAI.answer("a"))
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    assert await both_ways(model_of(secure, verify=trust)) == ["a", ""] * 2
    assert len(proxy.asked) == 2
    assert await both_ways(model_of(secure, verify=trust, trust_env=False)) == ["a", ""] * 2
    assert len(proxy.asked) == 2


async def test_a_proxy_that_is_not_there(server: Server) -> None:
    model = ChatAnthropic(
        model="m-1",
        api_key="key-1",
        base_url=server.url,
        max_retries=0,
        client_options={"proxy": "http://127.0.0.1:9"},
    )
    async with model:
        with pytest.raises(ModelConnectionError) as caught:
            await model.ainvoke("Hi")
    assert "key-1" not in str(caught.value)
    assert not server.asked
