"""Doing one action now, by whoever asks for it: a one-time password cannot wait for a run to start.

The same state machine, leases and rules as everything else: only the waiting is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from hub.outbox import perform
from hub.outbox.vocabulary import LEASE

if TYPE_CHECKING:
    from collections import Counter

    import httpx

    from hub.outbox.perform import Outbox


async def at_once(outbox: Outbox, tenant_id: str, action_id: UUID, client: httpx.AsyncClient) -> Counter[str] | None:
    """Lease and do a pending action; None if it is not due, held or somebody else's already."""
    import asyncio

    token = uuid4()
    kind = await asyncio.to_thread(_lease, outbox, tenant_id, action_id, token)
    if kind is None:
        return None
    return await perform.do(outbox, perform.Errand(tenant_id, kind, token, [action_id]), client)


def _lease(outbox: Outbox, tenant_id: str, action_id: UUID, token: UUID) -> str | None:
    with outbox.database.tenant(tenant_id, "app") as connection:
        row = connection.execute(
            "UPDATE hub.actions a SET state = 'leased', lease = %s, leased_until = now() + %s, reason = NULL"
            " WHERE a.tenant_id = %s AND a.action_id = %s AND a.state = 'pending' AND a.not_before <= now()"
            " AND NOT EXISTS (SELECT FROM hub.action_holds h WHERE h.tenant_id = a.tenant_id"
            " AND h.provider = a.provider AND h.held_until > now()) RETURNING a.kind",
            (token, LEASE, tenant_id, action_id),
        ).fetchone()
    return None if row is None else str(row[0])
