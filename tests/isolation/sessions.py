"""Ways into the database that the product does not have: as the tables' owner, and straight over the wire."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from hub.db import roles
from hub.db.roles import TENANT_SETTING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.isolation.conftest import Connection, World

TABLE = "hub.refusals"


def on_the_wire(*arguments: Any, **keywords: Any) -> Connection:
    """A connection of one's own, with whatever a person might pass."""
    return psycopg.connect(*arguments, **keywords)  # noqa: TID251 - what an attacker would do


@contextmanager
def undone(world: World) -> Iterator[Connection]:
    """A transaction of the tables' owner that leaves nothing behind."""
    with world.admin.transaction(force_rollback=True):
        owner = sql.Identifier(world.settings.role(roles.OWNER))
        world.admin.execute(sql.SQL("SET LOCAL ROLE {}").format(owner))
        yield world.admin


def as_app(world: World, connection: Connection) -> None:
    """Become the application role, scoped to the world's own tenant, until the transaction ends."""
    connection.execute("RESET ROLE")
    connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(world.settings.role("app"))))
    connection.execute("SELECT set_config(%s, %s, true)", (TENANT_SETTING, world.own))


def tenants_seen(connection: Connection, relation: str = TABLE) -> set[str]:
    """The tenants whose rows a relation shows."""
    return {row[0] for row in connection.execute(f"SELECT tenant_id FROM {relation}".encode())}  # noqa: S608
