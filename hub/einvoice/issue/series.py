"""Numbers of invoices: three characters of the series, the year, nine digits that have no gap.

The series' row is locked from the moment a number is looked up until the document that has it is committed: whoever
issues next waits, and whoever is killed gives the number back with everything else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from hub.errors import HubError

if TYPE_CHECKING:
    from hub.db.database import Connection, Database

Kind = Literal["einvoice", "earchive"]
Owner = Literal["hub", "integrator"]
LAST = 999_999_999


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
    database: Database, tenant_id: str, series: str, year: int, kind: Kind, *, owner: Owner = "hub", first: int = 1
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
    return Series(*row)


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
    `einvoice_date_decreases`.
    """
    connection.execute(
        "INSERT INTO hub.invoice_series (tenant_id, series, year, kind, owner)"
        " VALUES (%(tenant)s, %(series)s, %(year)s, %(kind)s, coalesce("
        "(SELECT owner FROM hub.invoice_series WHERE tenant_id = %(tenant)s AND series = %(series)s"
        " AND year < %(year)s ORDER BY year DESC LIMIT 1), 'hub')) ON CONFLICT DO NOTHING",
        {"tenant": tenant_id, "series": series, "year": issue_date.year, "kind": kind},
    )
    row = connection.execute(
        "SELECT series, year, kind, owner, next_number, last_issue_date FROM hub.invoice_series"
        " WHERE tenant_id = %s AND series = %s AND year = %s FOR UPDATE",
        (tenant_id, series, issue_date.year),
    ).fetchone()
    assert row is not None  # noqa: S101 - inserted just above, and nobody may delete one
    found = Series(*row)
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
