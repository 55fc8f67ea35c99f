"""Mails, sessions, what was not loaded, and İYS, over HTTP: codes and pseudonyms, and nobody by name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from connectors.contract import Window
from connectors.secret import Secret
from hub.control import refusals
from hub.identity.caller import PLATFORM_SCOPE
from hub.identity.permissions import Role
from hub.kvkk.identifiers import identified
from hub.kvkk.requests.desk_settings import read_settings
from hub.mail import queue
from tests.hub.api.conftest import sign_in

if TYPE_CHECKING:
    from tests.hub.api.conftest import Door

TO = "irtibat@kiraci.invalid"
PHONE = "+905320000042"


def stuck_mail(door: Door, scope: str) -> str:
    """A mail of which nobody knows whether it arrived; its id."""
    keys, about = door.services.keyring.tenant(scope), f"breach:{uuid4()}"
    with door.services.database.tenant(scope, "app") as connection:
        queue.enqueue(
            connection,
            keys,
            template_name="breach_overdue",
            language="tr",
            recipient=Secret(TO),
            fields={"breach": "b-1", "due": "01.04.2026 23:30"},
            about=about,
        )
        row = connection.execute(
            "UPDATE hub.mails SET state = 'unknown', failure_code = 'smtp_reply_lost'"
            " WHERE tenant_id = %s AND about = %s RETURNING mail_id",
            (scope, about),
        ).fetchone()
    assert row is not None
    return str(row[0])


@pytest.mark.parametrize("decision", ["retry", "settle"])
def test_somebody_decides_about_a_mail_of_unknown_fate(door: Door, decision: str) -> None:
    mail = stuck_mail(door, door.own)
    with door.client(Role.DPO) as client:
        listed = client.get("/api/v1/mails", params={"limit": "500"})
        assert mail in {each["mail_id"] for each in listed.json()["items"]}
        decided = client.post(f"/api/v1/mails/{mail}/{decision}")
        assert (decided.status_code, decided.json()["state"]) == (200, {"retry": "pending", "settle": "sent"}[decision])
        again = client.post(f"/api/v1/mails/{mail}/{decision}")
        assert (again.status_code, again.json()["code"]) == (409, "mail_not_stuck")
        open_ones = client.get("/api/v1/mails", params={"limit": "500"}).json()["items"]
        every = client.get("/api/v1/mails", params={"limit": "500", "all": "true"}).json()["items"]
    assert TO not in listed.text + decided.text
    assert (mail in {each["mail_id"] for each in open_ones}) == (decision == "retry")
    assert mail in {each["mail_id"] for each in every}
    with door.client(Role.DPO, tenant=door.other) as stranger:
        answer = stranger.post(f"/api/v1/mails/{mail}/{decision}")
    assert (answer.status_code, answer.json()["code"]) == (404, "mail_unknown")
    with door.services.database.tenant(door.own, "app") as connection:
        connection.execute("DELETE FROM hub.mails WHERE tenant_id = %s AND mail_id = %s", (door.own, mail))


def test_mails_to_the_staff_are_the_staffs_and_stand_in_the_platforms_log(door: Door) -> None:
    own, platform = stuck_mail(door, door.own), stuck_mail(door, PLATFORM_SCOPE)
    with door.client(Role.PLATFORM_ADMIN) as staff:
        seen = {
            each["mail_id"] for each in staff.get("/api/v1/platform/mails", params={"limit": "500"}).json()["items"]
        }
        assert staff.post(f"/api/v1/platform/mails/{own}/settle").json()["code"] == "mail_unknown"
        assert staff.post(f"/api/v1/platform/mails/{platform}/settle").json()["state"] == "sent"
        log = staff.get("/api/v1/platform/audit", params={"action": "mail.sent"}).json()["items"]
    assert (platform in seen, own in seen) == (True, False)
    assert log[0]["object"] == f"mail:{platform}"
    with door.client(Role.OWNER) as owner:
        assert owner.get("/api/v1/platform/mails").status_code == 403
        assert owner.post(f"/api/v1/mails/{platform}/settle").json()["code"] == "mail_unknown"
        owner.post(f"/api/v1/mails/{own}/settle")


def test_what_was_not_loaded_is_found_by_provider_and_by_person(door: Door) -> None:
    pair = identified(door.services.keyring, door.own, "phone", Secret(PHONE))
    matter = refusals.Matter(door.own, "findeks", "reports")
    now = datetime.now(UTC)
    found = [refusals.Refused(f"R-{uuid4().hex[:8]}", subject, "basis_missing") for subject in (pair[1], None, None)]
    refusals.record(
        door.services.database,
        matter,
        found,
        purpose="credit_check",
        window=Window(now - timedelta(days=1), now),
        at=now,
    )
    keys = [each.record_key for each in found]
    with door.client(Role.OWNER) as client:
        pages: list[dict[str, Any]] = []
        cursor: str | None = None
        for _page in range(10):
            asked = {"provider": "findeks", "limit": "2"} | ({"cursor": cursor} if cursor else {})
            page = client.get("/api/v1/refusals", params=asked).json()
            pages += page["items"]
            cursor = page["next"]
            if cursor is None:
                break
        body = {"subject_kind": "phone", "subject": PHONE}
        persons = client.post("/api/v1/refusals/search", json=body)
        assert client.get("/api/v1/refusals", params={"provider": "iyzico"}).json()["items"] == []
        refusals.settle_loaded(door.services.database, matter, keys, at=now)
        left = client.get("/api/v1/refusals").json()["items"]
    assert sorted(each["record_key"] for each in pages) == sorted(keys)
    assert [each["record_key"] for each in persons.json()["items"]] == keys[:1]
    assert (PHONE in persons.text, pages[0]["text"] != pages[0]["code"]) == (False, True)
    assert left == []
    with door.client(Role.OWNER, tenant=door.other) as stranger:
        assert stranger.get("/api/v1/refusals", params={"settled": "true"}).json()["items"] == []


def test_a_word_against_messages_holds_at_once_and_is_kept_by_pseudonym(door: Door) -> None:
    with door.client(Role.MACHINE) as machine:
        body = {"channel": "sms", "recipient": "0532 000 00 42"}
        said = machine.post("/api/v1/iys/opt-outs", json=body)
        assert said.status_code == 201, said.text
        wider = machine.post("/api/v1/iys/opt-outs", json={**body, "scope": "all"}).json()
        wrong = machine.post("/api/v1/iys/opt-outs", json={"channel": "email", "recipient": PHONE})
        standing = machine.get("/api/v1/iys").json()
    pair = identified(door.services.keyring, door.own, "phone", Secret(PHONE))
    assert (said.json()["recipient"], wider["recipient"]) == (pair[1], pair[1])
    assert [each["field"] for each in wrong.json()["errors"]] == ["recipient"]
    assert PHONE not in said.text + wrong.text
    with door.services.database.tenant(door.own, "app") as connection:
        kept = connection.execute(
            "SELECT channel, scope FROM hub.opt_outs WHERE tenant_id = %s AND recipient = %s", (door.own, pair[1])
        ).fetchall()
    assert kept == [("sms", "all")]
    assert (standing["account"], standing["usable"], standing["overdue"]) == (None, False, 0)


def test_a_users_session_is_ended_by_who_manages_users_and_by_no_other_tenant(door: Door) -> None:
    analyst = door.people[door.own, Role.ANALYST]
    assert sign_in(door.url, analyst.email).status_code == 200
    path = f"/api/v1/users/{analyst.user_id}/sessions"
    with door.client(Role.OWNER, tenant=door.other) as stranger:
        assert stranger.get(path).json()["code"] == "user_unknown"
    with door.client(Role.OWNER) as owner:
        before = [each for each in owner.get(path).json() if each["ended_at"] is None]
        latest = before[0]["session_id"]
        with door.client(Role.OWNER, tenant=door.other) as stranger:
            assert stranger.delete(f"{path}/{latest}").json()["code"] == "session_unknown"
        assert owner.delete(f"{path}/{latest}").status_code == 204
        assert owner.delete(f"{path}/{latest}").json()["code"] == "session_unknown"
        after = {each["session_id"]: each["ended_at"] for each in owner.get(path).json()}
    assert after[latest]
    assert len([each for each in after.values() if each is None]) == len(before) - 1
    with door.client(Role.ENGINEER) as engineer:
        assert engineer.get(path).status_code == 403
    with door.client(Role.PLATFORM_ADMIN) as staff:
        admin = door.people[PLATFORM_SCOPE, Role.PLATFORM_ANALYST].user_id
        assert staff.get(f"/api/v1/staff/{admin}/sessions").json()
        assert staff.get(f"/api/v1/staff/{analyst.user_id}/sessions").json()["code"] == "user_unknown"
        assert staff.delete(f"/api/v1/staff/{admin}/sessions/{latest}").json()["code"] == "session_unknown"


def test_officer_and_owner_set_the_desk_and_nobody_overwrites_what_they_had_not_seen(door: Door) -> None:
    path, before = "/api/v1/requests/settings", {"dpo_email": None, "request_answer_days": 30}
    with door.client(Role.DPO) as officer, door.client(Role.OWNER) as owner, door.client(Role.ENGINEER) as engineer:
        shown = officer.get(path)
        assert shown.json() == {**before, "request_clock_starts": "receipt"}
        seen = {"If-Match": shown.headers["etag"]}
        chosen = officer.patch(path, json={"dpo_email": TO, "request_answer_days": 12}, headers=seen)
        assert chosen.json() == {"dpo_email": TO, "request_answer_days": 12, "request_clock_starts": "receipt"}
        late = owner.patch(path, json={"request_answer_days": 20}, headers=seen)
        assert (late.status_code, late.json()["code"]) == (412, "version_differs")
        with door.services.database.tenant(door.own, "app") as connection:
            read = read_settings(connection, door.own)
        assert (read.answer_days, read.dpo_email) == (12, TO)
        for wrong in ({"dpo_email": "kvkk masası"}, {"request_answer_days": 31}, {"request_clock_starts": "later"}):
            refused = officer.patch(path, json=wrong)
            assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, *wrong)
        assert engineer.get(path).status_code == engineer.patch(path, json={}).status_code == 403
        log = owner.get("/api/v1/audit", params={"action": "tenant.desk_changed"})
        assert log.json()["items"][0]["details"]["fields"] == ["dpo_email", "request_answer_days"]
        assert TO not in log.text
        back = owner.patch(path, json={"dpo_email": None, "request_answer_days": None})
    assert back.json() == {**before, "request_clock_starts": "receipt"}
