"""Dagster's storage holds nobody's data; if it did, an erasure would say so."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from dagster import DagsterInstance

from connectors.registry import PROVIDERS
from hub.db.database import Database
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.kvkk.person import Identified, Person
from hub.kvkk.stores import Hub
from hub.kvkk.stores.dagster import DagsterStore
from hub.orchestration.dagster_home import environment, open_instance
from hub.settings import Settings
from kvkk_policies.policy import load_policies
from tests.conftest import MakeTenant

TODAY = datetime(2026, 11, 1, tzinfo=UTC)

PSEUDONYM = "phone_ddddddddddddddddddddddddgg"


def test_a_pseudonym_that_got_into_it_is_found(
    settings: Settings, database: Database, make_tenant: MakeTenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in environment(settings):
        monkeypatch.setenv(name, "")  # opening the instance sets them: whatever it sets is undone
    keyring = Keyring(database, read_master_key(settings.master_key_file))
    hub = Hub(database, keyring, PROVIDERS, load_policies())
    tenant_id = make_tenant()
    subject = keyring.tenant(tenant_id).subject_id("phone", PSEUDONYM)
    whom = Person(tenant_id, {subject: "strong"}, frozenset(), frozenset({Identified("phone", PSEUDONYM, "weak")}))

    def instance() -> DagsterInstance:
        return open_instance(settings)

    store = DagsterStore(hub, instance)
    assert store.verify(whom, before=TODAY) == 0

    with instance() as opened:
        opened.daemon_cursor_storage.set_cursor_values({"somewhere": f"cursor of {PSEUDONYM}"})
        try:
            assert store.verify(whom, before=TODAY) == 1
        finally:
            opened.daemon_cursor_storage.set_cursor_values({"somewhere": ""})
