"""Series of numbers, and the reports of e-Arşiv invoices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.istanbul import ISTANBUL
from connectors.sandbox.gib import progress
from connectors.sandbox.ledger import Deed
from connectors.sandbox.nilvera.desk import PROVIDER
from connectors.sandbox.nilvera.envelope import failure, page, success

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.sandbox.gib.invoices import Accepted
    from connectors.sandbox.nilvera.desk import Call, Desk


def series(desk: Desk, call: Call) -> Response:
    """`GET /{kind}/Series`."""
    return success(page(_series(desk, call), *call.page()))


def create_series(desk: Desk, call: Call) -> Response:
    """`POST /{kind}/Series`."""
    name = str(call.document().get("Name") or "")
    rows = _series(desk, call)
    if len(name) != 3:
        return failure(400, [4000], "Name")
    if any(row["Name"] == name for row in rows):
        return failure(422, [4007])
    row: dict[str, Any] = {"ID": len(rows) + 1, "Name": name, "IsDefault": False, "IsActive": True, "Details": []}
    rows.append(row)
    return success(row)


def set_series(desk: Desk, call: Call) -> Response:
    """`PUT /{kind}/Series`."""
    asked = call.document()
    row = next((row for row in _series(desk, call) if row["ID"] == asked.get("ID")), None)
    if row is None:
        return failure(404, [3009])
    row.update({name: asked[name] for name in ("IsDefault", "IsActive") if isinstance(asked.get(name), bool)})
    return success(document=True)


def reports(desk: Desk, call: Call) -> Response:
    """`GET /earchive/Report`: a section a day."""
    days: dict[str, list[Accepted]] = {}
    for each in _archived(desk, call, reported=True):
        days.setdefault(each.at.astimezone(ISTANBUL).date().isoformat(), []).append(each)
    rows = [
        {
            "UUID": f"00000000-0000-4000-8000-{day.replace('-', ''):0>12}",
            "TaxNumber": desk.world.company(call.company).vkn,
            "SectionNumber": number,
            "GIBCode": "30",
            "PeriodYear": day[:4],
            "PeriodMonth": day[5:7],
            "InvoiceCount": len(invoices),
            "CancelInvoiceCount": sum(_cancelled(desk, each) for each in invoices),
        }
        for number, (day, invoices) in enumerate(sorted(days.items()), start=1)
    ]
    return success(page(rows, *call.page()))


def unreported(desk: Desk, call: Call) -> Response:
    """`GET /earchive/Report/ToReport`."""
    rows = [
        {
            "UUID": each.invoice.ettn,
            "InvoiceNumber": each.invoice.number,
            "SendType": "ELEKTRONIK",
            "IssueDate": f"{each.invoice.issued}T00:00:00",
            "IsCancel": _cancelled(desk, each),
        }
        for each in _archived(desk, call, reported=False)
    ]
    return success(page(rows, *call.page()))


def send_report(desk: Desk, call: Call) -> Response:
    """`POST /earchive/Send/Report`."""
    asked = call.document()
    period = f"{asked.get('PeriodYear')}-{asked.get('PeriodMonth')}"
    desk.world.ledger.enter(Deed(PROVIDER, call.company, "report", period, period, desk.office.now))
    return success(document=True)


def _series(desk: Desk, call: Call) -> list[dict[str, Any]]:
    kind = call.path["kind"]
    first = {"ID": 1, "Name": "NLV" if kind == "einvoice" else "NLA", "IsDefault": True, "IsActive": True}
    year = str(desk.office.now.year)
    counted = {"ID": 1, "Year": year, "OrdinalNumber": 0, "LastIssueDate": desk.office.now.isoformat()}
    return desk.series.setdefault((call.company, kind), [{**first, "Details": [counted]}])


def _archived(desk: Desk, call: Call, *, reported: bool) -> list[Accepted]:
    period = (call.query.get("PeriodYear"), call.query.get("PeriodMonth"))
    return [
        each
        for (provider, company, _ettn), each in desk.office.accepted.items()
        if (provider, company, each.invoice.kind) == (PROVIDER, call.company, "earchive")
        and (f"{each.invoice.issued:%Y}", f"{each.invoice.issued:%m}") == period
        and progress.reported(each, desk.office.now) is reported
    ]


def _cancelled(desk: Desk, each: Accepted) -> bool:
    return desk.office.is_cancelled(PROVIDER, each.company, each.invoice.ettn)
