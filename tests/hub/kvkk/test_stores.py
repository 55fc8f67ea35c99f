"""No copy of a person's data is forgotten: every tenant table is some store's, or excused with a reason."""

from __future__ import annotations

import pytest

from connectors.registry import PROVIDERS
from hub.db.database import Database
from hub.db.grants import TABLES
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.kvkk.registry import WITHOUT_PERSONAL_DATA, open_stores
from hub.kvkk.stores import Hub
from hub.settings import Settings
from kvkk_policies.policy import load_policies

_WITH_TENANT = (
    "SELECT n.nspname || '.' || c.relname FROM pg_catalog.pg_class c"
    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped"
    " WHERE c.relkind IN ('r', 'p') AND n.nspname = ANY(%s)"
)


@pytest.fixture(scope="module")
def answered(settings: Settings, database: Database) -> frozenset[str]:
    """Tables that a store answers for."""
    hub = Hub(database, Keyring(database, read_master_key(settings.master_key_file)), PROVIDERS, load_policies())
    return frozenset(table for store in open_stores(hub) for table in store.tables())


def tenant_tables(database: Database) -> set[str]:
    """Every table with tenants' rows, from both clusters' catalogues."""
    with database.crossing("platform") as connection:
        data = {row[0] for row in connection.execute(_WITH_TENANT, (["hub", "vault", "landing", "marts"],))}
    with database.master_keys() as connection:
        keys = {row[0] for row in connection.execute(_WITH_TENANT, (["keys"],))}
    return data | keys


def unanswered(tables: set[str], answered: frozenset[str]) -> set[str]:
    """What nobody would erase."""
    return tables - answered - WITHOUT_PERSONAL_DATA.keys()


def test_every_tenant_table_is_a_stores_or_excused(database: Database, answered: frozenset[str]) -> None:
    assert unanswered(tenant_tables(database), answered) == set()


def test_a_table_that_nobody_registered_is_seen(database: Database, answered: frozenset[str]) -> None:
    tables = tenant_tables(database)

    assert {"hub.consents", "vault.originals", "landing.iyzico_subscriptions", "marts.customers"} <= tables
    assert unanswered(tables | {"hub.addresses"}, answered) == {"hub.addresses"}


def test_no_table_is_both_a_stores_and_excused_and_none_is_excused_that_is_gone(
    database: Database, answered: frozenset[str]
) -> None:
    assert answered & WITHOUT_PERSONAL_DATA.keys() == set()
    assert WITHOUT_PERSONAL_DATA.keys() - tenant_tables(database) == set()
    assert all(reason.strip() for reason in WITHOUT_PERSONAL_DATA.values())
    assert WITHOUT_PERSONAL_DATA.keys() <= TABLES.keys()
