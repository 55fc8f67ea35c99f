"""What a tenant decides about its desk: how soon it answers, and where warnings and alarms are mailed."""

from __future__ import annotations

from typing import Annotated

from fastapi import Response
from pydantic import Field

from hub.api.asked import Call
from hub.api.headers import tells
from hub.api.models import Answer, Body
from hub.api.need import needs
from hub.api.route import router as make_router
from hub.api.versions import IfMatch, etag_of, require_seen
from hub.identity.permissions import Permission
from hub.kvkk.clocks import ANSWER_DAYS, ClockStart
from hub.kvkk.requests import desk_settings

router = make_router("requests", "/requests/settings")


class DeskSettings(Answer):
    """The tenant's choices; what it did not choose is as the law says."""

    dpo_email: str | None = Field(
        description="Where warnings of requests and breaches and alarms of İYS are mailed; null: nowhere.",
        examples=["kvkk@ornek.com.tr"],
    )
    request_answer_days: int = Field(description="Days in which the tenant answers.", examples=[30])
    request_clock_starts: ClockStart = Field(description="Whether they run from receipt, or from the proved identity.")


class DeskSettingsChange(Body):
    """What is not named stays; null takes a choice back."""

    dpo_email: str | None = Field(
        default=None,
        max_length=desk_settings.LONGEST_ADDRESS,
        description="A mailbox of the office rather than a person's.",
        examples=["kvkk@ornek.com.tr"],
    )
    request_answer_days: Annotated[int, Field(ge=1, le=ANSWER_DAYS)] | None = Field(default=None, examples=[20])
    request_clock_starts: ClockStart | None = Field(default=None, examples=["receipt"])


@router.get("", summary="Show the settings of the desk")
@needs(Permission.REQUESTS_READ)
@tells("ETag")
def show_desk_settings(call: Call, response: Response) -> DeskSettings:
    """Its `ETag` is for `If-Match`."""
    return _shown(desk_settings.of_tenant(call.database, call.tenant), response)


@router.patch("", summary="Change the settings of the desk")
@needs(Permission.REQUESTS_APPROVE)
@tells("ETag")
def change_desk_settings(
    call: Call, body: DeskSettingsChange, response: Response, if_match: IfMatch = None
) -> DeskSettings:
    """For the data-protection officer and the owner. Requests that are open keep their term."""
    changes = body.model_dump(exclude_unset=True)
    seen = None
    if if_match is not None:
        seen = require_seen(if_match, desk_settings.of_tenant(call.database, call.tenant).fields())
    return _shown(desk_settings.change(call.database, call.tenant, changes, actor=call.actor, seen=seen), response)


def _shown(found: desk_settings.DeskChoices, response: Response) -> DeskSettings:
    response.headers["ETag"] = etag_of(found.fields())
    return DeskSettings.model_validate(found)
