"""What is held back from destruction and what must go, over HTTP: decided by the data-protection officer alone."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest

from connectors.registry import PROVIDERS
from connectors.secret import Secret
from hub.identity.permissions import Role
from hub.kvkk import erasure_checks
from hub.kvkk.identifiers import identified

if TYPE_CHECKING:
    import httpx

    from tests.hub.api.conftest import Door

TCKN = "10000000146"
GROUND = {"reason": "litigation", "legal_ref": "HMK m. 219; Kadıköy 2. ATM 2026/123"}
SYSTEM = "_version, _loaded_at, _policy_version, _load_id"


def test_a_hold_is_placed_shown_released_and_in_the_log_by_who_did_it(door: Door) -> None:
    dataset = "hub.legal_bases"
    with door.client(Role.DPO) as client:
        made = client.post("/api/v1/holds", json={**GROUND, "scope": "dataset", "target": dataset})
        assert made.status_code == 201, made.text
        path = made.headers["location"]
        assert client.get(path).json() == made.json()
        released = client.post(f"{path}/release").json()
        assert released["released_at"]
        assert client.post(f"{path}/release").json()["code"] == "hold_unknown"
        held = client.get("/api/v1/holds", params={"in_force": "true"}).json()["items"]
        log = client.get("/api/v1/audit", params={"action": "hold_released"}).json()["items"]
    assert dataset not in {each["target"] for each in held}
    assert log[0]["actor"] == f"user:{door.people[door.own, Role.DPO].user_id}"
    with door.client(Role.OWNER) as owner:
        assert owner.get(path).json() == released
        assert owner.post(f"{path}/release").status_code == 403
    with door.client(Role.DPO, tenant=door.other) as stranger:
        for answer in (stranger.get(path), stranger.post(f"{path}/release")):
            assert (answer.status_code, answer.json()["code"]) == (404, "hold_unknown")


def test_a_person_is_held_by_an_identifier_that_comes_back_nowhere(door: Door) -> None:
    identifier = {"kind": "tckn", "value": TCKN}
    with door.client(Role.DPO, tenant=door.other) as client:
        made = client.post("/api/v1/holds/person", json={**GROUND, "identifier": identifier})
        assert made.status_code == 201, made.text
        wrong = client.post(
            "/api/v1/holds/person", json={**GROUND, "identifier": {"kind": "tckn", "value": "10000000145"}}
        )
        client.post(f"/api/v1/holds/{made.json()[0]['hold_id']}/release")
    keys = door.services.keyring.tenant(door.other)
    pair = identified(door.services.keyring, door.other, "tckn", Secret(TCKN))
    assert [each["target"] for each in made.json()] == [keys.subject_id(*pair)]
    assert TCKN not in made.text
    assert [each["field"] for each in wrong.json()["errors"]] == ["identifier.value"]
    assert "10000000145" not in wrong.text


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"target": "nobody"}, "target"),
        ({"held_until": "2020-01-01T00:00:00Z"}, "held_until"),
        ({"legal_ref": f"Davacı {TCKN}"}, "legal_ref"),
        ({"legal_ref": "  "}, "legal_ref"),
    ],
)
def test_a_hold_that_would_hold_nothing_or_name_somebody_is_refused(
    door: Door, change: dict[str, str], field: str
) -> None:
    body = {**GROUND, "scope": "tenant", "target": "*", **change}
    with door.client(Role.DPO) as client:
        answer = client.post("/api/v1/holds", json=body)
    assert answer.status_code == 422, answer.text
    assert [each["field"] for each in answer.json()["errors"]] == [field]
    assert TCKN not in answer.text


def ended_consent(door: Door, client: httpx.Client, report: str) -> str:
    """A consent that a landed report rested on, withdrawn and examined; its id."""
    purpose = next(s.admission.purpose for s in PROVIDERS["findeks"].streams if s.admission)
    services = door.services
    pair = identified(services.keyring, door.own, "tckn", Secret(TCKN))
    consent: dict[str, Any] = {
        "subject_kind": "tckn",
        "subject": TCKN,
        "purpose": purpose,
        "data_categories": ["FINANS"],
        "retention_period": "P1Y",
        "consent_text": "Raporumun alınmasını kabul ediyorum.",
        "text_version": "v1",
        "notice_id": "a-2026-01",
        "given_at": "2026-11-02T10:15:00+03:00",
        "channel": "web",
        "evidence_ref": "f-1",
    }
    made = client.post("/api/v1/consents", json=consent)
    assert made.status_code == 201, made.text
    with services.database.tenant(door.own, "loader") as connection:
        connection.execute(
            f"INSERT INTO landing.findeks_reports (tenant_id, reference_no, identity_number, {SYSTEM})"  # noqa: S608
            " VALUES (%s, %s, %s, now(), now(), 1, 'l')",
            (door.own, report, pair[1]),
        )
    client.post(f"{made.headers['location']}/withdraw", json={"channel": "web"})
    erasure_checks.sweep(services.database, PROVIDERS)
    return made.json()["consent_id"]


def test_a_check_is_listed_until_it_is_settled_and_erased_is_not_believed_while_a_record_is_left(door: Door) -> None:
    report = uuid4().hex[:12]
    with door.client(Role.DPO) as client:
        consent = ended_consent(door, client, report)
        path = f"/api/v1/erasure-checks/{consent}"
        listed = {each["consent_id"]: each for each in client.get("/api/v1/erasure-checks").json()["items"]}
        assert listed[consent] == client.get(path).json()
        assert (listed[consent]["state"], listed[consent]["datasets"]["findeks.reports"]) == ("open", 1)
        for state, code in (("raised", "check_not_examined"), ("open", "check_data_left")):
            with door.services.database.tenant(door.own, "app") as connection:
                connection.execute(
                    "UPDATE hub.erasure_checks SET state = %(state)s,"
                    " examined_at = CASE %(state)s WHEN 'open' THEN now() END"
                    " WHERE tenant_id = %(tenant)s AND consent_id = %(consent)s",
                    {"state": state, "tenant": door.own, "consent": consent},
                )
            assert client.post(f"{path}/settle", json={"outcome": "erased"}).json()["code"] == code
        left = client.post(f"{path}/settle", json={"outcome": "erased"})
        assert (left.status_code, left.json()["code"]) == (409, "check_data_left")
        assert "hub " not in left.json()["detail"]
        unsaid = client.post(f"{path}/settle", json={"outcome": "kept"})
        assert [each["field"] for each in unsaid.json()["errors"]] == ["reason"]
        with door.client(Role.OWNER) as owner:
            assert owner.get(path).status_code == 200
            assert owner.post(f"{path}/settle", json={"outcome": "erased"}).status_code == 403
        with door.client(Role.DPO, tenant=door.other) as stranger:
            for answer in (stranger.get(path), stranger.post(f"{path}/settle", json={"outcome": "erased"})):
                assert (answer.status_code, answer.json()["code"]) == (404, "check_unknown")
        with door.services.database.tenant(door.own, "loader") as connection:
            connection.execute(
                "UPDATE landing.findeks_reports SET identity_number = NULL WHERE tenant_id = %s AND reference_no = %s",
                (door.own, report),
            )
        settled = client.post(f"{path}/settle", json={"outcome": "erased"}).json()
        assert settled["settled_by"] == f"user:{door.people[door.own, Role.DPO].user_id}"
        again = client.post(f"{path}/settle", json={"outcome": "kept", "reason": "VUK m. 253"})
        assert (again.status_code, again.json()["code"]) == (409, "check_not_open")
        assert consent not in {each["consent_id"] for each in client.get("/api/v1/erasure-checks").json()["items"]}
        every = client.get("/api/v1/erasure-checks", params={"all": "true"}).json()["items"]
    assert consent in {each["consent_id"] for each in every}


def test_a_hold_on_what_is_not_there_is_refused_and_says_what_is(door: Door) -> None:
    pair = identified(door.services.keyring, door.own, "tckn", Secret(TCKN))
    subject = door.services.keyring.tenant(door.own).subject_id(*pair)
    with door.client(Role.DPO) as client:
        told: list[str] = []
        for scope, target in (("dataset", "hub.consent"), ("subject", "f" * 32)):
            answer = client.post("/api/v1/holds", json={**GROUND, "scope": scope, "target": target})
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "target")
            told.append(answer.json()["errors"][0]["detail"])
        assert "hub.consents" in told[0]
        with door.services.database.tenant(door.own, "vault") as connection:
            connection.execute("INSERT INTO vault.subjects VALUES (%s, %s)", (door.own, subject))
        for target in (subject, str(UUID(subject))):
            made = client.post("/api/v1/holds", json={**GROUND, "scope": "subject", "target": target})
            assert (made.status_code, made.json()["target"]) == (201, subject)
            client.post(f"{made.headers['location']}/release")
    with door.services.database.tenant(door.own, "vault") as connection:
        connection.execute("DELETE FROM vault.subjects WHERE tenant_id = %s AND subject_id = %s", (door.own, subject))


def test_holds_and_what_statutes_keep_are_listed_page_by_page_each_once(door: Door) -> None:
    erasure = uuid4()
    with door.services.database.tenant(door.own, "vault") as connection:
        for day, column in ((1, "a"), (1, "b"), (2, "c")):
            connection.execute(
                "INSERT INTO vault.withheld (tenant_id, stream, row_key, column_name, category, article, due_on,"
                " erasure_id, ciphertext) VALUES (%s, 'x.y', '1', %s, 'FINANS', 'VUK m. 253', %s, %s, %s)",
                (door.own, column, date(2031, 1, day), erasure, b"sealed"),
            )
    with door.client(Role.DPO) as client:
        placed: list[str] = []
        for at in range(3):
            new = {**GROUND, "scope": "dataset", "target": ("hub.consents", "hub.mails", "hub.actions")[at]}
            made = client.post("/api/v1/holds", json=new)
            assert made.status_code == 201
            placed.append(made.headers["location"])
        for path in ("holds", "withheld?stream=x.y"):
            found: list[Any] = []
            cursor: str | None = None
            for _page in range(100):  # of one each: a page that comes again must not go on for ever
                asked = {"limit": "1"} | ({"cursor": cursor} if cursor else {})
                page = client.get(f"/api/v1/{path}", params=dict(client.build_request("GET", path).url.params) | asked)
                found += page.json()["items"]
                cursor = page.json()["next"]
                if cursor is None:
                    break
            assert cursor is None
            assert len(found) >= 3
            assert len({str(sorted(each.items())) for each in found}) == len(found)
        for path in placed:  # what is held is erased for nobody
            assert client.post(f"{path}/release").status_code == 200
        wrong = client.get("/api/v1/withheld", params={"cursor": "WyJhIiwgImIiLCAiYyIsICJkIiwgImUiXQ"})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "cursor_malformed")
