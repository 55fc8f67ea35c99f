"""How a tenant issues, by the API: profile, series of numbers, and who signs, without anything that signs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from hub.einvoice.issue import seals
from hub.identity.permissions import Role
from tests.hub.api.conftest import OPERATOR
from tests.support.seals import make_seal

if TYPE_CHECKING:
    import httpx

    from tests.hub.api.conftest import Door

PROFILE: dict[str, Any] = {
    "integrator": "nilvera",
    "einvoice_series": "FTR",
    "earchive_series": "ARS",
    "address": {"district": "Kadıköy", "city": "İstanbul"},
    "identifiers": [{"scheme": "MERSISNO", "value": "0123456789012345"}],
}


@pytest.fixture
def client(door: Door) -> Iterator[httpx.Client]:
    """The owner of tenant `other`, who issues nothing elsewhere in these tests."""
    with door.client(Role.OWNER, tenant=door.other) as opened:
        yield opened
    with door.services.database.tenant(door.other, "app") as connection:
        connection.execute(
            "UPDATE hub.tenants SET settings = settings - 'einvoice' WHERE tenant_id = %s", (door.other,)
        )


def test_a_profile_is_set_read_and_not_overwritten_by_who_saw_an_older_one(client: httpx.Client, door: Door) -> None:
    missing = client.get("/api/v1/invoices/profile")
    assert (missing.status_code, missing.json()["code"]) == (404, "einvoice_profile_missing")
    assert "PUT /invoices/profile" in missing.json()["detail"]
    blind = client.put("/api/v1/invoices/profile", json=PROFILE, headers={"If-Match": '"1"'})
    assert (blind.status_code, blind.json()["code"]) == (412, "version_differs")
    first = client.put("/api/v1/invoices/profile", json=PROFILE)
    assert first.status_code == 200, first.text
    shown = client.get("/api/v1/invoices/profile")
    assert (shown.json(), shown.headers["etag"]) == (first.json(), first.headers["etag"])
    assert (shown.json()["address"]["country"], shown.json()["identifiers"]) == ("Türkiye", PROFILE["identifiers"])
    seen = {"If-Match": shown.headers["etag"]}
    changed = client.put("/api/v1/invoices/profile", json={**PROFILE, "commercial": False}, headers=seen)
    assert changed.json()["commercial"] is False
    late = client.put("/api/v1/invoices/profile", json=PROFILE, headers=seen)
    assert (late.status_code, late.json()["code"]) == (412, "version_differs")
    with door.client(Role.OWNER) as stranger:
        assert stranger.get("/api/v1/invoices/profile").json().get("identifiers") in (None, [])
    log = client.get("/api/v1/audit", params={"action": "einvoice.profile_set"}).json()["items"]
    assert {each["actor"] for each in log} == {f"user:{door.people[door.other, Role.OWNER].user_id}"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"earchive_series": "FTR"}, "earchive_series"),
        ({"integrator": "yok"}, "integrator"),
        ({"einvoice_series": "ftr"}, "einvoice_series"),
        ({"identifiers": [{"scheme": "YOK", "value": "1"}]}, "identifiers.0.scheme"),
        ({"address": {"district": "\x01", "city": "x"}}, "address.district"),
    ],
)
def test_a_profile_with_which_nothing_could_be_issued_is_refused_by_its_field(
    client: httpx.Client, change: dict[str, Any], field: str
) -> None:
    answer = client.put("/api/v1/invoices/profile", json=PROFILE | change)
    assert answer.status_code == 422, answer.text
    assert [each["field"] for each in answer.json()["errors"]] == [field]


def test_a_series_is_opened_once_and_goes_on_after_a_restore_but_never_back(client: httpx.Client, door: Door) -> None:
    new = {"series": "ABC", "year": 2027, "kind": "earchive", "first": 4711}
    made = client.post("/api/v1/invoices/series", json=new)
    assert (made.status_code, made.json()["next_number"]) == (201, 4711)
    again = client.post("/api/v1/invoices/series", json=new)
    assert (again.status_code, again.json()["code"]) == (409, "einvoice_series_exists")
    path = "/api/v1/invoices/series/ABC/2027/confirm"
    assert client.post(path, json={"next_number": 5000}).json()["next_number"] == 5000
    lower = client.post(path, json={"next_number": 4999})
    assert [each["field"] for each in lower.json()["errors"]] == ["next_number"]
    assert [each["next_number"] for each in client.get("/api/v1/invoices/series").json()] == [5000]
    log = client.get("/api/v1/audit", params={"action": "einvoice.series_added"}).json()["items"]
    assert log[0]["details"]["next"] == 4711
    with door.client(Role.OWNER) as stranger:
        assert "ABC" not in {each["series"] for each in stranger.get("/api/v1/invoices/series").json()}
        answer = stranger.post(path, json={"next_number": 6000})
    assert (answer.status_code, answer.json()["code"]) == (404, "einvoice_series_unknown")


def test_who_signs_is_told_with_the_certificates_end_and_nothing_that_signs_or_whose_it_is(
    client: httpx.Client, door: Door
) -> None:
    assert client.get("/api/v1/invoices/seal").json()["signer"] == "integrator"
    now = datetime.now(UTC)
    seal = make_seal(start=now - timedelta(days=1), end=now + timedelta(days=9))
    keys = door.services.keyring.tenant(door.other)
    seals.set_file_seal(
        door.services.database, keys, key=seal.key_file(None), certificates=seal.certificate_file(), actor=OPERATOR
    )
    shown = client.get("/api/v1/invoices/seal").json()
    assert (shown["signer"], shown["set_by"]) == ("file", OPERATOR.name)
    end = datetime.fromisoformat(shown["certificate"]["valid_until"])
    assert abs(end - (now + timedelta(days=9))) < timedelta(seconds=2)
    assert set(shown["certificate"]) == {"issuer", "serial", "valid_from", "valid_until"}
    with door.client(Role.MACHINE, tenant=door.other) as machine:
        assert machine.get("/api/v1/invoices/seal").json() == shown
        assert machine.delete("/api/v1/invoices/seal").status_code == 403
    assert client.delete("/api/v1/invoices/seal").json()["signer"] == "integrator"
    assert client.delete("/api/v1/invoices/seal").json()["code"] == "einvoice_seal_missing"
