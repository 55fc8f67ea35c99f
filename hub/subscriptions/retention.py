"""Events and their deliveries are kept for thirty days: long enough to send them again, and no longer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.subscriptions.vocabulary import KEPT

if TYPE_CHECKING:
    from hub.db.database import Database


def over(database: Database) -> list[str]:
    """Tenants with something that is kept no longer, as the crossing `janitor` may see them."""
    with database.crossing("janitor") as connection:
        rows = connection.execute(
            "SELECT DISTINCT tenant_id FROM hub.tenant_events WHERE occurred_at < now() - %s ORDER BY tenant_id",
            (KEPT,),
        ).fetchall()
    return [row[0] for row in rows]


def sweep(database: Database, tenant_id: str) -> int:
    """Take away what is older, delivered or not. How many events. Safe to repeat."""
    with database.tenant(tenant_id, "app") as connection:
        connection.execute(
            "DELETE FROM hub.deliveries d USING hub.tenant_events e WHERE d.tenant_id = %(tenant)s"
            " AND e.tenant_id = %(tenant)s AND e.event_id = d.event_id AND e.occurred_at < now() - %(kept)s",
            {"tenant": tenant_id, "kept": KEPT},
        )
        return connection.execute(
            "DELETE FROM hub.tenant_events WHERE tenant_id = %s AND occurred_at < now() - %s", (tenant_id, KEPT)
        ).rowcount
