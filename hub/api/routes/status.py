"""How syncs go and how fresh the data is: a tenant's own, and for the operator's staff everybody's."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import Query
from pydantic import Field

from hub.api.asked import Call
from hub.api.models import Answer, Page
from hub.api.moments import after, where
from hub.api.need import needs
from hub.api.route import router as make_router
from hub.control import status
from hub.identity.permissions import Permission
from hub.messages import failure_text, text_of

router = make_router("status")


class StreamStatus(Answer):
    """One stream's last outcome."""

    stream: str = Field(examples=["payments"])
    state: str = Field(examples=["ok"])
    last_attempt_at: datetime | None
    last_success_at: datetime | None
    last_failure_at: datetime | None
    failure_code: str | None
    failure_text: str | None = Field(description="Why it failed, in words.")
    consecutive_failures: int
    next_try_at: datetime | None = Field(description="Null while nothing is tried until a person acts.")
    synced_until: datetime | None
    undeclared: list[str] = Field(description="Columns that stay out until a policy declares them.")
    awaiting_basis: int = Field(description="Records that wait for a legal basis.")


class IntegrationStatus(Answer):
    """One integration with its streams. `reason` says in words what keeps it from being well."""

    provider: str = Field(examples=["iyzico"])
    environment: str
    health: Literal["ok", "failed", "waiting", "paused", "suspended"]
    reason_code: str | None
    reason: str | None
    tested_at: datetime | None
    last_success_at: datetime | None
    next_try_at: datetime | None
    streams: list[StreamStatus]


class TenantStatus(IntegrationStatus):
    """The same, of one of many tenants."""

    tenant_id: str
    tenant_name: str


class Freshness(Answer):
    """Until when a stream's data is complete; `seconds_behind` is null where nothing was synced yet."""

    provider: str
    stream: str
    synced_until: datetime | None
    last_success_at: datetime | None
    seconds_behind: int | None


@router.get("/status", summary="How do syncs go?")
@needs(Permission.STATUS_READ)
def show_status(call: Call) -> list[IntegrationStatus]:
    """By provider; streams never attempted are listed too."""
    found = status.of_tenant(call.database, call.tenant)
    return [IntegrationStatus.model_validate(_values(each)) for each in found]


@router.get("/freshness", summary="How fresh is the data?")
@needs(Permission.STATUS_READ)
def show_freshness(call: Call) -> list[Freshness]:
    """By provider and stream."""
    now = datetime.now(UTC)
    return [
        Freshness(
            provider=each.provider,
            stream=stream.stream,
            synced_until=stream.synced_until,
            last_success_at=stream.last_success_at,
            seconds_behind=_behind(stream, now),
        )
        for each in status.of_tenant(call.database, call.tenant)
        for stream in each.streams
    ]


@router.get("/platform/status", summary="How do all tenants' syncs go?")
@needs(Permission.TENANTS_READ)
def show_platform_status(
    call: Call,
    limit: Annotated[int, Query(ge=1, le=500, description="Tenants a page.")] = 50,
    cursor: Annotated[str | None, Query(max_length=2_000)] = None,
) -> Page[TenantStatus]:
    """Tenants in order of their creation. Ids, times, counts and codes; no tenant's data."""
    found, last = status.page(call.database, after=where(cursor, str), limit=limit)
    items = [TenantStatus.model_validate(_values(each)) for each in found]
    return Page(items=items, next=after(*last) if last else None)


def _values(each: status.IntegrationStatus) -> dict[str, object]:
    code, text = _reason(each)
    return {
        "tenant_id": each.tenant_id,
        "tenant_name": each.tenant_name,
        "provider": each.provider,
        "environment": each.environment,
        "health": each.health,
        "reason_code": code,
        "reason": text,
        "tested_at": each.tested_at,
        "last_success_at": each.last_success_at,
        "next_try_at": each.next_try,
        "streams": [_stream(each, stream) for stream in each.streams],
    }


def _reason(each: status.IntegrationStatus) -> tuple[str | None, str | None]:
    """What a person must know first: why it is paused, that it is untested, why it fails."""
    if each.active and each.state == "paused" and each.paused_reason:
        return each.paused_reason, failure_text(each.paused_reason)
    if each.active and each.state == "new":
        return "integration_untested", text_of("integration_untested")
    failure = each.failure
    if failure is not None and failure.failure_code:
        return failure.failure_code, f"{failure.stream}: {_why(failure)}"
    return None, None


def _stream(each: status.IntegrationStatus, stream: status.StreamStatus) -> StreamStatus:
    return StreamStatus(
        stream=stream.stream,
        state=stream.state,
        last_attempt_at=stream.last_attempt_at,
        last_success_at=stream.last_success_at,
        last_failure_at=stream.last_failure_at,
        failure_code=stream.failure_code if stream.state == "failed" else None,
        failure_text=_why(stream),
        consecutive_failures=stream.consecutive_failures,
        next_try_at=(stream.retry_at or each.next_try) if each.next_try else None,
        synced_until=stream.synced_until,
        undeclared=list(stream.undeclared),
        awaiting_basis=stream.awaiting_basis,
    )


def _why(stream: status.StreamStatus) -> str | None:
    if stream.state != "failed" or not stream.failure_code:
        return None
    return failure_text(
        stream.failure_code,
        status=stream.failure_status,
        provider_code=stream.failure_provider_code,
        field=stream.failure_field,
    )


def _behind(stream: status.StreamStatus, now: datetime) -> int | None:
    return None if stream.synced_until is None else max(int((now - stream.synced_until).total_seconds()), 0)
