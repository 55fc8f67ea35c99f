"""Has events take effect again: after a fault of ours was mended, or a part of the hub was restored.

As far back as the daily keys reach. What took effect before does so once more, which changes nothing: all that an event
may do is the same when done twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hub.errors import HubError
from hub.keys import daily
from hub.kvkk import audit

if TYPE_CHECKING:
    from datetime import datetime

    from hub.db.database import Database
    from hub.kvkk.audit import Actor


@dataclass(frozen=True)
class Replayed:
    """How many events wait again, and how many of the time cannot be opened any more."""

    events: int
    unreadable: int


def replay(
    database: Database,
    tenant_id: str,
    *,
    since: datetime,
    until: datetime,
    actor: Actor,
    provider: str | None = None,
    only_aside: bool = False,
) -> Replayed:
    """Have the events received in `[since, until)` handled again. HubError `range_reversed`."""
    if since >= until:
        begin, end = (each.isoformat(timespec="seconds") for each in (since, until))
        raise HubError("range_reversed", date_from=begin, date_to=end)
    with database.tenant_keys(tenant_id) as connection:
        oldest = daily.oldest_kept(connection)
    given = {
        "tenant": tenant_id,
        "provider": provider,
        "since": since,
        "until": until,
        "states": ["aside"] if only_aside else ["aside", "handled"],
        "oldest": oldest,
    }
    where = (
        " AND received_at >= %(since)s AND received_at < %(until)s"
        " AND state = ANY(%(states)s) AND (%(provider)s::text IS NULL OR provider = %(provider)s)"
    )
    with database.tenant(tenant_id, "app") as connection:
        row = connection.execute(
            f"SELECT count(*) FROM hub.inbox_events WHERE tenant_id = %(tenant)s {where} AND key_day < %(oldest)s",  # noqa: S608 - our own text
            given,
        ).fetchone()
        again = connection.execute(
            "UPDATE hub.inbox_events SET state = 'received', attempts = 0, next_try_at = now(), handled_at = NULL,"  # noqa: S608 - our own text
            f" reason = NULL WHERE tenant_id = %(tenant)s {where} AND key_day >= %(oldest)s",
            given,
        ).rowcount
        details = {"provider": provider or "*", "only_aside": only_aside}
        entry = audit.Entry(actor, "inbox.replayed", "hub.inbox_events", count=again, details=details)
        audit.append(connection, tenant_id, entry)
    return Replayed(again, int(row[0]) if row else 0)
