"""Numbers of invoices: three characters of the series, the year, nine digits that have no gap.

The series' row is locked from the moment a number is looked up until the document that has it is committed: whoever
issues next waits, and whoever is killed gives the number back with everything else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from hub.errors import HubError
from hub.kvkk import audit

if TYPE_CHECKING:
    from hub.db.database import Connection, Database
    from hub.kvkk.audit import Actor

Kind = Literal["einvoice", "earchive"]
Owner = Literal["hub", "integrator"]
LAST = 999_999_999
DOUBTED = "einvoice_doubted"
"""In `hub.tenants.settings` after a restore: up to which year numbers are in doubt, and which series are not."""


@dataclass(frozen=True)
class Series:
    """A series of one year."""

    series: str
    year: int
    kind: Kind
    owner: Owner
    next_number: int
    last_issue_date: date | None


def number(series: str, year: int, counter: int) -> str:
    """Sixteen characters."""
    return f"{series}{year}{counter:09}"


def provisional(series: str, year: int) -> str:
    """A number of the right shape that no document keeps: checked with it, before one is taken."""
    return number(series, year, LAST)


def add(
    database: Database,
    tenant_id: str,
    series: str,
    year: int,
    kind: Kind,
    *,
    owner: Owner = "hub",
    first: int = 1,
    actor: Actor = audit.SYSTEM,
) -> Series:
    """Open a series, going on behind another program's last number if there was one.

    HubError `einvoice_series_exists`, `einvoice_series_first_wrong`.
    """
    if not 1 <= first <= LAST:
        raise HubError("einvoice_series_first_wrong", most=LAST)
    with database.tenant(tenant_id, "app") as connection:
        row = connection.execute(
            "INSERT INTO hub.invoice_series (tenant_id, series, year, kind, owner, next_number)"
            " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"
            " RETURNING series, year, kind, owner, next_number, last_issue_date",
            (tenant_id, series, year, kind, owner, first),
        ).fetchone()
        if row is None:
            raise HubError("einvoice_series_exists", series=series, year=year)
        _settle(connection, tenant_id, series, year)
        details = {"series": series, "year": year, "kind": kind, "owner": owner, "next": first}
        entry = audit.Entry(actor, "einvoice.series_added", f"tenant:{tenant_id}", details=details)
        audit.append(connection, tenant_id, entry)
    return Series(*row)


def doubt(database: Database, tenant_id: str, *, year: int) -> int:
    """In a restored database: numbers up to that year may have been given since the backup. 1 if the tenant issues any.

    Nothing is issued in a series until somebody has said with `confirm` or `add` where it goes on.
    """
    with database.tenant(tenant_id, "app") as connection:
        return connection.execute(
            "UPDATE hub.tenants SET settings = settings || jsonb_build_object(%(name)s::text,"
            " jsonb_build_object('year', %(year)s::int, 'confirmed', '[]'::jsonb))"
            " WHERE tenant_id = %(tenant)s AND settings ? 'einvoice'",
            {"name": DOUBTED, "year": year, "tenant": tenant_id},
        ).rowcount


def confirm(database: Database, tenant_id: str, series: str, year: int, next_number: int, *, actor: Actor) -> Series:
    """Say where a series goes on after a restore, behind the last number that its integrator has.

    HubError `einvoice_series_unknown`, `einvoice_series_next_lower`: a number that stands here is not given again.
    """
    with database.tenant(tenant_id, "app") as connection:
        row = connection.execute(
            "SELECT next_number FROM hub.invoice_series WHERE tenant_id = %s AND series = %s AND year = %s FOR UPDATE",
            (tenant_id, series, year),
        ).fetchone()
        if row is None:
            raise HubError("einvoice_series_unknown", series=series, year=year)
        if not row[0] <= next_number <= LAST:
            raise HubError("einvoice_series_next_lower", series=series, year=year, least=row[0])
        found = connection.execute(
            "UPDATE hub.invoice_series SET next_number = %s WHERE tenant_id = %s AND series = %s AND year = %s"
            " RETURNING series, year, kind, owner, next_number, last_issue_date",
            (next_number, tenant_id, series, year),
        ).fetchone()
        assert found is not None  # noqa: S101 - locked just above
        _settle(connection, tenant_id, series, year)
        details = {"series": series, "year": year, "next": next_number, "before": row[0]}
        entry = audit.Entry(actor, "einvoice.series_confirmed", f"tenant:{tenant_id}", details=details)
        audit.append(connection, tenant_id, entry)
    return Series(*found)


def _settle(connection: Connection, tenant_id: str, series: str, year: int) -> None:
    connection.execute(
        "UPDATE hub.tenants SET settings = jsonb_set(settings, %(path)s, settings #> %(path)s || %(named)s::jsonb)"
        " WHERE tenant_id = %(tenant)s AND settings ? %(name)s",
        {
            "path": [DOUBTED, "confirmed"],
            "named": json.dumps([f"{series}{year}"]),
            "tenant": tenant_id,
            "name": DOUBTED,
        },
    )


def listed(database: Database, tenant_id: str) -> list[Series]:
    """A tenant's series, newest year first."""
    with database.tenant(tenant_id, "app") as connection:
        rows = connection.execute(
            "SELECT series, year, kind, owner, next_number, last_issue_date FROM hub.invoice_series"
            " WHERE tenant_id = %s ORDER BY year DESC, series",
            (tenant_id,),
        ).fetchall()
    return [Series(*row) for row in rows]


