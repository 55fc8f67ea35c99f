"""Escalation: each hour once, to the tenant's contact, whoever looks and however often."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any

import pytest
from psycopg.types.json import Jsonb

from hub.errors import HubError
from hub.kvkk.breach import record
from hub.kvkk.breach.escalation import Pending, escalate, hours_reached, pending
from hub.kvkk.breach.register import tell_board
from hub.mail import queue
from tests.hub.kvkk.breach.conftest import ACTOR, LEARNED

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.keys.keyring import Keyring
    from tests.hub.kvkk.breach.conftest import Begin

CONTACT = {"settings": Jsonb({"dpo_email": "kvkk@ornek.com.tr"})}


class Mails:
    """Stands for the queue of mails: what was queued, by tenant."""

    def __init__(self, error: str | None = None) -> None:
        self.queued: list[dict[str, Any]] = []
        self._error = error
        self._lock = Lock()

    def __call__(self, connection: Any, keys: Any, **given: Any) -> bool:
        if self._error:
            raise HubError(self._error)
        with self._lock:
            self.queued.append({"tenant": keys.tenant_id, **given})
        return True

    def of(self, tenant: str) -> list[dict[str, Any]]:
        return [each for each in self.queued if each["tenant"] == tenant]


def after(hours: float) -> Any:
    return LEARNED + timedelta(hours=hours)


def details(database: Database, tenant: str, breach: record.Breach) -> list[Any]:
    with database.tenant(tenant, "app") as connection:
        found = record.timeline(connection, tenant, breach.breach_id)
    return [each.details for each in found if each.event == "escalated"]


def test_hours_are_counted_from_learning_and_no_feast_stops_them() -> None:
    assert hours_reached(LEARNED, after(23.9)) == []
    assert hours_reached(LEARNED, after(48)) == [24, 48]
    assert hours_reached(LEARNED, after(72)) == [24, 48, 60, 72]


def test_each_hour_is_told_once(database: Database, keyring: Keyring, begin: Begin) -> None:
    tenant, breach = begin(**CONTACT)
    mails = Mails()
    for hours in (23, 24, 24.5, 48, 60, 61, 72, 90):
        escalate(database, keyring, after(hours), enqueue=mails)
    told = mails.of(tenant)
    assert [each["about"] for each in told] == [f"breach:{breach.breach_id}:{hour}" for hour in (24, 48, 60, 72)]
    assert [each["template_name"] for each in told] == ["breach_escalation"] * 3 + ["breach_overdue"]
    assert [each["fields"].get("hours_left") for each in told] == ["48", "24", "12", None]
    assert told[0]["fields"] == {"breach": str(breach.breach_id), "due": "02.11.2026 12:00", "hours_left": "48"}
    assert [each["hours"] for each in details(database, tenant, breach)] == [[24], [48], [60], [72]]


def test_hours_that_nobody_looked_at_make_one_mail(database: Database, keyring: Keyring, begin: Begin) -> None:
    tenant, breach = begin(**CONTACT)
    mails = Mails()
    escalate(database, keyring, after(61), enqueue=mails)
    assert [each["about"] for each in mails.of(tenant)] == [f"breach:{breach.breach_id}:60"]
    assert details(database, tenant, breach) == [{"hours": [24, 48, 60], "mail": "queued"}]


def test_whoever_looks_at_the_same_time_tells_once(database: Database, keyring: Keyring, begin: Begin) -> None:
    tenant, breach = begin(**CONTACT)
    mails = Mails()
    with ThreadPoolExecutor(4) as threads:
        looks = [threads.submit(escalate, database, keyring, after(25), enqueue=mails) for _ in range(8)]
    assert [look.exception() for look in looks] == [None] * 8
    assert len(mails.of(tenant)) == 1
    assert len(details(database, tenant, breach)) == 1


def test_a_breach_that_the_board_knows_of_presses_no_more(database: Database, keyring: Keyring, begin: Begin) -> None:
    tenant, breach = begin(**CONTACT)
    tell_board(
        database, keyring, tenant, breach.breach_id, stage="initial", at=None, evidence_ref="1", actor=ACTOR,
        now=after(2),
    )  # fmt: skip
    assert Pending(tenant, breach.breach_id) not in pending(database, after(80))


@pytest.mark.parametrize(
    ("columns", "error", "noted"),
    [({}, None, "no_contact"), (CONTACT, "mail_address_malformed", "undeliverable")],
)
def test_without_a_mailbox_it_still_stands_in_the_timeline(
    database: Database, keyring: Keyring, begin: Begin, columns: dict[str, Any], error: str | None, noted: str
) -> None:
    tenant, breach = begin(**columns)
    escalate(database, keyring, after(24), enqueue=Mails(error))
    assert details(database, tenant, breach) == [{"hours": [24], "mail": noted}]


def test_an_hour_whose_mail_could_not_be_queued_is_told_later(
    database: Database, keyring: Keyring, begin: Begin
) -> None:
    tenant, breach = begin(**CONTACT)
    assert escalate(database, keyring, after(24), enqueue=Mails("database_down")).failed >= 1
    assert details(database, tenant, breach) == []
    mails = Mails()
    escalate(database, keyring, after(25), enqueue=mails)
    assert [each["about"] for each in mails.of(tenant)] == [f"breach:{breach.breach_id}:24"]


def test_the_mail_waits_in_the_queue_once_with_words_that_name_nobody(
    database: Database, keyring: Keyring, begin: Begin
) -> None:
    tenant, breach = begin(**CONTACT)
    for hours in (48, 49, 73):
        escalate(database, keyring, after(hours))
    waiting = sorted(queue.listed(database, tenant, only_open=True), key=lambda mail: mail.about)
    assert [(mail.template, mail.about) for mail in waiting] == [
        ("breach_escalation", f"breach:{breach.breach_id}:48"),
        ("breach_overdue", f"breach:{breach.breach_id}:72"),
    ]


def test_a_mailbox_that_is_none_is_said_in_the_timeline(database: Database, keyring: Keyring, begin: Begin) -> None:
    tenant, breach = begin(settings=Jsonb({"dpo_email": "kvkk"}))
    escalate(database, keyring, after(24))
    assert details(database, tenant, breach) == [{"hours": [24], "mail": "undeliverable"}]
