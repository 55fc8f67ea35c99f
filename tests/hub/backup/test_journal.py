"""The erasure journal: complete, told once, and nobody can be taken out of it unnoticed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from hub.db.database import Database
from hub.errors import HubError
from hub.keys import journal
from hub.keys.journal import Journaled
from hub.keys.keyring import Keyring, TenantKeys
from hub.keys.master_key import read_master_key
from hub.migrations.connections import outside_transaction
from hub.settings import Settings

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def keys(settings: Settings, database: Database, make_tenant: Any) -> TenantKeys:
    return Keyring(database, read_master_key(settings.master_key_file)).tenant(make_tenant())


def erased(*marks: bytes) -> Journaled:
    return Journaled(uuid4(), frozenset({uuid4().hex}), frozenset(marks), NOW)


def test_what_is_noted_is_read_back_in_its_order(database: Database, keys: TenantKeys) -> None:
    first, second = erased(b"one"), erased(b"two", b"three")

    for each in (first, second):
        journal.note(database, keys, each)

    assert journal.read(database, keys) == [first, second]


def test_repeating_an_erasure_adds_nothing_and_a_wider_one_is_told_beside_it(
    database: Database, keys: TenantKeys
) -> None:
    narrow = erased(b"one", b"two")
    wide = Journaled(narrow.erasure_id, narrow.subjects, narrow.marks | {b"three"}, NOW)
    # A store that is half done leads to fewer marks: the fuller entry stands.
    later = Journaled(narrow.erasure_id, narrow.subjects, frozenset({b"one"}), NOW)

    for each in (narrow, narrow, wide, later):
        journal.note(database, keys, each)

    assert journal.read(database, keys) == [narrow, wide]


@pytest.mark.parametrize(
    "tampering",
    [
        "DELETE FROM keys.erasure_journal WHERE tenant_id = %s AND number = 1",
        "UPDATE keys.erasure_journal SET subjects = '{}' WHERE tenant_id = %s AND number = 2",
        "UPDATE keys.erasure_journal SET erased_at = erased_at - interval '1 day' WHERE tenant_id = %s AND number = 1",
        "UPDATE keys.erasure_journal SET number = 4 - number WHERE tenant_id = %s AND number <> 2",
    ],
    ids=["taken_out", "emptied", "dated_back", "reordered"],
)
def test_an_entry_that_was_altered_or_taken_out_is_noticed(
    settings: Settings, database: Database, keys: TenantKeys, tampering: str
) -> None:
    for each in (erased(b"one"), erased(b"two"), erased(b"three")):
        journal.note(database, keys, each)
    with outside_transaction(settings, "keys") as admin, admin.transaction():
        admin.execute("ALTER TABLE keys.erasure_journal DROP CONSTRAINT erasure_journal_pkey")
        admin.execute(tampering.encode(), (keys.tenant_id,))
        admin.execute("ALTER TABLE keys.erasure_journal ADD PRIMARY KEY (tenant_id, number)")

    with pytest.raises(HubError) as broken:
        journal.read(database, keys)
    assert broken.value.code == "erasure_journal_broken"


@pytest.mark.parametrize(
    "statement", ["UPDATE keys.erasure_journal SET number = 1", "DELETE FROM keys.erasure_journal"]
)
def test_no_process_of_ours_can_change_an_entry(database: Database, keys: TenantKeys, statement: str) -> None:
    with (
        pytest.raises(psycopg.errors.InsufficientPrivilege),
        database.tenant_keys(keys.tenant_id) as connection,
    ):
        connection.execute(statement.encode())
