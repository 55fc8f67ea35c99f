"""Which columns name a row, and which says when it last changed: what a policy must not destroy.

A source that declares a primary key is believed. Else the first column that is different in every sampled row and has
the heading or the form of an id is proposed.
"""

from __future__ import annotations

from dataclasses import replace

from hub.discovery.headers import words_of
from hub.discovery.judgement import Finding, Reason
from hub.discovery.sample import TableSample

_NO_KEYS = frozenset(
    {"free_text", "amount", "address", "birth_date", "latitude", "longitude", "special_text", "binary"}
)


def mark_keys(table: TableSample, findings: list[Finding]) -> list[Finding]:
    """The same findings, key and cursor columns marked, with the reason."""
    key = set(table.key) or set(_guessed(table, findings))
    reason = Reason("scan_key_declared" if table.key else "scan_key_unique")
    cursor = next((each.column for each in findings if each.header.is_cursor and each.kind == "date"), None)
    marked: list[Finding] = []
    for each in findings:
        finding = each
        if each.column in key:
            finding = replace(finding, key=True, reasons=(*each.reasons, reason))
        if each.column == cursor and each.column not in key:
            # A date is kept as it is: whatever else the values look like, syncs go by them.
            finding = replace(finding, cursor=True, meaning="date", reasons=(*each.reasons, Reason("scan_cursor")))
        marked.append(finding)
    return marked


def _guessed(table: TableSample, findings: list[Finding]) -> list[str]:
    unique = [
        each for each in findings if each.evidence.unique and each.meaning not in _NO_KEYS and each.kind != "date"
    ]
    ranked = sorted(unique, key=lambda finding: _rank(finding, table.name))  # stable: the first of equals
    return [ranked[0].column] if ranked and _rank(ranked[0], table.name) < _WORST else []


_WORST = 5


def _rank(finding: Finding, table: str) -> int:
    if finding.header.words == ("id",):
        return 0
    named = finding.header.meaning == "id"
    if named and _names_the_table(finding.header.words, table):
        return 1
    if named and finding.meaning in ("id", "reference"):
        return 2
    if finding.evidence.forms.get("uuid") == 1:
        return 3
    return 4 if finding.header.meaning in ("tckn", "vkn", "tax_number", "plate", "email") else _WORST


def _names_the_table(words: tuple[str, ...], table: str) -> bool:
    """`musteri_no` in `musteriler`, `order_id` in `orders`."""
    return any(of_table.startswith(word) for word in words if len(word) > 2 for of_table in words_of(table))
