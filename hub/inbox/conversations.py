"""When somebody last wrote to the tenant: WhatsApp takes a free text for 24 hours after that, and templates only later.

Contacts stand here as pseudonyms. A message that is handled twice, or after a newer one, changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hub.db.database import Connection

Heard = Mapping[tuple[str, str], datetime]
"""Times of last messages by channel and contact."""


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


def last_heard(connection: Connection, tenant_id: str, sought: Collection[tuple[str, str]]) -> Heard:
    """When each of these (channel, pseudonym) last wrote; who never did is left out."""
    channels, contacts = zip(*sorted(sought), strict=True) if sought else ((), ())
    rows = connection.execute(
        "SELECT channel, contact, last_incoming_at FROM hub.conversations"
        " JOIN unnest(%s::text[], %s::text[]) AS w (channel, contact) USING (channel, contact) WHERE tenant_id = %s",
        (list(channels), list(contacts), tenant_id),
    )
    return {(channel, contact): at for channel, contact, at in rows}
