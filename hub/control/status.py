"""How every tenant's integrations are doing: the `platform` crossing reads ids, times, counts and codes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connectors.contract import Provider
    from hub.db.database import Connection, Database

Health = Literal["ok", "failed", "waiting", "paused", "suspended"]


@dataclass(frozen=True)
class StreamStatus:
    """One stream's last outcome. `undeclared` are names of columns that no policy declares."""

    stream: str
    state: str
    last_attempt_at: datetime | None
    last_success_at: datetime | None
    last_failure_at: datetime | None
    failure_kind: str | None
    failure_code: str | None
    failure_status: int | None
    failure_provider_code: str | None
    failure_field: str | None
    consecutive_failures: int
    retry_at: datetime | None
    undeclared: tuple[str, ...]
    synced_until: datetime | None
    awaiting_basis: int = 0
    """Records refused for want of a legal basis, and not loaded since."""


@dataclass(frozen=True)
class IntegrationStatus:
    """One tenant's integration. `next_try` is None when nothing will be tried until a person acts."""

    tenant_id: str
    tenant_name: str
    active: bool
    provider: str
    environment: str
    state: str
    paused_reason: str | None
    tested_at: datetime | None
    next_due_at: datetime | None
    streams: tuple[StreamStatus, ...]

    @property
    def health(self) -> Health:
        """One word for the whole: what stops it comes before how it went."""
        if not self.active:
            return "suspended"
        if self.state == "paused":
            return "paused"
        if any(stream.state == "failed" for stream in self.streams):
            return "failed"
        if self.state == "new" or any(stream.state == "never" for stream in self.streams):
            return "waiting"
        return "ok"

    @property
    def next_try(self) -> datetime | None:
        """When the scheduler takes it up again."""
        return self.next_due_at if self.active and self.state == "active" else None

    @property
    def last_success_at(self) -> datetime | None:
        """The oldest of the streams' last successes; None while one of them has never succeeded."""
        times = [stream.last_success_at for stream in self.streams]
        return min((time for time in times if time), default=None) if all(times) else None

    @property
    def failure(self) -> StreamStatus | None:
        """The stream that failed last among those that are failing."""
        failing = [stream for stream in self.streams if stream.state == "failed" and stream.last_failure_at]
        return max(failing, key=_failed_at, default=None)


def read(database: Database, *, tenant_id: str | None = None) -> list[IntegrationStatus]:
    """Status of all tenants, or of one, in order of creation and provider. Streams never attempted are listed too."""
    with database.crossing("platform") as connection:
        return _read(connection, None if tenant_id is None else [tenant_id])


def of_tenant(database: Database, tenant_id: str) -> list[IntegrationStatus]:
    """One tenant's, read with no more than its own rows in sight."""
    with database.tenant(tenant_id, "app") as connection:
        return _read(connection, [tenant_id])


def page(
    database: Database, *, after: tuple[datetime, str] | None, limit: int
) -> tuple[list[IntegrationStatus], tuple[datetime, str] | None]:
    """Status of at most `limit` tenants in order of creation, behind `after`; and where the next part begins."""
    moment, tenant_id = after or (None, None)
    with database.crossing("platform") as connection:
        rows = connection.execute(
            "SELECT tenant_id, created_at FROM hub.tenants"
            " WHERE %(moment)s::timestamptz IS NULL OR (created_at, tenant_id) > (%(moment)s, %(tenant)s::text)"
            " ORDER BY created_at, tenant_id LIMIT %(limit)s",
            {"moment": moment, "tenant": tenant_id, "limit": limit + 1},
        ).fetchall()
        shown = rows[:limit]
        found = _read(connection, [row[0] for row in shown])
    return found, (shown[-1][1], shown[-1][0]) if len(rows) > limit else None


def _read(connection: Connection, tenant_ids: Sequence[str] | None) -> list[IntegrationStatus]:
    from connectors.registry import PROVIDERS

    given = {"tenants": None if tenant_ids is None else list(tenant_ids)}
    integrations = connection.execute(
        "SELECT t.tenant_id, t.name, t.active, i.provider, i.environment, i.state, i.paused_reason, i.tested_at,"
        " i.next_due_at FROM hub.tenants t JOIN hub.integrations i USING (tenant_id)"
        " WHERE %(tenants)s::text[] IS NULL OR t.tenant_id = ANY(%(tenants)s)"
        " ORDER BY t.created_at, t.tenant_id, i.provider",
        given,
    ).fetchall()
    states = connection.execute(
        "SELECT tenant_id, provider, stream, state, last_attempt_at, last_success_at, last_failure_at,"
        " failure_kind, failure_code, failure_status, failure_provider_code, failure_field,"
        " consecutive_failures, retry_at, undeclared, synced_until FROM hub.sync_state"
        " WHERE %(tenants)s::text[] IS NULL OR tenant_id = ANY(%(tenants)s)",
        given,
    ).fetchall()
    refused = connection.execute(
        "SELECT tenant_id, provider, stream, count(*) FROM hub.refusals WHERE settled_at IS NULL"
        " AND (%(tenants)s::text[] IS NULL OR tenant_id = ANY(%(tenants)s)) GROUP BY 1, 2, 3",
        given,
    ).fetchall()
    waiting = {(tenant, provider, stream): count for tenant, provider, stream, count in refused}
    streams: dict[tuple[str, str], dict[str, StreamStatus]] = {}
    for tenant, provider, *fields in states:
        status = StreamStatus(*fields)
        streams.setdefault((tenant, provider), {})[status.stream] = replace(
            status,
            undeclared=tuple(status.undeclared),
            awaiting_basis=waiting.get((tenant, provider, status.stream), 0),
        )
    return [
        IntegrationStatus(*row, streams=_complete(streams.get((row[0], row[3]), {}), PROVIDERS.get(row[3])))
        for row in integrations
    ]


def _complete(known: dict[str, StreamStatus], provider: Provider | None) -> tuple[StreamStatus, ...]:
    """The declared streams in their order (a child is read with its parent), then whatever else has a state."""
    own = [stream.name for stream in provider.streams if stream.parent is None] if provider else []
    return tuple(known.get(name) or _never(name) for name in [*own, *sorted(set(known) - set(own))])


def _never(stream: str) -> StreamStatus:
    return StreamStatus(stream, "never", None, None, None, None, None, None, None, None, 0, None, (), None)


def _failed_at(stream: StreamStatus) -> datetime:
    return stream.last_failure_at or datetime.min.replace(tzinfo=UTC)
