"""What is kept of actions and invoices, and for how long.

An action that is over needs its payload no longer than somebody may ask what was sent (three months); its row, ids and
counts, proves for the time of claims (three years: the inventory's) that it was done once. An issued invoice goes when
the longer of its two statutes is over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.istanbul import day_of, start_of
from hub.kvkk.retention.aged import Due
from hub.kvkk.retention.rules import minus
from hub.kvkk.stores.outbox import of_the_erased
from hub.outbox.kept_key import empty

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from hub.db.database import Connection
    from hub.kvkk.holds import Hold
    from hub.kvkk.stores import Hub

PAYLOAD_KEPT, ROW_KEPT = "P3M", "P3Y"
_ACTIONS, _DOCUMENTS = "hub.actions", "hub.documents"
_CATEGORIES = {_ACTIONS: "ILETISIM", _DOCUMENTS: "MUSTERI_ISLEM"}

# One that the provider took and of which nobody tells the end any more is over too, though it never settles.
_OVER = "coalesce(settled_at, CASE WHEN state = 'accepted' AND next_look_at IS NULL THEN accepted_at END)"
_PAYLOADS = (
    f"{_OVER} < %(payloads)s AND (octet_length(payload_cipher) > 0"
    " OR private_cipher IS NOT NULL OR recipient IS NOT NULL)"
)
_ROWS = f"{_OVER} < %(rows)s"
_KEPT = "kept_until <= %(today)s"


@dataclass(frozen=True)
class Outbound:
    """One tenant's actions and invoices at a moment, with the holds in force. A hold on any person keeps them all."""

    hub: Hub
    tenant_id: str
    now: datetime
    held: Sequence[Hold]

    def due(self) -> list[Due]:
        """How many are kept no longer."""
        with self.hub.database.tenant(self.tenant_id, "app") as connection:
            return [
                *self._counted(_ACTIONS, "overwrite", self._count(connection, _ACTIONS, _PAYLOADS)),
                *self._counted(_ACTIONS, "delete", self._count(connection, _ACTIONS, _ROWS)),
                *self._counted(_DOCUMENTS, "delete", self._count(connection, _DOCUMENTS, _KEPT)),
            ]

    def destroy(self) -> list[Due]:
        """Empty and delete them."""
        done: list[Due] = []
        with self.hub.database.tenant(self.tenant_id, "app") as connection:
            if not self._is_held(_ACTIONS):
                deleted = self._delete_actions(connection)
                emptied = connection.execute(
                    "UPDATE hub.actions SET payload_cipher = ''::bytea, private_cipher = NULL, recipient = NULL,"  # noqa: S608 - our own names
                    f" provider_mark = NULL WHERE tenant_id = %(tenant)s AND {_PAYLOADS}",
                    self._given(),
                ).rowcount
                keys = self.hub.keyring.tenant(self.tenant_id)
                erased = {**self._given(), "erased": of_the_erased(connection, keys)}
                emptied += empty(connection, keys, "action_id = ANY(%(erased)s)", erased)
                done += [*self._counted(_ACTIONS, "overwrite", emptied), *self._counted(_ACTIONS, "delete", deleted)]
        if not self._is_held(_DOCUMENTS):
            with self.hub.database.tenant(self.tenant_id, "eraser") as connection:
                gone = connection.execute(
                    f"DELETE FROM hub.documents WHERE tenant_id = %(tenant)s AND {_KEPT}",  # noqa: S608 - our own names
                    self._given(),
                ).rowcount
            done += self._counted(_DOCUMENTS, "delete", gone)
        return done

    def _delete_actions(self, connection: Connection) -> int:
        connection.execute(
            "DELETE FROM hub.action_attempts WHERE tenant_id = %(tenant)s AND action_id IN"  # noqa: S608 - our own names
            f" (SELECT action_id FROM hub.actions WHERE tenant_id = %(tenant)s AND {_ROWS})",
            self._given(),
        )
        return connection.execute(
            f"DELETE FROM hub.actions WHERE tenant_id = %(tenant)s AND {_ROWS}",  # noqa: S608 - our own names
            self._given(),
        ).rowcount

    def _count(self, connection: Connection, table: str, where: str) -> int:
        if self._is_held(table):
            return 0
        row = connection.execute(
            f"SELECT count(*) FROM {table} WHERE tenant_id = %(tenant)s AND {where}".encode(),  # noqa: S608 - our own names
            self._given(),
        ).fetchone()
        return int(row[0]) if row else 0

    def _counted(self, table: str, method: str, count: int) -> list[Due]:
        if not count:
            return []
        return [Due(table, _CATEGORIES[table], count, "overwrite" if method == "overwrite" else "delete")]

    def _is_held(self, table: str) -> bool:
        return any(
            hold.scope == "subject"
            or (hold.scope in ("dataset", "category") and hold.target in {table, _CATEGORIES[table]})
            for hold in self.held
        )

    def _given(self) -> dict[str, object]:
        today = day_of(self.now)
        return {
            "tenant": self.tenant_id,
            "payloads": start_of(minus(today, PAYLOAD_KEPT)),
            "rows": start_of(minus(today, ROW_KEPT)),
            "today": today,
        }
