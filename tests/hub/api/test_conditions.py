"""Conditions on calls: two who change one thing, who has what there is already, and calls that heed no condition."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from fastapi.routing import APIRoute

from hub.api.app import the_api
from hub.api.headers import told_by
from hub.api.routes import ROUTERS
from hub.identity.permissions import Role

if TYPE_CHECKING:
    import httpx

    from tests.hub.api.conftest import Door

_BREACH = {"learned_at": "2026-11-02T10:15:00+03:00", "sources": ["theft"], "source_details": "Dizüstü çalındı."}
ACCOUNT = {"environment": "sandbox", "credentials": {"api_key": "k", "secret_key": "s"}}


def _second_is_refused(client: httpx.Client, method: str, path: str, first: Any, second: Any) -> httpx.Response:
    """Two people read, both change: the second one is told. The first one's answer."""
    seen = {"If-Match": client.get(path).headers["etag"]}
    done = client.request(method, path, json=first, headers=seen)
    assert done.is_success, done.text
    late = client.request(method, path, json=second, headers=seen)
    assert (late.status_code, late.json()["code"]) == (412, "version_differs")
    return done


def test_of_two_who_change_what_both_read_the_second_is_refused(door: Door) -> None:
    with door.client(Role.OWNER, tenant=door.other) as client:
        account = "/api/v1/integrations/iyzico"
        none_there = client.put(account, json=ACCOUNT, headers={"If-Match": "*"})
        assert (none_there.status_code, none_there.json()["code"]) == (412, "version_differs")
        assert client.put(account, json=ACCOUNT).status_code == 200
        _second_is_refused(client, "PUT", account, ACCOUNT, ACCOUNT)
        cap = "/api/v1/spend/caps/netgsm"
        done = _second_is_refused(client, "PUT", cap, {"daily_count": 5}, {"daily_count": 7})
        shown = client.get(cap)
        assert (shown.json()["daily_count"], shown.headers["etag"]) == (5, done.headers["etag"])
        title = {"sender_title": f"Lale {uuid4().hex[:6]}"}
        _second_is_refused(client, "PATCH", "/api/v1/messaging", title, {"sender_title": "Gül"})
    with door.client(Role.DPO) as client:
        breach = client.post("/api/v1/breaches", json=_BREACH).headers["location"]
        _second_is_refused(client, "PATCH", breach, {"persons_count": 5}, {"persons_count": 7})


def test_a_choice_for_a_column_is_changed_by_those_alone_who_saw_it(door: Door) -> None:
    column = "/api/v1/policies/overrides/iyzico/subscription_customers/gsm_number"
    choice = {"action": "drop", "legal_basis": "contract", "retention": "P1Y"}
    with door.client(Role.DPO) as client:
        assert client.get(column).json()["code"] == "override_missing"
        assert client.put(column, json=choice, headers={"If-Match": '"1"'}).status_code == 412
        made = client.put(column, json=choice)
        assert made.status_code == 200, made.text
        seen = {"If-Match": client.get(column).headers["etag"]}
        assert client.put(column, json={**choice, "retention": "P2Y"}, headers=seen).status_code == 200
        assert client.delete(column, headers=seen).status_code == 412
        assert client.delete(column).status_code == 200


def test_a_condition_that_a_call_would_pass_over_is_refused(door: Door) -> None:
    with door.client(Role.OWNER) as client:
        match = client.post("/api/v1/api-keys", json={}, headers={"If-Match": '"1"'})
        none = client.patch("/api/v1/profile", json={}, headers={"If-None-Match": "*"})
    assert {(each.status_code, each.json()["code"]) for each in (match, none)} == {(400, "precondition_not_here")}


def test_who_has_what_there_is_gets_304_until_anything_shown_changes(door: Door) -> None:
    with door.client(Role.OWNER) as client:
        path = "/api/v1/users/" + str(door.people[door.own, Role.ENGINEER].user_id)
        first = client.get(path)
        same = client.get(path, headers={"If-None-Match": f'"other", W/{first.headers["etag"]}'})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", first.headers["etag"])
        assert "ratelimit" in same.headers
        assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
    with door.client(Role.PLATFORM_ADMIN) as staff:
        tenant = f"/api/v1/tenants/{door.other}"
        tag = staff.get(tenant).headers["etag"]
        staff.post(f"{tenant}/suspend")
        suspended = staff.get(tenant, headers={"If-None-Match": tag})
        staff.post(f"{tenant}/resume")
    assert (suspended.status_code, suspended.json()["active"]) == (200, False)  # no part of what If-Match guards


def test_routes_name_the_headers_they_set(door: Door) -> None:
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    takes = {route.name for route in routes if "response" in inspect.signature(route.endpoint).parameters}
    tells = {route.name for route in routes if told_by(route.endpoint)}
    heed = {route.name for route in routes if any(each.alias == "If-Match" for each in route.dependant.header_params)}
    assert takes - {"token"} == {name for name in tells if name != "read_rows"}
    assert heed - tells == {"choose", "take_back"}  # their answer is what became of it; the choice is read apart
    document = the_api(door.services).openapi()
    for path in document["paths"].values():
        for operation in path.values():
            for status, answer in operation["responses"].items():
                assert {"X-Request-Id", "RateLimit"} <= set(answer["headers"])
                assert ("WWW-Authenticate" in answer["headers"]) == (status == "401")
                assert ("Retry-After" in answer["headers"]) == (status in {"429", "503"})
    users = document["paths"]["/api/v1/users"]["post"]["responses"]["201"]["headers"]
    profile = document["paths"]["/api/v1/profile"]["get"]["responses"]
    assert {"Location", "Idempotency-Replayed"} <= set(users)
    assert {"ETag"} == set(profile["200"]["headers"]) & {"ETag", "Location", "Idempotency-Replayed"}
    assert "304" in profile


def test_nothing_need_be_said_where_the_usual_will_do(door: Door) -> None:
    with door.client(Role.OWNER) as client:
        key = client.post("/api/v1/api-keys", json={"label": "x", "scopes": ["status.read"]}).json()["key"]["key_id"]
        assert client.post(f"/api/v1/api-keys/{key}/rotate").status_code == 200
        client.post("/api/v1/inbox/addresses/iyzico")
        rotated = client.post("/api/v1/inbox/addresses/findeks/rotate")
        assert rotated.json()["code"] == "integration_missing"  # and not that a body is
        wrong = client.post(f"/api/v1/api-keys/{key}/rotate", json={"at_ones": True})
    assert wrong.status_code == 422
    with door.client(Role.DPO) as client:
        breach = client.post("/api/v1/breaches", json=_BREACH).headers["location"]
        assert client.post(f"{breach}/close").json()["code"] == "breach_board_not_told"
        told = client.post(f"{breach}/notices", headers={"Idempotency-Key": uuid4().hex})
    assert told.json()["code"] != "input_invalid"
