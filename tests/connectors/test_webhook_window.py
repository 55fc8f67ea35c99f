"""A signed event that comes long after its provider gave it up was kept by somebody, and is sent again."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from connectors.webhook_registry import source_named
from connectors.webhooks import Call, Standing, WebhookEvent, WebhookSource

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)


def findeks(at: datetime | str) -> WebhookEvent:
    said = {"eventId": "e", "reportId": "r", "occurredAt": at if isinstance(at, str) else at.isoformat()}
    (event,) = of("findeks").events(Call(json.dumps(said).encode()))
    return event


def whatsapp(at: datetime) -> WebhookEvent:
    status = {
        "id": "wamid.X",
        "status": "delivered",
        "timestamp": str(int(at.timestamp())),
        "recipient_user_id": "TR.1",
    }
    value = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": "1"}, "statuses": [status]}
    change = {"field": "messages", "value": value}
    call = {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}
    (event,) = of("whatsapp").events(Call(json.dumps(call).encode()))
    return event


def of(provider: str) -> WebhookSource:
    source = source_named(provider)
    assert source is not None
    return source


@pytest.mark.parametrize(("provider", "event"), [("findeks", findeks), ("whatsapp", whatsapp)])
def test_what_is_older_than_its_providers_attempts_is_a_replay(
    provider: str, event: Callable[[datetime], WebhookEvent]
) -> None:
    source = of(provider)
    assert source.sent_within is not None
    standing = Standing(True, NOW)
    oldest = NOW - source.sent_within
    assert not source.is_replayed(event(oldest).body, standing)
    assert source.is_replayed(event(oldest - timedelta(seconds=1)).body, standing)
    assert not source.is_replayed(event(NOW + timedelta(hours=1)).body, standing)
    assert not source.is_replayed(event(oldest - timedelta(days=99)).body, Standing(False, NOW)), "nobody signed it"


def test_what_says_no_time_that_can_be_read_is_no_replay() -> None:
    for odd in ("", "yesterday", "2020-01-01T00:00:00", "9999-99-99"):
        assert not of("findeks").is_replayed(findeks(odd).body, Standing(True, NOW))
