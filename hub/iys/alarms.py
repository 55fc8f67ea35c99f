"""Warns at the second business day of what İYS has not heard of, a day before the limit: once a day and tenant."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from connectors.istanbul import ISTANBUL, day_of
from connectors.secret import Secret
from hub.kvkk.requests.desk_settings import read_settings
from hub.mail.queue import enqueue
from hub.mail.server import is_address

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.keys.keyring import Keyring

_LATE = (
    "UPDATE hub.iys_pushes SET alarmed_at = now() WHERE tenant_id = %(tenant)s AND settled_at IS NULL"
    " AND submitted_at IS NULL AND alarm_at <= %(now)s AND alarmed_at IS NULL RETURNING push_id"
)
_EARLIEST = (
    "SELECT count(*), min(due_at) FROM hub.iys_pushes WHERE tenant_id = %(tenant)s AND settled_at IS NULL"
    " AND submitted_at IS NULL AND alarm_at <= %(now)s"
)


class Alarmed(NamedTuple):
    """Pushes that are late for the first time, and mails that were queued for them."""

    late: int
    mails: int


def alarm(database: Database, keyring: Keyring, tenant_id: str, now: datetime) -> Alarmed:
    """Note what became late, and mail the tenant's data-protection contact, if it has one. HubError."""
    keys = keyring.tenant(tenant_id)
    with database.tenant(tenant_id, "app") as connection:
        given = {"tenant": tenant_id, "now": now}
        late = len(connection.execute(_LATE, given).fetchall())
        if not late:
            return Alarmed(0, 0)
        count, due = connection.execute(_EARLIEST, given).fetchone() or (late, now)
        settings = read_settings(connection, tenant_id)
        if settings.dpo_email is None or not is_address(settings.dpo_email):
            return Alarmed(late, 0)
        queued = enqueue(
            connection,
            keys,
            template_name="iys_late",
            language=settings.language,
            recipient=Secret(settings.dpo_email),
            fields={
                "count": str(count),
                "due": due.astimezone(ISTANBUL).strftime("%d.%m.%Y %H:%M"),
                "tenant": tenant_id,
            },
            about=f"iys:late:{day_of(now).isoformat()}",
        )
    return Alarmed(late, int(queued))
