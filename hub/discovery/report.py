"""What a scan says: for machines a document, for people a line a column. Names, shares and words; values never."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hub.discovery.draft import Tables, reason_text
from hub.discovery.judgement import Confidence, Finding, Kind, percent
from hub.discovery.proposal import proposed_columns
from hub.i18n import N_, _

_KINDS: Mapping[Kind, str] = {
    "identifier": N_("identifier"),
    "free_text": N_("free text"),
    "amount": N_("amount"),
    "date": N_("date"),
    "code": N_("code"),
    "flag": N_("yes/no"),
    "binary": N_("bytes"),
    "empty": N_("empty"),
}
_CONFIDENCES: Mapping[Confidence, str] = {"high": N_("high"), "medium": N_("medium"), "low": N_("low")}


def headings() -> list[str]:
    """Headings of `lines`."""
    return [
        _("Table"),
        _("Column"),
        _("Kind"),
        _("Found"),
        _("Special"),
        _("Distinct"),
        _("Proposed"),
        _("Confidence"),
        _("Why"),
    ]


def lines(provider: str, tables: Tables) -> list[list[str]]:
    """A line a column."""
    return [
        [
            table,
            finding.column,
            _(_KINDS[finding.kind]),
            ", ".join(f"{label} {percent(share)}" for label, share in finding.evidence.labels.items()) or "–",
            percent(finding.evidence.special) if finding.evidence.special else "–",
            percent(finding.evidence.distinct),
            _action(proposed.entry),
            _(_CONFIDENCES[finding.confidence]),
            " ".join(reason_text(reason) for reason in finding.reasons),
        ]
        for table, _rows, findings in tables
        for finding, proposed in zip(findings, proposed_columns(provider, findings), strict=True)
    ]


def document(source: str, provider: str, tables: Tables, unreadable: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The same and the proposals, as one JSON document. Shares are of the non-empty values, `filled` of the rows."""
    return {
        "source": source,
        "provider": provider,
        "tables": [
            {"table": table, "rows": rows, "columns": _columns(provider, findings)} for table, rows, findings in tables
        ],
        "unreadable": list(unreadable),
    }


def _columns(provider: str, findings: Sequence[Finding]) -> list[dict[str, Any]]:
    return [
        {
            "column": finding.column,
            "type": finding.evidence.type,
            "kind": finding.kind,
            "meaning": finding.meaning,
            "header": finding.header.meaning,
            "found": {label: _rounded(share) for label, share in finding.evidence.labels.items()},
            "special": _rounded(finding.evidence.special),
            "distinct": _rounded(finding.evidence.distinct),
            "filled": _rounded(finding.evidence.filled),
            "key": finding.key,
            "cursor": finding.cursor,
            "confidence": finding.confidence,
            "reasons": [reason_text(reason) for reason in finding.reasons],
            "proposal": {"name": proposed.name, **proposed.entry},
            "review": [reason_text(reason) for reason in proposed.review],
        }
        for finding, proposed in zip(findings, proposed_columns(provider, findings), strict=True)
    ]


def _action(entry: Mapping[str, Any]) -> str:
    return f"{entry['category']} {entry['action']}"


def _rounded(share: float) -> float:
    return max(round(share, 4), 0.0001) if share else 0.0
