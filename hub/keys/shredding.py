"""Destroys data subjects' keys: whatever they sealed is unreadable from then on, wherever a copy of it lies.

The row of a destroyed key stays, without the key: a new relation with the same person starts the next generation.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hub.db.database import Database


def shred(database: Database, tenant_id: str, subjects: Collection[str]) -> int:
    """Destroy every generation of these subjects' keys (32 hex digits each); how many keys were alive."""
    with database.tenant_keys(tenant_id) as connection:
        return connection.execute(
            "UPDATE keys.subject_keys SET wrapped_key = NULL, destroyed_at = now()"
            " WHERE tenant_id = %s AND subject_id = ANY(%s::uuid[]) AND wrapped_key IS NOT NULL",
            (tenant_id, sorted(subjects)),
        ).rowcount


def living(database: Database, tenant_id: str, subjects: Collection[str]) -> int:
    """How many of these subjects' keys are alive."""
    with database.tenant_keys(tenant_id) as connection:
        row = connection.execute(
            "SELECT count(*) FROM keys.subject_keys"
            " WHERE tenant_id = %s AND subject_id = ANY(%s::uuid[]) AND wrapped_key IS NOT NULL",
            (tenant_id, sorted(subjects)),
        ).fetchone()
    return int(row[0]) if row else 0
