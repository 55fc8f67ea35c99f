"""What a policy says of an activity as a whole: where its data goes abroad (KVKK art. 9), and why the file changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from kvkk_policies.document import Document, Trail

Finding = tuple[int, str, str]
"""Line, code, offending word."""

Mechanism = Literal[
    "adequacy",
    "public_agreement",
    "binding_corporate_rules",
    "standard_contract",
    "undertaking",
    "occasional",
]
HOME = "TR"
"""The country that no transfer abroad leads to."""


@dataclass(frozen=True)
class Transfer:
    """Data that leaves the country. `country` is its ISO 3166 code, `signed_on` when a standard contract was signed."""

    country: str
    mechanism: Mechanism
    recipient: str
    signed_on: date | None = None
    line: int = 0


@dataclass(frozen=True)
class Change:
    """One version of a policy file: since when, and why it says something else than the one before it."""

    version: int
    on: date
    reason: str | None = None
    tightens: bool = False
    line: int = 0


def read_transfers(stream: Mapping[str, Any], document: Document, trail: Trail) -> tuple[Transfer, ...] | None:
    """The transfers of a stream that fits the schema; None where the file says nothing of them."""
    if "transfers" not in stream:
        return None
    return tuple(
        Transfer(
            country=each["country"],
            mechanism=each["mechanism"],
            recipient=each["recipient"],
            signed_on=_day(each.get("signed_on")),
            line=document.line((*trail, "transfers", place)),
        )
        for place, each in enumerate(stream["transfers"])
    )


def read_changes(document: Document) -> tuple[Change, ...]:
    """The file's list of changes."""
    return tuple(
        Change(
            version=each["version"],
            on=_day(each["date"]) or date.min,
            reason=each.get("reason"),
            tightens=each.get("tightens", False),
            line=document.line(("changes", place)),
        )
        for place, each in enumerate(document.data.get("changes", ()))
    )


def wrong_transfers(transfers: Sequence[Transfer]) -> Iterator[Finding]:
    """What is wrong with a stream's transfers."""
    for each in transfers:
        if each.country == HOME:
            yield each.line, "policy_transfer_at_home", each.recipient
        # Its notice to the Authority is due five business days after the signature (KVKK art. 9/5).
        if each.mechanism == "standard_contract" and each.signed_on is None:
            yield each.line, "policy_transfer_unsigned", each.recipient


def wrong_changes(changes: Sequence[Change], version: int) -> Iterator[Finding]:
    """What is wrong with a file's list of changes."""
    last = 0
    for each in changes:
        if each.version <= last:
            yield each.line, "policy_change_order", str(each.version)
        if each.version > version:
            yield each.line, "policy_change_ahead", str(each.version)
        if each.tightens and not each.reason:
            yield each.line, "policy_change_unexplained", str(each.version)
        last = max(last, each.version)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
