"""The inbox, its addresses, status, usage and logins with SQL by the API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest

from connectors.webhooks import WebhookEvent
from hub.errors import HubError
from hub.identity.permissions import Role
from hub.inbox import endpoints
from tests.support import arrivals

if TYPE_CHECKING:
    from tests.hub.api.conftest import Door


@pytest.fixture(scope="module")
def account(door: Door) -> Iterator[None]:
    """Tenant `own` has an iyzico account that fails."""
    database = door.services.database
    sealed = door.services.keyring.tenant(door.own).seal("integration", "iyzico", json.dumps({}).encode())
    with database.tenant(door.own, "app") as connection:
        connection.execute(
            "INSERT INTO hub.integrations (tenant_id, provider, environment, credentials_cipher, state)"
            " VALUES (%s, 'iyzico', 'sandbox', %s, 'active')",
            (door.own, sealed),
        )
        connection.execute(
            "INSERT INTO hub.sync_state (tenant_id, provider, stream, state, last_failure_at, failure_kind,"
            " failure_code, failure_status) VALUES (%s, 'iyzico', 'transactions', 'failed', now(), 'permanent',"
            " 'credentials_rejected', 401)",
            (door.own,),
        )
    yield
    with database.tenant(door.own, "app") as connection:
        for table in ("inbox_events", "sync_state", "webhook_endpoints", "integrations"):
            connection.execute(f"DELETE FROM hub.{table} WHERE tenant_id = %s", (door.own,))  # noqa: S608


def arrive(door: Door, count: int, *, aside: bool = False) -> list[str]:
    """Events of iyzico's; their ids."""
    services, names = door.services, [uuid4().hex for _ in range(count)]
    keys, day = services.keyring.tenant(door.own), services.daily_keys.today(door.own)
    with services.database.tenant(door.own, "app") as connection:
        found = [WebhookEvent(name, "test", b'{"name": "Ay\xc5\x9fe"}') for name in names]
        arrivals.store(connection, keys, day, "iyzico", found)
        connection.execute(
            "UPDATE hub.inbox_events SET state = %s, reason = %s, handled_at = %s WHERE tenant_id = %s"
            " AND state = 'received'",
            ("aside", "event_unreadable", None, door.own) if aside else ("handled", None, datetime.now(UTC), door.own),
        )
    return names


