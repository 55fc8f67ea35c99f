"""What the hub does to the world: asked for, followed, and decided by a person where nobody else can tell."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import Field

from hub.api.asked import Asked, Call
from hub.api.asking import Form, Terms, Wanted, Wording, batch_of, queue, queue_one
from hub.api.headers import tells
from hub.api.models import Answer, Body, Page
from hub.api.moments import after, moment_and_id
from hub.api.need import needs
from hub.api.route import documented
from hub.api.route import router as make_router
from hub.errors import HubError
from hub.identity.permissions import Permission
from hub.messages import failure_text, text_of
from hub.outbox import decide, listing, pages, payment_links
from hub.outbox.vocabulary import State

if TYPE_CHECKING:
    from collections.abc import Callable

router = make_router("actions", "/actions")

ActionId = Annotated[UUID, Path()]
_PATH = "/api/v1/actions"
_ELSEWHERE = {
    "findeks": "/api/v1/findeks/orders",
    "nilvera": "/api/v1/invoices",
    "uyumsoft": "/api/v1/invoices",
}
"""Providers whose actions have rules of their own beside the payload's: a legal basis, a number, a seal."""


class Action(Answer):
    """An action without what it sends. `recipient` is a pseudonym, `summary` and `facts` are codes and counts."""

    action_id: UUID
    kind: str = Field(examples=["netgsm.sms"])
    state: State
    reason: str | None = Field(description="Why it stands where it stands, as a code.")
    reason_text: str | None = Field(description="The same in words.")
    provider_code: str | None = Field(description="The provider's own code of a failure.")
    priority: int
    not_before: datetime
    attempts: int
    recipient: str | None
    template: str | None
    commercial: bool
    about: str | None
    batch_id: UUID | None
    summary: dict[str, Any]
    facts: dict[str, Any]
    units: int
    amount: Decimal
    currency: str
    created_by: str
    created_at: datetime
    accepted_at: datetime | None
    delivered_at: datetime | None
    settled_at: datetime | None
    decide_by: datetime | None = Field(description="Until when somebody must say what became of it.")
    next_look_at: datetime | None


class Attempt(Answer):
    """One attempt; `outcome` is null while it is under way."""

    attempt: int
    started_at: datetime
    finished_at: datetime | None
    outcome: str | None
    code: str | None
    status: int | None
    provider_code: str | None


class ActionInFull(Action):
    """An action with its attempts, oldest first."""

    attempts_made: list[Attempt]


class Kind(Answer):
    """A kind of action that can be asked for here."""

    kind: str = Field(examples=["iyzico.refund"])
    provider: str
    title: str
    is_message: bool
    costs: bool


class Queued(Answer):
    """One of many; `repeated` when the same request stood under its key already."""

    action_id: UUID
    state: State
    repeated: bool


class Batch(Answer):
    """What was asked for together, in the order of the call."""

    batch_id: UUID | None = Field(description="Null for one alone.")
    actions: list[Queued]


class ActionToAsk(Terms):
    """Any action but those that have calls of their own; `payload` is checked as its kind says."""

    kind: str = Field(max_length=80, examples=["iyzico.refund"])
    payload: dict[str, Any] = Field(
        repr=False, examples=[{"payment_transaction_id": "12345678", "amount": "10.50", "currency": "TRY"}]
    )
    template: Wording | None = None
    about: str | None = Field(default=None, max_length=200, examples=["order:4711"], description="Ids, and no names.")


class BatchToAsk(Body):
    """Up to a thousand actions, all or none."""

    actions: list[ActionToAsk] = Field(min_length=1, max_length=1_000)


class PaymentLink(Answer):
    """A link that was made. `token` is what takes it out of use (`iyzico.payment_link_disable`)."""

    url: str = Field(examples=["https://sandbox.iyzi.link/AAVSZg"])
    image_url: str | None
    token: str | None = Field(examples=["AAVSZg"])


class Settlement(Body):
    """What became of an action that nobody knows the fate of."""

    became: Literal["delivered", "failed"]


def shown(found: listing.Listed) -> Action:
    """An action as it is answered."""
    return Action.model_validate(_values(found))


def batch_answer(call: Asked, queued: list[Any]) -> Batch:
    """What was queued together."""
    batch_id = batch_of(call) if len(queued) > 1 else None
    return Batch(batch_id=batch_id, actions=[Queued.model_validate(each) for each in queued])


def placed(response: Response, action_id: UUID) -> None:
    """Say where the action can be followed."""
    response.headers["Location"] = f"{_PATH}/{action_id}"


