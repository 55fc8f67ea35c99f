"""What a caller is told: pages of what grows, all wrong fields at once, words in sentences, CSV of one form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
import pytest

from connectors.registry import accounts
from hub.identity.permissions import Role
from hub.messages import text_of

if TYPE_CHECKING:
    from tests.hub.api.conftest import Door

APPLICANT: dict[str, Any] = {
    "type": "info",
    "channel": "written",
    "identifiers": [{"kind": "tckn", "value": "10000000146"}],
    "contact": {"name": "Ayşe Yılmaz", "email": "ayse@ornek.com.tr"},
}


def read_whole(client: httpx.Client, path: str, key: str) -> list[str]:
    """The keys of a list that is read two at a time."""
    found: list[str] = []
    cursor: str | None = None
    for _ in range(50):
        page = client.get(path, params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        assert len(page["items"]) <= 2
        found += [each[key] for each in page["items"]]
        cursor = page["next"]
        if cursor is None:
            return found
    raise AssertionError("a list without an end")


@pytest.mark.parametrize(
    ("role", "path", "key"),
    [
        (Role.OWNER, "/api/v1/users", "user_id"),
        (Role.PLATFORM_ADMIN, "/api/v1/staff", "user_id"),
        (Role.OWNER, "/api/v1/api-keys", "key_id"),
    ],
)
def test_lists_that_grow_are_read_page_by_page(door: Door, role: Role, path: str, key: str) -> None:
    with door.client(role) as client:
        if path.endswith("keys"):
            for _ in range(3):
                client.post(path, json={"label": "x", "scopes": ["status.read"]})
        whole = [each[key] for each in client.get(path, params={"limit": 500}).json()["items"]]
        parts = read_whole(client, path, key)
    assert parts == whole
    assert len(set(whole)) == len(whole) >= 2


def test_requests_are_found_by_state_type_handler_and_due_date(door: Door) -> None:
    with door.client(Role.DPO) as client:
        made = client.post("/api/v1/requests", json=APPLICANT | {"type": "compensation"}).json()
        one, due = made["request_id"], made["due_at"]
        me = str(door.people[door.own, Role.DPO].user_id)
        client.post(f"/api/v1/requests/{one}/assign", json={"user_id": me})
        handler = client.get(f"/api/v1/requests/{one}").json()["handler"]

        def found(**params: Any) -> bool:
            answer = client.get("/api/v1/requests", params={"limit": 500, **params})
            assert answer.status_code == 200, answer.text
            return one in {each["request_id"] for each in answer.json()["items"]}

        assert found(type="compensation", state=["received", "closed"], handler=handler, due_before="2100-01-01T00:00Z")
        assert not found(state="closed")
        assert not found(type="erase")
        assert not found(handler=f"user:{uuid4()}")
        assert not found(due_before=due)
        unknown = client.get("/api/v1/requests", params={"state": "lost"})
    assert unknown.status_code == 422


def test_a_filter_by_a_provider_that_does_not_exist_is_refused(door: Door) -> None:
    with door.client(Role.OWNER) as client:
        for path in ("/api/v1/inbox/events", "/api/v1/spend"):
            (error,) = client.get(path, params={"provider": "iyzcio"}).json()["errors"]
            assert (error["field"], error["code"]) == ("provider", "field_not_in_list")
            assert "iyzico" in error["detail"]


def test_csv_has_one_form_for_programs_and_that_of_the_language_for_people(door: Door) -> None:
    name = "/api/v1/data/landing.iyzico_payment_details?format=csv&column=payment_id&column=paid_price"
    bearer = {"Authorization": f"Bearer {door.machine[door.own]}"}
    plain = httpx.get(door.url + name, headers=bearer)
    turkish, english = (
        httpx.get(door.url + name, headers=bearer | {"Accept-Language": language}) for language in ("tr", "en")
    )
    assert plain.content.startswith(b"payment_id,paid_price\r\n"), plain.text
    assert turkish.content.startswith(b"\xef\xbb\xbfpayment_id;paid_price\r\n")
    assert english.content.startswith(b"\xef\xbb\xbfpayment_id,paid_price\r\n")
    assert {each.headers["vary"] for each in (plain, turkish, english)} == {"Accept-Language, Accept"}


def test_what_is_missing_and_what_is_wrong_are_told_at_once(door: Door) -> None:
    with door.client(Role.PLATFORM_ADMIN) as staff:
        body = {"name": "", "tax_number": "1111111115", "currency": "LIRA", "nobody": 1}
        refused = staff.post("/api/v1/tenants", json=body)
    told = {(each["field"], each["code"]) for each in refused.json()["errors"]}
    assert told >= {
        ("subdomain", "field_missing"),
        ("kvkk_consent_date", "field_missing"),
        ("tax_office", "field_missing"),
        ("name", "field_empty"),
        ("tax_number", "field_tax_number_checksum"),
        ("currency", "field_too_long"),
        ("nobody", "field_unexpected"),
    }
    assert "1111111115" not in refused.text
    with door.client(Role.OWNER) as client:
        key = client.post("/api/v1/api-keys", json={"label": "x", "scopes": ["nothing.read"], "days": 3_000})
    assert {each["field"] for each in key.json()["errors"]} == {"scopes.0", "days"}


def test_an_applicant_is_told_which_field_is_wrong_and_how(door: Door) -> None:
    wrong = APPLICANT | {
        "identifiers": [*APPLICANT["identifiers"], {"kind": "plate", "value": "!"}],
    }
    phone = APPLICANT | {"contact": {"name": "Ayşe Yılmaz", "phone": "abc"}}
    with door.client(Role.DPO, **{"Accept-Language": "tr"}) as client:
        (plate,) = client.post("/api/v1/requests", json=wrong).json()["errors"]
        (number,) = client.post("/api/v1/requests", json=phone).json()["errors"]
        made = client.post("/api/v1/requests", json=APPLICANT).json()["request_id"]
        (listed,) = client.post(f"/api/v1/requests/{made}/ask", json={"missing": ["x"]}).json()["errors"]
        doubt = client.post(f"/api/v1/requests/{made}/identify", json={"method": "matched_identifiers"}).json()
        closing = client.post(f"/api/v1/requests/{made}/close").json()
    assert (plate["field"], plate["code"]) == ("identifiers.1.value", "subject_malformed")
    assert "plaka" in plate["detail"]
    assert (number["field"], number["code"]) == ("contact.phone", "field_not_a_phone")
    assert (listed["field"], listed["code"]) == ("missing", "field_not_a_text")
    assert (doubt["reason"], doubt["identity_confirmed_at"]) == ("request_identity_doubtful", None)
    assert "eşleşen tanımlayıcılar" in doubt["reason_text"]
    assert not {"close", "identity_check", "answered"} & set(closing["detail"].replace(".", " ").split())
    assert "kimlik denetiminde" in closing["detail"]


def test_a_text_that_is_too_short_is_told_how_long_it_must_be() -> None:
    assert "3" in text_of("field_too_short", min_length=3)


def test_nobody_is_asked_for_incoming_invoices_without_a_profile(door: Door) -> None:
    with door.client(Role.OWNER, tenant=door.other) as client:
        answer = client.get("/api/v1/incoming-invoices")
    assert (answer.status_code, answer.json()["code"]) == (409, "einvoice_nobody_to_ask")


def test_a_login_names_no_address_that_only_the_hubs_machine_reaches(door: Door) -> None:
    with door.client(Role.OWNER) as client:
        login = client.post("/api/v1/analysts", json={"label": "Rapor"}).json()
    assert "PGHOST" not in login["environment"]
    assert login["note"] is not None
    assert "operator" in login["note"]


def test_what_a_provider_asks_for_names_settings_and_what_is_stored_shows_them(door: Door) -> None:
    with door.client(Role.OWNER, tenant=door.other, **{"Accept-Language": "tr"}) as client:
        for name in accounts():
            asked = client.get(f"/api/v1/integrations/{name}/fields").json()
            assert {each["name"] for each in asked["settings"]} == set(accounts()[name].setting_names)
            assert all(each["description"] for each in asked["settings"])
            assert asked["credentials"]
        defaults = {each["name"]: each["default"] for each in asked["settings"]}
        account = {
            "environment": "sandbox",
            "credentials": {"username": "kullanici", "password": "gizli-parola"},
            "settings": {"requests_per_minute": 7},
        }
        stored = client.put("/api/v1/integrations/uyumsoft", json=account)
        shown = client.get("/api/v1/integrations/uyumsoft")
    assert defaults == {"requests_per_minute": 60, "request_timeout_seconds": 60}
    assert (stored.status_code, shown.json()["settings"]) == (200, {"requests_per_minute": 7}), stored.text
    assert "gizli-parola" not in shown.text


def test_the_description_is_introduced_in_the_readers_language_and_heads_every_part(door: Door) -> None:
    turkish, english = (
        httpx.get(f"{door.url}/api/openapi.json", headers={"Accept-Language": language}).json()
        for language in ("tr", "en")
    )
    heads = {each["name"] for each in turkish["tags"]}
    assert heads == {tag for path in english["paths"].values() for each in path.values() for tag in each["tags"]}
    for said in ([each["description"] for each in document["tags"]] for document in (turkish, english)):
        assert len(said) == len(set(said))
    assert turkish["info"]["description"].startswith("Köprü'nün API'si")
    assert not {each["description"] for each in turkish["tags"]} & {each["description"] for each in english["tags"]}
