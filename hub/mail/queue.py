"""Mails that wait, are on their way or are done: in the tenant's own rows, with everything readable sealed.

A mail goes from `pending` to `sending` in a transaction of its own, before the server hears of it, and from there to
`sent`. One that is left in `sending` by a crash becomes `unknown`: it may have gone out, so it is never sent again by
itself.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, cast
from uuid import UUID, uuid4

from hub.errors import HubError
from hub.kvkk import audit
from hub.mail.server import is_address
from hub.mail.templates import template

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.secret import Secret
    from hub.db.database import Connection, Database
    from hub.i18n import Language
    from hub.keys.keyring import TenantKeys
    from hub.kvkk.audit import Actor
    from hub.mail.server import Delivery

State = Literal["pending", "sending", "sent", "unknown", "failed"]

SENDING_AT_MOST = timedelta(minutes=15)
"""Every conversation ends sooner, by its time limits: one that is older has lost its process."""

WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 240, 240, 240, 240))
"""Between attempts; after the last one the mail has failed. A day altogether."""

_RECIPIENT, _FIELDS = "mail-recipient", "mail-fields"

_COLUMNS = "mail_id, template, language, about, state, attempts, next_try_at, failure_code, sent_at, created_at"


@dataclass(frozen=True)
class Mail:
    """What may be listed of a mail: no recipient and no field."""

    mail_id: UUID
    template: str
    language: str
    about: str
    state: State
    attempts: int
    next_try_at: datetime
    failure_code: str | None
    sent_at: datetime | None
    created_at: datetime


@dataclass(frozen=True)
class Claimed:
    """A mail that is ours to send, opened."""

    mail_id: UUID
    template: str
    language: Language
    about: str
    attempts: int
    recipient: str
    fields: Mapping[str, str]


def enqueue(
    connection: Connection,
    keys: TenantKeys,
    *,
    template_name: str,
    language: Language,
    recipient: Secret,
    fields: Mapping[str, str],
    about: str,
) -> bool:
    """Queue a mail in the caller's transaction (role app, the tenant's scope). False if this one was queued before.

    `about` says what it is about, by ids and codes, once for each template and tenant: `request:<id>:20:handler`.
    HubError `mail_template_unknown`, `mail_fields_wrong`, `mail_address_malformed`.
    """
    template(template_name, fields)
    if not is_address(recipient.reveal()):
        raise HubError("mail_address_malformed")
    mail_id = uuid4()
    added = connection.execute(
        "INSERT INTO hub.mails (tenant_id, mail_id, template, language, recipient_cipher, fields_cipher, about)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (tenant_id, template, about) DO NOTHING RETURNING mail_id",
        (
            keys.tenant_id,
            mail_id,
            template_name,
            language,
            keys.seal(_RECIPIENT, str(mail_id), recipient.reveal().encode()),
            keys.seal(_FIELDS, str(mail_id), json.dumps(dict(fields), ensure_ascii=False).encode()),
            about,
        ),
    ).fetchone()
    return added is not None


def claim(database: Database, keys: TenantKeys, mail_id: UUID) -> Claimed | None:
    """Commit that a mail is being sent, and open it; None if it is not due or somebody else has it."""
    with database.tenant(keys.tenant_id, "app") as connection:
        row = connection.execute(
            "UPDATE hub.mails SET state = 'sending', attempts = attempts + 1, next_try_at = now() + %s,"
            " failure_code = NULL WHERE tenant_id = %s AND mail_id = %s AND state = 'pending' AND next_try_at <= now()"
            " RETURNING template, language, about, attempts, recipient_cipher, fields_cipher",
            (SENDING_AT_MOST, keys.tenant_id, mail_id),
        ).fetchone()
        if row is None:
            return None
        return Claimed(
            mail_id,
            row[0],
            row[1],
            row[2],
            row[3],
            keys.open(_RECIPIENT, str(mail_id), bytes(row[4])).decode(),
            json.loads(keys.open(_FIELDS, str(mail_id), bytes(row[5]))),
        )


def settle(database: Database, tenant_id: str, mail: Claimed, delivery: Delivery) -> State:
    """Note what became of a mail that was claimed. What it said is forgotten once it is sent."""
    wait = WAITS[mail.attempts - 1] if mail.attempts <= len(WAITS) else None
    state: State = (
        "sent"
        if delivery.fate == "sent"
        else "unknown"
        if delivery.fate == "unknown"
        else "pending"
        if delivery.fate == "later" and wait is not None
        else "failed"
    )
    with database.tenant(tenant_id, "app") as connection:
        connection.execute(
            "UPDATE hub.mails SET state = %(state)s, failure_code = %(code)s, next_try_at = now() + %(wait)s,"
            " sent_at = CASE WHEN %(state)s = 'sent' THEN now() END,"
            " fields_cipher = CASE WHEN %(state)s = 'sent' THEN ''::bytea ELSE fields_cipher END"
            " WHERE tenant_id = %(tenant)s AND mail_id = %(mail)s AND state = 'sending'",
            {
                "state": state,
                "code": delivery.code,
                "wait": wait or timedelta(0),
                "tenant": tenant_id,
                "mail": mail.mail_id,
            },
        )
    return state


def give_up(database: Database, tenant_id: str, mail_id: UUID) -> None:
    """A mail whose sending lost its process: nobody knows whether it went out."""
    with database.tenant(tenant_id, "app") as connection:
        connection.execute(
            "UPDATE hub.mails SET state = 'unknown', failure_code = 'smtp_process_lost'"
            " WHERE tenant_id = %s AND mail_id = %s AND state = 'sending' AND next_try_at <= now()",
            (tenant_id, mail_id),
        )


def doubt(database: Database, tenant_id: str) -> int:
    """In a restored database: whatever waited when the backup was made may have been sent since. How many."""
    with database.tenant(tenant_id, "app") as connection:
        return connection.execute(
            "UPDATE hub.mails SET state = 'unknown', failure_code = 'mail_restored'"
            " WHERE tenant_id = %s AND state IN ('pending', 'sending')",
            (tenant_id,),
        ).rowcount


def fail(database: Database, tenant_id: str, mail_id: UUID, code: str) -> None:
    """A mail that cannot be opened: it was altered, or belongs to another key."""
    with database.tenant(tenant_id, "app") as connection:
        connection.execute(
            "UPDATE hub.mails SET state = 'failed', failure_code = %s"
            " WHERE tenant_id = %s AND mail_id = %s AND state = 'pending'",
            (code, tenant_id, mail_id),
        )


def postpone(database: Database, tenant_id: str, mail_id: UUID, code: str) -> None:
    """Leave a mail for later because the server cannot be reached at all; this is no attempt of the mail's own."""
    with database.tenant(tenant_id, "app") as connection:
        connection.execute(
            "UPDATE hub.mails SET next_try_at = now() + %s, failure_code = %s"
            " WHERE tenant_id = %s AND mail_id = %s AND state = 'pending'",
            (WAITS[1], code, tenant_id, mail_id),
        )


