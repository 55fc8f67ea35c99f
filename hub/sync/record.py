"""Records what became of a tenant's streams: state, reason, next try, and a pause when trying again is pointless."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from connectors.contract import Provider
from hub.control.integrations import enter
from hub.kvkk.audit import SYSTEM
from hub.sync.claim import StreamClaim, TenantClaim
from hub.sync.outcome import Failed, StreamOutcome

if TYPE_CHECKING:
    from hub.db.database import Database

PAUSE_AFTER_PERMANENT_FAILURES = 3
"""Wrong credentials do not heal by trying: after three syncs in a row the integration waits for a person."""

FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(hours=1)

OF_ONE_STREAM = frozenset({"not_licensed", "request_refused", "window_too_old", "settings_invalid"})
"""Codes that speak of what was asked and not of who asks: a service outside the contract, an address that the provider
does not serve, days that it no longer tells, a directory that is not there."""


def record(
    database: Database,
    provider: Provider,
    claimed: TenantClaim,
    outcomes: Sequence[StreamOutcome],
    *,
    run_id: str,
    now: datetime,
    policy_version: int,
    announce: Callable[[], None],
) -> bool:
    """Write a tenant's outcomes under its fences; True when the integration was paused by them.

    `announce` tells others of them. It is called before the commit: a process that is killed in between leaves the old
    state, so that the next sync sees the same change again and announces it again.
    """
    with database.tenant(claimed.tenant_id, "app") as connection:
        for outcome in outcomes:
            stream = claimed.streams[outcome.stream]
            ours = _record_stream(connection, provider, stream, outcome, now=now, policy_version=policy_version)
            outcome.superseded = not ours
            if ours and (outcome.rows_changed or stream.was != outcome.state):
                _record_history(connection, provider, outcome, run_id=run_id, now=now)
        held = [outcome for outcome in outcomes if not outcome.superseded]
        paused_by = _record_integration(connection, provider, claimed, held, now=now) if held else None
        announce()
        if paused_by is not None:
            enter(connection, claimed.tenant_id, "paused", provider.name, actor=SYSTEM, details={"why": paused_by})
    return paused_by is not None


_SUCCEEDED = (
    "UPDATE hub.sync_state SET state = 'ok', last_success_at = %(now)s, consecutive_failures = 0, failure_kind = NULL,"
    " failure_code = NULL, failure_status = NULL, failure_provider_code = NULL, failure_field = NULL, retry_at = NULL,"
    " claimed_by = NULL, undeclared = CASE WHEN %(seen)s THEN %(undeclared)s ELSE undeclared END,"
    " texts_dropped = texts_dropped + %(dropped)s,"
    " policy_version = %(version)s"
    " WHERE tenant_id = %(tenant)s AND provider = %(provider)s AND stream = %(stream)s AND fence = %(fence)s"
)
_FAILED = (
    "UPDATE hub.sync_state SET state = 'failed', last_failure_at = %(now)s,"
    " consecutive_failures = consecutive_failures + 1, failure_kind = %(kind)s, failure_code = %(code)s,"
    " failure_status = %(status)s, failure_provider_code = %(provider_code)s, failure_field = %(field)s,"
    " claimed_by = NULL"
    " WHERE tenant_id = %(tenant)s AND provider = %(provider)s AND stream = %(stream)s AND fence = %(fence)s"
)


def _record_stream(
    connection: Any,
    provider: Provider,
    stream: StreamClaim,
    outcome: StreamOutcome,
    *,
    now: datetime,
    policy_version: int,
) -> bool:
    """False when a newer batch holds the stream."""
    key = {"tenant": outcome.tenant_id, "provider": provider.name, "stream": outcome.stream, "fence": stream.fence}
    failed = outcome.failed
    if failed is None:
        learnt = {
            "now": now,
            "seen": outcome.rows_seen > 0,
            "undeclared": sorted(outcome.undeclared),
            "dropped": outcome.texts_dropped,
            "version": policy_version,
        }
        return connection.execute(_SUCCEEDED, key | learnt).rowcount == 1
    reason = {
        "now": now,
        "kind": failed.kind,
        "code": failed.code,
        "status": failed.status,
        "provider_code": failed.provider_code,
        "field": failed.field,
    }
    return connection.execute(_FAILED, key | reason).rowcount == 1


def _record_history(connection: Any, provider: Provider, outcome: StreamOutcome, *, run_id: str, now: datetime) -> None:
    connection.execute(
        "INSERT INTO hub.sync_history (tenant_id, sync_id, provider, stream, run_id, started_at, finished_at, outcome,"
        " rows_seen, rows_changed, failure_code)"
        " VALUES (%s, gen_random_uuid(), %s, %s, %s, %s, clock_timestamp(), %s, %s, %s, %s)",
        (
            outcome.tenant_id,
            provider.name,
            outcome.stream,
            run_id,
            now,
            outcome.state,
            outcome.rows_seen,
            outcome.rows_changed,
            outcome.failed.code if outcome.failed else None,
        ),
    )


def _record_integration(
    connection: Any, provider: Provider, claimed: TenantClaim, outcomes: Sequence[StreamOutcome], *, now: datetime
) -> str | None:
    """The code of the failure that paused the integration, if one did."""
    failures = [outcome.failed for outcome in outcomes if outcome.failed is not None]
    key = (claimed.tenant_id, provider.name)
    if not failures:
        connection.execute(
            "UPDATE hub.integrations SET consecutive_permanent_failures = 0, next_due_at = %s"
            " WHERE tenant_id = %s AND provider = %s",
            (claimed.claimed_at + claimed.interval, *key),
        )
        return None
    failed_in_a_row, others_work = connection.execute(
        "SELECT max(consecutive_failures), bool_or(state = 'ok') FROM hub.sync_state"
        " WHERE tenant_id = %s AND provider = %s",
        key,
    ).fetchone() or (1, False)
    permanent = [failed for failed in failures if pointless(failed, others_work=bool(others_work))]
    retry = now + retry_delay(failures, failed_in_a_row or 1, claimed.interval)
    connection.execute(
        "UPDATE hub.sync_state SET retry_at = %s WHERE tenant_id = %s AND provider = %s AND state = 'failed'",
        (retry, *key),
    )
    (count,) = connection.execute(
        "UPDATE hub.integrations SET next_due_at = %s, consecutive_permanent_failures ="
        " CASE WHEN %s THEN consecutive_permanent_failures + 1 ELSE 0 END"
        " WHERE tenant_id = %s AND provider = %s RETURNING consecutive_permanent_failures",
        (retry, bool(permanent), *key),
    ).fetchone() or (0,)
    if count < PAUSE_AFTER_PERMANENT_FAILURES:
        return None
    connection.execute(
        "UPDATE hub.integrations SET state = 'paused', paused_reason = %s, next_due_at = NULL"
        " WHERE tenant_id = %s AND provider = %s",
        (permanent[0].code, *key),
    )
    connection.execute("UPDATE hub.sync_state SET retry_at = NULL WHERE tenant_id = %s AND provider = %s", key)
    return permanent[0].code


def pointless(failed: Failed, *, others_work: bool) -> bool:
    """Whether a failure speaks for pausing the integration.

    A stream that cannot be had says nothing of the account: as long as others work they go on, and the one that is
    missing is asked for each time, until the provider opens it or a person sets it right.
    """
    return failed.kind == "permanent" and not (failed.code in OF_ONE_STREAM and others_work)


def retry_delay(failures: Sequence[Failed], failed_in_a_row: int, interval: timedelta) -> timedelta:
    """When to try again: the provider's own wish first, else doubling from a minute to at most an hour."""
    wished = max((failed.retry_after or 0 for failed in failures), default=0)
    if all(failed.kind == "permanent" for failed in failures):
        return max(interval, timedelta(seconds=wished))
    backoff = min(FIRST_RETRY * 2 ** min(failed_in_a_row - 1, 10), LONGEST_RETRY)
    return max(backoff, timedelta(seconds=wished))
