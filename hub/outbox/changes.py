"""How a change of an action's state is written: one statement, whether an answer, a look or an event brought it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from hub.outbox.enqueue import PRIVATE
from hub.outbox.vocabulary import State

if TYPE_CHECKING:
    from hub.db.database import Connection
    from hub.keys.keyring import TenantKeys


@dataclass(frozen=True)
class Change:
    """What becomes of an action. Times are relative to the database's clock."""

    state: State
    reason: str | None = None
    wait: timedelta | None = None
    """Until the next attempt of a pending one."""
    look: timedelta | None = None
    """Until somebody asks after it."""
    held_until: datetime | None = None
    amount: Any = None
    status: int | None = None
    provider_code: str | None = None


# What was emptied (an erasure, or three months) stays so: an answer or event that comes late brings nothing back.
_WRITE = """
UPDATE hub.actions SET state = %(state)s, reason = %(reason)s, attempting = false, lease = NULL, leased_until = NULL,
    not_before = CASE WHEN %(state)s = 'pending' THEN coalesce(%(held_until)s, now() + %(wait)s) ELSE not_before END,
    next_look_at = now() + %(look)s,
    failure_status = %(status)s, failure_provider_code = %(provider_code)s,
    facts = facts || %(facts)s::jsonb, amount = coalesce(%(amount)s, amount),
    private_cipher = CASE WHEN octet_length(payload_cipher) > 0 THEN coalesce(%(private)s, private_cipher)
                          ELSE private_cipher END,
    provider_mark = CASE WHEN octet_length(payload_cipher) > 0 THEN coalesce(%(mark)s, provider_mark)
                         ELSE provider_mark END,
    accepted_at = CASE WHEN %(state)s IN ('accepted', 'delivered') THEN coalesce(accepted_at, now())
                       ELSE accepted_at END,
    delivered_at = CASE WHEN %(state)s = 'delivered' THEN now() END,
    settled_at = CASE WHEN %(state)s IN ('delivered', 'failed', 'dead') THEN now() END
WHERE tenant_id = %(tenant)s AND action_id = %(action)s
"""


def private_part(
    keys: TenantKeys, action_id: str, before: Mapping[str, Any], provider_reference: str | None, more: Mapping[str, Any]
) -> tuple[bytes | None, bytes | None]:
    """The sealed private part with what was learnt, and the mark by which the provider's reference is found."""
    added = dict(more) | ({"provider_reference": provider_reference} if provider_reference is not None else {})
    if not added:
        return None, None
    clear = json.dumps({**before, **added}, ensure_ascii=False, sort_keys=True).encode()
    mark = None if provider_reference is None else reference_mark(keys, provider_reference)
    return keys.seal(PRIVATE, action_id, clear), mark


def reference_mark(keys: TenantKeys, provider_reference: str) -> bytes:
    """Keyed hash of what the provider calls an action: a wamid holds a phone number."""
    return keys.keyed_hash("action-provider-reference", provider_reference.encode())


def write(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write changes, made by `parameters` with `private`, `mark` and `facts` added."""
    with connection.cursor() as cursor:
        cursor.executemany(_WRITE, rows)


def parameters(tenant_id: str, action_id: str, change: Change) -> dict[str, Any]:
    """What `write` needs of a change."""
    return {
        "tenant": tenant_id,
        "action": action_id,
        "state": change.state,
        "reason": change.reason,
        "wait": change.wait or timedelta(0),
        "look": change.look,
        "held_until": change.held_until,
        "amount": change.amount,
        "status": change.status,
        "provider_code": change.provider_code,
        "private": None,
        "mark": None,
        "facts": "{}",
    }
