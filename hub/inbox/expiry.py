"""Once a day: the keys of days that are over are destroyed, and the rows that nothing can open any more go with them.

The key goes first, in a store of its own: a process that dies in between leaves rows that say nothing, which the next
run removes. A legal hold on the tenant, on the inbox or on its category keeps both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from hub.keys import daily
from hub.kvkk import audit, holds
from hub.kvkk.erasure import log

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from hub.db.database import Database
    from hub.kvkk.audit import Actor
    from hub.kvkk.holds import Hold

EVENTS, CONVERSATIONS = "hub.inbox_events", "hub.conversations"
CATEGORY = "ILETISIM"
CONVERSATIONS_KEPT_DAYS = 30
"""A conversation that is quiet for longer is over for every channel."""


@dataclass(frozen=True)
class Expired:
    """What went. `unhandled` events never took effect: they were set aside and nobody came, or the hub stood still."""

    keys: int = 0
    events: int = 0
    unhandled: int = 0
    conversations: int = 0

    @property
    def anything(self) -> bool:
        """Whether there was anything to destroy."""
        return bool(self.keys or self.events or self.conversations)


def expire(database: Database, tenant_id: str, *, actor: Actor) -> Expired:
    """Destroy what is over of one tenant's inbox, with a line in its audit and destruction logs. Safe to repeat."""
    held = holds.listed(database, tenant_id, in_force=True)
    keys, oldest = (0, None) if _holds(held, EVENTS) else _destroy_keys(database, tenant_id)
    with database.tenant(tenant_id, "app") as connection:
        events = unhandled = conversations = 0
        if oldest is not None:
            unhandled = connection.execute(
                "DELETE FROM hub.inbox_events WHERE tenant_id = %s AND key_day < %s AND state <> 'handled'",
                (tenant_id, oldest),
            ).rowcount
            events = (
                unhandled
                + connection.execute(
                    "DELETE FROM hub.inbox_events WHERE tenant_id = %s AND key_day < %s", (tenant_id, oldest)
                ).rowcount
            )
        if not _holds(held, CONVERSATIONS):
            conversations = connection.execute(
                "DELETE FROM hub.conversations WHERE tenant_id = %s"
                " AND last_incoming_at < now() - make_interval(days => %s)",
                (tenant_id, CONVERSATIONS_KEPT_DAYS),
            ).rowcount
        connection.execute(
            "DELETE FROM hub.webhook_endpoints WHERE tenant_id = %s AND valid_until <= now()", (tenant_id,)
        )
        done = Expired(keys, events, unhandled, conversations)
        if done.anything:
            run_id = str(uuid4())
            lines = [[EVENTS, CATEGORY, events, "crypto_shred"], [CONVERSATIONS, CATEGORY, conversations, "delete"]]
            log.write(
                connection,
                tenant_id,
                {"hub": lines},
                cause="retention",
                cause_id=run_id,
                actor=actor.name,
                verified="none_left",
            )
            details = {"keys": keys, "unhandled": unhandled}
            entry = audit.Entry(
                actor, "inbox.expired", f"inbox/{run_id}", count=events + conversations, details=details
            )
            audit.append(connection, tenant_id, entry)
    return done


def _destroy_keys(database: Database, tenant_id: str) -> tuple[int, date]:
    with database.tenant_keys(tenant_id) as connection:
        oldest = daily.oldest_kept(connection)
        return daily.destroy(connection, tenant_id, before=oldest), oldest


def _holds(held: Sequence[Hold], dataset: str) -> bool:
    return any(
        hold.scope == "tenant"
        or (hold.scope == "dataset" and hold.target == dataset)
        or (hold.scope == "category" and hold.target == CATEGORY)
        for hold in held
    )
