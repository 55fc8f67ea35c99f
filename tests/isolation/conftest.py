"""Two tenants with rows in every tenant table of both clusters, and a way in as every role."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import psycopg
import pytest

from hub.control import analysts
from hub.db import roles
from hub.migrations.connections import outside_transaction
from hub.migrations.security import secure
from tests.isolation.probe import ONLY_THEIRS, SHARED, crossing_leaks, scoped_leaks
from tests.isolation.seeds import Table, tenant_tables

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.settings import Settings

Connection = psycopg.Connection[tuple[Any, ...]]
SCOPED: tuple[Literal["app", "loader", "reader", "eraser", "forgetter", "vault", "provisioner"], ...] = (
    "app",
    "loader",
    "reader",
    "eraser",
    "forgetter",
    "vault",
    "provisioner",
)


@dataclass
class World:
    """Tenant `own`, whose people and roles try, and tenant `other`, whose rows they must not meet."""

    settings: Settings
    database: Database
    admin: Connection
    keys_admin: Connection
    own: str
    other: str
    analyst: Connection
    tables: dict[str, Table]

    def leaks(self, table: Table, *, role: str | None = None) -> Iterator[str]:
        """What any role, or the one named, can do wrong with one table."""
        if table.name.startswith("keys."):
            ways = (("keys", self.database.tenant_keys), ("keys_forgetter", self.database.forgetting_keys))
            for scoped, opens in ways:
                if role in {None, scoped}:
                    with opens(self.own) as connection:
                        leaks = scoped_leaks(connection, table, own=self.own, other=self.other)
                    yield from (f"{scoped} {what}" for what in leaks)
            if role in {None, "custodian"}:
                with self.database.custody() as connection:
                    leaks = crossing_leaks(connection, table, tenants={self.own, self.other})
                yield from (f"custodian {what}" for what in leaks)
            return
        for scoped in SCOPED:
            if role in {None, scoped}:
                with self.database.tenant(self.own, scoped) as connection:
                    leaks = scoped_leaks(connection, table, own=self.own, other=self.other)
                yield from (f"{scoped} {what}" for what in leaks)
        for claimed in (self.own, self.other) if role in {None, "analyst"} else ():
            with self.analyst.transaction(force_rollback=True):
                self.analyst.execute("SELECT set_config('hub.tenant_id', %s, false)", (claimed,))
                leaks = scoped_leaks(self.analyst, table, own=self.own, other=self.other)
            yield from (f"analyst {what}" for what in leaks)
        for crossing in roles.CROSSINGS:
            if role in {None, crossing}:
                with self.database.crossing(crossing) as connection:  # pyright: ignore[reportArgumentType]
                    leaks = crossing_leaks(connection, table, tenants={self.own, self.other})
                yield from (f"{crossing} {what}" for what in leaks)

    def restore(self, table: Table) -> None:
        """Put a table's security back as declared."""
        admin = self.keys_admin if table.name.startswith("keys.") else self.admin
        with admin.transaction():
            secure(admin, self.settings, [table.name])


@pytest.fixture(scope="session")
def world(settings: Settings, database: Database, make_tenant: Any) -> Iterator[World]:
    own, other = make_tenant(), make_tenant()
    with ExitStack() as stack:
        admin = stack.enter_context(outside_transaction(settings, "data"))
        keys_admin = stack.enter_context(outside_transaction(settings, "keys"))
        tables = tenant_tables(admin) | tenant_tables(keys_admin)
        # In one transaction: references between tables are checked at its end, whatever order they come in.
        with admin.transaction():
            for table in tables.values():
                connection = keys_admin if table.name.startswith("keys.") else admin
                for tenant_id, mark in ((own, SHARED), (other, SHARED), (other, ONLY_THEIRS)):
                    _seed(connection, table, tenant_id, mark)
        login = stack.enter_context(analysts.short_lived(settings, database, own, label="isolation"))
        analyst = stack.enter_context(_by_password(database, login))
        yield World(settings, database, admin, keys_admin, own, other, analyst, tables)


def _seed(connection: Connection, table: Table, tenant_id: str, mark: str) -> None:
    if table.name != "hub.tenants":  # made by make_tenant; its key is the tenant
        connection.execute(*table.insert(table.row(tenant_id, mark)))


@contextmanager
def _by_password(database: Database, login: analysts.Login) -> Iterator[Connection]:
    with database.analyst(login.role_name, login.password) as connection:
        connection.autocommit = True
        connection.read_only = False
        # They may: the setting is theirs. Nothing rests on it.
        connection.execute("SET default_transaction_read_only = off")
        yield connection
