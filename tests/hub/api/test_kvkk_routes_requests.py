"""The request desk over HTTP: from an application to its answer, by people who signed in."""

from __future__ import annotations

import hashlib
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest

from connectors.secret import Secret
from hub.identity import users
from hub.identity.permissions import Role
from hub.identity.record import NewUser
from hub.keys.vault import Vault
from hub.kvkk.audit import Actor
from hub.kvkk.requests import handling, work
from tests.hub.api.conftest import OPERATOR, PASSWORD

if TYPE_CHECKING:
    import httpx

    from tests.hub.api.conftest import Door

TCKN = "10000000146"
MARKERS = (TCKN, "Denemeoğlu", "ayse@ornek.invalid", "itiraz ediyorum")
APPLICATION: dict[str, Any] = {
    "type": "object_automated",
    "channel": "kep",
    "identifiers": [{"kind": "tckn", "value": TCKN}],
    "contact": {"name": "Ayşe Denemeoğlu", "email": "ayse@ornek.invalid"},
    "text": "Puanıma itiraz ediyorum.",
}


def opened(client: httpx.Client, **changes: Any) -> str:
    """An application; its path."""
    made = client.post("/api/v1/requests", json=APPLICATION | changes)
    assert made.status_code == 201, made.text
    return made.headers["location"]


def started(client: httpx.Client, type_: str) -> str:
    """One whose applicant is known and whose work has begun."""
    path = opened(client, type=type_)
    assert client.post(f"{path}/identify", json={"method": "in_person"}).json()["identity_confirmed_at"]
    begun = client.post(f"{path}/start")
    assert begun.json()["work_state"] == "pending", begun.text
    return path


def perform(door: Door, path: str) -> str | None:
    """What the Dagster run does."""
    services = door.services
    vault = Vault(services.database, services.keyring)
    context = work.HubContext(services.settings, services.database, services.keyring, vault, services.policies)
    return work.perform(context, door.own, UUID(path.rpartition("/")[2]), run_id="run")


def name_of(door: Door, role: Role) -> str:
    return f"user:{door.people[door.own, role].user_id}"


def test_a_request_is_handled_from_receipt_to_closed_without_showing_the_person(door: Door) -> None:
    dpo = door.people[door.own, Role.DPO]
    with door.client(Role.MACHINE) as machine:
        path = opened(machine)
        assert machine.get(path).status_code == 403
    said: list[str] = []
    with door.client(Role.DPO) as client:
        client.event_hooks = {"response": [lambda answer: said.append(answer.read().decode())]}
        early = client.post(f"{path}/start")
        assert (early.status_code, early.json()["code"]) == (409, "request_identity_open")
        assert client.post(f"{path}/ask", json={"missing": "signature"}).json()["state"] == "info_needed"
        added = client.post(f"{path}/identifiers", json={"identifiers": [{"kind": "phone", "value": "0532 000 00 01"}]})
        assert added.status_code == 200
        assert client.post(f"{path}/identify", json={"method": "in_person"}).json()["state"] == "identity_check"
        mine = client.post(f"{path}/assign", json={"user_id": str(dpo.user_id), "warn": True})
        assert mine.json()["handler"] == f"user:{dpo.user_id}"
        assert client.post(f"{path}/start").json()["state"] == "in_progress"
        answered = client.post(
            f"{path}/answer", json={"text": "Sayın Denemeoğlu, inceledik.", "form": "paper", "pages": 12}
        )
        assert (answered.json()["outcome"], answered.json()["fee"]) == ("accepted", "2.00")
        assert client.post(f"{path}/close").json()["state"] == "closed"
        shown = client.get(path).json()
        assert client.get("/api/v1/requests", params={"answered": "true"}).status_code == 200
    assert shown["article"] == "KVKK 11/1-g"
    assert [each["event"] for each in shown["events"]] == [
        *("open", "ask", "name_identifiers", "confirm_identity", "assign", "start", "answer", "close"),
    ]
    assert {each["actor"] for each in shown["events"][1:]} == {f"user:{dpo.user_id}"}
    assert not [marker for marker in MARKERS for text in said if marker in text]


def test_what_is_sealed_is_shown_with_a_second_factor_alone_and_the_reading_is_written_down(door: Door) -> None:
    with door.client(Role.DPO) as client:
        path = opened(client)
        content = client.get(f"{path}/content").json()
        log = client.get("/api/v1/audit", params={"action": "request.read"}).json()["items"]
    assert (content["contact"]["name"], content["content"]["text"]) == ("Ayşe Denemeoğlu", APPLICATION["text"])
    assert log[0]["object"] == f"request:{path.rpartition('/')[2]}"
    with door.client(Role.OWNER) as client:
        assert client.get(path).status_code == 200
        assert client.get(f"{path}/content").status_code == 403


