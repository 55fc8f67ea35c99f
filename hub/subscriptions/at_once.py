"""The test button: one event to one subscription, now, whatever it subscribed to, and what the receiver answered."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID, uuid4

from hub.kvkk import audit
from hub.subscriptions import queue, record
from hub.subscriptions.sending import Answer, Event, send
from hub.subscriptions.target import target
from hub.subscriptions.vocabulary import TEST

if TYPE_CHECKING:
    from hub.kvkk.audit import Actor
    from hub.subscriptions.telling import Outgoing


@dataclass(frozen=True)
class Tested:
    """What came back: a status, or a code of why there was none."""

    event_id: str
    delivered: bool
    status: int | None
    code: str | None
    milliseconds: int


async def test(outgoing: Outgoing, tenant_id: str, subscription_id: UUID, *, actor: Actor) -> Tested:
    """Tell it once, also while it is paused or disabled: so a receiver is tried before it is resumed.

    It is not tried again, and does not count for or against the receiver. HubError `webhook_unknown`, and those of
    `target`.
    """
    from psycopg.types.json import Jsonb

    keys = outgoing.keyring.tenant(tenant_id)
    event_id = f"evt_{uuid4().hex}"
    with outgoing.database.tenant(tenant_id, "app") as connection:
        _, private = record.read(connection, keys, subscription_id)
        whereto = target(private.address, outgoing.reach.ports)
        row = connection.execute(
            "INSERT INTO hub.tenant_events (tenant_id, event_id, type, data) VALUES (%s, %s, %s, %s)"
            " RETURNING event_id, type, occurred_at, data",
            (tenant_id, event_id, TEST, Jsonb({"subscription_id": str(subscription_id)})),
        ).fetchone()
    event = Event(*cast("tuple[Any, ...]", row))
    async with outgoing.reach.pool(whereto, 1) as pool:
        answer = await send(pool, whereto, event, tenant_id, private.secrets)
    await asyncio.to_thread(_note, outgoing, tenant_id, subscription_id, event_id, answer, actor)
    return Tested(event_id, answer.fate == "delivered", answer.status, answer.code, answer.milliseconds)


def _note(
    outgoing: Outgoing, tenant_id: str, subscription_id: UUID, event_id: str, answer: Answer, actor: Actor
) -> None:
    delivered = answer.fate == "delivered"
    with outgoing.database.tenant(tenant_id, "app") as connection:
        connection.execute(
            "INSERT INTO hub.deliveries (tenant_id, subscription_id, event_id, state, attempts, tries, settled_at)"
            " VALUES (%s, %s, %s, %s, 1, %s, now())",
            (tenant_id, subscription_id, event_id, "delivered" if delivered else "failed", queue.tried(answer)),
        )
        entry = audit.Entry(
            actor,
            "webhook.tested",
            f"webhook:{subscription_id}",
            result="ok" if delivered else "failed",
            details={"status": answer.status, "code": answer.code},
        )
        audit.append(connection, tenant_id, entry)
