"""The store of the inbox: who wrote to the tenant, by pseudonym, and what was received, which is nobody's until read.

A payload lies under the tenant's key of its day, and no index says whom it is about: what it says stands in the streams
and actions that it led to, where other stores find it. The payload itself goes with its key after thirty days, within
the time that the law gives for an erasure (KVKK art. 13/2); a replay before that brings no erased person back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.kvkk.stores import Destroyed, Held
from hub.kvkk.traces import traces_of

if TYPE_CHECKING:
    from datetime import datetime

    from hub.kvkk.person import Person
    from hub.kvkk.stores import Hub

_CONVERSATIONS, _EVENTS = "hub.conversations", "hub.inbox_events"
_CATEGORY = "ILETISIM"


class InboxStore:
    """Conversations by the person's pseudonyms. Payloads wait for their keys' end."""

    name = "inbox"

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def tables(self) -> frozenset[str]:
        """Conversations and received events."""
        return frozenset({_CONVERSATIONS, _EVENTS})

    def find(self, person: Person) -> list[Held]:
        """Channels on which the person wrote."""
        with self._hub.database.tenant(person.tenant_id, "app") as connection:
            row = connection.execute(
                "SELECT count(*) FROM hub.conversations WHERE tenant_id = %s AND contact = ANY(%s)",
                (person.tenant_id, self._contacts(person)),
            ).fetchone()
        return [Held(_CONVERSATIONS, _CATEGORY, int(row[0]))] if row and row[0] else []

    def erase(self, person: Person, *, before: datetime) -> list[Destroyed]:
        """Delete them, if the last message is from before `before`: a later one is another relation."""
        with self._hub.database.tenant(person.tenant_id, "app") as connection:
            count = connection.execute(
                "DELETE FROM hub.conversations WHERE tenant_id = %s AND contact = ANY(%s) AND last_incoming_at < %s",
                (person.tenant_id, self._contacts(person), before),
            ).rowcount
        return [Destroyed(_CONVERSATIONS, _CATEGORY, count, "delete")] if count else []

    def verify(self, person: Person, *, before: datetime) -> int:
        """What should have gone and stands."""
        with self._hub.database.tenant(person.tenant_id, "app") as connection:
            row = connection.execute(
                "SELECT count(*) FROM hub.conversations"
                " WHERE tenant_id = %s AND contact = ANY(%s) AND last_incoming_at < %s",
                (person.tenant_id, self._contacts(person), before),
            ).fetchone()
        return int(row[0]) if row else 0

    def _contacts(self, person: Person) -> list[str]:
        return traces_of(self._hub.database, self._hub.keyring, person).pseudonyms
