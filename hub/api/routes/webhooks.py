"""Webhooks out: addresses of a tenant's own that the hub tells what happens, signed by the Standard Webhooks scheme."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import AwareDatetime, Field

from hub.api.asked import Call
from hub.api.headers import tells
from hub.api.models import Answer, Body, Page
from hub.api.moments import after, where
from hub.api.naming import naming_fields
from hub.api.need import needs
from hub.api.paging import AT_ONCE, Cursor, Limit, page_of
from hub.api.route import router as make_router
from hub.api.versions import IfMatch, etag_of, require_seen
from hub.errors import HubError
from hub.identity.permissions import Permission
from hub.subscriptions import at_once, changing, history, managing
from hub.subscriptions.reach import reach_of
from hub.subscriptions.telling import Outgoing
from hub.subscriptions.vocabulary import SUBSCRIBABLE

router = make_router("webhooks", "/webhooks")

_OF_ADDRESS = {"webhook_address_": "address", "webhook_name_": "address", "webhook_port_": "address"}

WebhookId = Annotated[UUID, Path()]


class Webhook(Answer):
    """An address that is told; its path may be a secret, so lists show the host alone."""

    subscription_id: UUID
    host: str
    types: list[str]
    state: Literal["active", "paused", "disabled"]
    reason: str | None
    failing_since: datetime | None
    rests_until: datetime | None
    previous_until: datetime | None
    created_at: datetime


class OpenWebhook(Answer):
    """With the whole address, and who is told by mail when it is disabled."""

    webhook: Webhook
    address: str
    contact: str | None


class MadeWebhook(Answer):
    """With the secret that signs, this once."""

    webhook: Webhook
    secret: str = Field(examples=["whsec_..."])


class WebhookToAdd(Body):
    """Where to, and what to tell."""

    address: str = Field(max_length=2_000, examples=["https://ornek.com.tr/kopru"])
    types: list[str] = Field(default_factory=lambda: list(SUBSCRIBABLE), max_length=50, examples=[["invoice.final"]])
    contact: str | None = Field(default=None, max_length=320)


class WebhookChange(Body):
    """What of a webhook is to be another. What is not named stays."""

    address: str = Field(default="", max_length=2_000, examples=["https://ornek.com.tr/kopru2"])
    types: list[str] = Field(default_factory=list[str], max_length=50, examples=[["invoice.final", "sync.failed"]])
    contact: str | None = Field(default=None, max_length=320, description="Null: nobody is told any more.")


class SecretRotation(Body):
    """Whether the old secret ends at once; otherwise both sign for a day."""

    at_once: bool = Field(default=False, examples=[False])


_BOTH_SIGN = SecretRotation()


class Tested(Answer):
    """What the receiver answered."""

    event_id: str
    delivered: bool
    status: int | None
    code: str | None
    milliseconds: int


class DeliveryAttempt(Answer):
    """One try; of an answer nothing is kept but its status. `ms` is how long it took."""

    at: datetime
    status: int | None
    code: str | None
    ms: int | None


class Delivery(Answer):
    """One event for one address."""

    event_id: str
    type: str
    occurred_at: datetime
    state: str
    attempts: int
    next_try_at: datetime | None
    settled_at: datetime | None
    tries: list[DeliveryAttempt]


class Resend(Body):
    """One event by its id, or all since a time that were not taken in."""

    event_id: str | None = Field(default=None, max_length=100)
    since: AwareDatetime | None = Field(default=None, examples=["2026-11-27T09:00:00+03:00"])


class Resent(Answer):
    """How many go out again."""

    count: int


@router.get("", summary="List the webhooks")
@needs(Permission.WEBHOOKS_READ)
def list_webhooks(call: Call) -> list[Webhook]:
    """The oldest first."""
    return [Webhook.model_validate(each) for each in managing.listed(call.database, call.tenant)]


@router.post("", status_code=201, summary="Subscribe an address")
@needs(Permission.WEBHOOKS_MANAGE, answer_kept=False)
@tells("Location")
def add_webhook(call: Call, body: WebhookToAdd, response: Response) -> MadeWebhook:
    """The address is checked now and each time that something is sent: none of a private network is taken."""
    import asyncio

    adding = managing.add(
        call.database,
        call.keyring,
        reach_of(call.services.settings),
        call.tenant,
        address=body.address,
        types=body.types,
        contact=body.contact,
        actor=call.actor,
    )
    with naming_fields(_OF_ADDRESS, {"notify": "contact"}):
        made = asyncio.run(adding)
    response.headers["Location"] = f"/api/v1/webhooks/{made.subscription.subscription_id}"
    return MadeWebhook(webhook=Webhook.model_validate(made.subscription), secret=made.secret.reveal())


@router.get("/{webhook}", summary="Show a webhook")
@needs(Permission.WEBHOOKS_MANAGE)
@tells("ETag")
def show_webhook(call: Call, webhook: WebhookId, response: Response) -> OpenWebhook:
    """With its address. Its `ETag` is for `If-Match`."""
    return _open(managing.get(call.database, call.keyring, call.tenant, webhook), response)


@router.patch("/{webhook}", summary="Change a webhook")
@needs(Permission.WEBHOOKS_MANAGE)
@tells("ETag")
def change_webhook(
    call: Call, webhook: WebhookId, body: WebhookChange, response: Response, if_match: IfMatch = None
) -> OpenWebhook:
    """A new address is checked as the first one was, and what waits goes there.

    Secret and state stay: `resume` has a webhook told again that was disabled.
    """
    import asyncio

    before = managing.get(call.database, call.keyring, call.tenant, webhook)
    changing_it = changing.change(
        call.database,
        call.keyring,
        reach_of(call.services.settings),
        call.tenant,
        webhook,
        body.model_dump(exclude_unset=True),
        actor=call.actor,
        seen=require_seen(if_match, changing.fields_of(before)),
    )
    with naming_fields(_OF_ADDRESS, {"notify": "contact"}):
        after = asyncio.run(changing_it)
    return _open(after, response)


@router.post("/{webhook}/test", summary="Try a webhook")
@needs(Permission.WEBHOOKS_MANAGE)
def test_webhook(call: Call, webhook: WebhookId) -> Tested:
    """Sends `subscription.test` at once, also while it is paused or disabled."""
    import asyncio

    outgoing = Outgoing(call.database, call.keyring, reach_of(call.services.settings))
    return Tested.model_validate(asyncio.run(at_once.test(outgoing, call.tenant, webhook, actor=call.actor)))


@router.post("/{webhook}/pause", summary="Pause a webhook")
@needs(Permission.WEBHOOKS_MANAGE)
def pause_webhook(call: Call, webhook: WebhookId) -> Webhook:
    """What happens meanwhile waits."""
    after = managing.pause(call.database, call.keyring, call.tenant, webhook, actor=call.actor)
    return Webhook.model_validate(after)


@router.post("/{webhook}/resume", summary="Resume a webhook")
@needs(Permission.WEBHOOKS_MANAGE)
def resume_webhook(call: Call, webhook: WebhookId) -> Webhook:
    """First what waited; after it was disabled nothing waits, and `resend` brings what is still kept."""
    after = managing.resume(call.database, call.keyring, call.tenant, webhook, actor=call.actor)
    return Webhook.model_validate(after)


@router.post("/{webhook}/rotate-secret", summary="Make another secret")
@needs(Permission.WEBHOOKS_MANAGE, answer_kept=False)
def rotate_webhook(call: Call, webhook: WebhookId, body: SecretRotation = _BOTH_SIGN) -> MadeWebhook:
    """Both secrets sign for a day, unless the old one must end at once."""
    made = managing.rotate_secret(
        call.database, call.keyring, call.tenant, webhook, at_once=body.at_once, actor=call.actor
    )
    return MadeWebhook(webhook=Webhook.model_validate(made.subscription), secret=made.secret.reveal())


@router.delete("/{webhook}", status_code=204, summary="Remove a webhook")
@needs(Permission.WEBHOOKS_MANAGE)
def remove_webhook(call: Call, webhook: WebhookId) -> None:
    """With all that waits for it."""
    managing.remove(call.database, call.keyring, call.tenant, webhook, actor=call.actor)


@router.get("/{webhook}/deliveries", summary="What was sent")
@needs(Permission.WEBHOOKS_READ)
def list_deliveries(
    call: Call,
    webhook: WebhookId,
    only_open: Annotated[bool, Query(alias="open", description="Those alone that were not taken in.")] = False,
    limit: Limit = AT_ONCE,
    cursor: Cursor = None,
) -> Page[Delivery]:
    """Of thirty days, newest first."""
    found = history.listed(
        call.database,
        call.keyring,
        call.tenant,
        webhook,
        only_open=only_open,
        most=limit + 1,
        after=where(cursor, str),
    )
    return page_of(Delivery, found, limit, place=lambda last: after(last.occurred_at, last.event_id))


@router.post("/{webhook}/resend", status_code=202, summary="Send again")
@needs(Permission.WEBHOOKS_MANAGE)
def resend_events(call: Call, webhook: WebhookId, body: Resend) -> Resent:
    """Under the same ids: a receiver knows what it has."""
    if (body.event_id is None) == (body.since is None):
        raise HubError("resend_what")
    if body.event_id is not None:
        history.resend(call.database, call.keyring, call.tenant, webhook, body.event_id, actor=call.actor)
        return Resent(count=1)
    since = body.since or datetime.now(UTC)
    count = history.resend_since(call.database, call.keyring, call.tenant, webhook, since, actor=call.actor)
    return Resent(count=count)


def _open(found: managing.Opened, response: Response) -> OpenWebhook:
    response.headers["ETag"] = etag_of(changing.fields_of(found))
    return OpenWebhook(webhook=Webhook.model_validate(found.subscription), address=found.address, contact=found.contact)