def test_a_request_is_its_handlers_who_must_be_one_of_the_desk(door: Door) -> None:
    with door.client(Role.DPO) as client:
        path = opened(client)
        unfit = client.post(f"{path}/assign", json={"user_id": str(door.people[door.own, Role.ANALYST].user_id)})
        stranger = client.post(f"{path}/assign", json={"user_id": str(door.people[door.other, Role.DPO].user_id)})
        client.post(f"{path}/identify", json={"method": "in_person"})
        other = str(second_dpo(door)[1])
        assert client.post(f"{path}/assign", json={"user_id": other}).status_code == 200
        refused = client.post(f"{path}/start")
    assert (unfit.status_code, unfit.json()["code"]) == (422, "request_handler_unfit")
    assert (stranger.status_code, stranger.json()["code"]) == (404, "user_unknown")
    assert (refused.status_code, refused.json()["code"]) == (403, "request_not_yours")


def test_a_request_is_refused_with_ground_and_article(door: Door) -> None:
    with door.client(Role.DPO) as client:
        path = opened(client)
        without = client.post(f"{path}/refuse", json={"text": "Olmaz."})
        unknown = client.post(f"{path}/refuse", json={"text": "Olmaz.", "ground": {"code": "because"}})
        ground = {"code": "statutory_retention", "article": "VUK 253", "destruction_due": "2031-12-31"}
        refused = client.post(f"{path}/refuse", json={"text": "Saklanması gerekir.", "ground": ground}).json()
    assert (without.status_code, without.json()["code"]) == (422, "refusal_without_ground")
    assert (unknown.status_code, unknown.json()["code"]) == (422, "refusal_ground_unknown")
    assert (refused["outcome"], refused["refusal_article"], refused["destruction_due"]) == (
        *("refused", "VUK 253", "2031-12-31"),
    )


def test_requests_are_listed_page_by_page_each_once(door: Door) -> None:
    with door.client(Role.DPO, tenant=door.other) as client:
        paths = [opened(client, received_at=f"2026-11-0{day}T10:00:00+03:00") for day in (2, 1, 1)]
        seen: list[str] = []
        cursor: str | None = None
        while cursor is not None or not seen:
            asked = {"limit": "1"} | ({"cursor": cursor} if cursor else {})
            page = client.get("/api/v1/requests", params=asked).json()
            seen += [each["request_id"] for each in page["items"]]
            cursor = page["next"]
    assert sorted(seen) == sorted(path.rpartition("/")[2] for path in paths)
    assert seen[-1] == paths[0].rpartition("/")[2]


def test_a_package_is_downloaded_once_changed_and_its_passphrase_is_told_once(door: Door) -> None:
    with door.client(Role.DPO) as client:
        path = started(client, "access")
        early = client.get(f"{path}/package")
        assert (early.status_code, early.json()["code"]) == (404, "request_without_package")
        assert perform(door, path) == "done"
        (package,) = client.get(path).json()["packages"]
        got = client.get(f"{path}/package")
        assert hashlib.sha256(got.content).hexdigest() == package["sha256"]
        assert got.headers["etag"] == f'"{package["sha256"]}"'
        assert got.headers["content-disposition"].endswith('.zip"')
        with zipfile.ZipFile(BytesIO(got.content)) as packed:
            assert packed.namelist()
        same = client.get(f"{path}/package", headers={"If-None-Match": got.headers["etag"]})
        assert (same.status_code, same.content) == (304, b"")
        assert client.post(f"{path}/package/passphrase").json()["passphrase"]
        again = client.post(f"{path}/package/passphrase")
        assert (again.status_code, again.json()["code"]) == (409, "export_passphrase_gone")
        log = client.get("/api/v1/audit", params={"action": "export_downloaded"}).json()["items"]
        assert [(each["object"], each["actor"]) for each in log] == [
            (f"export:{package['export_id']}", name_of(door, Role.DPO))
        ]
        unkeyed = client.post(f"{path}/package/link")
        assert (unkeyed.status_code, unkeyed.json()["code"]) == (400, "idempotency_key_missing")
    with door.client(Role.DPO, tenant=door.other) as client:
        assert client.get(f"{path}/package").json()["code"] == "request_unknown"


def second_dpo(door: Door) -> tuple[str, UUID]:
    """Another data-protection officer of the tenant: their address and id."""
    email = f"dpo-{uuid4().hex[:10]}@ornek.com.tr"
    new = NewUser(email=email, name="Mehmet Kaya", role=Role.DPO)
    services = door.services
    added = users.add(
        services.database, services.keyring, door.own, new, actor=OPERATOR, password=Secret(PASSWORD)
    ).user
    return email, added.user_id


