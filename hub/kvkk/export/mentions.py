"""Rows whose free texts name the person, as the gate noted when they came."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from hub.kvkk.export.row_subjects import NOT_ALONE

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.kvkk.export.landed import LandedStream
    from hub.kvkk.export.own import Own
    from hub.kvkk.export.scope import Scope

MENTIONS_AT_ONCE = 5_000


@dataclass(frozen=True)
class Mentions:
    """Finds them by the identifiers that are the person's alone, and by accounts and the like of theirs."""

    database: Database
    scope: Scope
    own: Own

    def by_stream(self, streams: Sequence[LandedStream]) -> dict[str, Iterator[list[str]]]:
        """Row keys in batches, read when asked for."""
        return {each.name: self._of(each.name) for each in streams if each.scanned}

    def _of(self, stream: str) -> Iterator[list[str]]:
        if not self._pairs:
            return
        kinds, pseudonyms = zip(*self._pairs, strict=True)
        with (
            self.database.tenant(self.scope.tenant_id, "vault") as connection,
            connection.cursor("export_mentions") as cursor,
        ):
            cursor.execute(
                "SELECT DISTINCT row_key FROM vault.mentions WHERE tenant_id = %s AND stream = %s"
                " AND (kind, pseudonym) IN (SELECT * FROM unnest(%s::text[], %s::text[]))",
                (self.scope.tenant_id, stream, list(kinds), list(pseudonyms)),
            )
            while rows := cursor.fetchmany(MENTIONS_AT_ONCE):
                yield [row[0] for row in rows]

    @cached_property
    def _pairs(self) -> list[tuple[str, str]]:
        identifiers = {each.pseudonym for each in self.scope.identifiers}
        others = [each for each in self.own.originals if each not in identifiers]
        with self.database.tenant(self.scope.tenant_id, "vault") as connection:
            shared = {
                row[0]
                for row in connection.execute(
                    "SELECT DISTINCT pseudonym FROM vault.originals WHERE tenant_id = %s AND pseudonym = ANY(%s)"
                    " AND subject_id <> ALL(%s::uuid[])",
                    (self.scope.tenant_id, others, sorted(self.scope.subjects)),
                )
            }
        theirs = self.scope.found_by | {(each.rpartition("_")[0], each) for each in others if each not in shared}
        return sorted(pair for pair in theirs if pair[0] not in NOT_ALONE)
