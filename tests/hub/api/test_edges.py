"""What goes wrong at the edges of a call ends as a problem document that says so, and never as a trace in the log."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import httpx
import pytest
from starlette.background import BackgroundTask
from starlette.responses import JSONResponse

from hub.api import readiness
from hub.api.gate import Gate
from hub.api.idempotency import Claim
from hub.api.outermost import Outermost, _has_common_bounds
from hub.api.problems import MOST_NAME_CHARACTERS
from hub.api.statuses import STATUSES, TITLES
from hub.errors import HubError
from hub.identity.permissions import Role
from hub.settings import Settings

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from tests.hub.api.conftest import Door


@pytest.mark.parametrize("text", ["\x00", "\ud800"])
@pytest.mark.parametrize(
    ("role", "path", "keys"),
    [
        (Role.PLATFORM_ADMIN, "tenants", 2),
        (Role.OWNER, "templates", 2),
        (Role.OWNER, "data/landing.iyzico_payment_details", 1),
    ],
)
def test_a_cursor_with_text_that_no_database_holds_is_none_of_ours(
    door: Door, role: Role, path: str, keys: int, text: str
) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps([text] * keys).encode()).decode().rstrip("=")
    with door.client(role) as client:
        answer = client.get(f"/api/v1/{path}", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (400, "cursor_malformed")


@pytest.mark.parametrize("path", ["/metrics", "/api/docs/nothing.js"])
def test_what_is_beside_the_routes_is_refused_like_all_else(door: Door, path: str) -> None:
    with door.client() as client:
        answer = client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_who_is_signed_in_is_not_sent_to_sign_in_because_the_database_is_away(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_cookie: str) -> None:
        raise HubError("database_busy", role="app")

    monkeypatch.setattr(door.services.sign_in, "of_browser", away)
    with door.client(Cookie="hub_session=x; __Host-hub_session=x") as client:
        answer = client.get("/account")
    assert (answer.status_code, answer.json()["code"]) == (503, "database_busy")


def test_a_field_nobody_knows_is_not_told_back_whole(door: Door) -> None:
    name = "x" * 100_000
    with door.client(Role.OWNER) as client:
        body = client.post("/api/v1/api-keys", json={"label": "x", "scopes": ["status.read"], name: 1})
        query = client.get("/api/v1/api-keys", params={name[:5_000]: "1"})
    for answer in (body, query):
        assert answer.status_code == 422
        assert [each["field"] for each in answer.json()["errors"]] == [name[:MOST_NAME_CHARACTERS]]


def test_who_sent_no_credential_is_not_told_that_it_is_wrong(door: Door) -> None:
    with door.client() as client:
        assert client.get("/api/v1/me").headers["www-authenticate"] == 'Bearer realm="kopru"'
    with door.client(Authorization="Bearer x.y.z") as client:
        assert 'error="invalid_token"' in client.get("/api/v1/me").headers["www-authenticate"]


class Taken:
    """A lock that somebody holds who looks at a database that hangs."""

    def acquire(self, *, blocking: bool = True) -> bool:
        assert not blocking
        return False

    def __enter__(self) -> None:
        raise AssertionError


def test_who_asks_for_readiness_while_somebody_looks_hears_what_was_seen_last() -> None:
    services: Any = SimpleNamespace(extra={})
    known: Any = readiness._Known()
    services.extra["readiness"] = known
    known.found = readiness.Readiness(ready=True, database="well", migrations="well", keys="well", daemon="unwell")
    known.at, known.lock = time.monotonic() - 5, Taken()
    assert readiness.look(services) is known.found


def test_what_is_done_behind_an_answer_is_done_when_the_answer_is_kept() -> None:
    done: list[str] = []
    gate: Any = Gate.__new__(Gate)
    gate._answers = SimpleNamespace(keep=lambda *_: None)
    answer = JSONResponse({}, background=BackgroundTask(done.append, "mailed"))
    settled = asyncio.run(gate._settle(Claim("t", "user:x", b"k"), answer, kept=True))
    asyncio.run(settled.background())
    assert done == ["mailed"]


def asked(app: ASGIApp) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=Outermost(app, Settings(language="en")))  # what comes through, is raised
        async with httpx.AsyncClient(transport=transport, base_url="http://hub") as client:
            return await client.get("/")

    return asyncio.run(ask())


async def failing(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise RuntimeError("Ayşe Yılmaz")


async def failing_behind_its_answer(scope: Scope, receive: Receive, send: Send) -> None:
    await JSONResponse({"done": True})(scope, receive, send)
    raise RuntimeError("Ayşe Yılmaz")


def test_an_unforeseen_error_outside_the_routes_is_a_problem_document(caplog: pytest.LogCaptureFixture) -> None:
    answer = asked(failing)
    assert (answer.status_code, answer.json()["code"]) == (500, "hub_failed")
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "RuntimeError" in caplog.text
    assert "Ayşe" not in caplog.text


def test_an_error_behind_an_answer_is_logged_by_its_class_alone(caplog: pytest.LogCaptureFixture) -> None:
    assert asked(failing_behind_its_answer).json() == {"done": True}
    assert "RuntimeError" in caplog.text
    assert "Ayşe" not in caplog.text


def test_a_websocket_that_cannot_be_served_now_is_closed() -> None:
    async def away(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise HubError("database_busy", role="app")

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": "/dagster/graphql", "headers": [(b"host", b"hub")]}
    asyncio.run(Outermost(away, Settings())(scope, cast("Receive", None), send))
    assert [message["type"] for message in sent] == ["websocket.close"]


def test_only_dagsters_own_paths_have_bounds_of_their_own() -> None:
    assert [path for path in ("/dagster", "/dagster/x", "/hooks/x") if _has_common_bounds(path)] == []
    assert _has_common_bounds("/dagsterish")


def test_every_status_has_a_title() -> None:
    assert set(STATUSES.values()) <= set(TITLES)
