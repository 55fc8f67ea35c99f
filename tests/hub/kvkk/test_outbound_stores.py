"""What was sent to a person goes with them; invoices stay as long as the law keeps them, and are told of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from connectors.registry import PROVIDERS
from hub.db.database import Database
from hub.errors import HubError
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.kvkk.audit import SYSTEM
from hub.kvkk.person import Identified, Person
from hub.kvkk.stores import Destroyed, Held, Hub
from hub.kvkk.stores.invoices import InvoiceStore
from hub.kvkk.stores.outbox import OutboxStore
from hub.outbox import decide
from hub.settings import Settings
from kvkk_policies.policy import load_policies
from tests.conftest import MakeTenant
from tests.hub.kvkk.outbound_rows import action, document

NOW = datetime(2026, 11, 1, tzinfo=UTC)
PHONE, OTHER = "phone_aaaaaaaaaaaaaaaaaaaaaaaaaa", "phone_bbbbbbbbbbbbbbbbbbbbbbbbbb"
VKN = "vkn_cccccccccccccccccccccccccc"


@pytest.fixture(scope="module")
def hub(settings: Settings, database: Database) -> Hub:
    return Hub(database, Keyring(database, read_master_key(settings.master_key_file)), PROVIDERS, load_policies())


@pytest.fixture
def tenant(hub: Hub, make_tenant: MakeTenant) -> Iterator[str]:
    tenant_id = make_tenant()
    yield tenant_id
    with hub.database.tenant(tenant_id, "app") as connection:
        connection.execute("DELETE FROM hub.action_attempts WHERE tenant_id = %s", (tenant_id,))
        connection.execute("DELETE FROM hub.actions WHERE tenant_id = %s", (tenant_id,))


def person(hub: Hub, tenant: str) -> Person:
    subject = hub.keyring.tenant(tenant).subject_id("phone", PHONE)
    known = frozenset({Identified("phone", PHONE, "weak"), Identified("vkn", VKN, "strong")})
    return Person(tenant, {subject: "strong"}, frozenset(), known)


def test_what_waits_is_withdrawn_what_is_over_is_emptied_and_others_are_left(hub: Hub, tenant: str) -> None:
    theirs = {
        state: action(hub.database, tenant, state, NOW, recipient=PHONE, recipient_kind="phone")
        for state in ("pending", "accepted", "delivered", "failed", "unknown")
    }
    others = action(hub.database, tenant, "delivered", NOW, recipient=OTHER, recipient_kind="phone")
    store, whom = OutboxStore(hub), person(hub, tenant)
    assert store.find(whom) == [Held("hub.actions", "ILETISIM", 5)]

    assert store.erase(whom, before=NOW) == [Destroyed("hub.actions", "ILETISIM", 4, "overwrite")]

    assert store.verify(whom, before=NOW) == 0
    with hub.database.tenant(tenant, "app") as connection:
        rows = connection.execute(
            "SELECT action_id, state, reason, recipient, octet_length(payload_cipher) > 0, private_cipher IS NOT NULL,"
            " provider_mark IS NOT NULL, idempotency_key = 'key-' || action_id FROM hub.actions WHERE tenant_id = %s",
            (tenant,),
        ).fetchall()
    found = {row[0]: row[1:] for row in rows}
    gone = (None, False, False, False, False)
    assert found[theirs["pending"]] == ("failed", "recipient_erased", *gone)
    for state in ("accepted", "delivered", "failed"):
        assert found[theirs[state]] == (state, None, *gone)
    assert found[theirs["unknown"]] == ("unknown", None, PHONE, True, True, True, True)
    assert found[others] == ("delivered", None, OTHER, True, True, True, True)


def test_what_was_emptied_is_neither_tried_nor_asked_after_again(hub: Hub, tenant: str) -> None:
    failed, taken = (
        action(hub.database, tenant, state, NOW, recipient=PHONE, recipient_kind="phone")
        for state in ("failed", "accepted")
    )
    OutboxStore(hub).erase(person(hub, tenant), before=NOW)
    with pytest.raises(HubError, match="action_payload_gone"):
        decide.retry(hub.database, tenant, failed, SYSTEM)
    with pytest.raises(HubError, match="action_not_stuck"):
        decide.look_now(hub.database, tenant, taken, SYSTEM)


def test_an_invoice_is_found_and_kept(hub: Hub, tenant: str) -> None:
    for buyer in (VKN, "vkn_dddddddddddddddddddddddddd"):
        document(hub.database, tenant, kept_until=date(2037, 1, 1), buyer=buyer, buyer_kind="vkn")
    store, whom = InvoiceStore(hub), person(hub, tenant)
    assert store.find(whom) == [Held("hub.documents", "MUSTERI_ISLEM", 1)]
    assert store.erase(whom, before=NOW) == []
    assert store.verify(whom, before=NOW) == 0
    assert store.find(whom) == [Held("hub.documents", "MUSTERI_ISLEM", 1)]