@router.get("", summary="List actions")
@needs(Permission.ACTIONS_READ)
def list_actions(
    call: Call,
    state: Annotated[list[State] | None, Query(max_length=10)] = None,
    kind: Annotated[str | None, Query(max_length=80, examples=["netgsm.sms"])] = None,
    provider: Annotated[str | None, Query(max_length=40, examples=["netgsm"])] = None,
    about: Annotated[str | None, Query(max_length=200)] = None,
    batch: Annotated[UUID | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    cursor: Annotated[str | None, Query(max_length=2_000)] = None,
) -> Page[Action]:
    """Newest first; neither payload nor recipient is shown."""
    wanted = pages.Wanted(state or None, kind, provider, about, batch)
    found = pages.page(call.database, call.tenant, wanted, after=moment_and_id(cursor), limit=limit + 1)
    last = found[limit - 1] if len(found) > limit else None
    items = [shown(each) for each in found[:limit]]
    return Page(items=items, next=after(last.created_at, last.action_id) if last else None)


@router.get("/kinds", summary="What can be asked for?")
@needs(Permission.ACTIONS_READ)
def list_kinds(call: Call) -> list[Kind]:
    """By name."""
    from connectors.action_registry import kinds

    del call
    return [
        Kind(
            kind=each.name,
            provider=each.provider,
            title=text_of(f"action_{each.name.replace('.', '_')}"),
            is_message=each.is_message,
            costs=each.costs,
        )
        for each in sorted(kinds().values(), key=lambda each: each.name)
        if each.provider not in _ELSEWHERE
    ]


@router.post("", status_code=202, summary="Ask for an action")
@needs(Permission.ACTIONS_SEND, key_required=True)
@tells("Location")
async def ask_for_action(call: Call, body: ActionToAsk, response: Response) -> Action:
    """Refunds, cancellations, payment links, messages. The key stays the action's own: it is never done twice."""
    found, _ = await queue_one(call, _wanted(body), Form())
    placed(response, found.action_id)
    return shown(found)


@router.post("/batch", status_code=202, summary="Ask for many actions")
@needs(Permission.ACTIONS_SEND, key_required=True)
def ask_for_many(call: Call, body: BatchToAsk) -> Batch:
    """All or none. The n-th action's key in the outbox is the call's with `:n` behind it; the first has none."""
    return batch_answer(call, queue(call, [_wanted(each) for each in body.actions], Form("actions")))


@router.get("/{action}", summary="Show an action")
@needs(Permission.ACTIONS_READ)
def show_action(call: Call, action: ActionId) -> ActionInFull:
    """With codes and times of every attempt."""
    found, attempts = listing.get(call.database, call.tenant, action)
    return ActionInFull.model_validate(
        {**_values(found), "attempts_made": [Attempt.model_validate(each) for each in attempts]}
    )


@router.get("/{action}/link", summary="Show a payment link's address", responses={409: documented(409)})
@needs(Permission.ACTIONS_SEND)
def show_link(call: Call, action: ActionId) -> PaymentLink:
    """What you send on to who shall pay. 409 until it is made; kept as long as the payload. The reading is audited."""
    found = payment_links.read_link(call.database, call.keyring, call.tenant, action, actor=call.actor)
    return PaymentLink.model_validate(found)


@router.post("/{action}/retry", summary="Try again")
@needs(Permission.ACTIONS_DECIDE)
def retry_action(call: Call, action: ActionId) -> Action:
    """What failed, is dead or of unknown fate; whoever retries the last accepts that it may be done twice."""
    return _decided(call, action, decide.retry)


@router.post("/{action}/withdraw", summary="Take back")
@needs(Permission.ACTIONS_DECIDE)
def withdraw_action(call: Call, action: ActionId) -> Action:
    """Only what still waits."""
    return _decided(call, action, decide.withdraw)


@router.post("/{action}/settle", summary="Say what became of it")
@needs(Permission.ACTIONS_DECIDE)
def settle_action(call: Call, action: ActionId, body: Settlement) -> Action:
    """The provider's own pages tell; the hub does nothing more."""
    return shown(decide.settle(call.database, call.tenant, action, body.became, call.actor))


@router.post("/{action}/reconcile", status_code=202, summary="Ask the provider now")
@needs(Permission.ACTIONS_DECIDE)
def reconcile_action(call: Call, action: ActionId) -> Action:
    """What became of one that is accepted or of unknown fate; the next round of the outbox asks."""
    return _decided(call, action, decide.look_now)


def _decided(call: Asked, action: UUID, decision: Callable[..., listing.Listed]) -> Action:
    return shown(decision(call.database, call.tenant, action, call.actor))


def _wanted(body: ActionToAsk) -> Wanted:
    from connectors.action_registry import kinds

    kind = kinds().get(body.kind)
    path = _ELSEWHERE.get(kind.provider) if kind else None
    if path is not None:
        raise HubError("action_kind_elsewhere", kind=body.kind, path=path)
    return Wanted(body.kind, body.payload, body, body.template, body.about)


def _values(found: listing.Listed) -> dict[str, Any]:
    text = failure_text(found.reason, provider_code=found.failure_provider_code) if found.reason else None
    return {**vars(found), "reason_text": text, "provider_code": found.failure_provider_code}
