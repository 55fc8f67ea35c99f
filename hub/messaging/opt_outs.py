"""Who wants no more messages: a STOP by return, a refusal that a provider passed on, a word to the tenant.

Kept by pseudonym and channel, the latest word only. Law 6563 art. 8 gives the right to refuse commercial messages, at
once and without a reason; service messages (a delivery, a debt, a duty to inform) are not meant by it. Whoever wants
none of these either, and says so, has `scope` `all`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal, get_args

from hub.control.messaging import CHANNELS
from hub.kvkk import audit
from hub.kvkk.suppression import erased_mark
from hub.kvkk.wording import require_code
from hub.validation import InvalidInput, Problem

if TYPE_CHECKING:
    from hub.db.database import Connection, Database
    from hub.keys.keyring import TenantKeys
    from hub.kvkk.audit import Actor

Scope = Literal["commercial", "all"]


@dataclass(frozen=True)
class OptOut:
    """One word of refusal."""

    scope: Scope
    recorded_at: datetime


def record_opt_out(
    database: Database,
    tenant_id: str,
    *,
    recipient: str,
    channel: str,
    source: str,
    scope: Scope = "commercial",
    at: datetime | None = None,
    actor: Actor = audit.SYSTEM,
) -> None:
    """Note that a pseudonym's owner wants no more messages by a channel; safe to repeat.

    `source` is a code (`stop_reply`, `provider_refusal`, `person`); `at` is when they said so, now unless given. A
    wider scope stays. `InvalidInput`.
    """
    with database.tenant(tenant_id, "app") as connection:
        note(
            connection, tenant_id, recipient=recipient, channel=channel, source=source, scope=scope, at=at, actor=actor
        )


def note(
    connection: Connection,
    tenant_id: str,
    *,
    recipient: str,
    channel: str,
    source: str,
    scope: Scope = "commercial",
    at: datetime | None = None,
    actor: Actor = audit.SYSTEM,
) -> None:
    """The same in the caller's transaction (role app, the tenant's scope)."""
    require_code("source", source)
    require_channel(channel)
    if scope not in get_args(Scope):
        raise InvalidInput([Problem("scope", "field_not_in_list", {"expected": ", ".join(get_args(Scope))})])
    connection.execute(
        "INSERT INTO hub.opt_outs AS o (tenant_id, recipient, recipient_kind, channel, scope, source, recorded_at)"
        " VALUES (%(tenant)s, %(recipient)s, %(kind)s, %(channel)s, %(scope)s, %(source)s, coalesce(%(at)s, now()))"
        " ON CONFLICT (tenant_id, recipient, channel) DO UPDATE SET"
        " recorded_at = greatest(o.recorded_at, excluded.recorded_at), source = excluded.source,"
        " scope = CASE WHEN o.scope = 'all' THEN o.scope ELSE excluded.scope END",
        {
            "tenant": tenant_id,
            "recipient": recipient,
            "kind": recipient.rpartition("_")[0],
            "channel": channel,
            "scope": scope,
            "source": source,
            "at": at,
        },
    )
    details = {"channel": channel, "scope": scope, "source": source}
    audit.append(connection, tenant_id, audit.Entry(actor, "opt_out.recorded", recipient, details=details))


def require_channel(channel: str) -> None:
    """`InvalidInput` unless messages go by such a channel."""
    if channel not in CHANNELS:
        raise InvalidInput([Problem("channel", "field_not_a_channel", {"known": ", ".join(CHANNELS)})])


def read(connection: Connection, keys: TenantKeys, recipients: Collection[str]) -> Mapping[tuple[str, str], OptOut]:
    """By pseudonym and channel. What an erasure left as a mark is found by whoever asks for the same number."""
    marks = {erased_mark(keys, each.rpartition("_")[0], each): each for each in recipients}
    if not marks:
        return {}
    rows = connection.execute(
        "SELECT recipient, channel, scope, recorded_at FROM hub.opt_outs WHERE tenant_id = %s AND recipient = ANY(%s)",
        (keys.tenant_id, sorted({*recipients, *marks})),
    ).fetchall()
    found: dict[tuple[str, str], OptOut] = {}
    for recipient, channel, scope, at in rows:
        key = (str(marks.get(recipient, recipient)), str(channel))
        known = found.get(key)
        if known is None or known.recorded_at < at:
            found[key] = OptOut("all" if "all" in (scope, known.scope if known else "") else "commercial", at)
    return found
