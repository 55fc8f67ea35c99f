"""The latest word on consents and permissions, for many people in one query.

A consent carries a message only if nobody withdrew to the same purpose since it was given: of two records of one
person, the withdrawal of one is meant for both.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hub.db.database import Connection


@dataclass(frozen=True)
class Words:
    """What was said to one purpose: when the consent in force was given, and when one ended last."""

    given_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def stands(self) -> bool:
        """Whether a consent is in force and the last word."""
        return self.given_at is not None and (self.ended_at is None or self.ended_at < self.given_at)


NOTHING_SAID = Words()


def last_words(
    connection: Connection, tenant_id: str, people: Collection[str], purposes: Collection[str], at: datetime
) -> dict[tuple[str, str], Words]:
    """By pseudonym and purpose, what stands at a time. A consent whose time is over has ended then."""
    if not people or not purposes:
        return {}
    rows = connection.execute(
        "SELECT data_subject, purpose,"
        " max(given_at) FILTER (WHERE withdrawn_at IS NULL AND (expires_at IS NULL OR %(at)s < expires_at)),"
        " max(least(withdrawn_at, expires_at)) FILTER (WHERE withdrawn_at IS NOT NULL OR expires_at <= %(at)s)"
        " FROM hub.consents WHERE tenant_id = %(tenant)s AND data_subject = ANY(%(people)s)"
        " AND purpose = ANY(%(purposes)s) AND given_at <= %(at)s GROUP BY data_subject, purpose",
        {"tenant": tenant_id, "people": sorted(set(people)), "purposes": sorted(set(purposes)), "at": at},
    ).fetchall()
    return {(subject, purpose): Words(given, ended) for subject, purpose, given, ended in rows}


def together(words: Iterable[Words]) -> Words:
    """One person's words under several pseudonyms."""
    found = list(words)
    given = [each.given_at for each in found if each.given_at is not None]
    ended = [each.ended_at for each in found if each.ended_at is not None]
    return Words(max(given, default=None), max(ended, default=None))
