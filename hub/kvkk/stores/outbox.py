"""The store of the outbox: what was sent to a person, or waits to be.

What waits is not sent any more. What is done keeps its ids, codes and counts, by which nobody can be told, and loses
payload, recipient and what the provider called it; so does what the provider took and nobody asks after any more. One
whose fate is not known yet keeps what it takes to find out, is not sent again (hub/messaging/outbox_gate.py), and loses
it in the day's retention run once it is over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.kvkk import suppression
from hub.kvkk.stores import Destroyed, Held
from hub.kvkk.traces import traces_of
from hub.outbox.kept_key import empty

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from uuid import UUID

    from hub.db.database import Connection
    from hub.keys.keyring import TenantKeys
    from hub.kvkk.person import Person
    from hub.kvkk.stores import Hub

_CATEGORY = "ILETISIM"
_TABLE = "hub.actions"
_OVER = "(settled_at IS NOT NULL OR (state = 'accepted' AND next_look_at IS NULL))"
_BEFORE_AN_ERASURE = f"""
SELECT action_id, recipient_kind, recipient, created_at FROM hub.actions
WHERE tenant_id = %(tenant)s AND recipient IS NOT NULL
  AND CASE WHEN %(actions)s::uuid[] IS NULL THEN {_OVER} ELSE action_id = ANY(%(actions)s) END
  AND created_at <= (SELECT max(s.erased_at) FROM hub.suppressions s WHERE s.tenant_id = %(tenant)s)
"""  # noqa: S608 - our own names


class OutboxStore:
    """Actions that reach a person."""

    name = "outbox"

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def tables(self) -> frozenset[str]:
        """Actions; their attempts hold codes and times only."""
        return frozenset({_TABLE, "hub.action_attempts"})

    def find(self, person: Person) -> list[Held]:
        """Actions that name the person as their recipient."""
        count = self._count(person)
        return [Held(_TABLE, _CATEGORY, count)] if count else []

    def erase(self, person: Person, *, before: datetime) -> list[Destroyed]:
        """Withdraw what waits, and empty what is over."""
        del before
        with self._hub.database.tenant(person.tenant_id, "app") as connection:
            given = self._given(person)
            connection.execute(
                # One that is leased and not tried yet would be pending again if its process died or it had to wait.
                "UPDATE hub.actions SET state = 'failed', reason = 'recipient_erased', settled_at = now(),"
                " lease = NULL, leased_until = NULL WHERE tenant_id = %(tenant)s AND recipient = ANY(%(pseudonyms)s)"
                " AND state IN ('pending', 'leased') AND NOT attempting",
                given,
            )
            keys = self._hub.keyring.tenant(person.tenant_id)
            emptied = empty(connection, keys, f"recipient = ANY(%(pseudonyms)s) AND {_OVER}", given)
        return [Destroyed(_TABLE, _CATEGORY, emptied, "overwrite")] if emptied else []

    def verify(self, person: Person, *, before: datetime) -> int:
        """Actions that are over and still name the person."""
        del before
        return self._count(person, only_settled=True)

    def _count(self, person: Person, *, only_settled: bool = False) -> int:
        with self._hub.database.tenant(person.tenant_id, "app") as connection:
            return _counted(connection, {**self._given(person), "settled": only_settled})

    def _given(self, person: Person) -> dict[str, object]:
        traces = traces_of(self._hub.database, self._hub.keyring, person)
        return {"tenant": person.tenant_id, "pseudonyms": traces.pseudonyms}


def _counted(connection: Connection, given: dict[str, object]) -> int:
    row = connection.execute(
        "SELECT count(*) FROM hub.actions WHERE tenant_id = %(tenant)s AND recipient = ANY(%(pseudonyms)s)"  # noqa: S608 - our own names
        f" AND (NOT %(settled)s OR {_OVER})",
        given,
    ).fetchone()
    return int(row[0]) if row else 0


def of_the_erased(connection: Connection, keys: TenantKeys, actions: Collection[UUID] | None = None) -> list[UUID]:
    """Those of these actions, or of all that are over, that were asked for before their recipient's erasure.

    An erasure leaves what is under way or unknown, which may come back to be tried again, or settle later.
    """
    given = {"tenant": keys.tenant_id, "actions": None if actions is None else list(actions)}
    rows = connection.execute(_BEFORE_AN_ERASURE, given).fetchall()
    if not rows:
        return []
    erased = suppression.SuppressionList(keys, suppression.read(connection, keys.tenant_id))
    found: list[UUID] = []
    for action_id, kind, pseudonym, created_at in rows:
        when = erased.named(kind, pseudonym, dated=True)
        if when is not None and created_at <= when:
            found.append(action_id)
    return found