def listed(
    database: Database,
    tenant_id: str,
    *,
    only_open: bool,
    after: tuple[datetime, UUID] | None = None,
    limit: int | None = None,
) -> list[Mail]:
    """A tenant's or the platform's mails, newest first; those that need a person or wait, unless all are asked for.

    At most `limit`, behind the mail at `after`.
    """
    moment, mail_id = after or (None, None)
    with database.tenant(tenant_id, "app") as connection:
        rows = connection.execute(
            f"SELECT {_COLUMNS} FROM hub.mails WHERE tenant_id = %(tenant)s"  # noqa: S608 - our own text
            " AND (NOT %(open)s OR state <> 'sent')"
            " AND (%(moment)s::timestamptz IS NULL OR (created_at, mail_id) < (%(moment)s, %(mail)s::uuid))"
            " ORDER BY created_at DESC, mail_id DESC LIMIT %(limit)s",
            {"tenant": tenant_id, "open": only_open, "moment": moment, "mail": mail_id, "limit": limit},
        ).fetchall()
    return [Mail(*row) for row in rows]


def decide(database: Database, tenant_id: str, mail_id: UUID, decision: Literal["again", "sent"], actor: Actor) -> Mail:
    """A person's word on a mail that failed or is unknown: send it again, or it has arrived.

    HubError `mail_unknown`, `mail_not_stuck`.
    """
    again = decision == "again"
    with database.tenant(tenant_id, "app") as connection:
        row = connection.execute(
            "UPDATE hub.mails SET state = %(state)s, attempts = 0, next_try_at = now(), failure_code = NULL,"  # noqa: S608 - our own names
            " sent_at = CASE WHEN %(again)s THEN NULL ELSE now() END,"
            " fields_cipher = CASE WHEN %(again)s THEN fields_cipher ELSE ''::bytea END"
            " WHERE tenant_id = %(tenant)s AND mail_id = %(mail)s AND state IN ('failed', 'unknown')"
            f" RETURNING {_COLUMNS}",
            {"state": "pending" if again else "sent", "again": again, "tenant": tenant_id, "mail": mail_id},
        ).fetchone()
        if row is None:
            _explain(connection, tenant_id, mail_id)
        entry = audit.Entry(actor, f"mail.{decision}", f"mail:{mail_id}")
        audit.append(connection, tenant_id, entry)
    return Mail(*cast("tuple[Any, ...]", row))


def _explain(connection: Connection, tenant_id: str, mail_id: UUID) -> None:
    row = connection.execute(
        "SELECT state FROM hub.mails WHERE tenant_id = %s AND mail_id = %s", (tenant_id, mail_id)
    ).fetchone()
    if row is None:
        raise HubError("mail_unknown", mail=str(mail_id))
    raise HubError("mail_not_stuck", mail=str(mail_id), state=str(row[0]))
