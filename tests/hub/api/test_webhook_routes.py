"""Webhooks out over the API: changing one that was seen before, and having it told again after it was disabled."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network
from typing import TYPE_CHECKING
from uuid import UUID

import httpx
import pytest

from hub.identity.permissions import Role
from hub.subscriptions.disabling import disable
from hub.subscriptions.vocabulary import FAILED_FOR_LONG
from tests.hub.api.attacking import entries, served_with
from tests.hub.subscriptions.receiver import Receiver, receiving

if TYPE_CHECKING:
    from tests.hub.api.conftest import Door


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def client(door: Door, receiver: Receiver) -> Iterator[httpx.Client]:
    """An engineer where loopback may be told."""
    allowed = {"webhooks_ports": [443, receiver.port], "webhooks_allow_private": (ip_network("127.0.0.0/8"),)}
    with (
        served_with(door, **allowed) as url,
        door.client(Role.ENGINEER) as somebody,
        httpx.Client(base_url=f"{url}/api/v1", headers=somebody.headers, timeout=30) as found,
    ):
        yield found


def test_a_webhook_is_changed_by_who_saw_it_and_told_again_after_it_was_disabled(
    door: Door, client: httpx.Client, receiver: Receiver
) -> None:
    body = {"address": receiver.address, "types": ["sync.failed"], "contact": "it@ornek.com.tr"}
    made = client.post("/webhooks", json=body).json()
    webhook = made["webhook"]["subscription_id"]
    path = f"/webhooks/{webhook}"
    seen = client.get(path).headers["etag"]

    with door.services.database.tenant(door.own, "app") as connection:
        disable(connection, door.services.keyring.tenant(door.own), UUID(webhook), FAILED_FOR_LONG)
    other = receiver.address + "&another=1"
    changed = client.patch(path, json={"address": other, "contact": None}, headers={"If-Match": seen})
    late = client.patch(path, json={"types": ["sync.recovered"]}, headers={"If-Match": seen})
    again = client.post(f"{path}/resume").json()
    tested = client.post(f"{path}/test").json()

    assert changed.status_code == 200
    assert (changed.json()["address"], changed.json()["contact"]) == (other, None)
    assert changed.json()["webhook"]["state"] == "disabled"
    assert changed.json()["webhook"]["types"] == ["sync.failed"]
    assert (late.status_code, late.json()["code"]) == (412, "version_differs")
    assert client.get(path).headers["etag"].split("-")[0] == changed.headers["etag"].split("-")[0] != seen.split("-")[0]
    assert (again["state"], again["reason"]) == ("active", None)
    assert tested["delivered"] is True
    assert receiver.calls[-1].path.endswith("&another=1")
    assert receiver.calls[-1].verified(made["secret"])["type"] == "subscription.test"
    written = [
        details for _actor, named, _ip, details in entries(door, door.own, "webhook.changed") if webhook in named
    ]
    assert [details["fields"] for details in written] == [["address", "contact"]]
    client.delete(path)


def test_what_is_wrong_with_a_change_is_told_by_the_calls_own_fields_and_nothing_is_changed(
    client: httpx.Client, receiver: Receiver
) -> None:
    webhook = client.post("/webhooks", json={"address": receiver.address}).json()["webhook"]["subscription_id"]
    path = f"/webhooks/{webhook}"
    before = client.get(path).json()
    for body, field, code in (
        ({"address": "https://169.254.169.254/"}, "address", "webhook_address_internal"),
        ({"address": "ftp://ornek.com.tr/"}, "address", "webhook_address_malformed"),
        ({"address": None}, "address", "field_not_a_text"),
        ({"types": []}, "types", "field_missing"),
        ({"types": ["sync.nothing"]}, "types", "webhook_type_unknown"),
        ({"contact": "kimse"}, "contact", "mail_address_malformed"),
        ({"secret": "whsec_mine"}, "secret", "field_unexpected"),
        ({"state": "active"}, "state", "field_unexpected"),
    ):
        refused = client.patch(path, json=body)
        assert refused.status_code == 422, body
        (problem,) = refused.json()["errors"]
        assert (problem["field"], problem["code"]) == (field, code)
    assert client.get(path).json() == before
    client.delete(path)


def test_another_tenants_webhook_is_not_there_to_change(door: Door, client: httpx.Client, receiver: Receiver) -> None:
    webhook = client.post("/webhooks", json={"address": receiver.address}).json()["webhook"]["subscription_id"]
    with door.client(Role.OWNER, tenant=door.other) as stranger:
        answer = stranger.patch(f"/api/v1/webhooks/{webhook}", json={"contact": None})
    assert (answer.status_code, answer.json()["code"]) == (404, "webhook_unknown")
    client.delete(f"/webhooks/{webhook}")
