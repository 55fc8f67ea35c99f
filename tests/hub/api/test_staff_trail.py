"""What the operator's staff read and change of a tenant stays: in the tenant's own log, and in the platform's."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx

from hub.control import tenant_profile
from hub.identity.caller import PLATFORM_SCOPE
from hub.identity.permissions import Role
from hub.kvkk.audit import Actor
from hub.kvkk.audit_listing import entries as listed
from hub.kvkk.staff_visits import ACTION, StaffVisits
from tests.hub.api.attacking import entries
from tests.hub.dagster_door.house import caller

if TYPE_CHECKING:
    from hub.db.database import Database
    from tests.conftest import MakeTenant
    from tests.hub.api.conftest import Door


def named(door: Door, tenant_id: str, action: str) -> list[str]:
    """How the platform's log names the entries of a tenant: by their hashes."""
    with door.services.database.tenant(tenant_id, "app") as connection:
        rows = connection.execute(
            "SELECT hash FROM hub.audit_log WHERE tenant_id = %s AND action = %s ORDER BY seq", (tenant_id, action)
        ).fetchall()
    return [f"entry:{bytes(digest).hex()}" for (digest,) in rows]


def in_platform(door: Door, action: str, objects: list[str]) -> list[tuple[str, dict[str, Any]]]:
    return [(actor, details) for actor, of, _ip, details in entries(door, None, action) if of in objects]


def test_whoever_of_the_staff_reads_a_tenant_stands_in_both_logs_once(door: Door, make_tenant: MakeTenant) -> None:
    tenant_id = make_tenant()
    who = f"user:{door.people[PLATFORM_SCOPE, Role.PLATFORM_ADMIN].user_id}"
    with door.client(Role.PLATFORM_ADMIN, tenant=tenant_id) as client:
        for path in ("/users", "/audit", "/actions"):
            assert client.get(f"/api/v1{path}").status_code == 200

    ((actor, of, ip, details),) = entries(door, tenant_id, ACTION)
    assert (actor, of, ip, details["first"]) == (who, f"tenant:{tenant_id}", "127.0.0.1", "GET /api/v1/users")
    assert in_platform(door, ACTION, named(door, tenant_id, ACTION)) == [(who, details)]


def test_a_look_at_one_tenant_in_the_directory_is_one_at_the_tenant(door: Door, make_tenant: MakeTenant) -> None:
    tenant_id = make_tenant()
    with door.client(Role.PLATFORM_ANALYST) as client:
        assert client.get(f"/api/v1/tenants/{tenant_id}").status_code == 200
    assert [details["first"] for *_, details in entries(door, tenant_id, ACTION)] == ["GET /api/v1/tenants/{tenant}"]


def test_looking_at_the_platform_itself_stands_in_its_log(door: Door) -> None:
    who = f"user:{door.people[PLATFORM_SCOPE, Role.PLATFORM_ADMIN].user_id}"
    with door.client(Role.PLATFORM_ADMIN) as client:
        assert client.get("/api/v1/tenants").status_code == 200
        assert client.get("/api/v1/staff").status_code == 200
    found = [details for actor, of, _ip, details in entries(door, None, ACTION) if (actor, of) == (who, "platform")]
    # Two where the clock struck while the suite ran.
    assert 1 <= len(found) <= 2


def test_processes_enter_a_visit_once_and_the_next_hour_again(database: Database, make_tenant: MakeTenant) -> None:
    tenant_id, ayse, veli = make_tenant(), caller(Role.PLATFORM_ADMIN), caller(Role.PLATFORM_ANALYST)
    now = time.time()
    later = now + 3_600
    for at in (now, now, later):
        visits = StaffVisits(database, clock=lambda at=at: at)
        for who in (ayse, veli, ayse):
            visits.enter(who, tenant_id, route="GET /api/v1/users", ip=None)

    found = [each.actor for each in listed(database, tenant_id) if each.action == ACTION]
    assert sorted(found) == sorted([f"user:{ayse.subject}", f"user:{veli.subject}"] * 2)


def test_a_tenants_own_people_and_machines_are_no_visit(door: Door) -> None:
    before = len(entries(door, door.other, ACTION))
    for role in (Role.OWNER, Role.MACHINE):
        with door.client(role, tenant=door.other) as client:
            assert client.get("/api/v1/profile").status_code == 200
    assert len(entries(door, door.other, ACTION)) == before


def test_what_the_staff_do_with_a_tenant_stands_in_the_platforms_log_too(door: Door) -> None:
    who = f"user:{door.people[PLATFORM_SCOPE, Role.PLATFORM_ADMIN].user_id}"
    new = {
        "name": "Lale Lojistik Ltd. Şti.",
        "subdomain": f"iz-{uuid4().hex[:10]}",
        "tax_number": "1111111114",
        "tax_office": "Kadıköy",
        "kvkk_consent_date": "2026-11-01",
    }
    with door.client(Role.PLATFORM_ADMIN) as client:
        tenant_id = client.post("/api/v1/tenants", json=new).json()["tenant_id"]
        path = f"/api/v1/tenants/{tenant_id}"
        seen = client.get(path).headers["ETag"]
        answers: list[httpx.Response] = [
            client.patch(path, json={"plan": "starter"}, headers={"If-Match": seen}),
            client.post(f"{path}/suspend"),
            client.post(f"{path}/resume"),
        ]
    assert [each.status_code for each in answers] == [200, 200, 200]

    for action in ("tenant.added", "tenant.changed", "tenant.suspended", "tenant.resumed"):
        (found,) = in_platform(door, action, named(door, tenant_id, action))
        assert found[0] == who
    with door.services.database.without_tenant() as connection:
        (left,) = connection.execute(
            "SELECT count(*) FROM hub.platform_audit_log p WHERE p::text LIKE %s", (f"%{tenant_id}%",)
        ).fetchone() or (None,)
    assert left == 0, "nothing of a tenant may stand where it cannot be forgotten"


def test_what_a_company_changes_of_itself_is_not_the_platforms(door: Door, make_tenant: MakeTenant) -> None:
    tenant_id, database = make_tenant(), door.services.database
    owner = Actor(f"user:{uuid4()}", Role.OWNER.value)
    tenant_profile.change(database, tenant_id, {"name": "Yeni Ad"}, actor=owner)
    assert len(named(door, tenant_id, "tenant.changed")) == 1
    assert in_platform(door, "tenant.changed", named(door, tenant_id, "tenant.changed")) == []
