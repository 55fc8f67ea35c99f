"""Puts the refusal of retired keys on every sealed column: a key that is destroyed has nothing left under it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.keys.sealed import UNDER_TENANT_KEYS

if TYPE_CHECKING:
    from hub.db.database import Connection

_PREFIX = "refuse_retired_key_"


def guard_sealed(owner: Connection) -> None:
    """Make the triggers that are missing, in the migration's transaction; one that stands is left alone."""
    from psycopg import sql

    standing = {
        (row[0], row[1])
        for row in owner.execute(
            "SELECT n.nspname || '.' || c.relname, t.tgname FROM pg_catalog.pg_trigger t"
            " JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
            " WHERE starts_with(t.tgname, %s)",
            (_PREFIX,),
        )
    }
    for sealed in UNDER_TENANT_KEYS:
        if (sealed.table, _PREFIX + sealed.column) in standing:
            continue
        owner.execute(
            sql.SQL(
                "CREATE TRIGGER {} BEFORE INSERT OR UPDATE OF {} ON {} FOR EACH ROW"
                " EXECUTE FUNCTION hub.refuse_retired_key({})"
            ).format(
                sql.Identifier(_PREFIX + sealed.column),
                sql.Identifier(sealed.column),
                sql.Identifier(*sealed.table.split(".")),
                sql.Literal(sealed.column),
            )
        )
