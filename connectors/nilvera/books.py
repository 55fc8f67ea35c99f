"""What a company keeps at Nilvera beside documents: its series, and the monthly report of e-Arşiv invoices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from connectors.actions import Outcome, Refused, Taken
from connectors.attempt import refused_or_unclear
from connectors.nilvera.client import NilveraClient, record, records
from connectors.nilvera.failures import failure_of
from connectors.nilvera.settings import FIRST_PAGE, PAGE_SIZE

if TYPE_CHECKING:
    from connectors.einvoice.contract import Kind
    from connectors.http import Answer


@dataclass(frozen=True)
class Series:
    """A series of invoice numbers and how far it has counted, by year."""

    id: int
    name: str
    active: bool
    default: bool
    last: dict[int, int]
    """Year to the last counter used."""


@dataclass(frozen=True)
class Report:
    """A section of the e-Arşiv report that went to GİB."""

    uuid: str
    year: int
    month: int
    section: int
    gib_code: str
    invoices: int
    cancelled: int


class Books:
    """Series and reports of one company."""

    def __init__(self, client: NilveraClient) -> None:
        self._client = client

    async def series(self, kind: Kind) -> list[Series]:
        """All series. Raises `ProviderFailure`."""
        rows = await self._pages(f"/{kind}/Series", {})
        return [_series(row) for row in rows]

    async def create_series(self, kind: Kind, name: str, *, default: bool = False) -> Outcome:
        """Open a series of three characters. One that is there already is refused (422)."""
        body = {"Name": name, "IsActive": True, "IsDefault": default}
        return await self._client.act("POST", f"/{kind}/Series", _judged, body=body)

    async def set_series(self, kind: Kind, series_id: int, *, active: bool, default: bool) -> Outcome:
        """Switch a series on or off, or make it the default."""
        body = {"ID": series_id, "IsDefault": default, "IsActive": active}
        return await self._client.act("PUT", f"/{kind}/Series", _judged, body=body)

    async def reports(self, month: date) -> list[Report]:
        """The sections that were sent for a month. Raises `ProviderFailure`."""
        rows = await self._pages("/earchive/Report", _period(month))
        return [_report(row) for row in rows]

    async def unreported(self, month: date) -> list[str]:
        """ETTNs of a month's invoices that still wait to be reported. Raises `ProviderFailure`."""
        rows = await self._pages("/earchive/Report/ToReport", _period(month))
        return [str(row.get("UUID") or "").lower() for row in rows]

    async def send_report(self, month: date) -> Outcome:
        """Have Nilvera send the month's report now; by itself it does so too."""
        return await self._client.act("POST", "/earchive/Send/Report", _judged, body=_period(month))

    async def _pages(self, path: str, query: dict[str, str]) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        page = FIRST_PAGE
        while True:
            found = record(await self._client.get(path, {**query, "Page": page, "PageSize": PAGE_SIZE}))
            rows += records(found.get("Content") or [])
            if page >= int(found.get("TotalPages") or 0):
                return rows
            page += 1


def _judged(answer: Answer) -> Outcome:
    by_status = refused_or_unclear(answer)
    failure = failure_of(answer)
    if by_status is None or failure is None:
        return Taken(delivered=True)
    return Refused(failure) if isinstance(by_status, Refused) else by_status


def _period(month: date) -> dict[str, str]:
    return {"PeriodYear": f"{month:%Y}", "PeriodMonth": f"{month:%m}"}


def _series(row: dict[str, Any]) -> Series:
    counted = records(row.get("Details") or [])
    return Series(
        id=int(row.get("ID") or 0),
        name=str(row.get("Name") or ""),
        active=row.get("IsActive") is True,
        default=row.get("IsDefault") is True,
        last={int(each["Year"]): int(each.get("OrdinalNumber") or 0) for each in counted if each.get("Year")},
    )


def _report(row: dict[str, Any]) -> Report:
    return Report(
        uuid=str(row.get("UUID") or ""),
        year=int(row.get("PeriodYear") or 0),
        month=int(row.get("PeriodMonth") or 0),
        section=int(row.get("SectionNumber") or 0),
        gib_code=str(row.get("GIBCode") or ""),
        invoices=int(row.get("InvoiceCount") or 0),
        cancelled=int(row.get("CancelInvoiceCount") or 0),
    )
