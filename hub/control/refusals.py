"""Records that were not loaded because no legal basis was recorded for whom they are about.

A refusal holds a reference, a pseudonym and a reason, and nothing that the record tells. It stays open until a later
sync loads the record, or finds that the provider gives it no longer.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from connectors.contract import Window

if TYPE_CHECKING:
    from hub.db.database import Connection, Database

_NAMES = UUID("5b0a7a35-2f0d-5d38-9d5c-6f6c9f7d6a11")
"""Namespace of the ids: one row a record, however often it is refused."""


@dataclass(frozen=True)
class Refused:
    """One record that may not load.

    `subject` is a pseudonym, or the mark of somebody erased (hub.kvkk.suppression.erased_mark); None when the record
    names nobody we could know.
    """

    record_key: str
    subject: str | None
    code: str


@dataclass(frozen=True)
class Refusal:
    """A refusal as stored, for people to read."""

    refusal_id: UUID
    provider: str
    stream: str
    record_key: str
    data_subject: str | None
    code: str
    purpose: str
    first_refused_at: datetime
    last_refused_at: datetime
    settled_at: datetime | None
    settled_as: str | None


@dataclass(frozen=True)
class Matter:
    """Whose records are meant: one tenant's, of one stream."""

    tenant_id: str
    provider: str
    stream: str


def record(
    database: Database, matter: Matter, refused: Sequence[Refused], *, purpose: str, window: Window, at: datetime
) -> None:
    """Write refusals down before anything else of their window is: a refused record is never just missing."""
    with database.tenant(matter.tenant_id, "app") as connection:
        connection.execute(
            "INSERT INTO hub.refusals AS r (tenant_id, refusal_id, provider, stream, record_key, data_subject, code,"
            " purpose, first_refused_at, last_refused_at, window_start, window_end)"
            " SELECT %(tenant)s, id, %(provider)s, %(stream)s, record_key, data_subject, code, %(purpose)s, %(at)s,"
            " %(at)s, %(start)s, %(end)s FROM unnest(%(ids)s::uuid[], %(records)s::text[], %(subjects)s::text[],"
            " %(codes)s::text[]) AS refused (id, record_key, data_subject, code)"
            " ON CONFLICT (tenant_id, refusal_id) DO UPDATE SET data_subject = excluded.data_subject,"
            " code = excluded.code, purpose = excluded.purpose, last_refused_at = excluded.last_refused_at,"
            " window_start = excluded.window_start, window_end = excluded.window_end,"
            " settled_at = NULL, settled_as = NULL",
            {
                "tenant": matter.tenant_id,
                "provider": matter.provider,
                "stream": matter.stream,
                "purpose": purpose,
                "at": at,
                "start": window.start,
                "end": window.end,
                "ids": [uuid5(_NAMES, f"{matter.provider}\0{matter.stream}\0{each.record_key}") for each in refused],
                "records": [each.record_key for each in refused],
                "subjects": [each.subject for each in refused],
                "codes": [each.code for each in refused],
            },
        )


def open_windows(database: Database, matter: Matter) -> list[tuple[str, Window]]:
    """The pseudonym of each open refusal with the window in which the record was met."""
    with database.tenant(matter.tenant_id, "app") as connection:
        rows = connection.execute(
            "SELECT DISTINCT data_subject, window_start, window_end FROM hub.refusals WHERE tenant_id = %s"
            " AND provider = %s AND stream = %s AND settled_at IS NULL AND data_subject IS NOT NULL"
            " AND window_start IS NOT NULL AND window_end IS NOT NULL",
            (matter.tenant_id, matter.provider, matter.stream),
        ).fetchall()
    return [(subject, Window(_utc(start), _utc(end))) for subject, start, end in rows]


