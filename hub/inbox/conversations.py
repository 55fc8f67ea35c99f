"""When somebody last wrote to the tenant: WhatsApp takes a free text for 24 hours after that, and templates only later.

Contacts stand here as pseudonyms. A message that is handled twice, or after a newer one, changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from hub.db.database import Connection


def heard_from(
    connection: Connection, tenant_id: str, *, channel: str, contacts: Collection[str], at: datetime
) -> None:
    """Note a message, in the caller's transaction (role app). A clock that runs ahead gives nobody a longer time."""
    connection.execute(
        "INSERT INTO hub.conversations AS c (tenant_id, channel, contact, last_incoming_at)"
        " SELECT %(tenant)s, %(channel)s, contact, least(%(at)s, now())"
        " FROM unnest(%(contacts)s::text[]) AS n (contact)"
        " ON CONFLICT (tenant_id, channel, contact) DO UPDATE SET last_incoming_at = excluded.last_incoming_at"
        " WHERE c.last_incoming_at < excluded.last_incoming_at",
        {"tenant": tenant_id, "channel": channel, "contacts": sorted(set(contacts)), "at": at},
    )


def last_heard(connection: Connection, tenant_id: str, *, channel: str, contact: str) -> datetime | None:
    """When this contact (a pseudonym) last wrote; None if never."""
    row = connection.execute(
        "SELECT last_incoming_at FROM hub.conversations WHERE tenant_id = %s AND channel = %s AND contact = %s",
        (tenant_id, channel, contact),
    ).fetchone()
    return row[0] if row else None
