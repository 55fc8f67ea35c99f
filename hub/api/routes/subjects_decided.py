"""A person's word on who is one person: links, shared identifiers, and whose these were on which days.

Nothing is re-encrypted, so each word can be taken back; each is in the audit log before it takes effect.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Path
from pydantic import Field

from hub.api.asked import Call
from hub.api.models import Answer, Body
from hub.api.moments import Day
from hub.api.naming import naming_fields
from hub.api.need import needs
from hub.api.persons import IdentifierNamed
from hub.api.route import router as make_router
from hub.api.routes.subjects import Held, Link, Shared
from hub.identity.permissions import Permission
from hub.kvkk import links, shared_identifiers, suppression

router = make_router("subjects", "/subjects")

Code = Annotated[str, Field(min_length=1, max_length=63, pattern=r"^[a-z][a-z0-9_]*$")]


class OnePerson(Body):
    """Two identifiers that name one person, and why, as a code."""

    identifier: IdentifierNamed
    other: IdentifierNamed
    reason: Code = Field(examples=["same_person"])


class LinksMade(Answer):
    """The link that was made; none where the two were one person already."""

    links: list[Link]


class SharedByMany(Body):
    """What several people have, and why, as a code."""

    identifier: IdentifierNamed
    reason: Code = Field(examples=["pool_vehicle"])


class SharedNoMore(Body):
    """What leads to its owner again."""

    identifier: IdentifierNamed


class DaysToGive(Body):
    """Whose alone a shared identifier was. `holder` names the person."""

    identifier: IdentifierNamed
    holder: IdentifierNamed
    since: Day | None = Field(default=None, description="First day in Istanbul; always unless given.")
    until: Day | None = Field(default=None, description="First day that is no longer theirs; no end unless given.")
    reason: Code = Field(examples=["driver_of_the_day"])


class Relation(Body):
    """Identifiers of somebody who was erased and is a customer again."""

    identifiers: list[IdentifierNamed] = Field(min_length=1, max_length=20)


class Renewed(Answer):
    """How many of the identifiers were suppressed."""

    renewed: int


@router.post("/links", status_code=201, summary="Say that two identifiers name one person")
@needs(Permission.REQUESTS_HANDLE)
def link(call: Call, body: OnePerson) -> LinksMade:
    """Each keeps its key: ending the link makes them two again."""
    one, other = body.identifier.known_as(call, "identifier"), body.other.known_as(call, "other")
    made = links.link(call.database, call.keyring, call.tenant, one, other, reason=body.reason, actor=call.actor)
    return LinksMade(links=[Link.model_validate(each) for each in made])


@router.delete("/links/{link}", summary="End a link")
@needs(Permission.REQUESTS_HANDLE)
def unlink(call: Call, link: Annotated[UUID, Path()]) -> Link:
    """Two people again. `POST /subjects/search` shows the ids of links."""
    return Link.model_validate(links.unlink(call.database, call.tenant, link, actor=call.actor))


@router.post("/shared", status_code=201, summary="Note that several people have an identifier")
@needs(Permission.REQUESTS_HANDLE)
def share(call: Call, body: SharedByMany) -> Shared:
    """From now on it leads to nobody by itself; whoever has it waits for a reviewer. Noting it again changes why."""
    pair = body.identifier.known_as(call, "identifier")
    noted = shared_identifiers.share(call.database, call.tenant, pair, reason=body.reason, actor=call.actor)
    return Shared.model_validate(noted)


@router.post("/shared/end", status_code=204, summary="Take that back")
@needs(Permission.REQUESTS_HANDLE)
def unshare(call: Call, body: SharedNoMore) -> None:
    """With the days that were given away: the identifier leads as it did before."""
    pair = body.identifier.known_as(call, "identifier")
    shared_identifiers.unshare(call.database, call.tenant, pair, actor=call.actor)


@router.post("/shared/periods", status_code=201, summary="Say whose a shared identifier was when")
@needs(Permission.REQUESTS_HANDLE)
def assign(call: Call, body: DaysToGive) -> Held:
    """Who drove the pool vehicle on these days. A day is one person's at most."""
    pair, holder = body.identifier.known_as(call, "identifier"), body.holder.known_as(call, "holder")
    with naming_fields({"period_reversed": "until", "subject_unknown": "holder"}):
        held = shared_identifiers.assign(
            call.database,
            call.keyring,
            call.tenant,
            pair,
            holder,
            since=body.since,
            until=body.until,
            reason=body.reason,
            actor=call.actor,
        )
    return Held.model_validate(held)


@router.delete("/shared/periods/{period}", summary="Take days back")
@needs(Permission.REQUESTS_HANDLE)
def unassign(call: Call, period: Annotated[UUID, Path()]) -> Held:
    """They are nobody's again."""
    return Held.model_validate(shared_identifiers.unassign(call.database, call.tenant, period, actor=call.actor))


@router.post("/renew", summary="Note a new relation with somebody who was erased")
@needs(Permission.DESTRUCTION_DECIDE)
def renew(call: Call, body: Relation) -> Renewed:
    """Lists without dates name them again from the next sync on; records from before the erasure stay empty."""
    pairs = [each.known_as(call, f"identifiers.{at}") for at, each in enumerate(body.identifiers)]
    count = suppression.renew(call.database, call.keyring.tenant(call.tenant), pairs, actor=call.actor)
    return Renewed(renewed=count)
