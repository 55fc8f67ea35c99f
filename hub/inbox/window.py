"""The window in which a channel takes free messages: a rule that the outbox asks at the moment of sending.

WhatsApp refuses a free message later than 24 hours after the recipient's last one, and says so only after it has taken
it. So it is stopped here, with a reason that says what to do. What we know of last messages is what Meta's calls told.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from hub.inbox import conversations
from hub.outbox.gate import Candidate, Go, Stop, Verdict

if TYPE_CHECKING:
    from connectors.actions import ActionKind
    from hub.db.database import Connection

CLOSED = "window_closed"


class ConversationWindow:
    """Lets a free message through while its recipient's conversation is open; asks nothing of any other."""

    def judge(
        self, connection: Connection, tenant_id: str, candidates: Sequence[Candidate], now: datetime
    ) -> Sequence[Verdict]:
        """One query for a batch; none where nothing in it needs a window."""
        bound = [each for each in candidates if each.kind.needs_window is not None]
        if not bound:
            return [Go()] * len(candidates)
        heard = conversations.last_heard(
            connection, tenant_id, {(each.kind.provider, each.recipient or "") for each in bound}
        )
        return [_verdict(each, heard, now) for each in candidates]

    def undone(self, connection: Connection, tenant_id: str, candidates: Sequence[Candidate], day: datetime) -> None:
        """Nothing was counted."""

    def opted_out(
        self, connection: Connection, tenant_id: str, kind: ActionKind, recipient_kind: str, recipient: str
    ) -> None:
        """A refusal closes no conversation."""


def _verdict(candidate: Candidate, heard: conversations.Heard, now: datetime) -> Verdict:
    window = candidate.kind.needs_window
    if window is None:
        return Go()
    last = heard.get((candidate.kind.provider, candidate.recipient or ""))
    return Go() if last is not None and now < last + window else Stop(CLOSED)
