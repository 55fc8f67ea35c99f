"""Claims a tenant's streams for one batch.

A claim raises the stream's fence. A load commits only under the newest fence, so of two batches which overlap (a
scheduled one and one asked for by a person, or one that a crash left behind) the older can write nothing any more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from connectors.contract import Provider, Stream
from hub.kvkk import holds, suppression

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.kvkk.holds import Hold
    from kvkk_policies.override import Override


LEASE = timedelta(minutes=5)
"""A batch that was killed records nothing: its tenants are due again after this, or after their interval if shorter."""


@dataclass(frozen=True)
class StreamClaim:
    """One stream of one tenant, ours until somebody claims it again."""

    stream: Stream
    fence: int
    cursor: datetime | None
    was: str
    """State before this batch: never, ok or failed."""
    undeclared: frozenset[str] = frozenset()
    """Columns without a policy, as of the last sync."""


@dataclass(frozen=True)
class IntegrationRow:
    """An integration as stored: credentials still encrypted."""

    environment: str
    base_url: str | None
    credentials_cipher: bytes
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class TenantClaim:
    """All that a batch needs to know of one tenant."""

    tenant_id: str
    integration: IntegrationRow
    claimed_at: datetime
    interval: timedelta
    streams: dict[str, StreamClaim]
    overrides: Mapping[str, Mapping[str, Override]] = field(default_factory=dict[str, "Mapping[str, Override]"])
    """Column overrides by stream."""
    erased: Mapping[bytes, suppression.Mark] = field(default_factory=dict[bytes, suppression.Mark])
    """The tenant's suppression list (hub/kvkk/suppression.py)."""
    holds: Sequence[Hold] = ()
    """The tenant's legal holds in force: what they keep is not too old to come in."""
    traceparent: str | None = None
    """The trace of the event that asked for this sync."""


def claim(
    database: Database,
    provider: Provider,
    tenant_id: str,
    streams: Sequence[Stream],
    *,
    run_id: str,
    now: datetime,
    only_due: bool,
) -> TenantClaim | None:
    """The tenant's claim, or None when there is nothing to sync: no tested integration, paused, suspended, not due."""
    parents = [stream for stream in streams if stream.parent is None]
    with database.tenant(tenant_id, "app") as connection:
        row = connection.execute(
            "SELECT i.environment, i.base_url, i.credentials_cipher, i.settings, i.interval_seconds, i.next_due_at,"
            " i.traceparent"
            " FROM hub.integrations i JOIN hub.tenants t USING (tenant_id)"
            " WHERE i.tenant_id = %s AND i.provider = %s AND i.state = 'active' AND t.active FOR UPDATE OF i",
            (tenant_id, provider.name),
        ).fetchone()
        if row is None:
            return None
        environment, base_url, cipher, settings, interval_seconds, next_due_at, traceparent = row
        if only_due and next_due_at is not None and next_due_at > now:
            return None
        interval = timedelta(seconds=interval_seconds) if interval_seconds else provider.interval
        connection.execute(
            "UPDATE hub.integrations SET last_attempt_at = %s, next_due_at = %s, traceparent = NULL"
            " WHERE tenant_id = %s AND provider = %s",
            (now, now + min(interval, LEASE), tenant_id, provider.name),
        )
        claimed = _claim_streams(connection, tenant_id, provider, parents, run_id=run_id, now=now, only_due=only_due)
        overrides = _overrides(connection, tenant_id, provider.name)
        # Behind the claim: whoever is erased after this raises the fences that were just claimed.
        erased = suppression.read(connection, tenant_id)
        held = holds.in_force(connection, tenant_id)
    if not claimed:
        return None
    integration = IntegrationRow(environment, base_url, bytes(cipher), settings or {})
    return TenantClaim(tenant_id, integration, now, interval, claimed, overrides, erased, held, traceparent)


def _claim_streams(
    connection: Any,
    tenant_id: str,
    provider: Provider,
    streams: Sequence[Stream],
    *,
    run_id: str,
    now: datetime,
    only_due: bool,
) -> dict[str, StreamClaim]:
    known: dict[str, datetime | None] = dict(
        connection.execute(
            "SELECT stream, last_success_at FROM hub.sync_state WHERE tenant_id = %s AND provider = %s",
            (tenant_id, provider.name),
        )
    )
    due = [
        stream
        for stream in streams
        if not only_due
        or stream.every is None
        or (last := known.get(stream.name)) is None
        or last + stream.every <= now
    ]
    cursor = connection.execute(
        "INSERT INTO hub.sync_state AS s (tenant_id, provider, stream, fence, claimed_by, last_attempt_at)"
        " SELECT %(tenant)s, %(provider)s, name, 1, %(run)s, %(now)s FROM unnest(%(streams)s::text[]) AS name"
        " ON CONFLICT (tenant_id, provider, stream) DO UPDATE"
        " SET fence = s.fence + 1, claimed_by = excluded.claimed_by, last_attempt_at = excluded.last_attempt_at"
        " RETURNING stream, fence, synced_until, state, undeclared",
        {
            "tenant": tenant_id,
            "provider": provider.name,
            "run": run_id,
            "now": now,
            "streams": sorted(stream.name for stream in due),
        },
    )
    return {
        name: StreamClaim(provider.stream(name), fence, synced_until, state, frozenset(undeclared))
        for name, fence, synced_until, state, undeclared in cursor
    }


def _overrides(connection: Any, tenant_id: str, provider: str) -> dict[str, dict[str, Override]]:
    from kvkk_policies.override import Override

    found: dict[str, dict[str, Override]] = {}
    for stream, column, action, params, legal_basis, retention in connection.execute(
        "SELECT stream, column_name, action, params, legal_basis, retention FROM hub.policy_overrides"
        " WHERE tenant_id = %s AND provider = %s",
        (tenant_id, provider),
    ):
        found.setdefault(stream, {})[column] = Override(
            action=action, legal_basis=legal_basis, retention=retention, params=params or {}
        )
    return found
