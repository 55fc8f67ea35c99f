"""Sends an applicant the one-time link to their answer, at the address they gave with the application."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, cast

from connectors.secret import Secret
from hub.kvkk.calendar import ISTANBUL
from hub.kvkk.requests import record
from hub.kvkk.requests.desk_settings import read_settings
from hub.kvkk.requests.sealed import read_part
from hub.mail.queue import enqueue

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from hub.db.database import Database
    from hub.i18n import Language
    from hub.keys.keyring import Keyring
    from hub.kvkk.audit import Actor


def queue_link(
    database: Database,
    keyring: Keyring,
    tenant_id: str,
    request_id: UUID,
    link: Secret,
    *,
    expires_at: datetime,
    actor: Actor,
) -> bool:
    """Queue the mail; False where the applicant named no e-mail address, so that the link takes another way.

    The link is sealed in the queue and forgotten when it is sent. HubError `request_unknown`.
    """
    keys = keyring.tenant(tenant_id)
    with database.tenant(tenant_id, "app") as connection:
        request = record.read(connection, tenant_id, request_id, locked=True)
        contact = read_part(connection, keys, request_id, "contact")
        address = contact.get("email") if contact else None
        if address is None:
            return False
        now = record.clock(connection, None)
        fields = {
            "tenant": read_settings(connection, tenant_id).tenant_name,
            "request": str(request_id),
            "received": request.received_at.astimezone(ISTANBUL).strftime("%d.%m.%Y"),
            "link": link.reveal(),
            "expires": expires_at.astimezone(ISTANBUL).strftime("%d.%m.%Y %H:%M"),
        }
        queued = enqueue(
            connection,
            keys,
            template_name="export_link",
            language=cast("Language", request.language),
            recipient=Secret(address),
            fields=fields,
            about=f"request:{request_id}:link:{hashlib.sha256(link.reveal().encode()).hexdigest()[:16]}",
        )
        if queued:
            record.tell(connection, tenant_id, request_id, "send_link", actor=actor, now=now, details={})
    return True
