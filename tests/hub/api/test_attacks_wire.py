"""Bytes on the wire: two requests in one, lying lengths, other hosts, headers without end, bodies that never come."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import TYPE_CHECKING

import httpx
import pytest

from hub.identity.permissions import Role
from tests.hub.api.attacking import entries, served_with

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.hub.api.conftest import Door

pytestmark = pytest.mark.usefixtures("crowd")

HEAD = "Host: hub\r\nConnection: close\r\n"


@pytest.mark.parametrize(
    ("lines", "body"),
    [
        ("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\nGET /api/v1/me HTTP/1.1\r\n\r\n"),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n"),
        ("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"),
        ("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"),
        ("Content-Length: 5\r\nContent-Length: 6\r\n", "{}    "),
        ("Content-Length: +5\r\n", "{}   "),
        ("Content-Length: -1\r\n", "{}"),
        ("Content-Length: 0x10\r\n", "{}"),
        ("X: a\r\n Content-Length: 5\r\n", "{}   "),
        ("X\x00Y: 1\r\n", ""),
        ("X: a\rb\r\n", ""),
    ],
)
def test_a_request_that_two_servers_could_cut_differently_is_none(
    raw: Callable[[bytes], bytes], lines: str, body: str
) -> None:
    answer = raw(f"POST /api/v1/auth/revoke HTTP/1.1\r\n{HEAD}{lines}\r\n{body}".encode("latin-1"))
    assert answer.count(b"HTTP/1.1 ") <= 1
    # A folded header is one header (RFC 9112, 5.2), and CL beside TE is TE's (6.3): one answer, and the end of it.
    assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 415", b"HTTP/1.1 422", b"HTTP/1.1 501")), answer


@pytest.mark.parametrize(
    "target",
    [
        "http://elsewhere.invalid/api/v1/me",
        "//elsewhere.invalid/api/v1/me",
        "/api/docs/../v1/me",
        "/api/docs/..%2f..%2fv1/me",
        "/api/docs/%2e%2e/openapi.json",
        "/api/docs/....//....//etc/passwd",
        "/api/docs/..%5c..%5cwindows",
        "/api/docs/%00",
        "/api//v1/me",
        "/api/v1/me/",
        "/API/V1/ME",
        "/api/v1/me;x=1",
        "/api/v1/%6de%2f..",
        "/hooks/iyzico/..%2f..%2fapi%2fv1%2fme",
        "/dagster/../api/v1/me",
        "/dagster",
        "/dagster/graphql",
        "/dagsterish",
        "*",
    ],
)
def test_a_path_that_is_played_with_leads_to_nothing(raw: Callable[[bytes], bytes], target: str) -> None:
    answer = raw(f"GET {target} HTTP/1.1\r\n{HEAD}\r\n".encode())
    assert answer.startswith((b"HTTP/1.1 404", b"HTTP/1.1 400", b"HTTP/1.1 401", b"HTTP/1.1 405")), answer[:200]
    assert b"root:" not in answer
    assert b"<script" not in answer


def test_methods_that_nobody_declared_do_nothing(raw: Callable[[bytes], bytes]) -> None:
    for method in ("TRACE", "TRACK", "CONNECT", "OPTIONS", "PROPFIND", "GETS", "HEAD"):
        answer = raw(f"{method} /api/v1/me HTTP/1.1\r\n{HEAD}Cookie: secret=1\r\n\r\n".encode())
        assert answer.startswith((b"HTTP/1.1 405", b"HTTP/1.1 400")), (method, answer)
        assert b"secret=1" not in answer


def test_a_method_in_a_header_is_not_the_method(door: Door) -> None:
    session = "00000000-0000-0000-0000-000000000000"
    with door.client(Role.OWNER, **{"X-HTTP-Method-Override": "DELETE"}) as client:
        assert client.post(f"/api/v1/me/sessions/{session}").status_code == 405


def test_only_our_own_hosts_are_answered(door: Door) -> None:
    with (
        served_with(door, public_url="https://hub.ornek.test", allowed_hosts=["hub.ornek.test"]) as url,
        httpx.Client(base_url=url) as client,
    ):
        for host in ("hub.ornek.test", "HUB.ornek.test:443", "lale.hub.ornek.test"):
            assert client.get("/healthz", headers={"Host": host}).status_code == 200
        for host in (
            "elsewhere.invalid",
            "hub.ornek.test.elsewhere.invalid",
            "elsewherehub.ornek.test",
            "a.b.hub.ornek.test",
            "hub.ornek.test@elsewhere.invalid",
            "127.0.0.1",
            "[::1]",
            "",
        ):
            answer = client.get("/healthz", headers={"Host": host})
            assert answer.status_code in {400, 404}, host
            assert "strict-transport-security" in answer.headers
        assert client.get("/sign-in", headers={"X-Forwarded-Host": "evil.invalid", "Host": "hub.ornek.test"}).is_success


@pytest.mark.parametrize("lines", [f"X: {'a' * 100_000}\r\n", "".join(f"X-{n}: 1\r\n" for n in range(9_000))])
def test_headers_without_end_are_cut_off(door: Door, lines: str) -> None:
    port = int(door.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        # The end never comes: the bound is what is kept of an unfinished head (a whole one of 64 KB may pass).
        with suppress(OSError):
            connection.sendall(f"GET /healthz HTTP/1.1\r\n{HEAD}{lines}".encode())
        try:
            answered = connection.recv(65_536)
        except ConnectionResetError:
            return
    assert answered.startswith(b"HTTP/1.1 431")


def test_many_parameters_are_read_and_repeated_nowhere(door: Door) -> None:
    query = "&".join(f"column=c{number}" for number in range(900))
    with door.client(Role.OWNER) as client:
        assert client.get(f"/api/v1/data/marts.payments?{query}").status_code in {404, 422}


@pytest.mark.parametrize("shape", ["chunked", "no length", "a length that lies"])
def test_a_body_beyond_the_bound_is_refused_however_it_comes(door: Door, shape: str) -> None:
    with door.client(Role.OWNER) as client:
        big = b"x" * 200_000

        def parts():
            for _ in range(8):
                yield big

        if shape == "chunked":
            answer = client.post("/api/v1/api-keys", content=parts(), headers={"Content-Type": "application/json"})
            assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
            return
    length = "Content-Length: 999999999\r\n" if shape == "a length that lies" else ""
    token = door.people[door.own, Role.OWNER].token
    port = int(door.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        head = f"POST /api/v1/api-keys HTTP/1.1\r\n{HEAD}Authorization: Bearer {token}\r\n{length}\r\n"
        connection.sendall(head.encode() + (b"x" * 1_200_000 if length else b""))
        answered = connection.recv(65_536)
    assert answered.startswith(b"HTTP/1.1 413" if length else b"HTTP/1.1 4")


def test_a_body_that_never_comes_is_given_up(door: Door) -> None:
    token = door.people[door.own, Role.OWNER].token
    with served_with(door, api_body_seconds=0.3) as url:
        port = int(url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            connection.sendall(
                f"POST /api/v1/api-keys HTTP/1.1\r\n{HEAD}Authorization: Bearer {token}\r\n"
                "Content-Length: 10\r\n\r\n{".encode()
            )
            assert connection.recv(65_536).startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "identity, gzip", "GZIP", "zstd"])
def test_no_compressed_body_is_opened(door: Door, encoding: str) -> None:
    with door.client(Role.OWNER) as client:
        answer = client.post("/api/v1/api-keys", content=b"\x1f\x8b\x08", headers={"Content-Encoding": encoding})
    assert (answer.status_code, answer.json()["code"]) == (415, "body_compressed")


def test_nothing_that_comes_in_makes_a_header_or_a_line_of_the_log(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    forged = "%0d%0aSet-Cookie:%20evil=1%0d%0aERROR%20forged"
    with caplog.at_level("INFO"), door.client(Role.OWNER) as client:
        for path in (f"/{forged}", f"/sign-in?next=/{forged}", f"/api/v1/data/{forged}", f"/hooks/{forged}/x"):
            answer = client.get(path, headers={"User-Agent": "a" * 500, "X-Request-Id": "a%0d%0ab"})
            assert "set-cookie" not in answer.headers
            assert "%0d" not in answer.headers["x-request-id"]
    assert "forged" not in caplog.text


def test_an_attempt_is_written_down_with_the_route_and_no_id(door: Door) -> None:
    dpo = door.people[door.own, Role.DPO].user_id
    with door.client(Role.DPO) as client:
        client.delete(f"/api/v1/api-keys/{door.own}")
    found = {
        named: (ip, details)
        for actor, named, ip, details in entries(door, door.own, "api.refused")
        if actor == f"user:{dpo}"
    }
    ip, details = found["route:DELETE /api/v1/api-keys/{key}"]
    assert ip == "127.0.0.1"
    assert set(details) == {"code", "request", "more_before"}
    assert not any(door.own in named for named in found)
