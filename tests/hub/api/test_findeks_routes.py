"""A Findeks report ordered by the API, over the gateway's stand-in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from connectors.findeks import PROVIDER
from connectors.findeks.streams.reports import PURPOSE
from connectors.sandbox.findeks.desk import orders_of
from connectors.sandbox.server import Sandbox
from connectors.secret import Secret
from hub.control import consents, grounds, integrations
from hub.control.consent_record import NewConsent
from hub.identity.permissions import Role
from hub.validation import checked

if TYPE_CHECKING:
    import httpx

    from tests.hub.api.conftest import Door

ORDERS = "/api/v1/findeks/orders"


@pytest.fixture(scope="module")
def gateway(door: Door) -> Iterator[Sandbox]:
    """Tenant `own` has an account at the gateway."""
    services = door.services
    with Sandbox(seed=7) as running:
        secrets = {name: Secret(value) for name, value in running.credentials(door.own, "findeks").items()}
        account = integrations.Account("sandbox", secrets, base_url=running.url, settings={"report_price": "12.50"})
        integrations.connect(services.database, services.keyring, PROVIDER, door.own, account)
        yield running
    with services.database.tenant(door.own, "app") as connection:
        for table in ("action_attempts", "actions", "integrations"):
            connection.execute(f"DELETE FROM hub.{table} WHERE tenant_id = %s", (door.own,))  # noqa: S608


@pytest.fixture
def client(door: Door, gateway: Sandbox) -> Iterator[httpx.Client]:
    del gateway
    with door.client(Role.OWNER) as opened:
        yield opened


def key() -> dict[str, str]:
    return {"Idempotency-Key": uuid4().hex}


def person(gateway: Sandbox, door: Door, at: int) -> Any:
    return gateway.world.company(door.own).customer(at)


def consent(door: Door, tckn: str) -> None:
    """Let the person consent."""
    values = {
        "purpose": PURPOSE,
        "data_categories": ["KIMLIK", "FINANS"],
        "retention_period": "P1Y",
        "consent_text": "Kredi raporumun sorgulanmasına açık rıza veriyorum.",
        "text_version": "v1",
        "notice_id": "aydinlatma-1",
        "given_at": (datetime.now(UTC) - timedelta(minutes=1)).isoformat(),
        "channel": "web",
        "evidence_ref": "form-1",
    }
    services = door.services
    subject = grounds.subject_pseudonym(services.keyring, door.own, "tckn", Secret(tckn))
    consents.record(services.database, door.own, kind="tckn", subject=subject, new=checked(NewConsent, values))


def test_a_report_is_ordered_in_three_calls(client: httpx.Client, door: Door, gateway: Sandbox) -> None:
    tckn = person(gateway, door, 2).tckn
    consent(door, tckn)
    begun = client.post(ORDERS, json={"number": tckn}, headers=key())
    assert begun.status_code == 201, begun.text
    order, telephone = begun.json()["order"], begun.json()["telephones"][0]
    assert "*" in telephone["masked"]
    assert tckn not in begun.text

    early = client.post(f"{ORDERS}/confirm", json={"order": order, "pin": "123456"}, headers=key())
    assert (early.status_code, early.json()["code"]) == (409, "pin_not_sent")
    sent = client.post(f"{ORDERS}/pin", json={"order": order, "telephone": telephone["key"]}, headers=key())
    assert sent.json() == {"left": 2}
    pin = orders_of(gateway.world).pin(door.own)
    wrong = "000000" if pin != "000000" else "111111"
    answer = client.post(f"{ORDERS}/confirm", json={"order": order, "pin": wrong}, headers=key())
    assert answer.json() == {"outcome": "pin_invalid", "action_id": None}
    done = client.post(f"{ORDERS}/confirm", json={"order": order, "pin": pin}, headers=key()).json()
    assert done["outcome"] == "confirmed"
    action = client.get(f"/api/v1/actions/{done['action_id']}").json()
    assert (action["kind"], action["state"]) == ("findeks.report", "pending")
    twice = client.post(ORDERS, json={"number": tckn}, headers=key())
    assert (twice.status_code, twice.json()["code"]) == (409, "report_already_ordered")


def test_a_person_gets_no_more_than_three_pins_whatever_is_repeated(
    client: httpx.Client, door: Door, gateway: Sandbox
) -> None:
    tckn = person(gateway, door, 3).tckn
    consent(door, tckn)
    begun = client.post(ORDERS, json={"number": tckn}, headers=key()).json()
    body = {"order": begun["order"], "telephone": begun["telephones"][0]["key"]}
    left = [client.post(f"{ORDERS}/pin", json=body, headers=key()).json() for _ in range(3)]
    assert left == [{"left": 2}, {"left": 1}, {"left": 0}]
    before = len(gateway.world.ledger.deeds(provider="findeks", company=door.own, what="pin"))
    locked = client.post(f"{ORDERS}/pin", json=body, headers=key())
    assert (locked.status_code, locked.json()["code"]) == (409, "order_pin_locked")
    assert len(gateway.world.ledger.deeds(provider="findeks", company=door.own, what="pin")) == before
    elsewhere = client.post(f"{ORDERS}/pin", json={**body, "telephone": "other"}, headers=key())
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (422, "order_phone_unknown")
    assert "`key`" in elsewhere.json()["detail"]


def test_without_a_legal_basis_the_bureau_is_not_asked(client: httpx.Client, door: Door, gateway: Sandbox) -> None:
    answer = client.post(ORDERS, json={"number": person(gateway, door, 5).tckn}, headers=key())
    assert (answer.status_code, answer.json()["code"]) == (422, "order_basis_missing")


def test_an_order_is_its_tenants_own_and_cannot_be_made_up(client: httpx.Client, door: Door, gateway: Sandbox) -> None:
    tckn = person(gateway, door, 4).tckn
    consent(door, tckn)
    order = client.post(ORDERS, json={"number": tckn}, headers=key()).json()["order"]
    with door.client(Role.OWNER, tenant=door.other) as stranger:
        for made_up, caller in ((order, stranger), (order[:-4] + "AAAA", client), ("é", client), ("AAAA", client)):
            answer = caller.post(f"{ORDERS}/confirm", json={"order": made_up, "pin": "1234"}, headers=key())
            assert (answer.status_code, answer.json()["code"]) == (422, "order_token_wrong")
