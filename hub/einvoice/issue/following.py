"""Where a document stands follows from what becomes of its delivery."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.actions import ActionKind
    from hub.db.database import Connection
    from hub.outbox.gate import News

_OF_STATE = {"accepted": "sent", "delivered": "delivered", "failed": "refused", "dead": "refused", "pending": "issued"}


class Documents:
    """Takes in the news of deliveries and cancellations."""

    def follow(self, connection: Connection, tenant_id: str, kind: ActionKind, news: Sequence[News]) -> None:
        """A cancelled or void document stays so whatever its delivery does; its number is used for good."""
        what = kind.name.rpartition(".")[2]
        if what in {"einvoice", "earchive"}:
            self._delivered(connection, tenant_id, news)
        elif what in {"cancel", "revert_cancel"}:
            self._cancelled(connection, tenant_id, what, news)

    def _delivered(self, connection: Connection, tenant_id: str, news: Sequence[News]) -> None:
        for each in news:
            connection.execute(
                "UPDATE hub.documents SET state = coalesce(%(state)s, state), reason = %(reason)s,"
                " facts = facts || %(facts)s::jsonb WHERE tenant_id = %(tenant)s AND action_id = %(action)s"
                " AND state NOT IN ('void', 'cancelled')",
                {
                    "state": _OF_STATE.get(each.state),
                    "reason": each.reason,
                    "facts": json.dumps(dict(each.facts)),
                    "tenant": tenant_id,
                    "action": each.action_id,
                },
            )

    def _cancelled(self, connection: Connection, tenant_id: str, what: str, news: Sequence[News]) -> None:
        state = "cancelled" if what == "cancel" else "sent"
        for each in news:
            if each.state in {"accepted", "delivered"}:
                connection.execute(
                    "UPDATE hub.documents d SET state = %s, reason = NULL FROM hub.actions a"
                    " WHERE a.tenant_id = %s AND a.action_id = %s AND d.tenant_id = a.tenant_id"
                    " AND a.about = 'document:' || d.document_id AND d.state <> 'void'",
                    (state, tenant_id, each.action_id),
                )