@pytest.mark.usefixtures("account")
class TestTheInbox:
    def test_is_listed_page_by_page_without_what_events_say(self, door: Door) -> None:
        arrive(door, 3)
        with door.client(Role.ENGINEER) as client:
            first = client.get("/api/v1/inbox/events?limit=2&state=handled").json()
            then = client.get("/api/v1/inbox/events", params={"limit": 2, "state": "handled", "cursor": first["next"]})
        seen = [each["event_id"] for each in first["items"] + then.json()["items"]]
        assert len(seen) == len(set(seen)) == 3
        assert then.json()["next"] is None
        assert "Ayşe" not in then.text

    def test_handles_a_time_again(self, door: Door) -> None:
        arrive(door, 2)
        since = datetime.now(UTC) - timedelta(hours=1)
        with door.client(Role.ENGINEER) as client:
            done = client.post("/api/v1/inbox/replay", json={"since": since.isoformat(), "provider": "iyzico"})
            assert done.status_code == 202
            assert done.json()["events"] >= 2
            reversed_ = {"since": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"}
            assert client.post("/api/v1/inbox/replay", json=reversed_).json()["code"] == "range_reversed"
            assert client.post("/api/v1/inbox/replay", json={"since": "9999-12-31T23:59:59Z"}).status_code == 422

    def test_handles_one_again_that_was_set_aside_and_no_other(self, door: Door) -> None:
        arrive(door, 1, aside=True)
        with door.client(Role.ENGINEER) as client:
            aside, *_ = client.get("/api/v1/inbox/events?state=aside").json()["items"]
            path = f"/api/v1/inbox/events/iyzico/{aside['event_id']}/again"
            with door.client(Role.ENGINEER, tenant=door.other) as stranger:
                assert stranger.post(path).json()["code"] == "event_unknown"
            assert client.post(path).json()["state"] == "received"
            again = client.post(path)
            assert (again.status_code, again.json()["code"]) == (404, "event_unknown")

    def test_has_addresses_whose_secret_is_told_once(self, door: Door) -> None:
        database, key = door.services.database, {"Idempotency-Key": uuid4().hex}
        with door.client(Role.OWNER) as client:
            made = client.post("/api/v1/inbox/addresses/iyzico", headers=key)
            assert made.status_code == 201
            secret = made.json()["path"].rpartition("/")[2]
            assert endpoints.tenant_of(database, "iyzico", secret) == door.own
            assert client.post("/api/v1/inbox/addresses/iyzico", headers=key).json()["code"] == (
                "idempotent_answer_not_kept"
            )
            taken = client.post("/api/v1/inbox/addresses/iyzico")
            assert (taken.status_code, taken.json()["code"]) == (409, "webhook_exists")
            rotated = client.post("/api/v1/inbox/addresses/iyzico/rotate", json={})
            assert rotated.json()["others_until"] is not None
            listed = client.get("/api/v1/inbox/addresses")
            assert [each["valid_until"] is None for each in listed.json()] == [True, False]
            assert secret not in listed.text
            assert endpoints.tenant_of(database, "iyzico", secret) == door.own
            assert client.delete("/api/v1/inbox/addresses/iyzico").json() == {"ended": 2}
            assert endpoints.tenant_of(database, "iyzico", secret) is None
            assert client.delete("/api/v1/inbox/addresses/iyzico").status_code == 404
            assert client.post("/api/v1/inbox/addresses/nobody").status_code == 404
        with door.client(Role.MACHINE) as machine:
            assert machine.post("/api/v1/inbox/addresses/iyzico").status_code == 403


@pytest.mark.usefixtures("account")
def test_status_says_in_words_why_a_sync_fails(door: Door) -> None:
    with door.client(Role.ANALYST, **{"Accept-Language": "tr"}) as client:
        [found] = client.get("/api/v1/status").json()
        fresh = client.get("/api/v1/freshness").json()
    assert (found["provider"], found["health"], found["reason_code"]) == ("iyzico", "failed", "credentials_rejected")
    [failed] = [each for each in found["streams"] if each["state"] == "failed"]
    assert "HTTP durumu 401" in failed["failure_text"]
    assert {each["stream"] for each in fresh} == {each["stream"] for each in found["streams"]}
    with door.client(Role.ANALYST, tenant=door.other) as client:
        assert "credentials_rejected" not in client.get("/api/v1/status").text


@pytest.mark.usefixtures("account")
def test_the_staff_see_every_tenants_status_page_by_page(door: Door) -> None:
    seen: list[str] = []
    cursor: str | None = None
    with door.client(Role.PLATFORM_ANALYST) as client:
        for _page in range(1_000):
            given = {"limit": "2", **({"cursor": cursor} if cursor else {})}
            page = client.get("/api/v1/platform/status", params=given).json()
            seen += [f"{each['tenant_id']}/{each['provider']}" for each in page["items"]]
            cursor = page["next"]
            if cursor is None:
                break
    assert f"{door.own}/iyzico" in seen
    assert len(seen) == len(set(seen))
    with door.client(Role.OWNER) as client:
        assert client.get("/api/v1/platform/status").status_code == 403


def test_usage_is_told_against_the_plan(door: Door) -> None:
    with door.client(Role.MACHINE) as client:
        found = client.get("/api/v1/usage").json()
    assert found["tenant_id"] == door.own
    allowed = {each["name"]: each["allowed"] for each in found["usage"]}
    assert allowed["api_calls_per_minute"] == 1_000_000


def test_a_login_with_sql_is_made_rotated_and_taken_away(door: Door) -> None:
    with door.client(Role.OWNER, tenant=door.other) as client:
        made = client.post("/api/v1/analysts", json={"label": "Raporlama"})
        assert made.status_code == 201
        login = made.json()
        assert login["environment"]["PGUSER"] == login["role_name"]
        assert _connects(door, login)
        rotated = client.post(f"/api/v1/analysts/{login['role_name']}/rotate").json()
        assert not _connects(door, login)
        assert _connects(door, rotated)
        with door.client(Role.OWNER) as stranger:
            for answer in (
                stranger.post(f"/api/v1/analysts/{login['role_name']}/rotate"),
                stranger.delete(f"/api/v1/analysts/{login['role_name']}"),
            ):
                assert (answer.status_code, answer.json()["code"]) == (404, "analyst_unknown")
        listed = client.get("/api/v1/analysts")
        assert listed.json()[-1]["label"] == "Raporlama"
        assert rotated["password"] not in listed.text
        assert client.delete(f"/api/v1/analysts/{login['role_name']}").status_code == 204
        assert not _connects(door, rotated)
    with door.client(Role.ENGINEER) as client:
        assert client.post("/api/v1/analysts", json={"label": "x"}).status_code == 403


def _connects(door: Door, login: dict[str, Any]) -> bool:
    try:
        with door.services.database.analyst(login["role_name"], login["password"]):
            return True
    except (HubError, psycopg.OperationalError):
        return False
