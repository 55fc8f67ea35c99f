"""Writes what an erasure makes of rows back into a landing table: many rows a statement, through a temporary table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from psycopg import sql

if TYPE_CHECKING:
    from hub.db.database import Connection
    from hub.kvkk.stores.landed import Change, LandedStream, Row

LOADED_AT = "_loaded_at"
_STAGE = sql.Identifier("pg_temp", "stage_emptied")


def write_changes(
    connection: Connection,
    tenant_id: str,
    landed: LandedStream,
    columns: Sequence[str],
    changes: Sequence[tuple[Row, Change]],
) -> int:
    """Give `columns` their new values in these rows, unless a sync rewrote them meanwhile; how many were changed."""
    key = landed.stream.key
    table = sql.Identifier("landing", landed.table)
    new = [f"new_{name}" for name in columns]
    picked = [sql.SQL("{} AS {}").format(sql.Identifier(n), sql.Identifier(f"new_{n}")) for n in columns]
    connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(_STAGE))
    connection.execute(
        sql.SQL("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {}, {}, {} FROM {} WITH NO DATA").format(
            _STAGE, identifiers(key), sql.Identifier(LOADED_AT), sql.SQL(", ").join(picked), table
        )
    )
    copied = sql.SQL("COPY {} ({}) FROM STDIN").format(_STAGE, identifiers([*key, LOADED_AT, *new]))
    with connection.cursor() as cursor, cursor.copy(copied) as copy:
        for row, change in changes:
            copy.write_row([*(row[name] for name in key), row[LOADED_AT], *(change[name] for name in columns)])
    same = sql.SQL(" AND ").join(sql.SQL("t.{0} = s.{0}").format(sql.Identifier(name)) for name in key)
    given = {"tenant": tenant_id}
    rekeyed = [name for name in columns if name in key]
    if rekeyed:
        # A sync since the erasure began has brought the row under its new key: the old one is what is too many.
        moved = sql.SQL(" AND ").join(
            sql.SQL("n.{} = {}").format(
                sql.Identifier(name), sql.Identifier("s", f"new_{name}" if name in rekeyed else name)
            )
            for name in key
        )
        connection.execute(
            sql.SQL(
                "DELETE FROM {0} AS t USING {1} AS s WHERE t.tenant_id = %(tenant)s AND {2}"
                " AND EXISTS (SELECT FROM {0} AS n WHERE n.tenant_id = %(tenant)s AND {3})"
            ).format(table, _STAGE, same, moved),
            given,
        )
    sets = sql.SQL(", ").join(
        sql.SQL("{} = s.{}").format(sql.Identifier(name), sql.Identifier(f"new_{name}")) for name in columns
    )
    return connection.execute(
        sql.SQL(
            "UPDATE {} AS t SET {} FROM {} AS s WHERE t.tenant_id = %(tenant)s AND {} AND t._loaded_at = s._loaded_at"
        ).format(table, sets, _STAGE, same),
        given,
    ).rowcount


def identifiers(names: Sequence[str]) -> sql.Composed:
    """Columns with commas between them."""
    return sql.SQL(", ").join(map(sql.Identifier, names))
