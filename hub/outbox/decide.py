"""What a person decides of an action: withdraw it, try it again, or say what became of it. All of it is audited.

Whoever follows an action (an invoice, its delivery) is told in the same transaction: one that is tried again must not
be declared void meanwhile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from hub.errors import HubError
from hub.kvkk import audit
from hub.outbox.enqueue import NOTIFY
from hub.outbox.listing import read
from hub.outbox.vocabulary import ASKED_BEFORE_RETRY, RESTORED, RESTORED_ABSENT, SETTLED_BY_PERSON, WITHDRAWN

if TYPE_CHECKING:
    from uuid import UUID

    from hub.db.database import Connection, Database
    from hub.kvkk.audit import Actor
    from hub.outbox.listing import Listed

_STUCK = ("failed", "dead", "unknown")


def withdraw(database: Database, tenant_id: str, action_id: UUID, actor: Actor) -> Listed:
    """Take back what waits. HubError `action_unknown`, `action_not_waiting`: it is on its way already."""
    with database.tenant(tenant_id, "app") as connection:
        changed = connection.execute(
            "UPDATE hub.actions SET state = 'failed', reason = %s, settled_at = now()"
            " WHERE tenant_id = %s AND action_id = %s AND state = 'pending'",
            (WITHDRAWN, tenant_id, action_id),
        ).rowcount
        return _done(connection, tenant_id, action_id, changed, "withdraw", actor, "action_not_waiting")


def retry(database: Database, tenant_id: str, action_id: UUID, actor: Actor) -> Listed:
    """Try again what failed, died or is unknown; whoever retries an unknown one accepts that it may be done twice.

    Of what came back with a backup the provider is asked first, where it can be: attempts may be missing here that its
    own reports know. It is tried when nothing is found; whoever orders it once more has it tried without an answer.
    Consent, caps and all else are asked again. HubError `action_unknown`, `action_not_stuck`, `action_payload_gone`.
    """
    with database.tenant(tenant_id, "app") as connection:
        row = connection.execute(
            "SELECT octet_length(payload_cipher), kind, reason FROM hub.actions WHERE tenant_id = %s AND action_id = %s"
            " AND state = ANY(%s) FOR UPDATE",
            (tenant_id, action_id, list(_STUCK)),
        ).fetchone()
        if row is not None and row[0] == 0:
            raise HubError("action_payload_gone", action=str(action_id))
        asks = row is not None and row[2] in {RESTORED, RESTORED_ABSENT} and _can_be_asked(row[1])
        # Attempts go on counting: their numbers name rows of the past. So the kind's limit starts anew behind them.
        # What the provider called the last one would be asked after instead of the next. What was counted for one that
        # may have cost stays counted on its day, and the next is counted on its own.
        changed = connection.execute(
            "UPDATE hub.actions SET state = %s, reason = %s, not_before = now(), settled_at = NULL,"
            " next_look_at = CASE WHEN %s THEN now() END, decide_by = NULL, looks = 0, expires_at = NULL,"
            " failure_status = NULL, failure_provider_code = NULL, private_cipher = NULL, counted_on = NULL,"
            " spent_on = NULL, spent_amount = NULL"
            " WHERE tenant_id = %s AND action_id = %s AND state = ANY(%s) AND lease IS NULL",
            (
                *(("unknown", ASKED_BEFORE_RETRY, True) if asks else ("pending", None, False)),
                *(tenant_id, action_id, list(_STUCK)),
            ),
        ).rowcount
        connection.execute(NOTIFY)
        return _done(connection, tenant_id, action_id, changed, "retry", actor, "action_not_stuck")


def settle(
    database: Database, tenant_id: str, action_id: UUID, as_state: Literal["delivered", "failed"], actor: Actor
) -> Listed:
    """Say what became of one that is unknown, dead or failed. HubError `action_unknown`, `action_not_stuck`.

    HubError `action_never_tried` for one that was stopped or withdrawn before anything was sent: nothing can have
    become of it. One of unknown fate may have been done without an attempt on record (a restored backup).
    """
    with database.tenant(tenant_id, "app") as connection:
        before = read(connection, tenant_id, action_id)
        if before.state == "failed" and not before.attempts and before.reason != SETTLED_BY_PERSON:
            raise HubError("action_never_tried", action=str(action_id))
        changed = connection.execute(
            "UPDATE hub.actions SET state = %(state)s, reason = %(reason)s, settled_at = now(), next_look_at = NULL,"
            " delivered_at = CASE WHEN %(state)s = 'delivered' THEN now() END"
            " WHERE tenant_id = %(tenant)s AND action_id = %(action)s AND state = ANY(%(stuck)s) AND lease IS NULL",
            {
                "state": as_state,
                "reason": SETTLED_BY_PERSON,
                "tenant": tenant_id,
                "action": action_id,
                "stuck": list(_STUCK),
            },
        ).rowcount
        return _done(connection, tenant_id, action_id, changed, f"settle.{as_state}", actor, "action_not_stuck")


def look_now(database: Database, tenant_id: str, action_id: UUID, actor: Actor) -> Listed:
    """Ask the provider after one that is accepted or unknown as soon as possible. HubError as `settle`."""
    with database.tenant(tenant_id, "app") as connection:
        changed = connection.execute(
            "UPDATE hub.actions SET next_look_at = now() WHERE tenant_id = %s AND action_id = %s"
            " AND state IN ('accepted', 'unknown') AND octet_length(payload_cipher) > 0",
            (tenant_id, action_id),
        ).rowcount
        connection.execute(NOTIFY)
        return _done(connection, tenant_id, action_id, changed, "reconcile", actor, "action_not_stuck")


def doubt(database: Database, tenant_id: str) -> int:
    """In a restored database: whatever was open when the backup was made may have been done since. How many.

    An unknown one may have been done again, too: its looks go on, and absence proves nothing (hub/outbox/look.py).
    """
    with database.tenant(tenant_id, "app") as connection:
        return connection.execute(
            "UPDATE hub.actions SET state = 'unknown', reason = %s, attempting = false, lease = NULL,"
            " leased_until = NULL, next_look_at = CASE WHEN state = 'unknown' THEN next_look_at END"
            " WHERE tenant_id = %s AND state IN ('pending', 'leased', 'unknown')",
            (RESTORED, tenant_id),
        ).rowcount


def _can_be_asked(name: str) -> bool:
    from connectors.action_registry import kinds

    kind = kinds().get(name)
    return kind is not None and kind.asking == "by_reference"


def _done(
    connection: Connection, tenant_id: str, action_id: UUID, changed: int, what: str, actor: Actor, refusal: str
) -> Listed:
    after = read(connection, tenant_id, action_id)
    if not changed:
        raise HubError(refusal, action=str(action_id), state=after.state)
    _tell(connection, tenant_id, after)
    audit.append(connection, tenant_id, audit.Entry(actor, f"action.{what}", f"action:{action_id}"))
    return after


def _tell(connection: Connection, tenant_id: str, after: Listed) -> None:
    from connectors.action_registry import kinds
    from hub.outbox.gate import Gates, News
    from hub.outbox.open import followers

    kind = kinds().get(after.kind)
    if kind is not None:
        news = News(after.action_id, after.state, after.reason, {})
        Gates((), followers()).tell(connection, tenant_id, kind, [news])
