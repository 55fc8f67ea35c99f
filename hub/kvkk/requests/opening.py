"""Opens a request: what the applicant said is sealed, their identifiers become pseudonyms, the clock starts."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from hub.errors import HubError
from hub.kvkk.clocks import answer_due
from hub.kvkk.requests import record
from hub.kvkk.requests.desk_settings import read_settings
from hub.kvkk.requests.sealed import seal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime
    from uuid import UUID

    from connectors.secret import Secret
    from hub.db.database import Connection, Database
    from hub.keys.keyring import Keyring
    from hub.kvkk.audit import Actor
    from hub.kvkk.requests.new_request import NewRequest
    from hub.kvkk.requests.record import Request

Pseudonym = tuple[str, str]
"""Kind of identifier and its pseudonym."""


def pseudonyms(keyring: Keyring, tenant_id: str, identifiers: Iterable[tuple[str, Secret]]) -> list[Pseudonym]:
    """What an applicant said of themselves, in the form in which the tenant's data knows people.

    HubError `identifier_kind_unknown`, `subject_malformed`.
    """
    from hub.kvkk.identifiers import checksum_fits
    from kvkk_policies.canonical import canonical
    from kvkk_policies.vocabulary import IDENTIFIER_KINDS

    pseudonymiser = keyring.tenant(tenant_id).pseudonymiser()
    found: list[Pseudonym] = []
    for kind, value in identifiers:
        if kind not in IDENTIFIER_KINDS:
            raise HubError("identifier_kind_unknown", known=", ".join(IDENTIFIER_KINDS))
        form = canonical(kind, value.reveal())
        if form is None or not checksum_fits(kind, form):
            raise HubError("subject_malformed", kind=kind)
        found.append((kind, pseudonymiser.one(kind, form)))
    return found


def open_request(
    database: Database,
    keyring: Keyring,
    tenant_id: str,
    new: NewRequest,
    identifiers: Collection[Pseudonym],
    *,
    actor: Actor,
    now: datetime | None = None,
) -> Request:
    """Store an application; its thirty days run from its receipt, whenever it is entered.

    HubError `request_without_identifier`, `request_received_in_future`, `tenant_setting_wrong`.
    """
    if not identifiers:
        raise HubError("request_without_identifier")
    request_id = uuid4()
    keys = keyring.tenant(tenant_id)
    content = {"text": new.text, "corrections": [each.model_dump() for each in new.corrections]}
    with database.tenant(tenant_id, "app") as connection:
        moment = record.clock(connection, now)
        received = new.received_at or moment
        if received > moment:
            raise HubError("request_received_in_future")
        settings = read_settings(connection, tenant_id)
        connection.execute(
            "INSERT INTO hub.requests (tenant_id, request_id, type, channel, language, contact_cipher, content_cipher,"
            " received_at, due_at, created_by, created_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (
                tenant_id,
                request_id,
                new.type,
                new.channel,
                new.language,
                seal(keys, request_id, "contact", new.contact.model_dump(exclude_none=True)),
                seal(keys, request_id, "content", content),
                received,
                answer_due(received, settings.answer_days),
                actor.name,
                moment,
            ),
        )
        add_identifiers(connection, tenant_id, request_id, identifiers)
        details = {
            "type": new.type,
            "channel": new.channel,
            "kinds": sorted(kind for kind, _ in identifiers),
            "corrections": len(new.corrections),
        }
        record.tell(connection, tenant_id, request_id, "open", actor=actor, now=moment, details=details)
        return record.read(connection, tenant_id, request_id)


def add_identifiers(
    connection: Connection, tenant_id: str, request_id: UUID, identifiers: Collection[Pseudonym]
) -> None:
    """Note identifiers that the applicant named; none of them is verified by that."""
    kinds, values = zip(*sorted(identifiers), strict=True) if identifiers else ((), ())
    connection.execute(
        "INSERT INTO hub.request_identifiers (tenant_id, request_id, kind, pseudonym)"
        " SELECT %s, %s, kind, pseudonym FROM unnest(%s::text[], %s::text[]) AS named (kind, pseudonym)"
        " ON CONFLICT DO NOTHING",
        (tenant_id, request_id, list(kinds), list(values)),
    )
