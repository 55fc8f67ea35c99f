"""Puts an errand into the trace of whoever asked for it, which stands with its actions. Free while it is off."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hub.observe import tracing

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Awaitable, Callable

    import httpx

    from hub.outbox.perform import Errand, Outbox

    Act = Callable[[Outbox, Errand, httpx.AsyncClient], Awaitable[Counter[str]]]


async def traced(act: Act, outbox: Outbox, errand: Errand, client: httpx.AsyncClient) -> Counter[str]:
    """Do what `act` does with the errand, in a span of its own."""
    if not tracing.enabled():
        return await act(outbox, errand, client)
    parents = await asyncio.to_thread(_parents, outbox, errand)
    with tracing.span(
        "outbox.look" if errand.asks else "outbox.send",
        parents=parents,
        kind="consumer",
        tenant_id=errand.tenant_id,
        action_kind=errand.kind,
        actions=len(errand.action_ids),
    ):
        return await act(outbox, errand, client)


def _parents(outbox: Outbox, errand: Errand) -> list[str]:
    with outbox.database.tenant(errand.tenant_id, "app") as connection:
        rows = connection.execute(
            "SELECT traceparent FROM hub.actions WHERE tenant_id = %s AND action_id = ANY(%s)"
            " AND traceparent IS NOT NULL ORDER BY created_at, action_id",
            (errand.tenant_id, list(errand.action_ids)),
        ).fetchall()
    return [row[0] for row in rows]
