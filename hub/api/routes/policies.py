"""A tenant's own choices for columns where the KVKK policy leaves one: listed with their history, made, taken back."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Path, Query, Response
from pydantic import Field

from hub.api.asked import Asked, Call
from hub.api.headers import tells
from hub.api.models import MOST_A_PAGE, PAGE_SIZE, Answer, Body, Page, cursor_of
from hub.api.moments import moment_and_id
from hub.api.need import needs
from hub.api.route import router as make_router
from hub.api.versions import IfMatch, etag_of, require_seen_there
from hub.errors import HubError
from hub.identity.permissions import Permission
from hub.policies import overrides
from hub.policies.new_override import NewOverride
from hub.policies.place import Place, place_of
from hub.validation import checked
from kvkk_policies.vocabulary import ActionName

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kvkk_policies.tightening import Tightening

router = make_router("policies", "/policies")

ProviderName = Annotated[str, Path(max_length=40, examples=["iyzico"])]
StreamName = Annotated[str, Path(max_length=63, examples=["subscription_customers"])]
ColumnName = Annotated[str, Path(max_length=63, examples=["gsm_number"])]


class Choice(Answer):
    """A choice in force. Who decided stands by their id, or by the name given on the hub's machine."""

    provider: str
    stream: str
    column: str
    action: str
    params: dict[str, Any]
    legal_basis: str
    retention: str
    decided_by: str
    decided_at: datetime


class Decision(Choice):
    """One entry of the history. `withdrawn`: the policy allows it no more, and the hub took it back."""

    decision: str = Field(examples=["set"])


class ChoiceToMake(Body):
    """Another action for the column, as far as its policy allows one."""

    action: ActionName = Field(examples=["pseudonymise"])
    legal_basis: str = Field(max_length=63, examples=["contract"])
    retention: str = Field(max_length=20, examples=["P1Y"])
    params: dict[str, Any] = Field(default_factory=dict, max_length=20)


class ChoiceMade(Answer):
    """What became of it. `needs_sync`: what is loaded already changes with a full sync alone."""

    rows_rewritten: int
    originals_removed: int
    needs_sync: bool


@router.get("/overrides", summary="List the choices in force")
@needs(Permission.INVENTORY_READ)
def list_choices(call: Call) -> list[Choice]:
    """At most one a column."""
    return [Choice.model_validate(each) for each in overrides.listed(call.database, call.tenant)]


@router.get("/overrides/history", summary="List every decision")
@needs(Permission.INVENTORY_READ)
def list_decisions(
    call: Call,
    limit: Annotated[int, Query(ge=1, le=MOST_A_PAGE)] = PAGE_SIZE,
    cursor: Annotated[str | None, Query(max_length=2_000)] = None,
) -> Page[Decision]:
    """Newest first."""
    found = overrides.history(call.database, call.tenant, after=moment_and_id(cursor), limit=limit + 1)
    last = found[limit - 1] if len(found) > limit else None
    return Page(
        items=[Decision.model_validate(each) for each in found[:limit]],
        next=cursor_of(last.decided_at.isoformat(), last.decision_id) if last else None,
    )


@router.get("/overrides/{provider}/{stream}/{column}", summary="Show the choice for a column")
@needs(Permission.INVENTORY_READ)
@tells("ETag")
def show_choice(
    call: Call, provider: ProviderName, stream: StreamName, column: ColumnName, response: Response
) -> Choice:
    """404 where the policy's own action is in force. Its `ETag` is for `If-Match`."""
    found = overrides.find(call.database, call.tenant, _place(call, provider, stream, column))
    if found is None:
        raise HubError("override_missing", stream=stream, column=column)
    response.headers["ETag"] = etag_of(overrides.fields_of(found))
    return Choice.model_validate(found)


@router.put("/overrides/{provider}/{stream}/{column}", summary="Choose another action for a column")
@needs(Permission.POLICIES_MANAGE)
def choose(
    call: Call,
    provider: ProviderName,
    stream: StreamName,
    column: ColumnName,
    body: ChoiceToMake,
    if_match: IfMatch = None,
) -> ChoiceMade:
    """What is loaded is rewritten at once if the choice is the stricter one; the decision stands even if that fails."""
    where = _place(call, provider, stream, column)
    actor = call.actor
    new = checked(NewOverride, body.model_dump() | {"by": actor.name})
    seen = _seen(call, where, if_match)
    change = overrides.choose(
        call.database, call.tenant, where, new.override, decided_by=new.by, actor=actor, seen=seen
    )
    return _settled(call, change)


@router.delete("/overrides/{provider}/{stream}/{column}", summary="Take a choice back")
@needs(Permission.POLICIES_MANAGE)
def take_back(
    call: Call, provider: ProviderName, stream: StreamName, column: ColumnName, if_match: IfMatch = None
) -> ChoiceMade:
    """The policy's own action is in force again: what the choice left in clear is masked at once."""
    where = _place(call, provider, stream, column)
    actor = call.actor
    seen = _seen(call, where, if_match)
    change = overrides.take_back(call.database, call.tenant, where, decided_by=actor.name, actor=actor, seen=seen)
    return _settled(call, change)


def _place(call: Asked, provider: str, stream: str, column: str) -> Place:
    from connectors.registry import PROVIDERS

    return place_of(PROVIDERS, call.services.policies, provider=provider, stream=stream, column=column)


def _seen(call: Asked, where: Place, if_match: str | None) -> Mapping[str, Any] | None:
    if if_match is None:
        return None
    return require_seen_there(if_match, overrides.fields_of(overrides.find(call.database, call.tenant, where)))


def _settled(call: Asked, change: Tightening) -> ChoiceMade:
    from connectors.registry import PROVIDERS
    from hub.policies.remask import open_remasker

    remasker = open_remasker(call.database, call.keyring, providers=PROVIDERS, policies=call.services.policies)
    done = remasker.settle(call.tenant)
    return ChoiceMade(
        rows_rewritten=sum(each.rows for each in done),
        originals_removed=sum(each.retired for each in done),
        needs_sync=change.needs_sync,
    )
