"""Nobody hangs on a writer that does, and a turn of a writer ends although much is waiting."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from connectors.webhooks import WebhookEvent
from hub.errors import HubError
from hub.inbox import events, writing
from hub.inbox.writing import Writing

if TYPE_CHECKING:
    from hub.inbox.doors import Door
    from tests.hub.inbox.conftest import Desk


def door(desk: Desk) -> Door:
    found = asyncio.run(desk.receiver.door("iyzico", desk.address.path.rpartition("/")[2]))
    assert found is not None
    return found


def arrival(name: str, body: bytes = b"{}") -> events.Arrival:
    return events.Arrival([WebhookEvent(name, "deneme", body)], "verified")


def test_a_caller_whose_events_are_not_written_in_time_is_told_to_come_again(desk: Desk) -> None:
    waiting = Writing(desk.database, desk.keyring, desk.daily_keys, answers_within=0.2)
    where = door(desk)
    with desk.database.tenant(desk.tenant, "app") as connection:
        connection.execute("LOCK TABLE hub.inbox_events IN SHARE ROW EXCLUSIVE MODE")
        with pytest.raises(HubError, match="database_busy"):
            asyncio.run(waiting.add(where, arrival("late")))
    assert asyncio.run(Writing(desk.database, desk.keyring, desk.daily_keys).add(where, arrival("next"))) == 1


def test_a_turn_ends_with_the_call_that_fills_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "MANY_BYTES", 1_000)
    sizes: list[int] = []
    sealed = events.sealed

    def noted(*given: object) -> events.Batch:
        batch = sealed(*given)  # type: ignore[arg-type]
        sizes.append(sum(len(event.body) for each in given[3] for event in each.events))  # type: ignore[index]
        return batch

    monkeypatch.setattr(events, "sealed", noted)
    one = Writing(desk.database, desk.keyring, desk.daily_keys)
    where = door(desk)

    async def all_at_once() -> list[int | None]:
        return await asyncio.gather(*(one.add(where, arrival(str(number), b"a" * 400)) for number in range(20)))

    assert asyncio.run(all_at_once()) == [1] * 20
    assert max(sizes) <= 1_200
