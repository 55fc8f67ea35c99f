"""Who is one person, over HTTP: identifiers go in and never come out, and each word can be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest

from connectors.secret import Secret
from hub.identity.permissions import Role
from hub.kvkk.identifiers import identified

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from tests.hub.api.conftest import Door


@pytest.fixture
def known(door: Door) -> Iterator[dict[str, dict[str, str]]]:
    """A telephone, an address and a vehicle of three subjects, as a call names them."""
    mark = uuid4().int
    values = {
        "phone": f"+90532{mark % 10**7:07d}",
        "email": f"kisi-{mark % 10**9}@ornek.com.tr",
        "plate": f"34 KP {mark % 9000 + 1000}",
    }
    pairs = [identified(door.services.keyring, door.own, kind, Secret(value)) for kind, value in values.items()]
    keys = door.services.keyring.tenant(door.own)
    with door.services.database.tenant(door.own, "vault") as connection:
        for pair in pairs:
            connection.execute(
                "INSERT INTO vault.identifiers (tenant_id, kind, pseudonym, subject_id, strength, source)"
                " VALUES (%s, %s, %s, %s, 'strong', 'test')",
                (door.own, *pair, UUID(keys.subject_id(*pair))),
            )
    yield {kind: {"kind": kind, "value": value} for kind, value in values.items()}
    with door.services.database.tenant(door.own, "vault") as connection:
        connection.execute("DELETE FROM vault.identifiers WHERE tenant_id = %s AND source = 'test'", (door.own,))


@pytest.fixture
def client(door: Door) -> Iterator[httpx.Client]:
    with door.client(Role.DPO) as opened:
        yield opened


def found(client: httpx.Client, identifier: dict[str, str]) -> dict[str, Any]:
    answer = client.post("/api/v1/subjects/search", json={"identifier": identifier})
    assert answer.status_code == 200, answer.text
    assert identifier["value"] not in answer.text
    return answer.json()


def test_two_identifiers_are_one_person_until_the_link_ends(
    client: httpx.Client, door: Door, known: dict[str, dict[str, str]]
) -> None:
    both = {"identifier": known["phone"], "other": known["email"], "reason": "same_person"}
    made = client.post("/api/v1/subjects/links", json=both)
    assert made.status_code == 201, made.text
    assert not [each["value"] for each in known.values() if each["value"] in made.text]
    (link,) = made.json()["links"]
    person = found(client, known["phone"])
    assert set(person["subjects"].values()) == {"strong", "link"}
    assert (person["links"], {each["kind"] for each in person["identifiers"]}) == ([link], {"phone", "email"})
    assert client.post("/api/v1/subjects/links", json=both).json() == {"links": []}
    path = f"/api/v1/subjects/links/{link['link_id']}"
    with door.client(Role.DPO, tenant=door.other) as stranger:
        assert stranger.delete(path).json()["code"] == "link_unknown"
    assert client.delete(path).json() == link
    assert set(found(client, known["phone"])["subjects"].values()) == {"strong"}
    assert client.delete(path).status_code == 404
    log = client.get("/api/v1/audit", params={"action": "subjects_unlinked"}).json()["items"]
    assert log[0]["actor"] == f"user:{door.people[door.own, Role.DPO].user_id}"


def test_a_pool_vehicle_leads_to_nobody_and_is_a_drivers_for_some_days(
    client: httpx.Client, known: dict[str, dict[str, str]]
) -> None:
    plate = {"identifier": known["plate"]}
    days = {**plate, "holder": known["phone"], "since": "2026-03-01", "until": "2026-04-01", "reason": "driver"}
    early = client.post("/api/v1/subjects/shared/periods", json=days)
    assert (early.status_code, early.json()["code"]) == (409, "identifier_not_shared")
    shared = client.post("/api/v1/subjects/shared", json={**plate, "reason": "pool_vehicle"})
    assert shared.status_code == 201, shared.text
    assert found(client, known["plate"])["subjects"] == {}
    held = client.post("/api/v1/subjects/shared/periods", json=days)
    assert held.status_code == 201, held.text
    taken = client.post("/api/v1/subjects/shared/periods", json={**days, "holder": known["email"]})
    assert (taken.status_code, taken.json()["code"]) == (409, "period_taken")
    reversed_ = client.post("/api/v1/subjects/shared/periods", json={**days, "until": "2026-02-01"})
    assert [each["field"] for each in reversed_.json()["errors"]] == ["until"]
    nobody = {"kind": "phone", "value": "+905001112233"}
    unknown = client.post("/api/v1/subjects/shared/periods", json={**days, "holder": nobody})
    assert [each["field"] for each in unknown.json()["errors"]] == ["holder"]
    listed = client.get("/api/v1/subjects/shared", params={"limit": "500"}).json()["items"]
    assert {**shared.json(), "periods": [held.json()]} in listed
    path = f"/api/v1/subjects/shared/periods/{held.json()['period_id']}"
    assert client.delete(path).json() == held.json()
    assert client.delete(path).json()["code"] == "period_unknown"
    assert client.post("/api/v1/subjects/shared/end", json=plate).status_code == 204
    assert len(found(client, known["plate"])["subjects"]) == 1


def test_shared_identifiers_come_page_by_page_each_with_its_own_days(
    client: httpx.Client, known: dict[str, dict[str, str]]
) -> None:
    for kind in ("plate", "email"):
        body = {"identifier": known[kind], "reason": "family"}
        assert client.post("/api/v1/subjects/shared", json=body).status_code == 201
    days = {"identifier": known["email"], "holder": known["phone"], "reason": "driver"}
    assert client.post("/api/v1/subjects/shared/periods", json=days).status_code == 201
    first = client.get("/api/v1/subjects/shared", params={"limit": "1"}).json()
    second = client.get("/api/v1/subjects/shared", params={"limit": "1", "cursor": first["next"]}).json()
    assert [(each["kind"], len(each["periods"])) for each in first["items"] + second["items"]] == [
        ("email", 1),
        ("plate", 0),
    ]
    for kind in ("plate", "email"):
        client.post("/api/v1/subjects/shared/end", json={"identifier": known[kind]})


def test_a_wrong_identifier_is_named_by_its_place_and_not_repeated(client: httpx.Client) -> None:
    wrong = {"kind": "tckn", "value": "10000000145"}
    right = {"kind": "phone", "value": "+905320000001"}
    for path, body, field in (
        ("search", {"identifier": wrong}, "identifier.value"),
        ("links", {"identifier": right, "other": wrong, "reason": "same_person"}, "other.value"),
        ("renew", {"identifiers": [right, wrong]}, "identifiers.1.value"),
    ):
        answer = client.post(f"/api/v1/subjects/{path}", json=body)
        assert [each["field"] for each in answer.json()["errors"]] == [field]
        assert wrong["value"] not in answer.text
    named = {"identifier": right, "other": right, "reason": "Ayşe Yılmaz"}
    assert client.post("/api/v1/subjects/links", json=named).json()["errors"][0]["field"] == "reason"


def test_a_new_relation_counts_who_was_suppressed_and_what_waits_for_a_reviewer_is_listed(
    client: httpx.Client, known: dict[str, dict[str, str]]
) -> None:
    assert client.post("/api/v1/subjects/renew", json={"identifiers": list(known.values())}).json() == {"renewed": 0}
    assert client.get("/api/v1/subjects/review").status_code == 200
