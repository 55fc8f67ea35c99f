"""Takes a report's document apart into rows: the report itself, its accounts, enquiries and cheques.

Whatever brought the document (the gateway or a dropped file) ends here; no stream knows the way it came.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.contract import Page, Row
from connectors.failure import ProviderFailure
from connectors.findeks.formats.turkish import NONE
from connectors.findeks.streams import cheques, details, reports
from connectors.nested import flatten, record_in, take_records

_READABLE = frozenset({"READY", "NO_RECORD", "REJECTED"})
"""States in which a report will change no more."""
_PERIODS = ("paidOnPresentation", "bouncedUnpaid", "bouncedPaidLater")


@dataclass
class Taken:
    """Rows by stream, of any number of reports."""

    reports: list[Row] = field(default_factory=list[Row])
    children: dict[str, list[Row]] = field(default_factory=dict[str, list[Row]])

    def add(self, stream: str, rows: Iterable[Row]) -> None:
        """Take rows of a child."""
        self.children.setdefault(stream, []).extend(rows)

    def page(self) -> Page:
        """The rows as one page."""
        return Page(self.reports, self.children)


def is_readable(document: dict[str, Any]) -> bool:
    """Whether a report is complete; one without a state is, since only complete ones are handed out as files."""
    return document.get("status") in _READABLE or document.get("status") is None


def take_apart(document: dict[str, Any], into: Taken, *, source: str) -> None:
    """Add one report's rows. The document is used up.

    Raises `ProviderFailure` wrong_type naming a column, answer_malformed for what is no report. Nothing is added then.
    """
    accounts = take_records(document, "accounts")
    enquiries = _part(document, "enquiries")
    enquired = take_records(enquiries, "items")
    cheque = _part(document, "cheques")
    periods, bounced = take_records(cheque, "periods"), take_records(cheque, "bouncedList")
    row = _report(document, enquiries, cheque, source)
    ours = {"reference_no": row["reference_no"]}
    taken = {
        details.ACCOUNTS.name: [details.ACCOUNT.row(each, ours) for each in accounts],
        details.ENQUIRIES.name: [
            details.ENQUIRY.row(each, ours | {"seq": seq}) for seq, each in enumerate(enquired, start=1)
        ],
        cheques.PERIODS.name: [cheques.PERIOD.row(_period(each), ours) for each in periods],
        cheques.BOUNCED.name: [
            cheques.BOUNCED_CHEQUE.row(each, ours | {"seq": seq}) for seq, each in enumerate(bounced, start=1)
        ],
    }
    into.reports.append(row)
    for stream, rows in taken.items():
        into.add(stream, rows)


def _report(document: dict[str, Any], enquiries: dict[str, Any], cheque: dict[str, Any], source: str) -> Row:
    reference = document.get("referenceNo") or document.get("reportId")
    if not isinstance(reference, str) or not reports.REFERENCE.fullmatch(reference):
        # It stands in clear wherever the record is named: an identity number in its place must not.
        raise ProviderFailure("transient", "wrong_type", field="reference_no")
    score = _part(document, "score")
    score["value"] = _score(score.get("value"))
    score["reasonCodes"] = _joined(score.get("reasonCodes"))
    score["band"] = score.get("band") or reports.band_of(score["value"], score.get("model"))
    document |= {"score": score, "enquiries": enquiries, "cheques": cheque}
    cheque["banks"] = _joined(cheque.get("banks"))
    for nested in ("futureDated", "flags"):
        flatten(cheque, nested)
    for nested in ("subject", "score", "summary", "enquiries", "cheques"):
        flatten(document, nested)
    number, kind = document.get("subject.identityNumber"), document.get("subject.identityType")
    ours = {
        "reference_no": reference,
        "source": source,
        "subject_type": reports.subject_type(document.get("subject.type"), kind, number),
    }
    for known in ("referenceNo", "subject.type"):
        document.pop(known, None)
    return reports.RECORD.row(document, ours)


def _part(document: dict[str, Any], name: str) -> dict[str, Any]:
    part = document.pop(name, None)
    return {} if part is None else record_in(part)


def _period(each: Any) -> dict[str, Any]:
    period = record_in(each)
    for nested in _PERIODS:
        flatten(period, nested)
    return period


def _score(value: Any) -> Any:
    """A score, or None where there is none: a thin file has a reason and no score, and 0 is no score."""
    if isinstance(value, str) and value.strip() in NONE:
        return None
    return None if value in (0, "0") else value


def _joined(codes: Any) -> Any:
    """Codes of a list as one text, in their order and without gaps; anything else as it came."""
    if not isinstance(codes, Sequence) or isinstance(codes, str):
        return codes
    return ",".join(str(code) for code in codes if code not in (None, "")) or None  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
