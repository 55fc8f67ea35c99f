"""A caller who is slow on purpose, or has many connections, is ended; the others are served."""

from __future__ import annotations

import asyncio
import json
import select
import socket
import time
from collections.abc import Generator
from contextlib import contextmanager
from http.client import HTTPResponse
from threading import Event, Thread
from typing import Any

import httpx
import pytest
import uvicorn
from websockets.sync.client import connect

from hub.i18n import parse_language, speaking
from hub.messages import text_of
from hub.serving import Limits, configuration

_GIVEN_UP_AFTER = 20.0
"""Seconds after which a test says that the server never ended the connection."""


async def echo(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": message["text"]})
        return
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@contextmanager
def served(app: Any = echo, *, websockets: bool = False, **limits: Any) -> Generator[int]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        server = uvicorn.Server(configuration(app, limits=Limits(**limits), websockets=websockets))
        thread = Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


def trickled(port: int, beginning: bytes, byte: bytes = b"a") -> bytes:
    """What the server says to a caller who sends one byte after the other; it must end the connection."""
    heard = b""
    gives_up = time.monotonic() + _GIVEN_UP_AFTER
    with socket.create_connection(("127.0.0.1", port)) as caller:
        caller.sendall(beginning)
        while time.monotonic() < gives_up:
            readable, _, _ = select.select([caller], [], [], 0.02)
            try:
                if readable:
                    part = caller.recv(4096)
                    if not part:
                        return heard
                    heard += part
                else:
                    caller.sendall(byte)  # every 20 ms
            except (ConnectionResetError, BrokenPipeError):
                return heard
    raise AssertionError("the server still listens")


POST = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\n"
WHOLE = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"


@pytest.mark.parametrize(
    ("limits", "beginning", "byte", "answers"),
    [
        ({"header_seconds": 0.2}, b"GET / HTTP/1.1\r\nx: ", b"a", [408]),
        ({"header_seconds": 0.2}, b"", b"\r\n", [408]),
        ({"body_seconds": 0.2}, POST, b"a", [408]),
        ({"header_seconds": 0.2, "idle_seconds": 60}, WHOLE + b"GET /a", b"a", [200, 408]),
        ({"header_seconds": 0.2, "idle_seconds": 60}, WHOLE, b"\r\n", [200, 408]),
        ({"body_seconds": 0.2, "idle_seconds": 60}, WHOLE + POST, b"a", [200, 408]),
    ],
)
def test_a_caller_who_sends_one_byte_after_the_other_is_ended(
    limits: dict[str, Any], beginning: bytes, byte: bytes, answers: list[int]
) -> None:
    with served(**limits) as port:
        said = trickled(port, beginning, byte)
    assert [int(part[:3]) for part in said.split(b"HTTP/1.1 ")[1:]] == answers


@pytest.mark.parametrize(
    "header",
    [
        b"GET / HTTP/1.1\r\nx: " + b"a" * 2_000,
        b"GET / HTTP/1.1\r\nx: ",
        b"GET /" + b"a" * 2_000 + b" HTTP/1.1\r\nhost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: a\r\nx: " + b"a" * 2_000 + b"\r\n\r\n",
        WHOLE[:-2] + b"x: a\r\n" * 400 + b"\r\n",
    ],
    ids=["value without end", "byte after byte", "long path", "long value", "many headers"],
)
def test_a_header_is_refused_by_its_size_whether_it_ends_or_not(header: bytes) -> None:
    with served(header_bytes=1_000) as port:
        assert trickled(port, header, b"a" * 50).startswith(b"HTTP/1.1 431")


@pytest.mark.parametrize(
    ("sent", "status", "language", "code"),
    [
        (b"HELLO\r\n\r\n", 400, "en", "request_malformed"),
        (b"GET / HTTP/1.1\r\naccept-language: tr\r\nx: " + b"a" * 2_000 + b"\r\n\r\n", 431, "tr", "header_too_large"),
        (b"POST / HTTP/1.1\r\nAccept-Language: tr-TR\r\ncontent-length: 9\r\n\r\n", 408, "tr", "too_slow"),
    ],
)
def test_who_is_not_heard_reads_why_in_their_language(sent: bytes, status: int, language: str, code: str) -> None:
    with (
        served(header_bytes=1_000, body_seconds=0.1) as port,
        socket.create_connection(("127.0.0.1", port), timeout=_GIVEN_UP_AFTER) as caller,
    ):
        caller.sendall(sent)
        answer = HTTPResponse(caller)
        answer.begin()
        document = json.load(answer)
    assert (answer.status, document["status"], document["code"]) == (status, status, code)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Content-Language"] == language
    with speaking(parse_language(language) or "en"):
        assert document["detail"] == text_of(code)


def test_a_caller_who_says_nothing_is_ended() -> None:
    with served(header_seconds=0.1) as port, socket.create_connection(("127.0.0.1", port), timeout=20) as caller:
        assert caller.recv(4096).startswith(b"HTTP/1.1 408")


def test_a_request_that_is_served_does_not_pay_for_a_slow_one_behind_it() -> None:
    """The second one's time is over while the first is being answered; it is told so after the first."""
    going = Event()

    async def patient(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.get_running_loop().run_in_executor(None, going.wait, _GIVEN_UP_AFTER)
        await echo(scope, receive, send)

    with (
        served(patient, header_seconds=0.1, idle_seconds=60) as port,
        socket.create_connection(("127.0.0.1", port), timeout=_GIVEN_UP_AFTER) as caller,
    ):
        caller.sendall(WHOLE + b"GET /")
        readable, _, _ = select.select([caller], [], [], 0.4)
        going.set()
        said = b""
        while part := caller.recv(4096):
            said += part
    assert not readable
    assert [int(part[:3]) for part in said.split(b"HTTP/1.1 ")[1:]] == [200, 408]


def test_requests_beyond_the_connections_that_are_open_are_put_off_and_served_when_they_are_gone() -> None:
    with (
        served(connections=3) as port,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=_GIVEN_UP_AFTER) as client,
    ):
        assert client.post("/", content=b"a" * 100_000).status_code == 200
        held = [socket.create_connection(("127.0.0.1", port)) for _ in range(2)]
        try:
            assert until(client, 503)
            assert client.get("/").json()["code"] == "too_many_connections"
        finally:
            for each in held:
                each.close()
        assert until(client, 200)


def test_connections_beyond_all_measure_are_closed_unheard() -> None:
    with served(connections=1) as port:
        held = [socket.create_connection(("127.0.0.1", port)) for _ in range(2)]
        try:
            assert trickled(port, b"") == b""  # connections are accepted in their order
        finally:
            for each in held:
                each.close()


def until(client: httpx.Client, status: int) -> bool:
    """Whether the server comes to answer so: it learns of a connection that was opened or closed in its own time."""
    gives_up = time.monotonic() + _GIVEN_UP_AFTER
    while time.monotonic() < gives_up:
        if client.get("/").status_code == status:
            return True
    return False


def test_a_websocket_lives_on_when_the_time_for_headers_and_bodies_is_over() -> None:
    with (
        served(websockets=True, header_seconds=0.2, body_seconds=0.2) as port,
        connect(f"ws://127.0.0.1:{port}/", proxy=None) as caller,
    ):
        with pytest.raises(TimeoutError):  # nothing comes: neither an answer to a slow caller nor the end
            caller.recv(timeout=0.5)
        caller.send("still here")
        assert caller.recv(timeout=_GIVEN_UP_AFTER) == "still here"
