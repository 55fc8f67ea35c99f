"""Heading and values held against each other: what a column is, how sure that is, and why, in words.

Where they disagree, or where nothing is known, the stricter reading stands and a person is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from hub.discovery.evidence import Evidence, evidence_of
from hub.discovery.headers import Header, header_of
from hub.discovery.meanings import MEANINGS, SPECIAL, UNPROVABLE, meaning_of_label
from hub.discovery.sample import SampledColumn, TableSample

Kind = Literal["identifier", "free_text", "amount", "date", "code", "flag", "binary", "empty"]
Confidence = Literal["high", "medium", "low"]

AGREES, PARTLY = 0.8, 0.3
"""Shares of values of the kind which the heading names: the first proves it, less than the second denies it."""
DOMINATES = 0.5
"""From that share of whole values on a label says what the column is, whatever its heading says."""
_NAME_AGREES = 0.3
"""Names are found by lists and context: of a column of bare names the detector knows a part."""
_CATEGORIES_AT_MOST = 50


@dataclass(frozen=True)
class Reason:
    """Why, as a code of `hub.message_texts.discovery` with shares and names of labels."""

    code: str
    params: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Finding:
    """A column, what it holds (`meaning`, a name of `hub.discovery.meanings`), how sure that is, and why.

    `review` holds what a person has to decide.
    """

    column: str
    header: Header
    evidence: Evidence
    kind: Kind
    meaning: str
    confidence: Confidence
    reasons: tuple[Reason, ...]
    review: tuple[Reason, ...] = ()
    key: bool = False
    cursor: bool = False


def judge_table(table: TableSample, on_column: Callable[..., None] = lambda *_counts: None) -> list[Finding]:
    """Findings in the order of the columns, the likely key and cursor marked.

    `on_column(table, done, total)` is told before each: the detector may take minutes over long texts.
    """
    from hub.discovery.keys import mark_keys

    findings: list[Finding] = []
    for column in table.columns.values():
        on_column(table.name, len(findings), len(table.columns))
        findings.append(judge(column, table.rows))
    return mark_keys(table, findings)


def judge(column: SampledColumn, rows: int) -> Finding:
    """What one column is."""
    header = header_of(column.name)
    evidence = evidence_of(column, rows, header)
    verdict = _verdict(header, evidence)
    extra = MEANINGS[verdict.meaning].review
    reasons = list(verdict.reasons)
    review = [*verdict.review, *([Reason(extra)] if extra else [])]
    if evidence.special > 0 and verdict.meaning in ("free_text", "thing_name", "unknown_text"):
        special = Reason("scan_special_inside", {"share": percent(evidence.special)})
        reasons.append(special)
        review.append(special)
    return Finding(
        column=column.name,
        header=header,
        evidence=evidence,
        kind=_kind(verdict.meaning, evidence),
        meaning=verdict.meaning,
        confidence=verdict.confidence,
        reasons=tuple(reasons),
        review=tuple(review),
    )


def percent(share: float) -> str:
    """A share as people read it; what is there is never rounded away."""
    return "<1 %" if 0 < share < 0.01 else f"{int(share * 100)} %"


@dataclass(frozen=True)
class _Verdict:
    meaning: str
    confidence: Confidence
    reasons: list[Reason]
    review: list[Reason] = field(default_factory=list[Reason])


def _verdict(header: Header, evidence: Evidence) -> _Verdict:
    meaning = header.meaning
    settled = _settled(meaning, evidence)
    if settled is not None:
        return settled
    if meaning is not None and _is_checkable(meaning):
        return _checked(meaning, evidence)
    label = _dominating(evidence)
    if label is not None:
        return _said_by_values(label, evidence, meaning)
    if meaning in UNPROVABLE:
        return _Verdict(meaning, "medium", [Reason("scan_header_alone")])
    return _ordinary(meaning, evidence)


def _settled(meaning: str | None, evidence: Evidence) -> _Verdict | None:
    """What needs no weighing: nothing to look at, or something that is strict whatever the values are."""
    alone = [Reason("scan_header_alone")]
    special = [Reason("scan_special_inside", {"share": percent(evidence.special)})]
    none = [Reason("scan_no_values")]
    cases: list[tuple[bool, _Verdict]] = [
        (evidence.binary >= DOMINATES, _Verdict("binary", "high", [Reason("scan_binary")])),
        (not evidence.filled, _Verdict(meaning or "unknown", "low", none, none)),
        (meaning in SPECIAL, _Verdict(meaning or "", "high" if evidence.special else "medium", alone)),
        (evidence.special >= DOMINATES, _Verdict("special_text", "medium", special)),
        (meaning == "secret", _Verdict("secret", "medium", alone)),
        (_is_flag(evidence) and meaning not in UNPROVABLE, _Verdict("flag", "high", [Reason("scan_two_values")])),
    ]
    return next((verdict for applies, verdict in cases if applies), None)


def _is_checkable(meaning: str) -> bool:
    known = MEANINGS[meaning]
    return (known.identifies and bool(known.labels or known.forms)) or meaning in ("latitude", "longitude")


def _checked(meaning: str, evidence: Evidence) -> _Verdict:
    """A heading that names something values can prove."""
    known = MEANINGS[meaning]
    by_label = sum(share for label, share in evidence.labels.items() if label in known.labels)
    by_form = sum(evidence.forms.get(form, 0.0) for form in known.forms if form != "name")
    share = min(1.0, max(by_label, by_form))
    said = {"share": percent(share)}
    if share >= (_NAME_AGREES if meaning == "name" else AGREES):
        return _Verdict(meaning, "high", [Reason("scan_values_agree", said)])
    if meaning == "name" and evidence.forms.get("name", 0) >= AGREES:
        return _Verdict(meaning, "medium", [Reason("scan_names_by_form", {"share": percent(evidence.forms["name"])})])
    label = _dominating(evidence)
    if label is not None and label not in known.labels:
        return _said_by_values(label, evidence, meaning)
    if share >= PARTLY or (meaning == "address" and evidence.length >= 15):
        reason = Reason("scan_values_partly", said)
        return _Verdict(meaning, "medium", [reason], [reason])
    reason = Reason("scan_values_deny", said)
    return _Verdict(meaning, "low", [reason], [reason])


def _dominating(evidence: Evidence) -> str | None:
    found = [(share, label) for label, share in evidence.whole.items() if share >= DOMINATES]
    return max(found)[1] if found else None


def _said_by_values(label: str, evidence: Evidence, header: str | None) -> _Verdict:
    share = {"label": label, "share": percent(evidence.whole[label])}
    meaning = meaning_of_label(label)
    if header is not None and header != meaning and (MEANINGS[header].identifies or header in UNPROVABLE):
        reason = Reason("scan_values_say_otherwise", share)
        stricter = header if MEANINGS[header].action == "drop" else meaning
        return _Verdict(stricter, "low", [reason], [reason])
    reason = Reason("scan_values_alone", share)
    return _Verdict(meaning, "high" if evidence.whole[label] >= AGREES else "medium", [reason], [reason])


def _ordinary(meaning: str | None, evidence: Evidence) -> _Verdict:
    """Nothing that is one person's by itself, as far as heading and values tell."""
    inside = [
        Reason("scan_found_inside", {"label": label, "share": percent(share)})
        for label, share in evidence.labels.items()
    ]
    kind = _kind("", evidence)
    if evidence.type == "text" and meaning in ("free_text", "thing_name", "region"):
        return _text(meaning, inside)
    if kind == "date":
        return _dated(evidence) if meaning == "date" else _unknown_date(evidence)
    if not inside:
        return _harmless(meaning, kind, evidence)
    if meaning == "id" or (kind in ("code", "amount") and evidence.type == "int"):
        # Perhaps chance: one of a hundred numbers of eleven digits passes for an identity number.
        return _Verdict("reference", "low", inside, [Reason("scan_maybe_chance")])
    return _Verdict("unknown_text" if evidence.type == "text" else "unknown", "medium", inside, inside)


