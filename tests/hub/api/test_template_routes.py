"""Templates and the settings of messages by the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.identity.permissions import Role

if TYPE_CHECKING:
    from tests.hub.api.conftest import Door

TEMPLATE = {
    "name": "borc",
    "channel": "sms",
    "kind": "transactional",
    "text": "Borcunuz {{ tutar }}.",
    "variables": {"tutar": "money"},
}


def test_a_template_is_added_shown_filled_and_retired(door: Door) -> None:
    with door.client(Role.ENGINEER) as client:
        added = client.post("/api/v1/templates", json=TEMPLATE)
        assert (added.status_code, added.json()["version"]) == (201, 1)
        assert client.post("/api/v1/templates", json={**TEMPLATE, "text": "{{ tutar }}"}).json()["version"] == 2
        assert client.get(added.headers["location"]).json()["text"] == "{{ tutar }}"
        assert client.get("/api/v1/templates/borc?version=1").json()["text"] == TEMPLATE["text"]
        filled = client.post("/api/v1/templates/borc/preview", json={"version": 1, "variables": {"tutar": "149.90"}})
        assert "149,90" in filled.json()["text"]
        wrong = client.post("/api/v1/templates/borc/preview", json={"variables": {"tutar": "x"}})
        assert [error["field"] for error in wrong.json()["errors"]] == ["variables.tutar"]
        with door.client(Role.ENGINEER, tenant=door.other) as stranger:
            for answer in (
                stranger.get("/api/v1/templates/borc"),
                stranger.post("/api/v1/templates/borc/retire"),
                stranger.post("/api/v1/templates/borc/preview", json={}),
            ):
                assert (answer.status_code, answer.json()["code"]) == (404, "template_unknown")
        assert client.post("/api/v1/templates/borc/retire").json() == {"retired": 2}
        shown = client.get("/api/v1/templates/borc").json()
        assert (shown["version"], shown["retired_at"] is None) == (2, False)
        gone = client.post("/api/v1/templates/borc/preview", json={"variables": {"tutar": "149.90"}})
        assert (gone.status_code, gone.json()["code"]) == (409, "template_retired")


def test_templates_are_listed_page_by_page_newest_version_only(door: Door) -> None:
    with door.client(Role.OWNER, tenant=door.other) as client:
        for name, language in (("a_1", "tr"), ("a_1", "tr"), ("a_1", "en"), ("b_1", "tr")):
            client.post("/api/v1/templates", json={**TEMPLATE, "name": name, "language": language})
        first = client.get("/api/v1/templates?limit=2").json()
        then = client.get("/api/v1/templates", params={"limit": 2, "cursor": first["next"]}).json()
    found = [(each["name"], each["language"], each["version"]) for each in first["items"] + then["items"]]
    assert found == [("a_1", "en", 1), ("a_1", "tr", 2), ("b_1", "tr", 1)]
    assert then["next"] is None


def test_what_is_wrong_with_a_template_is_named(door: Door) -> None:
    with door.client(Role.OWNER) as client:
        body = {**TEMPLATE, "channel": "fax", "kind": "commercial"}
        errors = client.post("/api/v1/templates", json=body).json()["errors"]
    assert {error["field"]: error["code"] for error in errors} == {
        "channel": "field_not_in_list",
        "purpose": "template_purpose_missing",
    }


def test_quiet_hours_change_by_channel(door: Door) -> None:
    with door.client(Role.OWNER) as client:
        changed = client.patch(
            "/api/v1/messaging", json={"quiet_hours": {"sms": "21:00-09:00"}, "sender_title": "Lale"}
        )
        assert changed.status_code == 200
        assert client.patch("/api/v1/messaging", json={"quiet_hours": {"call": "20:00-10:00"}}).status_code == 200
        assert client.get("/api/v1/messaging").json() == {
            "quiet_hours": {"sms": "21:00-09:00", "call": "20:00-10:00"},
            "opt_out_text": None,
            "sender_title": "Lale",
            "mersis": None,
        }
        wrong = client.patch("/api/v1/messaging", json={"quiet_hours": {"sms": "late"}})
        assert [error["field"] for error in wrong.json()["errors"]] == ["quiet_hours"]
        client.patch("/api/v1/messaging", json={"quiet_hours": {"sms": "", "call": ""}, "sender_title": ""})
    with door.client(Role.ENGINEER) as client:
        assert client.patch("/api/v1/messaging", json={}).status_code == 403
