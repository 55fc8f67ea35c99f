"""What the hub keeps about messages goes with a person, but for the refusal and the proof, which name nobody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connectors.iys.register import Standing
from connectors.registry import PROVIDERS
from connectors.secret import Secret
from hub.db.database import Database
from hub.iys import owed, recipients, states
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.kvkk.export.scope import find_scope
from hub.kvkk.export.sections_records import record_sections
from hub.kvkk.person import Person, find_person
from hub.kvkk.retention.vault_sweep import unreferred
from hub.kvkk.stores import Hub
from hub.kvkk.stores.messaging import MessagingStore
from hub.messaging.opt_outs import record_opt_out
from hub.settings import Settings
from tests.conftest import MakeTenant

PHONE, OTHER = "+905320000001", "+905320000002"
LATER = timedelta(minutes=1)


@pytest.fixture
def hub(settings: Settings, database: Database) -> Hub:
    return Hub(database, Keyring(database, read_master_key(settings.master_key_file)), PROVIDERS, {})


def told(hub: Hub, tenant: str, value: str) -> str:
    """Somebody who opted out, of whom İYS said something, and whose refusal waits."""
    pseudonym = recipients.keep(hub.database, hub.keyring, tenant, "phone", Secret(value))
    record_opt_out(hub.database, tenant, recipient=pseudonym, channel="sms", source="stop_reply")
    who = states.Who(pseudonym, "MESAJ", "BIREYSEL")
    with hub.database.tenant(tenant, "app") as connection:
        states.remember(connection, tenant, {who: Standing("ONAY")}, asked_at=datetime.now(UTC))
    owed.collect(hub.database, tenant, datetime.now(UTC))
    return pseudonym


def person(hub: Hub, tenant: str, pseudonym: str) -> Person:
    return find_person(hub.database, hub.keyring, tenant, [("phone", pseudonym)])


def test_states_go_and_refusals_and_proofs_stay_without_a_name(hub: Hub, make_tenant: MakeTenant) -> None:
    tenant = make_tenant()
    pseudonym, other = told(hub, tenant, PHONE), told(hub, tenant, OTHER)
    store, whom = MessagingStore(hub), person(hub, tenant, pseudonym)
    everything = {"hub.opt_outs": 1, "hub.iys_states": 1, "hub.iys_pushes": 1}
    assert {held.dataset: held.records for held in store.find(whom)} == everything
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    assert store.erase(whom, before=long_ago) == []
    before = datetime.now(UTC) + LATER
    done = store.erase(whom, before=before)
    assert {each.dataset: (each.records, each.method) for each in done} == {
        "hub.opt_outs": (1, "overwrite"),
        "hub.iys_states": (1, "delete"),
        "hub.iys_pushes": (1, "overwrite"),
    }
    assert store.verify(whom, before=before) == 0
    assert store.erase(whom, before=before) == []
    assert {held.dataset: held.records for held in store.find(person(hub, tenant, other))} == everything
    with hub.database.tenant(tenant, "app") as connection:
        pushes = connection.execute(
            "SELECT recipient LIKE 'erased%%', state, code FROM hub.iys_pushes WHERE tenant_id = %s ORDER BY 1",
            (tenant,),
        ).fetchall()
    assert pushes == [(False, "waiting", None), (True, "refused", "erased")]
    assert owed.collect(hub.database, tenant, datetime.now(UTC)) == 0, "of the erased nothing more is owed"


def test_an_export_shows_them_to_the_person_they_are_about(hub: Hub, make_tenant: MakeTenant) -> None:
    tenant = make_tenant()
    pseudonym = told(hub, tenant, PHONE)
    told(hub, tenant, OTHER)
    scope = find_scope(hub.database, hub.keyring, tenant, [("phone", pseudonym)], included=(), excluded=())
    shown = {section.table: list(section.rows) for section in record_sections(hub.database, scope)}
    assert [len(shown[table]) for table in ("message_refusals", "iys_states", "iys_permissions")] == [1, 1, 1]
    assert shown["iys_states"][0]["status"] == "ONAY"


def test_the_sweep_leaves_numbers_that_iys_has_not_heard_of(hub: Hub, make_tenant: MakeTenant) -> None:
    tenant = make_tenant()
    pseudonym = told(hub, tenant, PHONE)
    idle = recipients.keep(hub.database, hub.keyring, tenant, "phone", Secret(OTHER))
    with hub.database.tenant(tenant, "vault") as connection:
        for statement in (
            "UPDATE vault.originals SET created_at = created_at - interval '2 days' WHERE tenant_id = %s",
            "UPDATE vault.identifiers SET first_seen_at = first_seen_at - interval '2 days' WHERE tenant_id = %s",
        ):
            connection.execute(statement, (tenant,))
    found = {each for pairs in unreferred(hub, tenant, []).values() for _, each in pairs}
    assert found == {idle}
    assert pseudonym not in found