def _text(meaning: str, inside: list[Reason]) -> _Verdict:
    if meaning == "region":
        return _Verdict(meaning, "medium", inside or [Reason("scan_header_alone")])
    # That a note holds such things is what notes are like; that a product's name does is worth a look.
    return _Verdict(meaning, "high", inside or [Reason("scan_nothing_found")], [] if meaning == "free_text" else inside)


def _harmless(meaning: str | None, kind: Kind, evidence: Evidence) -> _Verdict:
    nothing = [Reason("scan_nothing_found")]
    if meaning == "amount" and _is_number(evidence):
        return _Verdict("amount", "high", [Reason("scan_values_agree", {"share": percent(1.0)})])
    if meaning in ("id", "code") and kind != "free_text":
        return _Verdict(meaning, "high", nothing)
    return _Verdict("unknown_text" if evidence.type == "text" else "unknown", "low", nothing)


def _dated(evidence: Evidence) -> _Verdict:
    if evidence.forms.get("born", 0) >= DOMINATES:
        reason = Reason("scan_long_past", {"share": percent(evidence.forms["born"])})
        return _Verdict("birth_date", "low", [reason], [reason])
    return _Verdict("date", "high", [Reason("scan_values_agree", {"share": percent(1.0)})])


def _unknown_date(evidence: Evidence) -> _Verdict:
    meaning = "unknown_time" if evidence.type == "timestamp" and evidence.forms.get("time") else "unknown_date"
    return _Verdict(meaning, "low", [Reason("scan_nothing_found")])


def _is_flag(evidence: Evidence) -> bool:
    return evidence.type == "bool" or (evidence.kinds == 2 and evidence.forms.get("bool", 0) == 1)


def _is_number(evidence: Evidence) -> bool:
    return evidence.forms.get("int", 0) + evidence.forms.get("decimal", 0) >= AGREES


def _kind(meaning: str, evidence: Evidence) -> Kind:
    if evidence.binary >= DOMINATES or not evidence.filled:
        return "binary" if evidence.filled else "empty"
    if meaning and MEANINGS[meaning].identifies:
        return "date" if meaning == "birth_date" else "identifier"
    if _is_flag(evidence):
        return "flag"
    if evidence.type in ("date", "timestamp") or evidence.forms.get("date", 0) >= AGREES:
        return "date"
    if meaning in ("id", "reference", "code"):
        return "code"
    return _kind_of_number(meaning, evidence) if _is_number(evidence) else _kind_of_text(evidence)


def _kind_of_number(meaning: str, evidence: Evidence) -> Kind:
    counted = evidence.forms.get("decimal", 0) or meaning == "amount"
    return "amount" if counted or not (evidence.unique or evidence.forms.get("leading_zero")) else "code"


def _kind_of_text(evidence: Evidence) -> Kind:
    few = evidence.kinds <= _CATEGORIES_AT_MOST and evidence.distinct < 0.2
    coded = evidence.forms.get("code", 0) >= AGREES
    wordy = evidence.forms.get("words", 0) >= PARTLY
    return "code" if (few or coded) and not wordy else "free_text"
