"""Originals that a changed policy lets nobody keep: taken out of the vault once no landed row refers to them.

A load looks whether the vault has an original before it stores one. So the tenant's streams stand still while we look
what is still referred to and delete the rest, and their fences are raised before they go on: a load that looked before
commits nothing, and one that comes after looks again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from psycopg import sql

from kvkk_policies.landing import landing_columns
from kvkk_policies.policy import ProviderPolicy, StreamPolicy
from kvkk_policies.tightening import PSEUDONYM

if TYPE_CHECKING:
    from connectors.contract import Provider
    from hub.db.database import Database

TableColumn = tuple[str, str]
"""A landing table's name and one of its columns."""

_AT_ONCE = 10_000
"""Pseudonyms in one DELETE."""


def vaulted_columns(
    providers: Mapping[str, Provider],
    policies: Mapping[str, ProviderPolicy],
    in_force: Mapping[tuple[str, str], StreamPolicy],
) -> Iterator[TableColumn]:
    """Every landed column whose originals the tenant keeps. `in_force` has the streams with overrides applied."""
    for name, provider in providers.items():
        for stream in provider.streams:
            base = policies[name].streams[stream.name]
            policy = in_force.get((name, stream.name), base)
            for column in landing_columns(stream, base):
                if policy.columns[column.name].action == "vault":
                    yield f"{name}_{stream.name}", column.name


def retire_originals(database: Database, tenant_id: str, column: TableColumn, kept: Sequence[TableColumn]) -> int:
    """Delete the originals that only this column's rows refer to; `kept` are columns whose originals stay.

    Returns the originals deleted.
    """
    with database.tenant(tenant_id, "app") as guard:
        guard.execute(
            "SELECT 1 FROM hub.sync_state WHERE tenant_id = %s ORDER BY provider, stream FOR UPDATE", (tenant_id,)
        )
        with database.tenant(tenant_id, "loader") as connection:
            rows = connection.execute(_unreferred(column, kept), {"tenant": tenant_id, "form": f"^{PSEUDONYM}$"})
            pseudonyms = [str(row[0]) for row in rows]
        retired = 0
        with database.tenant(tenant_id, "vault") as connection:
            for start in range(0, len(pseudonyms), _AT_ONCE):
                retired += connection.execute(
                    "DELETE FROM vault.originals WHERE tenant_id = %s AND pseudonym = ANY(%s)",
                    (tenant_id, pseudonyms[start : start + _AT_ONCE]),
                ).rowcount
        if retired:
            guard.execute("UPDATE hub.sync_state SET fence = fence + 1 WHERE tenant_id = %s", (tenant_id,))
    return retired


def retire_texts(database: Database, tenant_id: str, stream: str, column: str, *, mentions: bool) -> int:
    """Delete a column's free texts in the original, and what they mention unless its texts stay. `provider.stream`."""
    key = (tenant_id, stream, column)
    with database.tenant(tenant_id, "vault") as connection:
        retired = connection.execute(
            "DELETE FROM vault.texts WHERE tenant_id = %s AND stream = %s AND column_name = %s", key
        ).rowcount
        if mentions:
            connection.execute(
                "DELETE FROM vault.mentions WHERE tenant_id = %s AND stream = %s AND column_name = %s", key
            )
    return retired


def _unreferred(column: TableColumn, kept: Sequence[TableColumn]) -> sql.Composed:
    table, name = _named(column)
    own = sql.SQL("SELECT {1} FROM {0} WHERE tenant_id = %(tenant)s AND {1} ~ %(form)s").format(table, name)
    others = [
        sql.SQL("SELECT {1} FROM {0} WHERE tenant_id = %(tenant)s AND {1} IS NOT NULL").format(*_named(each))
        for each in kept
        if each != column
    ]
    return sql.SQL(" EXCEPT ").join([own, *others])


def _named(column: TableColumn) -> tuple[sql.Identifier, sql.Identifier]:
    return sql.Identifier("landing", column[0]), sql.Identifier(column[1])
