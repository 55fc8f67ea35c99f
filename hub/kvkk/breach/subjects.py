"""Whom a breach concerns: found from what the audit log says was read, and from what stood in a stream.

Subjects are pseudonymous ids. Where it is not sure whether a person's data was there, the person is counted in: being
told of a breach that missed one is the smaller harm. What could not be traced to anybody is told as such.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from hub.errors import HubError
from hub.kvkk import audit
from hub.kvkk.breach import record
from hub.kvkk.breach.accesses import Accessed, accessed
from hub.kvkk.breach.lineage import Dataset, subjects_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.contract import Provider
    from hub.db.database import Database
    from hub.keys.keyring import Keyring
    from hub.kvkk.audit import Actor
    from kvkk_policies.policy import ProviderPolicy


@dataclass(frozen=True)
class Period:
    """From `since` (None: from the beginning) up to, not including, `until`."""

    since: datetime | None
    until: datetime


@dataclass(frozen=True)
class Found:
    """What a search added. `entries` of the audit log were looked at; `untraced` of them lead to no person."""

    subjects: int
    added: int
    entries: int = 0
    untraced: int = 0


@dataclass(frozen=True)
class Concerned:
    """A subject whom the breach concerns, how it was found, and the proof that the person was told."""

    subject_id: UUID
    found_by: str
    told_at: datetime | None
    evidence_ref: str | None


class SubjectSearch:
    """Searches one tenant's data for those whom a breach concerns."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        providers: Mapping[str, Provider],
        policies: Mapping[str, ProviderPolicy],
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._providers = providers
        self._policies = policies

    def from_audit(
        self,
        tenant_id: str,
        breach_id: UUID,
        period: Period,
        *,
        by: str | None = None,
        actions: Collection[str] = (),
        actor: Actor,
    ) -> Found:
        """Everybody whose data was read, exported or downloaded in the period, by one name (`by`) or by anybody.

        An entry about a whole dataset counts for everybody in it. HubError `breach_unknown`, `breach_closed`.
        """
        self._begin(tenant_id, breach_id, "audit", period, actor)
        seen = accessed(self._database, tenant_id, period.since, period.until, by=by, actions=actions)
        subjects = set(seen.subjects)
        for name, until in seen.datasets.items():
            dataset = self._dataset_or_none(name)
            if dataset is None:
                seen = replace(seen, untraced=seen.untraced + 1)
            else:
                subjects |= subjects_of(self._database, self._keyring, tenant_id, dataset, since=None, until=until)
        return self._keep(tenant_id, breach_id, subjects, "audit", actor, seen)

    def from_stream(self, tenant_id: str, breach_id: UUID, name: str, period: Period, *, actor: Actor) -> Found:
        """Everybody of whom there was something in `<provider>.<stream>`.

        With `since`, only rows loaded from then on. HubError `provider_unknown`, `stream_unknown`, as above.
        """
        dataset = self._dataset(name)
        self._begin(tenant_id, breach_id, f"stream:{name}", period, actor)
        subjects = subjects_of(
            self._database, self._keyring, tenant_id, dataset, since=period.since, until=period.until
        )
        return self._keep(tenant_id, breach_id, subjects, f"stream:{name}", actor, None)

    def _begin(self, tenant_id: str, breach_id: UUID, source: str, period: Period, actor: Actor) -> None:
        """The search reads who stands in the index: it is on record before it begins."""
        if period.since is not None and period.since >= period.until:
            raise HubError("breach_period_wrong")
        with self._database.tenant(tenant_id, "app") as connection:
            breach = record.read(connection, tenant_id, breach_id, locked=True)
            if breach.state == "closed":
                raise HubError("breach_closed", breach=str(breach_id))
            details = {
                "source": source,
                "since": period.since.isoformat() if period.since else None,
                "until": period.until.isoformat(),
            }
            record.enter(connection, tenant_id, breach_id, "subjects_searched", actor=actor, details=details)

    def _keep(
        self,
        tenant_id: str,
        breach_id: UUID,
        subjects: Collection[str],
        found_by: str,
        actor: Actor,
        seen: Accessed | None,
    ) -> Found:
        with self._database.tenant(tenant_id, "app") as connection:
            record.read(connection, tenant_id, breach_id, locked=True)
            added = connection.execute(
                "INSERT INTO hub.breach_subjects (tenant_id, breach_id, subject_id, found_by)"
                " SELECT %s, %s, subject, %s FROM unnest(%s::uuid[]) AS subject ORDER BY subject"
                " ON CONFLICT DO NOTHING",
                (tenant_id, breach_id, found_by, sorted(subjects)),
            ).rowcount
            details: dict[str, Any] = {"source": found_by, "subjects": len(subjects), "added": added}
            if seen is not None:
                details |= {"entries": seen.entries, "untraced": seen.untraced}
            record.enter(connection, tenant_id, breach_id, "subjects_found", actor=actor, count=added, details=details)
        entries, untraced = (seen.entries, seen.untraced) if seen else (0, 0)
        return Found(len(subjects), added, entries, untraced)

    def _dataset(self, name: str) -> Dataset:
        provider, _, stream = name.partition(".")
        if provider not in self._providers or provider not in self._policies:
            raise HubError("provider_unknown", provider=provider, known=", ".join(sorted(self._providers)))
        policies = self._policies[provider].streams
        if stream not in policies:
            raise HubError("stream_unknown", stream=stream, known=", ".join(sorted(policies)))
        return Dataset(provider, self._providers[provider].stream(stream), policies[stream])

    def _dataset_or_none(self, name: str) -> Dataset | None:
        try:
            return self._dataset(name)
        except HubError:
            return None


def concerned(
    database: Database,
    tenant_id: str,
    breach_id: UUID,
    *,
    actor: Actor,
    after: UUID | None = None,
    limit: int | None = None,
) -> list[Concerned]:
    """Those whom the breach concerns, in the order of their ids; the reading is in the audit log.

    `after` is the id at which an earlier page ended; without a `limit` all that follow.
    """
    with database.tenant(tenant_id, "app") as connection:
        record.read(connection, tenant_id, breach_id)
        rows = connection.execute(
            "SELECT subject_id, found_by, told_at, evidence_ref FROM hub.breach_subjects"
            " WHERE tenant_id = %(tenant)s AND breach_id = %(breach)s"
            " AND (%(after)s::uuid IS NULL OR subject_id > %(after)s) ORDER BY subject_id LIMIT %(limit)s",
            {"tenant": tenant_id, "breach": breach_id, "after": after, "limit": limit},
        ).fetchall()
        entry = audit.Entry(actor, "breach.subjects_read", f"breach:{breach_id}", purpose="breach", count=len(rows))
        audit.append(connection, tenant_id, entry)
    return [Concerned(*row) for row in rows]
