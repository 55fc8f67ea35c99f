"""A refusal that was heard stands in the tenant's list, from when it was said and not from later."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hub.inbox.refusals import Refusals
from hub.messaging import opt_outs
from tests.hub.inbox.conftest import Desk

AT = datetime(2026, 3, 31, 9, 0, tzinfo=UTC)


def listed(desk: Desk, pseudonym: str, channel: str) -> opt_outs.OptOut | None:
    with desk.database.tenant(desk.tenant, "app") as connection:
        return opt_outs.read(connection, desk.keyring.tenant(desk.tenant), [pseudonym]).get((pseudonym, channel))


def test_a_refusal_is_recorded_for_every_name_of_the_writer_and_for_its_channel_alone(desk: Desk) -> None:
    pseudonymiser = desk.keyring.tenant(desk.tenant).pseudonymiser()
    phone = "phone", pseudonymiser.one("phone", "+905321234567")
    user = "whatsapp_user", pseudonymiser.one("whatsapp_user", "TR.1")
    refusals = Refusals(desk.database)
    for _ in range(2):
        refusals.record(desk.tenant, "whatsapp", [phone, user], AT, source="provider_refusal")

    for _, pseudonym in (phone, user):
        found = listed(desk, pseudonym, "whatsapp")
        assert found is not None
        assert (found.scope, found.recorded_at) == ("commercial", AT)
        assert listed(desk, pseudonym, "sms") is None


def test_a_refusal_from_the_future_was_said_now(desk: Desk) -> None:
    pseudonym = desk.keyring.tenant(desk.tenant).pseudonymiser().one("phone", "+905321234567")
    ahead = datetime.now(UTC) + timedelta(days=30)
    Refusals(desk.database).record(desk.tenant, "sms", [("phone", pseudonym)], ahead, source="stop_reply")
    found = listed(desk, pseudonym, "sms")
    assert found is not None
    assert found.recorded_at < ahead - timedelta(days=29)
