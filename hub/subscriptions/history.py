"""What was sent, with which status and when; and sending it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, LiteralString
from uuid import UUID

from hub.errors import HubError
from hub.kvkk import audit
from hub.subscriptions import record
from hub.subscriptions.vocabulary import KEPT, NOTIFY

if TYPE_CHECKING:
    from hub.db.database import Connection, Database
    from hub.keys.keyring import Keyring
    from hub.kvkk.audit import Actor

MOST_LISTED = 200


@dataclass(frozen=True)
class Delivery:
    """A delivery as it may be listed."""

    event_id: str
    type: str
    occurred_at: datetime
    state: Literal["pending", "held", "delivered", "failed"]
    attempts: int
    next_try_at: datetime | None
    """Of one that waits for its time."""
    settled_at: datetime | None
    tries: Sequence[Mapping[str, Any]]
    """Each attempt: `at`, `status` or None, `code` or None, `ms`."""


def listed(
    database: Database,
    keyring: Keyring,
    tenant_id: str,
    subscription_id: UUID,
    *,
    only_open: bool = False,
    most: int = MOST_LISTED,
    after: tuple[datetime, str] | None = None,
) -> list[Delivery]:
    """A subscription's deliveries, the newest first. HubError `webhook_unknown`.

    `after` are the time and the event of the last one seen.
    """
    moment, last = after or (None, None)
    with database.tenant(tenant_id, "app") as connection:
        record.read(connection, keyring.tenant(tenant_id), subscription_id)
        rows = connection.execute(
            "SELECT d.event_id, e.type, e.occurred_at, d.state, d.attempts,"
            " CASE d.state WHEN 'pending' THEN d.next_try_at END, d.settled_at, d.tries"
            " FROM hub.deliveries d JOIN hub.tenant_events e ON e.tenant_id = d.tenant_id AND e.event_id = d.event_id"
            " WHERE d.tenant_id = %(tenant)s AND d.subscription_id = %(subscription)s"
            " AND (NOT %(open)s OR d.state <> 'delivered') AND (%(last)s::text IS NULL"
            " OR e.occurred_at < %(moment)s::timestamptz"
            " OR (e.occurred_at = %(moment)s::timestamptz AND d.event_id > %(last)s::text))"
            " ORDER BY e.occurred_at DESC, d.event_id LIMIT %(most)s",
            {
                "tenant": tenant_id,
                "subscription": subscription_id,
                "open": only_open,
                "moment": moment,
                "last": last,
                "most": most,
            },
        ).fetchall()
    return [Delivery(*row) for row in rows]


def resend(
    database: Database, keyring: Keyring, tenant_id: str, subscription_id: UUID, event_id: str, *, actor: Actor
) -> None:
    """Send one event again, under its id, whether it was delivered or not: a receiver that has it knows it by its id.

    HubError `webhook_unknown`, `event_not_kept`.
    """
    if not _again(database, keyring, tenant_id, subscription_id, "e.event_id = %(event)s", {"event": event_id}, actor):
        raise HubError("event_not_kept", event=event_id, days=KEPT.days)


def resend_since(
    database: Database, keyring: Keyring, tenant_id: str, subscription_id: UUID, since: datetime, *, actor: Actor
) -> int:
    """Send again what happened since then and was not delivered, of the types subscribed to. How many.

    HubError `webhook_unknown`.
    """
    missed = (
        "e.occurred_at >= %(since)s AND e.type = ANY (s.types) AND NOT EXISTS (SELECT FROM hub.deliveries x"
        " WHERE x.tenant_id = e.tenant_id AND x.subscription_id = s.subscription_id AND x.event_id = e.event_id"
        " AND x.state = 'delivered')"
    )
    return _again(database, keyring, tenant_id, subscription_id, missed, {"since": since}, actor)


def _again(
    database: Database,
    keyring: Keyring,
    tenant_id: str,
    subscription_id: UUID,
    which: LiteralString,
    given: Mapping[str, Any],
    actor: Actor,
) -> int:
    with database.tenant(tenant_id, "app") as connection:
        record.read(connection, keyring.tenant(tenant_id), subscription_id, locked=True)
        count = connection.execute(
            "INSERT INTO hub.deliveries (tenant_id, subscription_id, event_id, state)"  # noqa: S608 - our own text
            " SELECT s.tenant_id, s.subscription_id, e.event_id,"
            " CASE s.state WHEN 'active' THEN 'pending' ELSE 'held' END"
            " FROM hub.subscriptions s JOIN hub.tenant_events e ON e.tenant_id = s.tenant_id"
            " WHERE s.tenant_id = %(tenant)s AND s.subscription_id = %(subscription)s AND "
            + which
            + " ON CONFLICT (tenant_id, subscription_id, event_id) DO UPDATE SET state = excluded.state, attempts = 0,"
            " next_try_at = now(), lease = NULL, settled_at = NULL",
            {"tenant": tenant_id, "subscription": subscription_id, **given},
        ).rowcount
        if count:
            _enter(connection, tenant_id, subscription_id, count, actor)
            connection.execute(NOTIFY)
    return count


def _enter(connection: Connection, tenant_id: str, subscription_id: UUID, count: int, actor: Actor) -> None:
    entry = audit.Entry(actor, "webhook.resent", f"webhook:{subscription_id}", count=count)
    audit.append(connection, tenant_id, entry)
