"""What providers told the hub: events without their content, handled again, and the addresses that are called."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Path, Query
from pydantic import Field

from connectors.istanbul import ISTANBUL
from connectors.registry import accounts
from hub.api.asked import Asked, Call
from hub.api.models import Answer, Body, Page
from hub.api.moments import Moment, after, where
from hub.api.need import needs
from hub.api.query import one_of
from hub.api.route import router as make_router
from hub.control.integrations import provider_named
from hub.identity.permissions import Permission
from hub.inbox import endpoints, listing, pages
from hub.inbox.replay import replay
from hub.messages import failure_text

router = make_router("inbox")

State = Literal["received", "handled", "aside"]
ProviderName = Annotated[str, Path(max_length=40, examples=["iyzico"])]


class Event(Answer):
    """An event without its content. `event_id` is the hub's own."""

    event_id: str
    provider: str
    kind: str
    signature: Literal["verified", "unsigned"]
    state: State = Field(description="`aside`: it could not be handled, and waits for a person.")
    received_at: datetime
    attempts: int
    next_try_at: datetime
    handled_at: datetime | None
    reason: str | None
    reason_text: str | None


class ReplayToDo(Body):
    """Events received from `since` on and before `until` are handled again; now unless `until` is given."""

    since: Moment = Field(examples=["2026-11-27T09:00:00+03:00"])
    until: Moment | None = None
    provider: str | None = Field(default=None, max_length=40)
    only_aside: bool = False


class Replayed(Answer):
    """How many events wait again, and how many are too old to be opened."""

    events: int
    unreadable: int


class Address(Answer):
    """An address that a provider may call; its secret is not told again."""

    provider: str
    created_at: datetime
    valid_until: datetime | None = Field(description="Null for the present one; another one ends then.")


class IssuedAddress(Answer):
    """A new address, told this once."""

    provider: str
    path: str = Field(examples=["/hooks/iyzico/Zk3..."])
    url: str | None = Field(description="The same behind the hub's public address, where that is configured.")
    others_until: datetime | None = Field(description="When the address before it ends.")


class AddressRotation(Body):
    """Whether the present address ends now (somebody else knows it) or after a week."""

    at_once: bool = Field(default=False, examples=[False])


_BOTH_WORK = AddressRotation()


class Ended(Answer):
    """How many addresses work no more."""

    ended: int


@router.get("/inbox/events", summary="List events")
@needs(Permission.INBOX_READ)
def list_events(
    call: Call,
    provider: Annotated[str | None, Query(max_length=40)] = None,
    state: Annotated[list[State] | None, Query(max_length=3)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    cursor: Annotated[str | None, Query(max_length=2_000)] = None,
) -> Page[Event]:
    """Newest first."""
    found = pages.page(
        call.database,
        call.tenant,
        provider=one_of("provider", provider, accounts()),
        states=state or None,
        after=where(cursor, str),
        limit=limit + 1,
    )
    last = found[limit - 1] if len(found) > limit else None
    cursor = after(last.received_at, f"{last.provider}:{last.event_id}") if last else None
    return Page(items=[_shown(each) for each in found[:limit]], next=cursor)


@router.post("/inbox/replay", status_code=202, summary="Handle a time again")
@needs(Permission.INBOX_REPLAY)
def replay_events(call: Call, body: ReplayToDo) -> Replayed:
    """As far back as the daily keys reach. Doing so twice changes nothing."""
    done = replay(
        call.database,
        call.tenant,
        since=body.since,
        until=body.until or datetime.now(ISTANBUL),
        provider=provider_named(body.provider).name if body.provider is not None else None,
        only_aside=body.only_aside,
        actor=call.actor,
    )
    return Replayed.model_validate(done)


@router.post("/inbox/events/{provider}/{event}/again", status_code=202, summary="Handle an event again")
@needs(Permission.INBOX_REPLAY)
def handle_again(call: Call, provider: ProviderName, event: Annotated[str, Path(max_length=200)]) -> Event:
    """One that was set aside."""
    return _shown(pages.again(call.database, call.tenant, provider, event, actor=call.actor))


@router.get("/inbox/addresses", summary="List the addresses that providers call")
@needs(Permission.INTEGRATIONS_READ)
def list_addresses(call: Call) -> list[Address]:
    """Those that work now, by provider."""
    return [Address.model_validate(each) for each in endpoints.listed(call.database, call.tenant)]


@router.post("/inbox/addresses/{provider}", status_code=201, summary="Make an address")
@needs(Permission.INTEGRATIONS_MANAGE, answer_kept=False)
def make_address(call: Call, provider: ProviderName) -> IssuedAddress:
    """For the provider's settings. Only a hash of its secret is kept."""
    name = provider_named(provider).name
    return _issued(call, endpoints.issue(call.database, call.tenant, name, actor=call.actor))


@router.post("/inbox/addresses/{provider}/rotate", status_code=201, summary="Make another address")
@needs(Permission.INTEGRATIONS_MANAGE, answer_kept=False)
def rotate_address(call: Call, provider: ProviderName, body: AddressRotation = _BOTH_WORK) -> IssuedAddress:
    """The present one works for another week, unless it ends at once."""
    name = provider_named(provider).name
    issued = endpoints.issue(call.database, call.tenant, name, rotate=True, at_once=body.at_once, actor=call.actor)
    return _issued(call, issued)


@router.delete("/inbox/addresses/{provider}", summary="End a provider's addresses")
@needs(Permission.INTEGRATIONS_MANAGE)
def end_addresses(call: Call, provider: ProviderName) -> Ended:
    """What the provider calls from then on is nobody's."""
    name = provider_named(provider).name
    return Ended(ended=endpoints.end(call.database, call.tenant, name, actor=call.actor))


def _shown(event: listing.Event) -> Event:
    text = failure_text(event.reason) if event.reason else None
    return Event.model_validate({**vars(event), "reason_text": text})


def _issued(call: Asked, issued: endpoints.Issued) -> IssuedAddress:
    public = call.services.settings.public_url
    return IssuedAddress(
        provider=issued.provider,
        path=issued.path,
        url=public.rstrip("/") + issued.path if public else None,
        others_until=issued.others_until,
    )
