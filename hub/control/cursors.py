"""Forgetting how far a stream was read, so that the next sync fetches its declared depth again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.control import integrations
from hub.errors import HubError
from hub.kvkk import audit

if TYPE_CHECKING:
    from connectors.contract import Provider
    from hub.db.database import Database
    from hub.kvkk.audit import Actor


def reset(
    database: Database, provider: Provider, tenant_id: str, stream: str | None, *, actor: Actor = audit.SYSTEM
) -> list[str]:
    """Reset one stream's cursor, or all; returns the streams that had one.

    The fence is raised first: a sync in flight then loses its claim and cannot put the old cursor back. Raises HubError
    `integration_missing`, `stream_unknown`, or `stream_has_parent` for a stream that is read with another one.
    """
    integrations.get(database, tenant_id, provider.name)
    names = _streams(provider, stream)
    with database.tenant(tenant_id, "app") as connection:
        connection.execute(
            "UPDATE hub.sync_state SET fence = fence + 1, claimed_by = NULL, retry_at = NULL"
            " WHERE tenant_id = %s AND provider = %s AND stream = ANY(%s)",
            (tenant_id, provider.name, names),
        )
        connection.execute(
            "UPDATE hub.integrations SET next_due_at = now() WHERE tenant_id = %s AND provider = %s",
            (tenant_id, provider.name),
        )
        details = {"streams": names}
        integrations.enter(connection, tenant_id, "cursor_reset", provider.name, actor=actor, details=details)
    with database.tenant(tenant_id, "loader") as connection:
        rows = connection.execute(
            "UPDATE hub.sync_state SET synced_until = NULL"
            " WHERE tenant_id = %s AND provider = %s AND stream = ANY(%s) AND synced_until IS NOT NULL"
            " RETURNING stream",
            (tenant_id, provider.name, names),
        ).fetchall()
    return sorted(row[0] for row in rows)


def _streams(provider: Provider, stream: str | None) -> list[str]:
    own = [each.name for each in provider.streams if each.parent is None]
    if stream is None:
        return own
    declared = {each.name: each for each in provider.streams}
    if stream not in declared:
        raise HubError("stream_unknown", provider=provider.name, stream=stream, known=", ".join(sorted(declared)))
    parent = declared[stream].parent
    if parent is not None:
        raise HubError("stream_has_parent", stream=stream, parent=parent)
    return [stream]