def meant(door: Door, path: str, count: int) -> None:
    """Subjects whom a reviewer included."""
    with door.services.database.tenant(door.own, "app") as connection:
        connection.execute(
            "INSERT INTO hub.request_subjects (tenant_id, request_id, subject_id, reached_by, decision, decided_by)"
            " SELECT %s, %s, gen_random_uuid(), 'weak', 'included', 'test' FROM generate_series(1, %s)",
            (door.own, path.rpartition("/")[2], count),
        )


def start_as(door: Door, path: str, name: str) -> None:
    """Start the work as whoever has that name, as the command line does."""
    services, request = door.services, UUID(path.rpartition("/")[2])
    handling.start(services.database, services.keyring, door.own, request, actor=Actor(name, "desk"))


def test_an_erasure_of_many_waits_for_somebody_else_who_signed_in(door: Door) -> None:
    with door.client(Role.DPO) as client, door.client(Role.OWNER) as owner:
        path = opened(client, type="erase")
        client.post(f"{path}/identify", json={"method": "in_person"})
        meant(door, path, 25)
        early = owner.post(f"{path}/approve-erasure")
        assert (early.status_code, early.json()["code"]) == (409, "request_not_to_erase")
        client.post(f"{path}/start")
        assert perform(door, path) == "failed"
        assert client.get(path).json()["work_code"] == "erasure_needs_approval"
        own = client.post(f"{path}/approve-erasure")
        assert (own.status_code, own.json()["code"]) == (403, "erasure_self_approved")

        approved = owner.post(f"{path}/approve-erasure").json()
        assert (approved["by"], approved["subjects"]) == (name_of(door, Role.OWNER), 26)
        meant(door, path, 1)
        client.post(f"{path}/start")
        assert perform(door, path) == "failed"  # one more is meant than was approved

        owner.post(f"{path}/approve-erasure")
        client.post(f"{path}/start")
        assert perform(door, path) == "done", client.get(path).json()
        begun = client.get("/api/v1/audit", params={"action": "erasure_begun"}).json()["items"]
        assert begun[0]["details"]["approved_by"] == name_of(door, Role.OWNER)
        refused = client.get("/api/v1/audit", params={"action": "request.approve"}).json()["items"]
    assert "erasure_self_approved" in {each["result"] for each in refused}


def test_whoever_approved_cannot_start_the_work_on_their_own_approval(door: Door) -> None:
    other = second_dpo(door)[1]
    with door.client(Role.DPO) as client:
        path = opened(client, type="erase")
        client.post(f"{path}/identify", json={"method": "in_person"})
        meant(door, path, 25)
        client.post(f"{path}/assign", json={"user_id": str(other)})
        start_as(door, path, f"user:{other}")
        assert perform(door, path) == "failed"
        assert client.post(f"{path}/approve-erasure").status_code == 200
        client.post(f"{path}/assign", json={"user_id": str(door.people[door.own, Role.DPO].user_id)})
        client.post(f"{path}/start")
        assert perform(door, path) == "failed"
        assert client.get(path).json()["work_code"] == "erasure_needs_approval"


def test_a_name_that_nobody_signed_in_with_is_no_second_person(door: Door) -> None:
    with door.client(Role.DPO) as client, door.client(Role.OWNER) as owner:
        path = opened(client, type="erase")
        client.post(f"{path}/identify", json={"method": "in_person"})
        meant(door, path, 25)
        start_as(door, path, "ayse")
        refused = owner.post(f"{path}/approve-erasure")
    assert (refused.status_code, refused.json()["code"]) == (409, "erasure_starter_unknown")


def test_another_tenants_request_is_not_there(door: Door) -> None:
    with door.client(Role.DPO, tenant=door.other) as client:
        path = opened(client)
    with door.client(Role.DPO) as client:
        answers = [
            client.get(path),
            client.get(f"{path}/content"),
            client.post(f"{path}/start"),
            client.post(f"{path}/close"),
            client.post(f"{path}/identify", json={"method": "in_person"}),
            client.post(f"{path}/approve-erasure"),
            client.post(f"{path}/package/passphrase"),
        ]
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(404, "request_unknown")}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"type": "portability"}, "type"),
        ({"identifiers": []}, "identifiers"),
        ({"identifiers": [{"kind": "shoe_size", "value": "42"}]}, "identifiers.0.kind"),
        ({"contact": {"name": "Ayşe Denemeoğlu"}}, "contact"),
        ({"received_at": "9999-12-31T23:59:59-12:00"}, "received_at"),
        ({"state": "closed"}, "state"),
    ],
)
def test_an_application_that_is_wrong_names_its_field_and_nobody(
    door: Door, changes: dict[str, Any], field: str
) -> None:
    with door.client(Role.DPO) as client:
        answer = client.post("/api/v1/requests", json=APPLICATION | changes)
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == [field]
    assert not [marker for marker in MARKERS if marker in answer.text]
