"""The erasure journal: whom a data dump must forget again when it is restored.

It lies in the key cluster, which no data dump carries and whose backup is the newer one of a restore. An entry is
written before anything is destroyed, so that no erasure can be finished and unknown here. It holds derived ids and
keyed hashes; each entry's hash is an HMAC under the tenant's key over its content and the hash before it, so whoever
owns the database cannot alter an entry or take one out from between others unnoticed. The newest ones could be cut off:
that the erasure took place stands in the audit log too, in the other cluster and under a signed head.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING
from uuid import UUID

from hub.errors import HubError

if TYPE_CHECKING:
    from datetime import datetime

    from hub.db.database import Connection, Database
    from hub.keys.keyring import TenantKeys

_PURPOSE = "erasure-journal"
_GENESIS = bytes(32)


@dataclass(frozen=True)
class Journaled:
    """One erasure: its id, the subjects (32 hex digits each), the suppression list's marks, and since when."""

    erasure_id: UUID
    subjects: frozenset[str]
    marks: frozenset[bytes]
    erased_at: datetime


def note(database: Database, keys: TenantKeys, erasure: Journaled) -> None:
    """Write an erasure down, committed on return. Repeating it adds nothing unless more is erased by now."""
    tenant_id = keys.tenant_id
    with database.tenant_keys(tenant_id) as connection:
        # One writer at a time a tenant: two entries after the same one would be a fork.
        connection.execute("SELECT FROM keys.tenant_keys WHERE tenant_id = %s FOR UPDATE", (tenant_id,))
        known = _chain(connection, keys)
        same = [each for _, each in known if each.erasure_id == erasure.erasure_id]
        if any(erasure.subjects <= each.subjects and erasure.marks <= each.marks for each in same):
            return
        previous = known[-1][0] if known else _GENESIS
        connection.execute(
            "INSERT INTO keys.erasure_journal (tenant_id, number, erasure_id, subjects, marks, erased_at, hash)"
            " VALUES (%s, %s, %s, %s::uuid[], %s::bytea[], %s, %s)",
            (
                tenant_id,
                len(known) + 1,
                erasure.erasure_id,
                sorted(erasure.subjects),
                sorted(erasure.marks),
                erasure.erased_at,
                _hash(keys, len(known) + 1, erasure, previous),
            ),
        )


def read(database: Database, keys: TenantKeys) -> list[Journaled]:
    """A tenant's erasures, oldest first. HubError `erasure_journal_broken` if an entry was altered or is missing."""
    with database.tenant_keys(keys.tenant_id) as connection:
        return [each for _, each in _chain(connection, keys)]


def _chain(connection: Connection, keys: TenantKeys) -> list[tuple[bytes, Journaled]]:
    rows = connection.execute(
        "SELECT number, hash, erasure_id, array(SELECT replace(each::text, '-', '') FROM unnest(subjects) AS each),"
        " marks, erased_at FROM keys.erasure_journal WHERE tenant_id = %s ORDER BY number",
        (keys.tenant_id,),
    ).fetchall()
    found: list[tuple[bytes, Journaled]] = []
    previous = _GENESIS
    for place, (number, digest, erasure_id, subjects, marks, erased_at) in enumerate(rows, start=1):
        entry = Journaled(erasure_id, frozenset(subjects), frozenset(map(bytes, marks)), erased_at)
        expected = _hash(keys, place, entry, previous)
        if number != place or not hmac.compare_digest(bytes(digest), expected):
            raise HubError("erasure_journal_broken", tenant=keys.tenant_id, number=place)
        found.append((expected, entry))
        previous = expected
    return found


def _hash(keys: TenantKeys, number: int, entry: Journaled, previous: bytes) -> bytes:
    content = {
        "number": number,
        "erasure_id": str(entry.erasure_id),
        "subjects": sorted(entry.subjects),
        "marks": _hex(entry.marks),
        "erased_at": entry.erased_at.astimezone(UTC).isoformat(),
        "previous": previous.hex(),
    }
    return keys.keyed_hash(_PURPOSE, json.dumps(content, sort_keys=True, separators=(",", ":")).encode())


def _hex(marks: Collection[bytes]) -> list[str]:
    return sorted(mark.hex() for mark in marks)
