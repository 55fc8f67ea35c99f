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


_THERE = ("sent", "delivered")


class Documents:
    """Takes in the news of deliveries and cancellations."""

    def follow(self, connection: Connection, tenant_id: str, kind: ActionKind, news: Sequence[News]) -> None:
        """A cancelled document stays so whatever its delivery does, and a void one unless it has arrived after all.

        Its number is used for good either way. What is told of it (its report, GİB's code) is kept in any state.
        """
        what = kind.name.rpartition(".")[2]
        if what in {"einvoice", "earchive"}:
            self._delivered(connection, tenant_id, news)
        elif what in {"cancel", "revert_cancel"}:
            self._cancelled(connection, tenant_id, what, news)

    def _delivered(self, connection: Connection, tenant_id: str, news: Sequence[News]) -> None:
        for each in news:
            state = _OF_STATE.get(each.state)
            stays = ["cancelled"] if state in _THERE else ["cancelled", "void"]
            connection.execute(
                "UPDATE hub.documents SET facts = facts || %(facts)s::jsonb,"
                " state = CASE WHEN state = ANY(%(stays)s) THEN state ELSE coalesce(%(state)s, state) END,"
                " reason = CASE WHEN state = ANY(%(stays)s) THEN reason ELSE %(reason)s END"
                " WHERE tenant_id = %(tenant)s AND action_id = %(action)s",
                {
                    "state": state,
                    "stays": stays,
                    "reason": each.reason,
                    "facts": json.dumps(dict(each.facts)),
                    "tenant": tenant_id,
                    "action": each.action_id,
                },
            )

    def _cancelled(self, connection: Connection, tenant_id: str, what: str, news: Sequence[News]) -> None:
        """A cancellation that was taken back leaves the document where its delivery stands."""
        for each in news:
            if each.state in {"accepted", "delivered"}:
                connection.execute(
                    "UPDATE hub.documents d SET reason = NULL, state = CASE WHEN %(cancelled)s THEN 'cancelled'"
                    " WHEN EXISTS (SELECT FROM hub.actions o WHERE o.tenant_id = %(tenant)s"
                    " AND o.action_id = d.action_id AND o.state = 'delivered') THEN 'delivered' ELSE 'sent' END"
                    " FROM hub.actions a WHERE a.tenant_id = %(tenant)s AND a.action_id = %(action)s"
                    " AND d.tenant_id = a.tenant_id AND a.about = 'document:' || d.document_id AND d.state <> 'void'"
                    " AND (d.state = 'cancelled' OR %(cancelled)s)",
                    {"cancelled": what == "cancel", "tenant": tenant_id, "action": each.action_id},
                )
