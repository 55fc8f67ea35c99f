"""What people send to the tenant's numbers, as Netgsm's inbox has it."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

from connectors.contract import Column, Hours, Row, Stream

if TYPE_CHECKING:
    from connectors.netgsm.push import IncomingSms

INCOMING = Stream(
    name="incoming_messages",
    title="Incoming SMS",
    description="SMS that people sent to the tenant's numbers, one row each.",
    columns=(
        Column("message_id", "text", "What tells it from others; Netgsm gives none, so all of it does", nullable=False),
        Column("sent_at", "timestamp", "When it came, by Netgsm's clock", nullable=False),
        Column("sender", "text", "Number that it came from; none where a name stands there"),
        Column("receiver", "text", "The tenant's number that it went to"),
        Column("text", "text", "What was written"),
    ),
    key=("message_id",),
    # Netgsm's times have minutes; what came in the last hours is read again.
    plan=Hours(trailing=timedelta(hours=6), span=timedelta(days=1), first_depth=timedelta(days=29)),
    # Numbers to which nobody writes are as healthy as those with many messages.
    fresh_within=timedelta(days=3),
)


def row_of(message: IncomingSms) -> Row | None:
    """A message as a row; None for one without a time, which no window can hold."""
    if message.at is None:
        return None
    return {
        "message_id": hashlib.sha256("\x1f".join(message.identity).encode()).hexdigest(),
        "sent_at": message.at,
        "sender": message.sender,
        "receiver": message.receiver,
        "text": message.text,
    }