def hold(connection: Connection, tenant_id: str, series: str, issue_date: date, kind: Kind) -> Series:
    """The series, locked until the transaction ends; opened with its year's first invoice.

    Whoever numbered it the year before numbers it still: a series of the integrator's does not become ours at new year.

    HubError `einvoice_series_of_integrator`, `einvoice_series_of_other_kind`, `einvoice_series_used_up`,
    `einvoice_series_doubted` after a restore, `einvoice_date_decreases`.
    """
    connection.execute(
        "INSERT INTO hub.invoice_series (tenant_id, series, year, kind, owner)"
        " VALUES (%(tenant)s, %(series)s, %(year)s, %(kind)s, coalesce("
        "(SELECT owner FROM hub.invoice_series WHERE tenant_id = %(tenant)s AND series = %(series)s"
        " AND year < %(year)s ORDER BY year DESC LIMIT 1), 'hub')) ON CONFLICT DO NOTHING",
        {"tenant": tenant_id, "series": series, "year": issue_date.year, "kind": kind},
    )
    row = connection.execute(
        "SELECT s.series, s.year, s.kind, s.owner, s.next_number, s.last_issue_date, t.settings -> %s"
        " FROM hub.invoice_series s JOIN hub.tenants t ON t.tenant_id = s.tenant_id"
        " WHERE s.tenant_id = %s AND s.series = %s AND s.year = %s FOR UPDATE OF s",
        (DOUBTED, tenant_id, series, issue_date.year),
    ).fetchone()
    assert row is not None  # noqa: S101 - inserted just above, and nobody may delete one
    found = Series(*row[:-1])
    doubted: Mapping[str, Any] | None = row[-1]
    if doubted is not None and found.year <= doubted["year"] and f"{series}{found.year}" not in doubted["confirmed"]:
        raise HubError("einvoice_series_doubted", series=series, year=found.year)
    if found.owner != "hub":
        raise HubError("einvoice_series_of_integrator", series=series, year=issue_date.year)
    if found.kind != kind:
        raise HubError("einvoice_series_of_other_kind", series=series, kind=found.kind)
    if found.next_number > LAST:
        raise HubError("einvoice_series_used_up", series=series, year=issue_date.year)
    if found.last_issue_date is not None and issue_date < found.last_issue_date:
        raise HubError("einvoice_date_decreases", series=series, last=found.last_issue_date.isoformat())
    return found


def advance(connection: Connection, tenant_id: str, held: Series, issue_date: date) -> None:
    """The number of a held series is used."""
    connection.execute(
        "UPDATE hub.invoice_series SET next_number = next_number + 1, last_issue_date = %s"
        " WHERE tenant_id = %s AND series = %s AND year = %s",
        (issue_date, tenant_id, held.series, held.year),
    )
