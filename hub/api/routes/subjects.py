"""Who is one person, as far as it is known: what an identifier leads to, what several people share, what is in doubt.

Identifiers come in bodies and go into a `Secret`; what is answered are pseudonyms, ids of subjects and counts.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import Field

from hub.api.asked import Asked, Call
from hub.api.models import MOST_A_PAGE, PAGE_SIZE, Answer, Body, Page, cursor_of, keys_of
from hub.api.need import needs
from hub.api.persons import IdentifierNamed
from hub.api.route import router as make_router
from hub.identity.permissions import Permission
from hub.kvkk import links, shared_identifiers
from hub.kvkk.person import find_person
from hub.kvkk.review import Reviews, Whose

router = make_router("subjects", "/subjects")


class PersonAsked(Body):
    """Whom to look for."""

    identifier: IdentifierNamed


class Link(Answer):
    """Somebody's word that two subjects are one person."""

    link_id: UUID
    subject_id: str
    other_subject_id: str
    reason: str = Field(examples=["same_person"])
    made_by: str
    made_at: datetime


class IdentifierKnown(Answer):
    """One identifier of a person, by its pseudonym. A weak one proves nobody."""

    kind: str
    pseudonym: str
    strength: Literal["strong", "weak"]


class Days(Answer):
    """Rows of a table that carry an identifier, by day (Istanbul); null where its rows have none."""

    table: str = Field(examples=["landing.arvento_trips"])
    first: date | None
    last: date | None
    rows: int
    whose: Whose


class Doubt(Answer):
    """An identifier that reaches subjects who may be the person. `reason`: why it was noted as shared."""

    kind: str
    pseudonym: str
    reason: str | None
    subjects: list[str]
    mentions: int = Field(description="Free texts that speak of it.")
    days: list[Days]


class Person(Answer):
    """What is known of a person. `subjects`: how each was reached; `uncertain`: who only may be the person."""

    subjects: dict[str, Literal["strong", "link", "weak"]]
    uncertain: list[str]
    identifiers: list[IdentifierKnown]
    links: list[Link]
    doubts: list[Doubt]


class Waiting(Answer):
    """A request some of whose subjects wait for a decision (`POST /requests/{request}/subjects/{subject}/decision`)."""

    request_id: UUID
    subjects: list[str]
    doubts: list[Doubt]


class Held(Answer):
    """Days (Istanbul, `until` excluded) in which a shared identifier was one subject's alone."""

    period_id: UUID
    kind: str
    pseudonym: str
    subject_id: str
    since: date | None
    until: date | None
    reason: str
    noted_by: str


class Shared(Answer):
    """An identifier that several people have: it leads to nobody by itself."""

    kind: str
    pseudonym: str
    reason: str = Field(examples=["pool_vehicle"])
    noted_by: str
    noted_at: datetime


class SharedInFull(Shared):
    """With the days that were given away, oldest first."""

    periods: list[Held]


@router.post("/search", summary="Whom does an identifier name?")
@needs(Permission.REQUESTS_HANDLE)
def search_person(call: Call, body: PersonAsked) -> Person:
    """By pseudonyms, links, and what a reviewer must decide. Nobody where `subjects` is empty."""
    pair = body.identifier.known_as(call, "identifier")
    person = find_person(call.database, call.keyring, call.tenant, [pair])
    made = links.links_of(call.database, call.keyring, call.tenant, pair)
    return Person(
        subjects=person.subjects,
        uncertain=sorted(person.uncertain),
        identifiers=[IdentifierKnown.model_validate(each._asdict()) for each in sorted(person.identifiers)],
        links=[Link.model_validate(each) for each in made],
        doubts=[Doubt.model_validate(each) for each in _reviews(call).doubts(person, [pair])],
    )


@router.get("/review", summary="What waits for a reviewer?")
@needs(Permission.REQUESTS_HANDLE)
def list_waiting(call: Call) -> list[Waiting]:
    """The request that is due first ahead; counts and days, no values."""
    return [Waiting.model_validate(each) for each in _reviews(call).waiting(call.tenant)]


@router.get("/shared", summary="List shared identifiers")
@needs(Permission.REQUESTS_HANDLE)
def list_shared(
    call: Call,
    limit: Annotated[int, Query(ge=1, le=MOST_A_PAGE)] = PAGE_SIZE,
    cursor: Annotated[str | None, Query(max_length=2_000)] = None,
) -> Page[SharedInFull]:
    """By kind and pseudonym, with whose they were when."""
    kind, pseudonym = map(str, keys_of(cursor, 2)) if cursor is not None else ("", "")
    after = (kind, pseudonym) if cursor is not None else None
    found = shared_identifiers.shared(call.database, call.tenant, after=after, limit=limit + 1)
    last = found[limit - 1] if len(found) > limit else None
    pairs = [(each.kind, each.pseudonym) for each in found[:limit]]
    given = shared_identifiers.periods(call.database, call.tenant, of=pairs)
    items = [
        SharedInFull(
            **vars(each),
            periods=[
                Held.model_validate(days)
                for days in given
                if (days.kind, days.pseudonym) == (each.kind, each.pseudonym)
            ],
        )
        for each in found[:limit]
    ]
    return Page(items=items, next=cursor_of(last.kind, last.pseudonym) if last else None)


def _reviews(call: Asked) -> Reviews:
    from connectors.registry import PROVIDERS

    return Reviews(call.database, call.keyring, PROVIDERS, call.services.policies)
