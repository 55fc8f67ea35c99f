"""The erasure as the request desk starts it: whom the request concerns by then, and what it is told afterwards."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from hub.errors import HubError
from hub.kvkk.audit import Actor
from hub.kvkk.erasure import record
from hub.kvkk.erasure.meant import person_of
from hub.kvkk.erasure.named import with_named
from hub.kvkk.erasure.open import open_eraser
from hub.kvkk.erasure.run import Mandate
from hub.kvkk.requests import record as requests

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hub.db.database import Connection, Database
    from hub.keys.keyring import Keyring
    from hub.kvkk.erasure.run import Eraser, Report
    from hub.kvkk.person import Person
    from kvkk_policies.policy import ProviderPolicy

WORKER = Actor("subject_requests", "machine")


class Context(Protocol):
    """What is used of the desk's context (hub.kvkk.requests.work.HubContext)."""

    @property
    def database(self) -> Database:
        """The installation's pools."""
        ...

    @property
    def keyring(self) -> Keyring:
        """Its keys."""
        ...

    @property
    def policies(self) -> Mapping[str, ProviderPolicy]:
        """Its policies by provider."""
        ...


def handle(hub_context: Context, tenant_id: str, request_id: UUID) -> str:
    """Erase whom a request concerns; `erased`, `partly`, `refused` or `nothing`, with the ground in the request.

    Raises HubError `erasure_needs_approval` when more subjects are meant than one person may destroy and nobody else
    approved it (hub/kvkk/erasure/approval.py, or `hub kvkk erase --request` with a second name), `erasure_left` when a
    search afterwards found something.
    """
    from connectors.registry import PROVIDERS
    from hub.kvkk.erasure import approval

    eraser = open_eraser(hub_context.database, hub_context.keyring, PROVIDERS, hub_context.policies)
    given = approval.standing(hub_context.database, tenant_id, request_id)
    mandate = Mandate(WORKER, request_id, given.by if given else None, given.of if given else None)
    report = erase(eraser, hub_context.database, hub_context.keyring, tenant_id, mandate, request_id)
    if report.outcome == "left":
        raise HubError("erasure_left", records=sum(report.left.values()))
    return report.outcome


def erase(
    eraser: Eraser, database: Database, keyring: Keyring, tenant_id: str, mandate: Mandate, request_id: UUID
) -> Report:
    """Erase whom a request concerns, or go on with it, and note the outcome in the request.

    One that was brought to its end is told again and not done again. `mandate` names the request.
    """
    require_in_progress(database, tenant_id, request_id)
    report = eraser.find_and_erase(tenant_id, lambda: concerned(database, keyring, tenant_id, request_id), mandate)
    note_outcome(database, tenant_id, request_id, report)
    return report


def concerned(database: Database, keyring: Keyring, tenant_id: str, request_id: UUID) -> Person:
    """The person of the included subjects and the verified identifiers of a request.

    HubError `request_unknown`; `request_not_to_erase` for one that asks for something else, or is not being worked on:
    what is destroyed by a mistyped id does not come back.
    """
    with database.tenant(tenant_id, "app") as connection:
        _require_in_progress(connection, tenant_id, request_id)
        decisions = _decisions(connection, tenant_id, request_id)
        named = connection.execute(
            "SELECT kind, pseudonym FROM hub.request_identifiers WHERE tenant_id = %s AND request_id = %s AND verified",
            (tenant_id, request_id),
        ).fetchall()
    included = {each for each, decision in decisions.items() if decision == "included"}
    # Half-way through, the desk has forgotten whom the request is about; the erasure that was begun has not.
    begun = record.of_request(database, tenant_id, request_id)
    person = person_of(database, tenant_id, included | set(begun.subjects if begun else ()))
    # What a reviewer left out, or has not decided yet, stays out, though the person named its identifier.
    others = frozenset(each for each, decision in decisions.items() if decision != "included")
    person = replace(person, uncertain=others)
    pairs = [(kind, pseudonym) for kind, pseudonym in named]
    return with_named(database, keyring.tenant(tenant_id), person, pairs)


def require_in_progress(database: Database, tenant_id: str, request_id: UUID) -> None:
    """HubError `request_unknown`, `request_not_to_erase`."""
    with database.tenant(tenant_id, "app") as connection:
        _require_in_progress(connection, tenant_id, request_id)


def note_outcome(database: Database, tenant_id: str, request_id: UUID, report: Report) -> None:
    """Write into the request why something is kept: the article, and the day on which it is destroyed by itself."""
    code, article, due = None, None, None
    if report.outcome == "refused":
        code = "legal_hold"
        article = "; ".join(dict.fromkeys(hold.legal_ref for hold in report.blocked_by))
        ends = [hold.held_until for hold in report.blocked_by]
        due = max((each.date() for each in ends if each is not None), default=None) if None not in ends else None
    elif report.kept:
        code = "statutory_retention"
        article = "; ".join(dict.fromkeys(kept.article for kept in report.kept))
        due = max(kept.due for kept in report.kept)
    with database.tenant(tenant_id, "app") as connection:
        connection.execute(
            "UPDATE hub.requests SET refusal_code = %s, refusal_article = %s, destruction_due = %s"
            " WHERE tenant_id = %s AND request_id = %s AND answered_at IS NULL",
            (code, article, due, tenant_id, request_id),
        )


def _require_in_progress(connection: Connection, tenant_id: str, request_id: UUID) -> None:
    request = requests.read(connection, tenant_id, request_id)
    if request.type != "erase" or request.state != "in_progress":
        raise HubError("request_not_to_erase", request=str(request_id), type=request.type, state=request.state)


def _decisions(connection: Connection, tenant_id: str, request_id: UUID) -> dict[str, str]:
    rows = connection.execute(
        "SELECT replace(subject_id::text, '-', ''), decision FROM hub.request_subjects"
        " WHERE tenant_id = %s AND request_id = %s",
        (tenant_id, request_id),
    )
    return dict(rows.fetchall())
