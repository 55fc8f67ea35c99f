"""Sends an applicant the one-time link to their answer, at the address they gave with the application."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, cast

from connectors.secret import Secret
from hub.errors import HubError
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


def send_link(database: Database, keyring: Keyring, tenant_id: str, request_id: UUID, *, actor: Actor) -> datetime:
    """Make a new link to the request's package and queue it to the applicant; until when it works.

    HubError `request_unknown`, `request_without_email`, `request_without_package`, `public_url_missing`.
    """
    from hub.kvkk.export import handover

    address = database.settings.public_url
    if not address:
        raise HubError("public_url_missing")
    with database.tenant(tenant_id, "app") as connection:
        contact = read_part(connection, keyring.tenant(tenant_id), request_id, "contact")
        if not contact or "email" not in contact:
            raise HubError("request_without_email")
        row = connection.execute(
            "SELECT export_id FROM hub.exports WHERE tenant_id = %s AND request_id = %s"
            " AND state IN ('ready', 'downloaded') AND file_name IS NOT NULL ORDER BY created_at DESC LIMIT 1",
            (tenant_id, request_id),
        ).fetchone()
    if row is None:
        raise HubError("request_without_package")
    made = handover.issue_link(database, tenant_id, row[0], actor)
    url = Secret(address.rstrip("/") + made.path)
    queue_link(database, keyring, tenant_id, request_id, url, expires_at=made.expires_at, actor=actor)
    return made.expires_at


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
