"""A vendor of chat completions on loopback, in a process of its own.

It prints its port and ends with its standard input. What it sends is made before anybody
asks: a chunk is as OpenAI writes it, with all of the keys that only few read.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from typing import Any

CHUNKS = 600
IN_ONE_WRITE = 8
PAUSE = 0.003
TOKEN = " token"
WARM_UP = "warm up"


def _event(choices: list[Any], **more: Any) -> bytes:
    chunk = {
        "id": "chatcmpl-Bq4bXnQPV5k3kHqYw7b1X0c2d9e8f",
        "object": "chat.completion.chunk",
        "created": 1760000000,
        "model": "gpt-4o-mini-2024-07-18",
        "service_tier": "default",
        "system_fingerprint": "fp_34a54ae93c",
        "choices": choices,
        "usage": None,
        "obfuscation": "x7Gk2pQ",
        **more,
    }
    return b"data: " + json.dumps(chunk, separators=(",", ":")).encode() + b"\n\n"


def _choice(finish_reason: str | None = None, **delta: Any) -> list[Any]:
    return [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}]


def _writes(chunks: int) -> list[bytes]:
    """What goes into one ``send`` each: some events as one chunk of HTTP."""
    usage = {"prompt_tokens": 9, "completion_tokens": chunks, "total_tokens": chunks + 9}
    events = [_event(_choice(role="assistant", content="", refusal=None))]
    events += [_event(_choice(content=TOKEN))] * chunks
    events += [_event(_choice("stop")), _event([], usage=usage), b"data: [DONE]\n\n"]
    parts = [
        b"".join(events[start : start + IN_ONE_WRITE])
        for start in range(0, len(events), IN_ONE_WRITE)
    ]
    return [b"%x\r\n%b\r\n" % (len(part), part) for part in parts] + [b"0\r\n\r\n"]


HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n"
    b"transfer-encoding: chunked\r\n\r\n"
)
LONG, SHORT = _writes(CHUNKS), _writes(1)


def _question(connection: socket.socket) -> bytes:
    """The body of the next request; empty when the client has gone."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return b""
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        int(line.partition(b":")[2])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    )
    while len(body) < length:
        body += connection.recv(65536)
    return body


def _serve(connection: socket.socket) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with connection:
        try:
            while question := _question(connection):
                connection.sendall(HEAD)
                for data in SHORT if WARM_UP.encode() in question else LONG:
                    connection.sendall(data)
                    time.sleep(PAUSE)
        except OSError:
            return


def main() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)

        def accept() -> None:
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=_serve, args=(connection,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        sys.stdin.read()


if __name__ == "__main__":
    main()
