"""A tenant's message templates, and what it has decided about its messages."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Path, Query, Response
from pydantic import Field

from hub.api.asked import Call
from hub.api.headers import tells
from hub.api.models import Answer, Body, Page, cursor_of, keys_of
from hub.api.need import needs
from hub.api.route import router as make_router
from hub.api.versions import IfMatch, etag_of, require_seen
from hub.control import messaging
from hub.identity.permissions import Permission
from hub.templates import pages, rendering, store
from hub.templates.new_template import checked_template

router = make_router("templates")

Name = Annotated[str, Path(max_length=63, examples=["hatirlatma"])]
Language = Annotated[Literal["tr", "en"], Query()]
Version = Annotated[int | None, Query(ge=1, le=1_000_000, description="The newest in use unless given.")]


class Template(Answer):
    """One version of a template. A version never changes."""

    name: str = Field(examples=["hatirlatma"])
    language: Literal["tr", "en"]
    version: int
    channel: str = Field(examples=["sms"])
    kind: Literal["transactional", "commercial"]
    purpose: str | None
    text: str = Field(examples=["Borcunuz {{ tutar }}."])
    variables: dict[str, str] = Field(examples=[{"tutar": "money"}])
    created_by: str
    created_at: datetime
    retired_at: datetime | None


class TemplateToAdd(Body):
    """A template, or the next version of one."""

    name: str = Field(max_length=63, examples=["hatirlatma"])
    channel: str = Field(max_length=20, examples=["sms"])
    kind: str = Field(max_length=20, examples=["transactional"], description="transactional, commercial or mixed.")
    text: str = Field(max_length=10_000, examples=["Borcunuz {{ tutar }}."])
    language: str = Field(default="tr", max_length=5)
    purpose: str | None = Field(default=None, max_length=100)
    variables: dict[str, str] = Field(default_factory=dict, max_length=100, examples=[{"tutar": "money"}])


class TemplateToPreview(Body):
    """What fills a template."""

    language: Literal["tr", "en"] = "tr"
    version: int | None = Field(default=None, ge=1, le=1_000_000)
    variables: dict[str, Any] = Field(default_factory=dict, max_length=100, repr=False, examples=[{"tutar": "149.90"}])


class Preview(Answer):
    """The text as a message would have it."""

    text: str
    commercial: bool
    purpose: str | None


class Retired(Answer):
    """How many versions went out of use."""

    retired: int


class MessagingSettings(Answer):
    """Quiet hours hold for commercial messages, by channel, Istanbul's time."""

    quiet_hours: dict[str, str] = Field(examples=[{"sms": "21:00-09:00"}])
    opt_out_text: str | None = Field(examples=["Ret: IPTAL yazip 4609'a gonderin"])
    sender_title: str | None
    mersis: str | None


class MessagingChange(Body):
    """Only what is given changes; an empty text takes it away."""

    quiet_hours: dict[str, str] | None = Field(default=None, max_length=10, examples=[{"sms": "21:00-09:00"}])
    opt_out_text: str | None = Field(default=None, max_length=1_000)
    sender_title: str | None = Field(default=None, max_length=1_000)
    mersis: str | None = Field(default=None, max_length=50)


@router.get("/templates", summary="List templates")
@needs(Permission.TEMPLATES_READ)
def list_templates(
    call: Call,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    cursor: Annotated[str | None, Query(max_length=2_000)] = None,
) -> Page[Template]:
    """The newest version in use of each, by name."""
    name, language = map(str, keys_of(cursor, 2)) if cursor else (None, None)
    after = (name, language) if name is not None and language is not None else None
    found = pages.page(call.database, call.tenant, after=after, limit=limit + 1)
    last = found[limit - 1] if len(found) > limit else None
    items = [Template.model_validate(each) for each in found[:limit]]
    return Page(items=items, next=cursor_of(last.name, last.language) if last else None)


@router.post("/templates", status_code=201, summary="Add a template")
@needs(Permission.TEMPLATES_MANAGE)
@tells("Location")
def add_template(call: Call, body: TemplateToAdd, response: Response) -> Template:
    """Everything in it is checked; a name that is there gets its next version."""
    added = store.add(call.database, call.tenant, checked_template(body.model_dump()), actor=call.actor)
    response.headers["Location"] = f"/api/v1/templates/{added.name}?language={added.language}"
    return Template.model_validate(added)


@router.get("/templates/{name}", summary="Show a template")
@needs(Permission.TEMPLATES_READ)
def show_template(call: Call, name: Name, language: Language = "tr", version: Version = None) -> Template:
    """The text as it was added, also of one that is retired: then `retired_at` says since when."""
    found = store.find(call.database, call.tenant, name, language=language, version=version, retired=True)
    return Template.model_validate(found)


@router.post("/templates/{name}/preview", summary="Fill a template")
@needs(Permission.TEMPLATES_READ)
def preview_template(call: Call, name: Name, body: TemplateToPreview) -> Preview:
    """Nothing is sent or kept."""
    found = store.find(call.database, call.tenant, name, language=body.language, version=body.version)
    settings = messaging.of_tenant(call.database, call.tenant)
    return Preview.model_validate(rendering.render(found, body.variables, settings))


@router.post("/templates/{name}/retire", summary="Take a template out of use")
@needs(Permission.TEMPLATES_MANAGE)
def retire_template(call: Call, name: Name, language: Language = "tr", version: Version = None) -> Retired:
    """Every version unless one is named. Messages that wait keep their words."""
    count = store.retire(call.database, call.tenant, name, language=language, version=version, actor=call.actor)
    return Retired(retired=count)


@router.get("/messaging", summary="Show the settings of messages")
@needs(Permission.PROFILE_READ)
@tells("ETag")
def show_messaging(call: Call, response: Response) -> MessagingSettings:
    """Quiet hours, opt-out text, title of the sender. Its `ETag` is for `If-Match`."""
    return _shown(messaging.of_tenant(call.database, call.tenant), response)


@router.patch("/messaging", summary="Change the settings of messages")
@needs(Permission.PROFILE_MANAGE)
@tells("ETag")
def change_messaging(
    call: Call, body: MessagingChange, response: Response, if_match: IfMatch = None
) -> MessagingSettings:
    """Holds from the next message on. Of the quiet hours only the channels named change."""
    changes = body.model_dump(exclude_unset=True)
    seen = require_seen(if_match, messaging.of_tenant(call.database, call.tenant).stored())
    return _shown(messaging.change(call.database, call.tenant, changes, actor=call.actor, seen=seen), response)


def _shown(found: messaging.MessagingSettings, response: Response) -> MessagingSettings:
    response.headers["ETag"] = etag_of(found.stored())
    return MessagingSettings.model_validate({**dict.fromkeys(MessagingSettings.model_fields), "quiet_hours": {}}
                                            | found.stored())  # fmt: skip
