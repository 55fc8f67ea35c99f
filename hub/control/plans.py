"""What each plan allows. A tenant's own `limits` replace single numbers of its plan's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from typing import Any, Literal, get_args

from hub.errors import HubError

Plan = Literal["trial", "starter", "professional", "enterprise"]
PLANS: tuple[Plan, ...] = get_args(Plan)


@dataclass(frozen=True)
class Limits:
    """Numbers that the control plane enforces."""

    integrations: int
    analysts: int
    least_interval_minutes: int
    """Shortest time between two syncs of one integration."""
    history_days: int
    """How far back a sync may be asked to reach."""
    api_calls_per_minute: int
    api_burst: int
    """Calls that may come at once; the bucket fills up again at the rate above (hub/limits)."""
    webhooks_per_minute: int
    """Events that the providers may bring in."""
    actions_per_day: int
    """Asked for on an Istanbul day, and again tried on one: what was asked for earlier counts when it is sent."""
    syncs_per_day: int
    """Those that a person asks for; the scheduled ones are bounded by their interval."""
    storage_bytes: int
    """Masked rows in the landing tables, as they were loaded; marts are made from them and not counted."""


_GIBIBYTE = 1024**3

LIMITS: Mapping[Plan, Limits] = {
    "trial": Limits(
        integrations=4,
        analysts=2,
        least_interval_minutes=60,
        history_days=90,
        api_calls_per_minute=120,
        api_burst=60,
        webhooks_per_minute=600,
        actions_per_day=1_000,
        syncs_per_day=24,
        storage_bytes=_GIBIBYTE,
    ),
    "starter": Limits(
        integrations=4,
        analysts=2,
        least_interval_minutes=60,
        history_days=365,
        api_calls_per_minute=300,
        api_burst=100,
        webhooks_per_minute=3_000,
        actions_per_day=5_000,
        syncs_per_day=48,
        storage_bytes=10 * _GIBIBYTE,
    ),
    "professional": Limits(
        integrations=8,
        analysts=10,
        least_interval_minutes=15,
        history_days=1_095,
        api_calls_per_minute=1_200,
        api_burst=300,
        webhooks_per_minute=12_000,
        actions_per_day=50_000,
        syncs_per_day=200,
        storage_bytes=100 * _GIBIBYTE,
    ),
    "enterprise": Limits(
        integrations=100,
        analysts=100,
        least_interval_minutes=5,
        history_days=3_650,
        api_calls_per_minute=12_000,
        api_burst=2_000,
        webhooks_per_minute=120_000,
        actions_per_day=1_000_000,
        syncs_per_day=2_000,
        storage_bytes=2_048 * _GIBIBYTE,
    ),
}
LIMIT_NAMES: tuple[str, ...] = tuple(field.name for field in fields(Limits))


def limits_of(plan: Plan, own: Mapping[str, Any]) -> Limits:
    """The plan's limits with the tenant's own numbers over them. Names that are no limit count for nothing."""
    return replace(LIMITS[plan], **{name: int(value) for name, value in own.items() if name in LIMIT_NAMES})


def sync_interval(provider_default: timedelta, limits: Limits, asked_seconds: int | None) -> timedelta:
    """Time between two syncs: what the tenant asked for, or the provider's default, never shorter than the plan's."""
    wanted = provider_default if asked_seconds is None else timedelta(seconds=asked_seconds)
    return max(wanted, timedelta(minutes=limits.least_interval_minutes))


def require_room(limit: str, *, used: int, allowed: int, plan: str) -> None:
    """HubError `plan_limit_reached` when one more would pass the plan's limit."""
    if used >= allowed:
        raise HubError("plan_limit_reached", limit=limit, allowed=allowed, plan=plan)
