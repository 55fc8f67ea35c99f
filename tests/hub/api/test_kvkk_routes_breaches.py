"""Breaches over HTTP, from learning of one to closing it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest

from hub.api.breach_form import BreachFields
from hub.identity.permissions import Role
from hub.kvkk.breach.form import Form
from hub.kvkk.breach.register import TIMES
from tests.hub.kvkk.breach.conftest import WHOLE

if TYPE_CHECKING:
    import httpx

    from tests.hub.api.conftest import Door


def registered(client: httpx.Client, **changes: Any) -> str:
    """A breach with a whole form, learned of an hour ago; its path."""
    learned = datetime.now(UTC) - timedelta(hours=1)
    times = {
        "learned_at": learned.isoformat(),
        "began_at": (learned - timedelta(hours=5)).isoformat(),
        "ended_at": (learned - timedelta(hours=1)).isoformat(),
    }
    made = client.post("/api/v1/breaches", json=WHOLE | times | changes)
    assert made.status_code == 201, made.text
    return made.headers["location"]


def test_a_breach_goes_from_learning_to_closing(door: Door) -> None:
    with door.client(Role.DPO) as client:
        path = registered(client, ended_at=None)
        seen = client.get(path).json()
        assert (seen["state"], seen["missing"]) == ("open", ["ended_at"])
        assert 70 * 3600 < seen["remaining_seconds"] <= 71 * 3600
        ended = (datetime.now(UTC) - timedelta(hours=2)).isoformat()
        assert client.patch(path, json={"ended_at": ended}).status_code == 200
        early = client.post(f"{path}/close", json={})
        assert (early.status_code, early.json()["code"]) == (409, "breach_board_not_told")
        told = client.post(f"{path}/board", json={"stage": "initial", "evidence_ref": "KVKK-2026-4711"})
        assert (told.json()["state"], told.json()["remaining_seconds"]) == ("notified", None)
        again = client.post(f"{path}/board", json={"stage": "initial", "evidence_ref": "KVKK-2026-4711"})
        assert (again.status_code, again.json()["code"]) == (409, "breach_told_already")
        everybody = {"how": "publication", "evidence_ref": "https://ornek.com.tr/duyuru/1"}
        assert client.post(f"{path}/persons", json=everybody).json() == {"told": 0}
        assert client.post(f"{path}/close", json={}).json()["state"] == "closed"
        assert client.patch(path, json={"persons_count": 1}).json()["code"] == "breach_closed"
        shown = client.get(path).json()
    actor = f"user:{door.people[door.own, Role.DPO].user_id}"
    assert {each["actor"] for each in shown["timeline"]} == {actor}
    assert [each["event"] for each in shown["timeline"]][-1] == "closed"


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"learned_at"}),
        ({"learned_at": "2026-11-02T10:15:00+03:00"}, {"source_details"}),
        ({"learned_at": "2026-11-02T10:15:00+03:00", "sources": [], "detected_how": None}, {"source_details"}),
    ],
)
def test_a_breach_is_not_registered_without_when_and_what(door: Door, body: dict[str, Any], fields: set[str]) -> None:
    with door.client(Role.DPO) as client:
        refused = client.post("/api/v1/breaches", json=body)
    assert (refused.status_code, {each["field"] for each in refused.json()["errors"]}) == (422, fields)


def test_persons_are_told_one_by_one_with_their_proofs(door: Door) -> None:
    with door.client(Role.DPO) as client:
        path = registered(client)
        persons = sorted(str(uuid4()) for _ in range(2))
        with door.services.database.tenant(door.own, "app") as connection:
            connection.cursor().executemany(
                "INSERT INTO hub.breach_subjects (tenant_id, breach_id, subject_id, found_by)"
                " VALUES (%s, %s, %s, 'audit')",
                [(door.own, path.rpartition("/")[2], each) for each in persons],
            )
        one = {"how": "direct", "persons": [{"subject_id": persons[0], "evidence_ref": "ticket-1"}]}
        assert client.post(f"{path}/persons", json=one).json() == {"told": 1}
        first = client.get(f"{path}/subjects", params={"limit": "1"}).json()
        second = client.get(f"{path}/subjects", params={"limit": "1", "cursor": first["next"]}).json()
        assert [first["items"][0]["evidence_ref"], second["items"][0]["told_at"]] == ["ticket-1", None]
        assert [first["items"][0]["subject_id"], second["items"][0]["subject_id"]] == [
            UUID(each).hex for each in persons
        ]
        stranger = {"how": "direct", "persons": [{"subject_id": str(uuid4()), "evidence_ref": "ticket-1"}]}
        assert client.post(f"{path}/persons", json=stranger).status_code == 422
        both = one | {"evidence_ref": "ticket-1"}
        assert client.post(f"{path}/persons", json=both).json()["errors"][0]["field"] == "persons"


def test_persons_are_looked_for_in_streams_and_in_the_log(door: Door) -> None:
    with door.client(Role.DPO) as client:
        path = registered(client)
        found = client.post(
            f"{path}/subjects/search", json={"streams": ["iyzico.subscription_customers"], "audit": True}
        )
        assert found.status_code == 200, found.text
        assert [each["subjects"] for each in found.json()] == [0, 0]
        assert client.post(f"{path}/subjects/search", json={}).status_code == 422
        unknown = client.post(f"{path}/subjects/search", json={"streams": ["iyzico.nothing"]})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "stream_unknown")


def test_notices_are_queued_only_with_a_key(door: Door) -> None:
    with door.client(Role.DPO) as client:
        path = registered(client)
        without = client.post(f"{path}/notices", json={"language": "tr"})
        sent = client.post(f"{path}/notices", json={"language": "tr"}, headers={"Idempotency-Key": uuid4().hex})
        stands = client.get(f"{path}/notices")
    assert (without.status_code, without.json()["code"]) == (400, "idempotency_key_missing")
    assert (sent.status_code, sent.json()["persons"], stands.json()) == (200, 0, sent.json())


@pytest.mark.parametrize(
    ("paper", "shape", "media_type", "holds"),
    [
        ("form", "html", "text/html; charset=utf-8", "<h1>"),
        ("form", "json", "application/json", '"missing": []'),
        ("notice", "text", "text/plain; charset=utf-8", "Bilmediğiniz numaraları açmayın."),
        ("notice", "html", "text/html; charset=utf-8", "Bilmediğiniz numaraları açmayın."),
    ],
)
def test_papers_are_written(door: Door, paper: str, shape: str, media_type: str, holds: str) -> None:
    with door.client(Role.DPO) as client:
        path = registered(client)
        answer = client.get(f"{path}/{paper}", params={"format": shape, "language": "tr"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
    assert holds in answer.text
    assert answer.headers["content-disposition"].startswith('attachment; filename="breach-')


def test_another_tenants_breach_is_not_there(door: Door) -> None:
    with door.client(Role.DPO, tenant=door.other) as client:
        path = registered(client)
    with door.client(Role.DPO) as client:
        answers = [
            client.get(path),
            client.patch(path, json={"persons_count": 1}),
            client.get(f"{path}/subjects"),
            client.get(f"{path}/form"),
            client.get(f"{path}/notices"),
            client.post(f"{path}/close", json={"false_alarm": True}),
        ]
        assert path.rpartition("/")[2] not in client.get("/api/v1/breaches").text
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(404, "breach_unknown")}


def test_breaches_are_listed_newest_first_page_by_page(door: Door) -> None:
    with door.client(Role.DPO) as client:
        paths = [registered(client) for _ in range(2)]
        first = client.get("/api/v1/breaches", params={"limit": "1"}).json()
        second = client.get("/api/v1/breaches", params={"limit": "1", "cursor": first["next"]}).json()
    listed = [page["items"][0]["breach_id"] for page in (first, second)]
    assert listed == [path.rpartition("/")[2] for path in reversed(paths)]


def test_every_field_of_the_boards_form_may_be_sent(door: Door) -> None:
    assert set(BreachFields.model_fields) == {*Form.model_fields, *TIMES}
    with door.client(Role.DPO) as client:
        refused = client.post(
            "/api/v1/breaches",
            json={
                "learned_at": "2026-11-02T10:15:00+03:00",
                "sources": ["loss"],
                "consequences": "Zeynep Kaya 0532 000 00 01 numarasından arandı",
            },
        )
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "consequences")
