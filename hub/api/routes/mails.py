"""Mails of the hub: invitations, warnings, links, notices. Who gets them and what they say is shown to nobody."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Query
from pydantic import Field

from hub.api.asked import Asked, Call
from hub.api.models import MOST_A_PAGE, PAGE_SIZE, Answer, Page
from hub.api.moments import after, moment_and_id
from hub.api.need import needs
from hub.api.route import router as make_router
from hub.identity.caller import PLATFORM_SCOPE
from hub.identity.permissions import Permission
from hub.mail import queue
from hub.mail.queue import State

router = make_router("mails")

MailId = Annotated[UUID, Path()]
All = Annotated[bool, Query(alias="all", description="Those that have been sent too.")]
Limit = Annotated[int, Query(ge=1, le=MOST_A_PAGE)]
Cursor = Annotated[str | None, Query(max_length=2_000)]


class Mail(Answer):
    """A mail without recipient and text. `unknown`: it may have arrived, so it is not sent again by itself."""

    mail_id: UUID
    template: str = Field(examples=["breach_overdue"])
    language: str
    about: str = Field(description="What it is about, in ids and codes.")
    state: State
    attempts: int
    next_try_at: datetime
    failure_code: str | None
    sent_at: datetime | None
    created_at: datetime


@router.get("/mails", summary="List mails")
@needs(Permission.MAILS_READ)
def list_mails(call: Call, everything: All = False, limit: Limit = PAGE_SIZE, cursor: Cursor = None) -> Page[Mail]:
    """Those that wait or need a person, newest first."""
    return _page(call, call.tenant, everything=everything, limit=limit, cursor=cursor)


@router.post("/mails/{mail}/retry", summary="Send a mail again")
@needs(Permission.MAILS_DECIDE)
def retry_mail(call: Call, mail: MailId) -> Mail:
    """One that failed, or of unknown fate: whoever retries that one accepts that it may arrive twice."""
    return _decided(call, call.tenant, mail, "again")


@router.post("/mails/{mail}/settle", summary="Say that a mail arrived")
@needs(Permission.MAILS_DECIDE)
def settle_mail(call: Call, mail: MailId) -> Mail:
    """It is not sent again."""
    return _decided(call, call.tenant, mail, "sent")


@router.get("/platform/mails", summary="List mails to the operator's staff")
@needs(Permission.STAFF_MANAGE)
def list_platform_mails(
    call: Call, everything: All = False, limit: Limit = PAGE_SIZE, cursor: Cursor = None
) -> Page[Mail]:
    """Those that wait or need a person, newest first."""
    return _page(call, PLATFORM_SCOPE, everything=everything, limit=limit, cursor=cursor)


@router.post("/platform/mails/{mail}/retry", summary="Send a mail to the staff again")
@needs(Permission.STAFF_MANAGE)
def retry_platform_mail(call: Call, mail: MailId) -> Mail:
    """It may arrive twice."""
    return _decided(call, PLATFORM_SCOPE, mail, "again")


@router.post("/platform/mails/{mail}/settle", summary="Say that a mail to the staff arrived")
@needs(Permission.STAFF_MANAGE)
def settle_platform_mail(call: Call, mail: MailId) -> Mail:
    """It is not sent again."""
    return _decided(call, PLATFORM_SCOPE, mail, "sent")


def _page(call: Asked, scope: str, *, everything: bool, limit: int, cursor: str | None) -> Page[Mail]:
    found = queue.listed(call.database, scope, only_open=not everything, after=moment_and_id(cursor), limit=limit + 1)
    last = found[limit - 1] if len(found) > limit else None
    items = [Mail.model_validate(each) for each in found[:limit]]
    return Page(items=items, next=after(last.created_at, last.mail_id) if last else None)


def _decided(call: Asked, scope: str, mail: UUID, decision: Literal["again", "sent"]) -> Mail:
    return Mail.model_validate(queue.decide(call.database, scope, mail, decision, call.actor))
