"""The delivery report: what became of messages, by their job or by the time at which they were sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from connectors.actions import Found
from connectors.nested import record_in, records_in
from connectors.netgsm.phones import national
from connectors.netgsm.references import provider_reference
from connectors.netgsm.settings import REPORT_PAGE, REPORT_PAGES_READ
from connectors.netgsm.times import read_time, report_time

if TYPE_CHECKING:
    from connectors.netgsm.client import NetgsmClient

State = Literal["accepted", "delivered", "failed"]

_STATES: Mapping[int, State] = {
    0: "accepted",
    1: "delivered",
    # Expired, wrong or restricted number, not sent to the operator.
    2: "failed",
    3: "failed",
    4: "failed",
    # Rejected by the operator, send error, duplicate within the hour, no credit.
    11: "failed",
    12: "failed",
    13: "failed",
    14: "failed",
    # Black-listed, refused at IYS, IYS could not be asked.
    15: "failed",
    16: "failed",
    17: "failed",
    # Expired by one note, abroad not allowed by another; final in both. Then the whole job's failure.
    22: "failed",
    103: "failed",
}
OPTED_OUT = frozenset({15, 16})
"""Statuses by which the recipient has said that no more messages are wanted: on the black list, refused at IYS."""


@dataclass(frozen=True)
class ReportRow:
    """One message of a report. Its `repr` shows nobody."""

    job: str
    phone: str | None = field(repr=False)
    """Ten digits."""
    status: int | None
    error: int | None
    """What the handset or the network said; 0 for nothing."""
    parts: int | None
    reference: str | None
    """Ours, where Netgsm echoes it."""
    delivered_at: datetime | None = None

    @property
    def state(self) -> State:
        """What the status means. One that nobody listed is asked about again and not taken for an end."""
        return _STATES.get(-1 if self.status is None else self.status, "accepted")

    def found(self, part_price: Decimal = Decimal(0)) -> Found:
        """The row as an answer to "what became of it"."""
        told = {"status": self.status, "error": self.error, "parts": self.parts}
        billed = self.parts is not None and part_price > 0 and self.state != "failed"
        return Found(
            state=self.state,
            provider_reference=provider_reference(self.job, self.phone),
            code=str(self.status) if self.state == "failed" else None,
            facts={name: value for name, value in told.items() if value is not None},
            cost=part_price * (self.parts or 0) if billed else None,
            opted_out=self.status in OPTED_OUT,
        )


@dataclass(frozen=True)
class Report:
    """Rows that were read; `whole` when there were no more."""

    rows: Sequence[ReportRow]
    whole: bool


Enough = Callable[[Sequence[ReportRow]], bool]


async def report_of_jobs(client: NetgsmClient, jobs: Sequence[str], *, enough: Enough) -> Report:
    """The messages of at most 50 jobs, read until `enough`. Raises `ProviderFailure`."""
    return await _read(client, {"jobids": list(jobs)}, enough)


async def report_between(client: NetgsmClient, start: datetime, stop: datetime, *, enough: Enough) -> Report:
    """The messages of a span of time, read until `enough`. Raises `ProviderFailure`."""
    return await _read(client, {"startdate": report_time(start), "stopdate": report_time(stop)}, enough)


async def _read(client: NetgsmClient, question: Mapping[str, Any], enough: Enough) -> Report:
    rows: list[ReportRow] = []
    for page in range(REPORT_PAGES_READ):
        body = {**question, "pagenumber": page, "pagesize": REPORT_PAGE}
        document = await client.report(body) or {}
        got = [report_row(record_in(each)) for each in records_in(document, "jobs")]
        rows += got
        if len(got) < REPORT_PAGE:
            return Report(rows, whole=True)
        if enough(rows):
            break
    return Report(rows, whole=False)


def report_row(record: Mapping[str, Any]) -> ReportRow:
    """A row from a record of the report. Integrators read `telno` where the sheet has `number`."""
    reference = record.get("referansID")
    return ReportRow(
        job=str(record.get("jobid", "")),
        phone=national(record.get("number", record.get("telno"))),
        status=whole_number(record.get("status")),
        error=whole_number(record.get("errorCode")),
        parts=whole_number(record.get("msglen")),
        reference=reference if isinstance(reference, str) and reference else None,
        delivered_at=read_time(record.get("deliveredDate")),
    )


def whole_number(value: object) -> int | None:
    """A number of at most six digits, also written as text; None for anything else."""
    if isinstance(value, bool):
        return None
    text = str(value).strip() if isinstance(value, int | str) else ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 6 else None
