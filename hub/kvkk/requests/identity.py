"""Checks who applies, with what is held already: nothing more is collected, and no document is kept.

A method names what it proves. A signature, a login or a document that was shown proves the identity number in it; the
hub itself can tell that two identifiers belong to one person it knows, or that an application came from the address on
file. Every other identifier counts only where the index ties it to what is proved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.errors import HubError
from hub.kvkk.clocks import answer_due
from hub.kvkk.person import find_person
from hub.kvkk.requests import record, subjects
from hub.kvkk.requests.desk_settings import read_settings
from hub.kvkk.requests.opening import add_identifiers
from hub.kvkk.requests.vocabulary import IDENTITY_NUMBERS

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from uuid import UUID

    from hub.db.database import Connection, Database
    from hub.keys.keyring import Keyring
    from hub.kvkk.audit import Actor
    from hub.kvkk.person import Person
    from hub.kvkk.requests.opening import Pseudonym
    from hub.kvkk.requests.record import Request
    from hub.kvkk.requests.vocabulary import IdentityMethod


def identify(
    database: Database,
    keyring: Keyring,
    tenant_id: str,
    request_id: UUID,
    method: IdentityMethod,
    *,
    actor: Actor,
    added: Collection[Pseudonym] = (),
    now: datetime | None = None,
) -> Request:
    """Check the applicant by a method, with identifiers they named before or name now (`added`).

    The request is confirmed, or stays open with the doubt in its history: `identity_confirmed_at` tells which. HubError
    `request_unknown` and what `transitions.after` says.
    """
    with database.tenant(tenant_id, "app") as connection:
        record.read(connection, tenant_id, request_id)
        named = {*_named(connection, tenant_id, request_id), *added}
    verified = _verified(database, keyring, tenant_id, method, named)
    concerned = (
        subjects.found(database, keyring, tenant_id, verified=verified, claimed=named - verified) if verified else {}
    )
    with database.tenant(tenant_id, "app") as connection:
        moment = record.clock(connection, now)
        request = record.read(connection, tenant_id, request_id, locked=True)
        add_identifiers(connection, tenant_id, request_id, added)
        details = {"method": method, "kinds": sorted(kind for kind, _ in named)}
        if not verified:
            return record.move(
                connection, tenant_id, request, "doubt_identity", actor=actor, now=moment, details=details
            )
        _mark(connection, tenant_id, request_id, verified)
        in_review = subjects.settle(connection, tenant_id, request_id, concerned)
        details |= {
            "verified_kinds": sorted(kind for kind, _ in verified),
            "subjects": len(concerned),
            "in_review": in_review,
        }
        settings = read_settings(connection, tenant_id)
        start = moment if settings.clock_starts == "identity" else request.received_at
        return record.move(
            connection,
            tenant_id,
            request,
            "confirm_identity",
            actor=actor,
            now=moment,
            details=details,
            identity_method=method,
            identity_confirmed_at=moment,
            due_at=answer_due(start, settings.answer_days),
        )


def name_identifiers(
    database: Database,
    tenant_id: str,
    request_id: UUID,
    added: Collection[Pseudonym],
    *,
    actor: Actor,
    now: datetime | None = None,
) -> Request:
    """Note identifiers that the applicant named later; they prove nothing until the next `identify`.

    HubError `request_unknown`, `request_without_identifier`, and what `transitions.after` says.
    """
    if not added:
        raise HubError("request_without_identifier")
    with database.tenant(tenant_id, "app") as connection:
        moment = record.clock(connection, now)
        request = record.read(connection, tenant_id, request_id, locked=True)
        details = {"kinds": sorted(kind for kind, _ in added)}
        moved = record.move(
            connection, tenant_id, request, "name_identifiers", actor=actor, now=moment, details=details
        )
        add_identifiers(connection, tenant_id, request_id, added)
        return moved


def find_again(database: Database, keyring: Keyring, tenant_id: str, request_id: UUID) -> int:
    """Look once more whom a confirmed request concerns, before its work starts. How many wait for a reviewer."""
    with database.tenant(tenant_id, "app") as connection:
        verified = _named(connection, tenant_id, request_id, verified=True)
        claimed = _named(connection, tenant_id, request_id) - verified
    concerned = subjects.found(database, keyring, tenant_id, verified=verified, claimed=claimed)
    with database.tenant(tenant_id, "app") as connection:
        record.read(connection, tenant_id, request_id, locked=True)
        return subjects.settle(connection, tenant_id, request_id, concerned)


def _verified(
    database: Database, keyring: Keyring, tenant_id: str, method: IdentityMethod, named: set[Pseudonym]
) -> set[Pseudonym]:
    """Identifiers that the method shows to be the applicant's; empty when it shows nothing."""
    if method == "matched_identifiers":
        return _matched(database, keyring, tenant_id, named)
    kinds = ("email",) if method == "registered_email" else IDENTITY_NUMBERS
    proved = {each for each in named if each[0] in kinds}
    if not proved:
        return set()
    person = find_person(database, keyring, tenant_id, proved)
    if method == "registered_email" and not person.subjects:
        return set()  # an address that nobody has on file proves nothing
    return proved | (named & _of(person))


def _matched(database: Database, keyring: Keyring, tenant_id: str, named: set[Pseudonym]) -> set[Pseudonym]:
    """The largest set of named identifiers, of two kinds at least, that the index ties to one person."""
    best: set[Pseudonym] = set()
    for each in sorted(named):
        person = find_person(database, keyring, tenant_id, [each])
        agreeing = named & _of(person)
        if each in agreeing and len(agreeing) > len(best):
            best = agreeing
    return best if len({kind for kind, _ in best}) >= 2 else set()


def _of(person: Person) -> set[Pseudonym]:
    """The person's identifiers; which of them lead on by themselves, `find_person` decides again."""
    return {(each.kind, each.pseudonym) for each in person.identifiers}


def _named(connection: Connection, tenant_id: str, request_id: UUID, *, verified: bool = False) -> set[Pseudonym]:
    rows = connection.execute(
        "SELECT kind, pseudonym FROM hub.request_identifiers"
        " WHERE tenant_id = %s AND request_id = %s AND (verified OR NOT %s)",
        (tenant_id, request_id, verified),
    ).fetchall()
    return {(row[0], row[1]) for row in rows}


def _mark(connection: Connection, tenant_id: str, request_id: UUID, verified: set[Pseudonym]) -> None:
    kinds, values = zip(*sorted(verified), strict=True)
    connection.execute(
        "UPDATE hub.request_identifiers SET verified = (kind, pseudonym) IN"
        " (SELECT * FROM unnest(%s::text[], %s::text[])) WHERE tenant_id = %s AND request_id = %s",
        (list(kinds), list(values), tenant_id, request_id),
    )
