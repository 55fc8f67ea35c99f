"""What a tenant's actions cost a day, and how much it allows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Annotated

from fastapi import Path, Query, Response
from pydantic import Field

from connectors.istanbul import day_of
from connectors.registry import accounts
from hub.api.asked import Call
from hub.api.headers import tells
from hub.api.models import Answer, Body
from hub.api.need import needs
from hub.api.query import one_of
from hub.api.route import router as make_router
from hub.api.versions import IfMatch, etag_of, require_seen
from hub.identity.permissions import Permission
from hub.outbox.caps import limits, spending
from hub.validation import checked

router = make_router("actions", "/spend")

ProviderName = Annotated[str, Path(max_length=40, examples=["netgsm"])]


class Cap(Answer):
    """What a provider's actions may cost a day (Istanbul's); null has no cap, 0 allows none."""

    provider: str = Field(examples=["netgsm"])
    currency: str = Field(examples=["TRY"])
    daily_count: int | None
    daily_amount: Decimal | None


class Spent(Answer):
    """One provider's use on one day in one currency. `units` are parts of an SMS, messages, reports."""

    provider: str
    day: date
    currency: str
    count: int
    units: int
    amount: Decimal


class CapToSet(Body):
    """Takes the place of the former cap as a whole."""

    daily_count: int | None = Field(default=None, ge=0, le=1_000_000_000)
    daily_amount: Decimal | None = Field(default=None, ge=0, le=1_000_000_000, decimal_places=6, examples=["250.00"])
    currency: str = Field(default="TRY", pattern=r"^[A-Z]{3}$")


@router.get("", summary="What was used?")
@needs(Permission.ACTIONS_READ)
def show_spend(
    call: Call,
    days: Annotated[int, Query(ge=1, le=366, description="So many days back, today among them.")] = 7,
    provider: Annotated[str | None, Query(max_length=40)] = None,
) -> list[Spent]:
    """By provider and day, newest first."""
    today = day_of(datetime.now(UTC))
    with call.database.tenant(call.tenant, "app") as connection:
        found = spending.spent(
            connection,
            call.tenant,
            since=today - timedelta(days=days - 1),
            until=today,
            provider=one_of("provider", provider, accounts()),
        )
    return [Spent.model_validate(each) for each in found]


@router.get("/caps", summary="List the daily caps")
@needs(Permission.ACTIONS_READ)
def list_caps(call: Call) -> list[Cap]:
    """By provider."""
    with call.database.tenant(call.tenant, "app") as connection:
        return [Cap.model_validate(each) for each in limits.caps(connection, call.tenant)]


@router.get("/caps/{provider}", summary="Show a daily cap")
@needs(Permission.ACTIONS_READ)
@tells("ETag")
def show_cap(call: Call, provider: ProviderName, response: Response) -> Cap:
    """Also where there is none. Its `ETag` is for `If-Match`."""
    with call.database.tenant(call.tenant, "app") as connection:
        return _shown(limits.cap(connection, call.tenant, provider), response)


@router.put("/caps/{provider}", summary="Set a daily cap")
@needs(Permission.ACTIONS_DECIDE)
@tells("ETag")
def set_cap(call: Call, provider: ProviderName, body: CapToSet, response: Response, if_match: IfMatch = None) -> Cap:
    """Holds from the next action on."""
    new = checked(limits.NewCap, body.model_dump())
    seen = None
    if if_match is not None:
        with call.database.tenant(call.tenant, "app") as connection:
            seen = require_seen(if_match, limits.cap(connection, call.tenant, provider).fields())
    return _shown(limits.set_cap(call.database, call.tenant, provider, new, actor=call.actor, seen=seen), response)


def _shown(found: limits.Cap, response: Response) -> Cap:
    response.headers["ETag"] = etag_of(found.fields())
    return Cap.model_validate(found)
