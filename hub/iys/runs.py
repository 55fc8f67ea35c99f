"""Where the work with İYS stands for each tenant: cursors, when it was done, when it is due again, what failed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, LiteralString

if TYPE_CHECKING:
    from connectors.iys.register import Origin
    from hub.db.database import Database

_COLUMNS: LiteralString = "ran_at, next_at, pulled_at, reconciled_at, differences, failure_code"
_DUE = """
SELECT DISTINCT i.tenant_id FROM hub.integrations i
JOIN hub.tenants t ON t.tenant_id = i.tenant_id
WHERE i.provider IN ('iys', 'netgsm') AND i.state = 'active' AND t.active
  AND NOT EXISTS (SELECT FROM hub.iys_runs r WHERE r.tenant_id = i.tenant_id AND r.next_at > now())
ORDER BY i.tenant_id LIMIT 1000
"""


@dataclass(frozen=True)
class Run:
    """How the last one went."""

    ran_at: datetime | None = None
    next_at: datetime | None = None
    pulled_at: datetime | None = None
    reconciled_at: datetime | None = None
    differences: Mapping[str, int] | None = None
    failure_code: str | None = None


def due(database: Database) -> list[str]:
    """Active tenants with an account whose time has come, as the crossing `scheduler` may see them."""
    with database.crossing("scheduler") as connection:
        return [row[0] for row in connection.execute(_DUE)]


def last(database: Database, tenant_id: str, provider: str) -> Run:
    """How the last run over an account went; an empty one where there was none."""
    with database.tenant(tenant_id, "app") as connection:
        row = connection.execute(
            f"SELECT {_COLUMNS} FROM hub.iys_runs WHERE tenant_id = %s AND provider = %s",  # noqa: S608 - our own names
            (tenant_id, provider),
        ).fetchone()
    return Run(*row) if row else Run()


def note(
    database: Database,
    tenant_id: str,
    provider: str,
    *,
    ran_at: datetime | None = None,
    next_at: datetime | None = None,
    pulled_at: datetime | None = None,
    reconciled_at: datetime | None = None,
    differences: Mapping[str, int] | None = None,
    failure_code: str | None = None,
) -> None:
    """Keep what is given; a run that is noted with its time clears or sets the failure."""
    from psycopg.types.json import Jsonb

    with database.tenant(tenant_id, "app") as connection:
        connection.execute(
            "INSERT INTO hub.iys_runs AS r (tenant_id, provider, ran_at, next_at, pulled_at, reconciled_at,"
            " differences, failure_code) VALUES (%(tenant)s, %(provider)s, %(ran)s,"
            " coalesce(%(next)s::timestamptz, now()), %(pulled)s, %(reconciled)s,"
            " coalesce(%(differences)s::jsonb, '{}'), %(failure)s)"
            " ON CONFLICT (tenant_id, provider) DO UPDATE SET ran_at = coalesce(%(ran)s::timestamptz, r.ran_at),"
            " next_at = coalesce(%(next)s::timestamptz, r.next_at),"
            " pulled_at = coalesce(%(pulled)s::timestamptz, r.pulled_at),"
            " reconciled_at = coalesce(%(reconciled)s::timestamptz, r.reconciled_at),"
            " differences = coalesce(%(differences)s::jsonb, r.differences),"
            " failure_code = CASE WHEN %(ran)s::timestamptz IS NULL THEN r.failure_code ELSE %(failure)s END",
            {
                "tenant": tenant_id,
                "provider": provider,
                "ran": ran_at,
                "next": next_at,
                "pulled": pulled_at,
                "reconciled": reconciled_at,
                "differences": None if differences is None else Jsonb(dict(differences)),
                "failure": failure_code,
            },
        )


def cursor(database: Database, tenant_id: str, provider: str, origin: Origin) -> str | None:
    """Where the changes of an origin are read on from."""
    with database.tenant(tenant_id, "app") as connection:
        row = connection.execute(
            "SELECT cursors ->> %s FROM hub.iys_runs WHERE tenant_id = %s AND provider = %s",
            (origin, tenant_id, provider),
        ).fetchone()
    return row[0] if row else None


def keep_cursor(database: Database, tenant_id: str, provider: str, origin: Origin, after: str) -> None:
    """Go on from there the next time."""
    with database.tenant(tenant_id, "app") as connection:
        connection.execute(
            "INSERT INTO hub.iys_runs AS r (tenant_id, provider, cursors)"
            " VALUES (%(tenant)s, %(provider)s, jsonb_build_object(%(origin)s::text, %(after)s::text))"
            " ON CONFLICT (tenant_id, provider) DO UPDATE SET cursors = r.cursors || excluded.cursors",
            {"tenant": tenant_id, "provider": provider, "origin": origin, "after": after},
        )