def settle_loaded(database: Database, matter: Matter, records: Collection[str], *, at: datetime) -> int:
    """Close the refusals of records that are committed by now; how many were open."""
    with database.tenant(matter.tenant_id, "app") as connection:
        return connection.execute(
            "UPDATE hub.refusals SET settled_at = %s, settled_as = 'loaded' WHERE tenant_id = %s AND provider = %s"
            " AND stream = %s AND settled_at IS NULL AND record_key = ANY(%s)",
            (at, matter.tenant_id, matter.provider, matter.stream, sorted(records)),
        ).rowcount


def settle_gone(
    database: Database, matter: Matter, window: Window | None, refused: Collection[str], *, at: datetime
) -> int:
    """Close refusals of a window that was read again and held those records no more; None means any window.

    `refused` are the records that the same batch refused: they are still there. Returns how many were open.
    """
    with database.tenant(matter.tenant_id, "app") as connection:
        return connection.execute(
            "UPDATE hub.refusals SET settled_at = %(at)s, settled_as = 'gone' WHERE tenant_id = %(tenant)s"
            " AND provider = %(provider)s AND stream = %(stream)s AND settled_at IS NULL"
            " AND NOT record_key = ANY(%(refused)s)"
            " AND (%(start)s::timestamptz IS NULL OR (window_start >= %(start)s AND window_end <= %(end)s))",
            {
                "at": at,
                "tenant": matter.tenant_id,
                "provider": matter.provider,
                "stream": matter.stream,
                "refused": sorted(refused),
                "start": window.start if window else None,
                "end": window.end if window else None,
            },
        ).rowcount


def name_again(connection: Connection, tenant_id: str, pseudonym: str, mark: str) -> int:
    """Give open refusals of somebody erased their pseudonym back, in the caller's transaction; how many had the mark.

    They are found by it once a basis is recorded.
    """
    return connection.execute(
        "UPDATE hub.refusals SET data_subject = %s WHERE tenant_id = %s AND data_subject = %s AND settled_at IS NULL",
        (pseudonym, tenant_id, mark),
    ).rowcount


def count_open(database: Database, matter: Matter) -> int:
    """How many records wait for a basis."""
    with database.tenant(matter.tenant_id, "app") as connection:
        row = connection.execute(
            "SELECT count(*) FROM hub.refusals WHERE tenant_id = %s AND provider = %s AND stream = %s"
            " AND settled_at IS NULL",
            (matter.tenant_id, matter.provider, matter.stream),
        ).fetchone()
    return int(row[0]) if row else 0


def listed(
    database: Database,
    tenant_id: str,
    *,
    provider: str | None = None,
    subject: str | None = None,
    settled: bool = False,
    after: tuple[datetime, UUID] | None = None,
    limit: int | None = None,
) -> list[Refusal]:
    """A tenant's refusals, the last ones first; the open ones alone unless `settled`.

    At most `limit`, behind the refusal at `after`.
    """
    moment, refusal_id = after or (None, None)
    with database.tenant(tenant_id, "app") as connection:
        rows = connection.execute(
            "SELECT refusal_id, provider, stream, record_key, data_subject, code, purpose, first_refused_at,"
            " last_refused_at, settled_at, settled_as FROM hub.refusals WHERE tenant_id = %(tenant)s"
            " AND (%(provider)s::text IS NULL OR provider = %(provider)s)"
            " AND (%(subject)s::text IS NULL OR data_subject = %(subject)s)"
            " AND (%(settled)s OR settled_at IS NULL)"
            " AND (%(moment)s::timestamptz IS NULL OR (last_refused_at, refusal_id) < (%(moment)s, %(refusal)s::uuid))"
            " ORDER BY last_refused_at DESC, refusal_id DESC LIMIT %(limit)s",
            {
                "tenant": tenant_id,
                "provider": provider,
                "subject": subject,
                "settled": settled,
                "moment": moment,
                "refusal": refusal_id,
                "limit": limit,
            },
        ).fetchall()
    return [Refusal(*row) for row in rows]


def _utc(moment: datetime) -> datetime:
    from datetime import UTC

    return moment.astimezone(UTC)
