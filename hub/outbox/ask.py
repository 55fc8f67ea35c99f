"""Asking for actions from outside of a transaction: by command now, by the API later."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hub.errors import HubError
from hub.outbox.enqueue import MOST_AT_ONCE, Enqueued, NewAction, enqueue_all
from hub.outbox.foreseen import require_foreseeable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hub.db.database import Connection, Database
    from hub.keys.keyring import Keyring


def ask(
    database: Database, keyring: Keyring, tenant_id: str, actions: Sequence[NewAction], *, created_by: str
) -> list[Enqueued]:
    """Queue actions for a tenant, all or none, each priced by its account's settings.

    Raises what `enqueue_all` does, and HubError `integration_missing` for a provider without an account.
    """
    from connectors.action_registry import kinds

    known = kinds()
    keys = keyring.tenant(tenant_id)
    done: dict[str, Enqueued] = {}
    by_provider: dict[str, list[tuple[int, NewAction]]] = {}
    for at, new in enumerate(actions):
        if new.kind not in known:
            raise HubError("action_kind_unknown", kind=new.kind, known=", ".join(sorted(known)) or "-")
        by_provider.setdefault(known[new.kind].provider, []).append((at, new))
    require_foreseeable(database, keyring, tenant_id, actions)
    with database.tenant(tenant_id, "app") as connection:
        for provider, asked in by_provider.items():
            prices = _settings(connection, tenant_id, provider)
            for at in range(0, len(asked), MOST_AT_ONCE):
                part = [new for _, new in asked[at : at + MOST_AT_ONCE]]
                places = [place for place, _ in asked[at : at + MOST_AT_ONCE]] if len(actions) > 1 else []
                queued = enqueue_all(connection, keys, part, created_by=created_by, prices=prices, places=places)
                done |= {new.idempotency_key: each for new, each in zip(part, queued, strict=True)}
    return [done[new.idempotency_key] for new in actions]


def _settings(connection: Connection, tenant_id: str, provider: str) -> Mapping[str, Any]:
    row = connection.execute(
        "SELECT settings FROM hub.integrations WHERE tenant_id = %s AND provider = %s", (tenant_id, provider)
    ).fetchone()
    if row is None:
        raise HubError("integration_missing", tenant=tenant_id, provider=provider)
    return row[0] or {}
