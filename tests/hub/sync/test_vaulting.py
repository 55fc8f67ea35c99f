"""Originals on their way to the vault: before the rows, once a load, under keys that two processes agree on."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from hub.keys import vault
from hub.keys.keyring import Keyring, SubjectKey
from hub.keys.master_key import read_master_key
from hub.keys.vault import Known, Vault
from hub.migrations.connections import outside_transaction
from hub.settings import Settings
from hub.sync.batch import BatchRequest, Engine, sync_batch
from kvkk_policies.gated import Gated
from tests.fixtures.siparis import PROVIDER
from tests.support.shop import NoDetector, Order, add_shop, drop, expected, landed, open_shop_engine

TABLE = "siparis.orders"


class Refusing(Vault):
    """Stores nothing of one tenant."""

    refused: str = ""

    def store(self, tenant_id: str, table: str, gated: Gated, known: Known) -> None:
        if tenant_id == self.refused:
            raise ConnectionError
        super().store(tenant_id, table, gated, known)


def test_a_tenant_whose_originals_cannot_be_stored_lands_nothing_and_its_neighbour_everything(
    engine: Engine, tmp_path: Path
) -> None:
    tenants = [add_shop(engine, tmp_path / name) for name in ("refused", "neighbour")]
    orders = [Order(number, 1, 7) for number in range(50)]
    for name in ("refused", "neighbour"):
        drop(tmp_path / name, "a", orders)
    refusing = Refusing(engine.database, engine.keyring)
    refusing.refused = tenants[0]

    result = sync_batch(dataclasses.replace(engine, vault=refusing), PROVIDER, BatchRequest(tenants), run_id="run-1")

    failed = result.tenants[tenants[0]].outcomes[0].failed
    assert failed is not None
    assert failed.code == "internal_error"
    assert landed(engine, tenants[0]) == {}
    assert landed(engine, tenants[1]) == expected(engine, tenants[1], orders)

    sync_batch(engine, PROVIDER, BatchRequest(tenants), run_id="run-2")
    assert landed(engine, tenants[0]) == expected(engine, tenants[0], orders)


def test_moments_land_right_whatever_the_servers_time_zone(shop_settings: Settings, tmp_path: Path) -> None:
    with in_time_zone(shop_settings, "Asia/Tokyo"):
        abroad = open_shop_engine(shop_settings, NoDetector())
        tenant = add_shop(abroad, tmp_path)
        orders = [Order(number, 1, 7) for number in range(3)]
        drop(tmp_path, "a", orders)
        sync_batch(abroad, PROVIDER, BatchRequest([tenant]), run_id="run-1")
        assert landed(abroad, tenant) == expected(abroad, tenant, orders)
        abroad.database.close()


@contextmanager
def in_time_zone(settings: Settings, zone: str) -> Iterator[None]:
    role = settings.role("loader")
    with outside_transaction(settings, "data") as admin:
        admin.execute(f"ALTER ROLE {role} SET TimeZone = '{zone}'")
    try:
        yield
    finally:
        with outside_transaction(settings, "data") as admin:
            admin.execute(f"ALTER ROLE {role} RESET TimeZone")


@pytest.fixture
def page(engine: Engine, tmp_path: Path) -> tuple[str, Gated]:
    """A gated page of a tenant of its own."""
    tenant = add_shop(engine, tmp_path)
    gated = engine.gate.apply(
        provider=PROVIDER.name,
        stream=PROVIDER.stream("orders"),
        rows=[Order(number, 1, 7).row() for number in range(20)],
        pseudonymiser=engine.keyring.tenant(tenant).pseudonymiser(),
    )
    return tenant, gated


def originals(engine: Engine, tenant_id: str) -> int:
    with engine.database.tenant(tenant_id, "vault") as connection:
        return connection.execute("SELECT count(*) FROM vault.originals").fetchall()[0][0]


def lose_originals(settings: Settings, tenant_id: str) -> None:
    with outside_transaction(settings, "data") as admin:
        admin.execute("DELETE FROM vault.originals WHERE tenant_id = %s", (tenant_id,))


def test_a_load_stores_an_original_once_and_the_next_load_looks_again(
    engine: Engine, shop_settings: Settings, page: tuple[str, Gated]
) -> None:
    tenant, gated = page
    known = Known()
    engine.vault.store(tenant, TABLE, gated, known)
    stored = originals(engine, tenant)
    assert stored == len(gated.originals) > 0
    lose_originals(shop_settings, tenant)

    engine.vault.store(tenant, TABLE, gated, known)
    assert originals(engine, tenant) == 0
    engine.vault.store(tenant, TABLE, gated, Known())
    assert originals(engine, tenant) == stored


def test_what_a_load_remembers_is_bounded(
    engine: Engine, shop_settings: Settings, page: tuple[str, Gated], monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant, gated = page
    monkeypatch.setattr(vault, "KNOWN_AT_MOST", 3)
    known = Known()
    engine.vault.store(tenant, TABLE, gated, known)
    known.add(gated.originals[:1], gated.identifiers[:1])

    forgotten, _ = known.new(gated)

    assert len(forgotten) == len(gated.originals) - 1


def test_a_store_that_fails_is_not_remembered(
    engine: Engine, page: tuple[str, Gated], monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant, gated = page
    known = Known()

    def lost(*_: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as broken:
        broken.setattr(vault, "_write_originals", lost)
        with pytest.raises(ConnectionError):
            engine.vault.store(tenant, TABLE, gated, known)
    engine.vault.store(tenant, TABLE, gated, known)

    assert originals(engine, tenant) == len(gated.originals)


class Overtaken(Keyring):
    """Another process makes the same subjects' keys just before this one does."""

    other: Keyring

    def _make_subject_keys(self, connection: Any, tenant: Any, wanted: dict[str, int]) -> dict[str, SubjectKey]:
        self.other.subjects(tenant.tenant_id, list(wanted)[:1])
        return super()._make_subject_keys(connection, tenant, wanted)


def test_two_processes_agree_on_a_new_subjects_key(engine: Engine, shop_settings: Settings, tmp_path: Path) -> None:
    tenant = add_shop(engine, tmp_path)
    keyring = Overtaken(engine.database, read_master_key(shop_settings.master_key_file))
    keyring.other = engine.keyring
    subjects = ["0" * 31 + digit for digit in "123"]

    sealed = {name: key.seal("row", b"value") for name, key in keyring.subjects(tenant, subjects).items()}

    later = engine.keyring.subjects(tenant, subjects)
    assert {name: later[name].open("row", text) for name, text in sealed.items()} == dict.fromkeys(subjects, b"value")


def test_a_subject_whose_key_was_destroyed_gets_the_next_generation(
    engine: Engine, shop_settings: Settings, tmp_path: Path
) -> None:
    tenant = add_shop(engine, tmp_path)
    subject = "f" * 32
    assert engine.keyring.subjects(tenant, [subject])[subject].generation == 1
    with outside_transaction(shop_settings, "keys") as admin:
        admin.execute(
            "UPDATE keys.subject_keys SET wrapped_key = NULL, destroyed_at = now() WHERE tenant_id = %s", (tenant,)
        )

    assert engine.keyring.subjects(tenant, [subject])[subject].generation == 2
    assert engine.keyring.subjects(tenant, [subject])[subject].generation == 2
