"""Rows put into landing as the loader puts them, and marts read back as their owner's analyst would see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg import sql
from psycopg.rows import dict_row

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hub.db.database import Database


def land(
    database: Database, tenant_id: str, stream: str, rows: Sequence[Mapping[str, Any]], *, provider: str = "iyzico"
) -> None:
    """Insert rows of one stream and mark it changed, in one transaction, as a load does."""
    with database.tenant(tenant_id, "app") as connection:
        connection.execute(
            "INSERT INTO hub.sync_state (tenant_id, provider, stream) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            (tenant_id, provider, stream),
        )
    with database.tenant(tenant_id, "loader") as connection:
        for row in rows:
            values = {
                "tenant_id": tenant_id,
                **row,
                "_version": "2026-11-01T00:00:00Z",
                "_loaded_at": "now",
                "_policy_version": 1,
                "_load_id": "test",
            }
            connection.execute(
                sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
                    sql.Identifier("landing", f"{provider}_{stream}"),
                    sql.SQL(", ").join(map(sql.Identifier, values)),
                    sql.SQL(", ").join([sql.Placeholder()] * len(values)),
                ),
                list(values.values()),
            )
        connection.execute(
            "UPDATE hub.sync_state SET changed_at = clock_timestamp(), rows_changed = rows_changed + %s"
            " WHERE provider = %s AND stream = %s",
            (len(rows), provider, stream),
        )


def mart(database: Database, name: str, *tenants: str) -> list[dict[str, Any]]:
    """A mart's rows of these tenants, in the order of its first five columns."""
    with database.crossing("transformer") as connection, connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute(
            sql.SQL("SELECT * FROM {} WHERE tenant_id = ANY(%s) ORDER BY 1, 2, 3, 4, 5").format(
                sql.Identifier("marts", name)
            ),
            (list(tenants),),
        )
        return cursor.fetchall()
