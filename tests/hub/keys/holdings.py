"""A tenant with something in every store that a tenant's key seals, and the proof that all of it still opens."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from hub.keys.keyring import Keyring
from hub.keys.sealed import UNDER_TENANT_KEYS, Sealed
from hub.keys.vault import Known, Vault, original_identity
from hub.migrations.connections import outside_transaction
from hub.sync.batch import Engine
from tests.fixtures.siparis import PROVIDER
from tests.isolation.seeds import Table, tenant_tables
from tests.support.shop import Order, add_shop

Connection = psycopg.Connection[Any]

MARKS = ("first", "second", "third", "fourth")
CUSTOMERS = 7


@dataclass
class Holdings:
    """What a tenant holds: clear texts by store and row, and the vault's originals by pseudonym."""

    tenant_id: str
    sealed: dict[str, dict[tuple[Any, ...], bytes]] = field(default_factory=dict[str, Any])
    originals: dict[str, str] = field(default_factory=dict[str, str])
    pseudonym: str = ""
    mark: bytes = b""

    def check(self, engine: Engine, keyring: Keyring) -> None:
        """Everything opens with the keys of this process, and pseudonyms are as before."""
        keys = keyring.tenant(self.tenant_id)
        assert keys.pseudonymiser().one("phone", "+905321234567") == self.pseudonym
        assert keys.suppression_mark("phone", "x") == self.mark
        for store in UNDER_TENANT_KEYS:
            with engine.database.tenant(self.tenant_id, _role(store)) as connection:
                for row, clear in self.sealed[store.name].items():
                    identity, ciphertext = _read(connection, store, self.tenant_id, row)
                    assert keys.open(store.purpose, identity, ciphertext) == clear, store.name
        with engine.database.tenant(self.tenant_id, "vault") as connection:
            rows = connection.execute(
                "SELECT kind, pseudonym, replace(subject_id::text, '-', ''), key_generation, ciphertext"
                " FROM vault.originals"
            ).fetchall()
        subjects = keyring.subjects(self.tenant_id, [row[2] for row in rows])
        opened = {
            pseudonym: subjects[subject]
            .open(original_identity(self.tenant_id, kind, pseudonym, subject, generation), bytes(ciphertext))
            .decode()
            for kind, pseudonym, subject, generation, ciphertext in rows
        }
        assert opened == self.originals

    def generations(self, engine: Engine) -> dict[str, set[int]]:
        """Under which generation values lie, by store."""
        found: dict[str, set[int]] = {}
        for store in UNDER_TENANT_KEYS:
            with engine.database.tenant(self.tenant_id, _role(store)) as connection:
                ciphertexts = (_read(connection, store, self.tenant_id, row)[1] for row in self.sealed[store.name])
                found[store.name] = {int.from_bytes(each[:2], "big") for each in ciphertexts}
        with engine.database.tenant_keys(self.tenant_id) as connection:
            wrapped = connection.execute(
                "SELECT wrapped_key FROM keys.subject_keys WHERE wrapped_key IS NOT NULL"
            ).fetchall()
        return found | {"keys.subject_keys": {int.from_bytes(bytes(row[0])[:2], "big") for row in wrapped}}


def hold(engine: Engine, directory: Path) -> Holdings:
    """A tenant with two rows or more in every store."""
    tenant_id = add_shop(engine, directory)
    keys = engine.keyring.tenant(tenant_id)
    held = Holdings(
        tenant_id,
        pseudonym=keys.pseudonymiser().one("phone", "+905321234567"),
        mark=keys.suppression_mark("phone", "x"),
    )
    with outside_transaction(engine.database.settings, "data") as admin, admin.transaction():
        tables = tenant_tables(admin)
        for table in dict.fromkeys(store.table for store in UNDER_TENANT_KEYS):
            stores = [store for store in UNDER_TENANT_KEYS if store.table == table]
            marks = (None,) if table == "hub.tenants" else MARKS
            for mark in marks:
                _hold_row(admin, tables[table], stores, held, mark)
                for store in stores:
                    _seal(admin, engine, store, held)
    orders = [Order(number, 1, 7).row() for number in range(CUSTOMERS)]
    gated = engine.gate.apply(
        provider=PROVIDER.name, stream=PROVIDER.stream("orders"), rows=orders, pseudonymiser=keys.pseudonymiser()
    )
    Vault(engine.database, engine.keyring).store(tenant_id, "siparis.orders", gated, Known())
    held.originals = {original.pseudonym: original.value for original in gated.originals}
    assert len(held.originals) > CUSTOMERS
    return held


def _hold_row(admin: Connection, table: Table, stores: list[Sealed], held: Holdings, mark: str | None) -> None:
    if mark is None:
        return
    row = table.row(held.tenant_id, mark) | {store.column: b"" for store in stores}
    admin.execute(*table.insert(row))


def _seal(admin: Connection, engine: Engine, store: Sealed, held: Holdings) -> None:
    keys = engine.keyring.tenant(held.tenant_id)
    names = ", ".join((*store.row, *store.identity))
    for found in admin.execute(
        f"SELECT {names} FROM {store.table} WHERE tenant_id = %s".encode(),  # noqa: S608 - our own words
        (held.tenant_id,),
    ).fetchall():
        row, identity = found[: len(store.row)], "|".join(str(part) for part in found[len(store.row) :])
        clear = f"{store.name} of {row}".encode()
        held.sealed.setdefault(store.name, {})[tuple(row)] = clear
        where = " AND ".join(f"{column} = %s" for column in store.row)
        admin.execute(
            f"UPDATE {store.table} SET {store.column} = %s WHERE tenant_id = %s AND {where}".encode(),  # noqa: S608 - our own words
            (keys.seal(store.purpose, identity, clear), held.tenant_id, *row),
        )


def _read(connection: Connection, store: Sealed, tenant_id: str, row: tuple[Any, ...]) -> tuple[str, bytes]:
    where = " AND ".join(f"{column} = %s" for column in store.row)
    columns = ", ".join((store.column, *store.identity))
    found = connection.execute(
        f"SELECT {columns} FROM {store.table} WHERE tenant_id = %s AND {where}".encode(),  # noqa: S608 - our own words
        (tenant_id, *row),
    ).fetchone()
    assert found is not None
    return "|".join(str(part) for part in found[1:]), bytes(found[0])


def _role(store: Sealed) -> Any:
    return "vault" if store.table.startswith("vault.") else "app"
