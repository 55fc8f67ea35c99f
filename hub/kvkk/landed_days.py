"""On which days a tenant's landed rows carry an identifier: counts by table and Istanbul day, and no value."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kvkk_policies.landing import landing_columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from connectors.contract import Provider, Stream
    from hub.db.database import Connection, Database
    from hub.kvkk.person import Pair
    from kvkk_policies.policy import ProviderPolicy, StreamPolicy

_BY_PSEUDONYM = frozenset({"pseudonymise", "vault"})
"""Actions that leave a pseudonym in the column."""


@dataclass(frozen=True)
class _Carrying:
    """A landing table and its columns that carry an identifier of some kind."""

    table: str
    columns: tuple[str, ...]
    dated: str | None
    is_day: bool


def rows_by_day(
    database: Database,
    providers: Mapping[str, Provider],
    policies: Mapping[str, ProviderPolicy],
    tenant_id: str,
    pair: Pair,
) -> dict[str, Counter[date | None]]:
    """Rows by day for every landing table that has any; None counts rows without a day."""
    found: dict[str, Counter[date | None]] = {}
    with database.tenant(tenant_id, "loader") as connection:
        for carrying in _carrying(providers, policies, pair[0]):
            days = _count(connection, tenant_id, carrying, pair[1])
            if days:
                found[f"landing.{carrying.table}"] = days
    return found


def _carrying(
    providers: Mapping[str, Provider], policies: Mapping[str, ProviderPolicy], kind: str
) -> Iterator[_Carrying]:
    # A tax number is a person's identity number or a company's: which one, the value decides.
    kinds = {kind, "tax_number"} if kind in ("tckn", "vkn") else {kind}
    for provider in providers.values():
        for stream in provider.streams:
            policy = policies[provider.name].streams[stream.name]
            columns = tuple(
                column.name
                for column in landing_columns(stream, policy)
                if column.action in _BY_PSEUDONYM and policy.columns[column.name].kind in kinds
            )
            if columns:
                dated, is_day = _dated(stream, policy)
                yield _Carrying(f"{provider.name}_{stream.name}", columns, dated, is_day)


def _dated(stream: Stream, policy: StreamPolicy) -> tuple[str | None, bool]:
    """The landed column that says when a record happened: the first of the key, else the record's own version."""
    landed = {column.name: column.type for column in landing_columns(stream, policy)}
    times = [name for name, kind in landed.items() if kind in ("timestamp", "date")]
    chosen = next((name for name in (*stream.key, stream.version, *times) if name in times), None)
    return chosen, chosen is not None and landed[chosen] == "date"


def _count(connection: Connection, tenant_id: str, carrying: _Carrying, pseudonym: str) -> Counter[date | None]:
    from psycopg import sql

    if carrying.dated is None:
        day: sql.Composable = sql.SQL("NULL::date")
    elif carrying.is_day:
        day = sql.Identifier(carrying.dated)
    else:
        day = sql.SQL("({} AT TIME ZONE 'Europe/Istanbul')::date").format(sql.Identifier(carrying.dated))
    rows = connection.execute(
        sql.SQL("SELECT {}, count(*) FROM {} WHERE tenant_id = %(tenant)s AND ({}) GROUP BY 1").format(
            day,
            sql.Identifier("landing", carrying.table),
            sql.SQL(" OR ").join(
                sql.SQL("{} = %(pseudonym)s").format(sql.Identifier(name)) for name in carrying.columns
            ),
        ),
        {"tenant": tenant_id, "pseudonym": pseudonym},
    )
    return Counter({row[0]: row[1] for row in rows})
