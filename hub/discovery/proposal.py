"""From findings to a policy's columns: strict where nobody knows, and never such that a key or cursor is destroyed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.contract import ColumnType
from hub.discovery.judgement import Finding, Reason
from hub.discovery.meanings import MEANINGS, OWN_KIND
from hub.discovery.names import distinct_names
from kvkk_policies.column_checks import KEY_SAFE
from kvkk_policies.parameters import accepted_types
from kvkk_policies.vocabulary import ActionName

_SUBJECT = "person"
LONGEST_KIND = 31


@dataclass(frozen=True)
class ProposedColumn:
    """One column of a draft: `entry` is what the policy file says of it, in order; `review` what a person decides."""

    source: str
    name: str
    type: ColumnType
    entry: Mapping[str, Any]
    review: tuple[Reason, ...] = ()
    key: bool = False
    cursor: bool = False
    personal: bool = False


def proposed_columns(provider: str, findings: Sequence[Finding]) -> list[ProposedColumn]:
    """A policy for each column, in order. Names are made the hub's own, and distinct."""
    names = distinct_names((finding.column for finding in findings), fallback="column")
    return [_proposed(provider, name, finding) for name, finding in zip(names, findings, strict=True)]


def _proposed(provider: str, name: str, finding: Finding) -> ProposedColumn:
    meaning = MEANINGS[finding.meaning]
    review = list(finding.review)
    action, params, kind = meaning.action, dict(meaning.params), meaning.kind
    if not _fits(action, params, finding.evidence.type):
        action, params, kind = "drop", {}, None
        review.append(Reason("scan_action_unfit", {"type": finding.evidence.type}))
    if finding.key and action not in KEY_SAFE:
        # A number without a meaning may stand for a person: a pseudonym keeps it a key and tells nothing.
        action, params, kind = _key_action(finding.evidence.type)
        review.append(Reason("scan_key_was_unsafe"))
    entry: dict[str, Any] = {"category": meaning.category}
    if meaning.legal_basis is not None:
        entry["legal_basis"] = meaning.legal_basis
    entry |= {"retention": meaning.retention, "action": action}
    if params:
        entry["params"] = params
    if kind == OWN_KIND:
        # No subject: a reference is nobody's identifier, and must not tie a row's people together.
        entry["kind"] = _own_kind(provider, name)
    elif kind is not None:
        entry |= {"kind": kind, "subject": finding.header.owner or _SUBJECT}
    if finding.header.owner and finding.meaning == "id" and not finding.key:
        review.append(Reason("scan_person_behind"))
    return ProposedColumn(
        source=finding.column,
        name=name,
        type=finding.evidence.type,
        entry=entry,
        review=_distinct(review),
        key=finding.key,
        cursor=finding.cursor,
        personal=meaning.identifies or meaning.category not in ("NONE", "MUSTERI", "FINANS"),
    )


def _distinct(reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    kept: list[Reason] = []
    for reason in reasons:
        if reason not in kept:
            kept.append(reason)
    return tuple(kept)


def _own_kind(provider: str, column: str) -> str:
    """A kind of the provider's own, for numbers that mean something only there; the name begins as the hub demands."""
    kind = f"{provider}_{column}"[:LONGEST_KIND].rstrip("_")
    return kind if len(kind) > len(provider) + 1 else "text"


def _fits(action: ActionName, params: Mapping[str, Any], column: ColumnType) -> bool:
    accepted = accepted_types(action, params)
    return accepted is None or column in accepted


def _key_action(column: ColumnType) -> tuple[ActionName, dict[str, Any], str | None]:
    if column in ("text", "int"):
        return "pseudonymise", {}, OWN_KIND
    return "keep", {}, None
