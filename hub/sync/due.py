"""What is due is a query, oldest first, so that nobody starves; what is dirty waits for its models."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hub.db.database import Database


def due_tenants(database: Database, provider: str, now: datetime) -> list[str]:
    """Ids of the active tenants whose integration's turn has come, the longest waiting first."""
    with database.crossing("scheduler") as connection:
        cursor = connection.execute(
            "SELECT i.tenant_id FROM hub.integrations i JOIN hub.tenants t USING (tenant_id)"
            " WHERE i.provider = %s AND i.state = 'active' AND t.active"
            " AND (i.next_due_at IS NULL OR i.next_due_at <= %s)"
            " ORDER BY i.next_due_at NULLS FIRST, i.tenant_id",
            (provider, now),
        )
        return [row[0] for row in cursor]


def tenants_awaiting_models(database: Database) -> int:
    """How many tenants have landed rows that no mart has taken up yet."""
    with database.crossing("scheduler") as connection:
        row = connection.execute(
            "SELECT count(DISTINCT tenant_id) FROM hub.sync_state"
            " WHERE changed_at IS NOT NULL AND (modelled_at IS NULL OR modelled_at < changed_at)"
        ).fetchone()
    return int(row[0]) if row else 0
