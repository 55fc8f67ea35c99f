"""What a provider is known to refuse is refused when it is asked for, and not hours later in the queue.

Some providers tell beforehand what they would take (WhatsApp: the catalogue of templates). They are asked before
anything is queued, outside of every transaction and for a bounded time; where they cannot be asked, the action is
queued as any other, and the provider judges it at the moment of sending.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from hub.errors import HubError
from hub.validation import InvalidInput, Problem

if TYPE_CHECKING:
    from connectors import actions as contract
    from connectors.actions import ActionKind
    from connectors.contract import ConnectionSpec
    from hub.db.database import Database
    from hub.keys.keyring import Keyring
    from hub.outbox.enqueue import NewAction

FORESEEING_SECONDS = 5.0
"""Somebody waits at a terminal, or with a request of their own."""


def require_foreseeable(
    database: Database,
    keyring: Keyring,
    tenant_id: str,
    actions: Sequence[NewAction],
    *,
    seconds: float = FORESEEING_SECONDS,
) -> None:
    """`InvalidInput` with a problem for everything that the provider says now it would refuse."""
    from connectors.action_registry import kinds

    known = kinds()
    names = {new.kind for new in actions if new.kind in known and known[new.kind].foresee is not None}
    if not names:
        return
    queued = _queued(database, tenant_id, [new.idempotency_key for new in actions if new.kind in names])
    found: list[Problem] = []
    for name in sorted(names):
        kind = known[name]
        asked = [
            (at, new)
            for at, new in enumerate(actions)
            # What is malformed is refused as such; what stands in the queue already gets the same answer as then.
            if new.kind == name and new.idempotency_key not in queued and not kind.check(new.payload)
        ]
        told = _told(database, keyring, tenant_id, kind, [new.payload for _, new in asked], seconds) if asked else None
        for (at, _), problems in zip(asked, told or (), strict=told is not None):
            where = "" if len(actions) == 1 else f"actions[{at}]."
            found += [Problem(f"{where}payload.{each.path}", each.code, dict(each.params)) for each in problems]
    if found:
        raise InvalidInput(found)


def _queued(database: Database, tenant_id: str, keys: list[str]) -> set[str]:
    with database.tenant(tenant_id, "app") as connection:
        rows = connection.execute(
            "SELECT idempotency_key FROM hub.actions WHERE tenant_id = %s AND idempotency_key = ANY(%s)",
            (tenant_id, keys),
        ).fetchall()
    return {row[0] for row in rows}


def _told(
    database: Database,
    keyring: Keyring,
    tenant_id: str,
    kind: ActionKind,
    payloads: Sequence[contract.Payload],
    seconds: float,
) -> Sequence[Sequence[contract.Problem]] | None:
    from hub.control.integrations import connection_spec, provider_named
    from hub.sync.fetch import http_client

    try:
        spec = connection_spec(database, keyring, provider_named(kind.provider), tenant_id)
    except HubError:
        return None  # whoever queues it says what is wrong with the account

    async def conversation(spec: ConnectionSpec) -> Sequence[Sequence[contract.Problem]] | None:
        if kind.foresee is None:
            return None
        try:
            async with asyncio.timeout(seconds), http_client() as client:
                return await kind.foresee(spec, client, payloads)
        except TimeoutError:
            return None

    # Whoever asks may have an event loop of their own running.
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="foresee") as pool:
        return pool.submit(lambda: asyncio.run(conversation(spec))).result()
