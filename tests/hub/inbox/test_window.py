"""A free message goes out while its recipient's conversation is open, and with a reason not at all after that."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

from connectors.whatsapp.actions import TEMPLATE, TEXT
from hub.inbox import conversations
from hub.inbox.window import ConversationWindow
from hub.outbox.gate import Candidate, Go, Stop, Verdict
from tests.hub.inbox.conftest import Desk

NOW = datetime.now(UTC)


def candidate(recipient: str | None, *, free: bool = True) -> Candidate:
    return Candidate(uuid4(), TEXT if free else TEMPLATE, "phone", recipient, False, None, None, 1, Decimal(0), "TRY")


def judged(desk: Desk, *candidates: Candidate, now: datetime = NOW) -> list[Verdict]:
    with desk.database.tenant(desk.tenant, "app") as connection:
        return list(ConversationWindow().judge(connection, desk.tenant, candidates, now))


def wrote(desk: Desk, contact: str, *, hours_ago: float, channel: str = "whatsapp") -> None:
    at = NOW - timedelta(hours=hours_ago)
    with desk.database.tenant(desk.tenant, "app") as connection:
        conversations.heard_from(connection, desk.tenant, channel=channel, contacts=[contact], at=at)


def test_a_free_message_needs_a_message_of_the_last_day_from_its_own_recipient_on_its_own_channel(desk: Desk) -> None:
    wrote(desk, "phone_new", hours_ago=23.9)
    wrote(desk, "phone_old", hours_ago=24.1)
    wrote(desk, "phone_sms", hours_ago=1, channel="sms")
    whom = ("phone_new", "phone_old", "phone_sms", "phone_nobody", None)
    assert judged(desk, *map(candidate, whom)) == [Go(), *[Stop("window_closed")] * 4]
    assert judged(desk, candidate("phone_new"), now=NOW + timedelta(hours=1)) == [Stop("window_closed")]


def test_a_template_needs_no_window_and_a_batch_keeps_its_order(desk: Desk) -> None:
    wrote(desk, "phone_new", hours_ago=1)
    batch = [candidate("phone_nobody", free=False), candidate("phone_nobody"), candidate("phone_new")]
    assert judged(desk, *batch) == [Go(), Stop("window_closed"), Go()]
    assert judged(desk, batch[0]) == [Go()]
    assert judged(desk) == []


def test_a_conversation_with_another_tenant_opens_nothing(desk: Desk) -> None:
    wrote(desk, "phone_new", hours_ago=1)
    other = replace(desk, tenant="t" + desk.tenant[:0:-1])
    assert judged(other, candidate("phone_new")) == [Stop("window_closed")]
