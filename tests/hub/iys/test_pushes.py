"""Permissions and refusals reach İYS, each once, in time, and with what becomes of them recorded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.failure import ProviderFailure
from connectors.sandbox.faults import Fault, FaultKind
from connectors.secret import Secret
from hub.control import consents
from hub.iys import owed, push, recipients
from hub.iys.accounts import Account
from hub.iys.overview import overview
from hub.iys.vocabulary import source_of
from hub.messaging.checks import SEND
from hub.messaging.gate import judge
from hub.messaging.opt_outs import record_opt_out
from tests.support.brand import EMAIL, OTHER, PHONE, Brand

TCKN = "10000000146"


def rows(brand: Brand) -> list[tuple[Any, ...]]:
    with brand.database.tenant(brand.tenant_id, "app") as connection:
        return connection.execute(
            "SELECT status, type, state, code FROM hub.iys_pushes WHERE tenant_id = %s ORDER BY consent_date, status",
            (brand.tenant_id,),
        ).fetchall()


def deeds(brand: Brand) -> list[str]:
    return [each.reference.split(" 20")[0] for each in brand.sandbox.world.ledger.deeds(company=brand.company)]


def now() -> datetime:
    return datetime.now(UTC)


def pushed(brand: Brand, account: Account) -> push.Settled:
    owed.collect(brand.database, brand.tenant_id, now())
    push.submit(brand.database, brand.keyring, brand.tenant_id, account, now())
    return push.listen(brand.database, brand.keyring, brand.tenant_id, account, now())


def test_a_permission_and_its_withdrawal_reach_iys_once_each(brand: Brand, account: Account) -> None:
    consent = brand.says("commercial_message", keep=True)
    brand.says("commercial_email", EMAIL, keep=True, channel="email")
    brand.says("marketing", keep=True)
    assert pushed(brand, account) == push.Settled(accepted=2)
    consents.withdraw(brand.database, brand.tenant_id, consent.consent_id, channel="sms", reason=None)
    assert pushed(brand, account) == push.Settled(accepted=1)
    assert pushed(brand, account) == push.Settled()
    assert sorted(deeds(brand)) == [f"{PHONE} MESAJ ONAY", f"{PHONE} MESAJ RET", f"{EMAIL} EPOSTA ONAY"]
    record = brand.book.state(brand.company, {"recipient": PHONE, "type": "MESAJ"})
    assert record is not None
    assert record["source"] == "HS_MESAJ"


def test_a_number_that_the_vault_does_not_have_is_counted_and_pushed_when_it_comes(
    brand: Brand, account: Account
) -> None:
    brand.says("commercial_message")
    owed.collect(brand.database, brand.tenant_id, now())
    done = push.submit(brand.database, brand.keyring, brand.tenant_id, account, now())
    assert done == push.Pushed(unpushable=1)
    assert overview(brand.database, brand.keyring, brand.tenant_id, now()).pushes == {"unpushable": 1}
    recipients.keep(brand.database, brand.keyring, brand.tenant_id, "phone", Secret(PHONE))
    assert pushed(brand, account) == push.Settled(accepted=1)


@pytest.mark.parametrize(
    ("strength", "recipients"),
    [("strong", [("ONAY", "phone"), ("RET", "phone")]), ("weak", [("ONAY", "tckn"), ("RET", "phone")])],
)
def test_a_permission_goes_to_iys_for_a_number_only_that_is_surely_the_persons(
    brand: Brand, strength: str, recipients: list[tuple[str, str]]
) -> None:
    consent = brand.says("commercial_message", TCKN, kind="tckn")
    in_index(brand, consent.data_subject, strength)
    owed.collect(brand.database, brand.tenant_id, now())
    consents.withdraw(brand.database, brand.tenant_id, consent.consent_id, channel="web", reason=None)
    owed.collect(brand.database, brand.tenant_id, now())
    with brand.database.tenant(brand.tenant_id, "app") as connection:
        found = connection.execute(
            "SELECT status, recipient_kind FROM hub.iys_pushes WHERE tenant_id = %s ORDER BY status",
            (brand.tenant_id,),
        ).fetchall()
    assert found == recipients


def in_index(brand: Brand, person: str, strength: str) -> None:
    """The subject index learns that a row of this person named the phone."""
    subject = brand.keyring.tenant(brand.tenant_id).subject_id("tckn", person)
    with brand.database.tenant(brand.tenant_id, "vault") as connection:
        connection.execute(
            "INSERT INTO vault.subjects (tenant_id, subject_id) VALUES (%s, %s)", (brand.tenant_id, subject)
        )
        for kind, pseudonym, how in (("tckn", person, "strong"), ("phone", brand.pseudonym(), strength)):
            connection.execute(
                "INSERT INTO vault.identifiers (tenant_id, kind, pseudonym, subject_id, strength, source)"
                " VALUES (%s, %s, %s, %s, %s, 'test')",
                (brand.tenant_id, kind, pseudonym, subject, how),
            )


def test_a_withdrawal_that_came_before_the_permission_was_pushed_needs_no_push(brand: Brand, account: Account) -> None:
    consent = brand.says("commercial_message", keep=True)
    consents.withdraw(brand.database, brand.tenant_id, consent.consent_id, channel="web", reason=None)
    assert pushed(brand, account) == push.Settled(needless=1)
    assert rows(brand) == [("RET", "MESAJ", "needless", "H175")]
    assert deeds(brand) == []


def test_a_stop_by_return_reaches_iys(brand: Brand, account: Account) -> None:
    brand.says("commercial_message", keep=True)
    pushed(brand, account)
    for _ in range(2):
        record_opt_out(
            brand.database, brand.tenant_id, recipient=brand.pseudonym(), channel="sms", source="stop_reply",
            at=brand.now,
        )  # fmt: skip
        pushed(brand, account)
    assert deeds(brand) == [f"{PHONE} MESAJ ONAY", f"{PHONE} MESAJ RET"]


def test_a_merchant_who_says_stop_is_refused_as_a_merchant_too(brand: Brand, account: Account) -> None:
    merchant = {"recipient": PHONE, "type": "MESAJ", "recipientType": "TACIR"}
    brand.book.citizen(brand.company, recipient=PHONE, status="ONAY", recipient_type="TACIR")
    check = brand.check(recipient_type="TACIR")
    assert list(judge(brand.database, brand.keyring, brand.tenant_id, [check], brand.now)) == [SEND]
    recipients.keep(brand.database, brand.keyring, brand.tenant_id, "phone", Secret(PHONE))
    brand.sandbox.advance(hours=1)
    at = brand.sandbox.world.clock.now() - timedelta(minutes=1)
    record_opt_out(
        brand.database, brand.tenant_id, recipient=brand.pseudonym(), channel="sms", source="stop_reply", at=at
    )
    owed.collect(brand.database, brand.tenant_id, now())
    later = now() + timedelta(hours=3)
    push.submit(brand.database, brand.keyring, brand.tenant_id, account, later)
    assert push.listen(brand.database, brand.keyring, brand.tenant_id, account, later) == push.Settled(1, 0, 1)
    record = brand.book.state(brand.company, merchant)
    assert record is not None
    assert record["status"] == "RET"


def test_an_expired_permission_is_taken_back_at_iys(brand: Brand, account: Account) -> None:
    brand.says("commercial_message", keep=True, expires_at=brand.now + timedelta(minutes=1))
    pushed(brand, account)
    later = brand.now + timedelta(minutes=2)
    brand.sandbox.advance(minutes=3)
    owed.collect(brand.database, brand.tenant_id, later)
    push.submit(brand.database, brand.keyring, brand.tenant_id, account, later)
    assert push.listen(brand.database, brand.keyring, brand.tenant_id, account, later).accepted == 1
    record = brand.book.state(brand.company, {"recipient": PHONE, "type": "MESAJ"})
    assert record is not None
    assert (record["status"], record["source"]) == ("RET", "HS_KARAR")


def test_results_that_come_later_are_heard_later(brand: Brand, account: Account) -> None:
    brand.book.slow = True
    brand.says("commercial_message", keep=True)
    assert pushed(brand, account) == push.Settled()
    assert [row[2] for row in rows(brand)] == ["submitted"]
    brand.book.work_off()
    assert push.listen(brand.database, brand.keyring, brand.tenant_id, account, now()).accepted == 1


@pytest.mark.parametrize("kind", ["cut_before", "cut_after"])
def test_an_answer_that_never_came_costs_one_submission_more_and_nothing_else(
    brand: Brand, account: Account, kind: FaultKind
) -> None:
    brand.says("commercial_message", keep=True)
    owed.collect(brand.database, brand.tenant_id, now())
    brand.sandbox.world.faults.add(Fault(kind, company=brand.company, path="/sps/", times=2))
    with pytest.raises(ProviderFailure):
        push.submit(brand.database, brand.keyring, brand.tenant_id, account, now())
    assert [row[2] for row in rows(brand)] == ["waiting"]
    assert pushed(brand, account) == push.Settled(accepted=1)
    assert deeds(brand) == [f"{PHONE} MESAJ ONAY"]


def test_an_older_permission_than_iys_has_a_refusal_of_is_refused_and_named(brand: Brand, account: Account) -> None:
    brand.at_iys("RET", ago=timedelta(minutes=10))
    brand.says("commercial_message", keep=True)
    assert pushed(brand, account) == push.Settled(refused=1)
    assert overview(brand.database, brand.keyring, brand.tenant_id, now()).refusal_codes == {"H178": 1}


def test_what_iys_would_not_have_is_not_brought_there(brand: Brand, account: Account) -> None:
    brand.says("commercial_message", "+902120000001", keep=True)
    owed.collect(brand.database, brand.tenant_id, now())
    assert push.submit(brand.database, brand.keyring, brand.tenant_id, account, now()) == push.Pushed(unfit=1)
    assert rows(brand) == [("ONAY", "MESAJ", "refused", "unfit_recipient")]


def test_two_words_of_one_person_go_one_after_the_other(brand: Brand, account: Account) -> None:
    first = brand.says("commercial_message", keep=True)
    pushed(brand, account)
    consents.withdraw(brand.database, brand.tenant_id, first.consent_id, channel="web", reason=None)
    brand.now = now()
    brand.says("commercial_message", ago=timedelta(0))
    brand.sandbox.world.requests.clear()
    brand.sandbox.advance(seconds=5)
    owed.collect(brand.database, brand.tenant_id, now())
    done = push.submit(brand.database, brand.keyring, brand.tenant_id, account, now())
    assert done.submitted == 2
    submissions = sum(count for (_, _, path), count in brand.sandbox.world.requests.items() if path.endswith("request"))
    assert submissions == 2


def test_the_clock_counts_business_days() -> None:
    friday = datetime(2026, 3, 6, 12, tzinfo=UTC)
    assert owed.due(friday, owed.ALARM_DAYS) == datetime(2026, 3, 10, 21, tzinfo=UTC)
    assert owed.due(friday, owed.DUE_DAYS) == datetime(2026, 3, 11, 21, tzinfo=UTC)
    long_ago = datetime(2016, 3, 4, 12, tzinfo=UTC)
    assert owed.due(long_ago, 3) == long_ago + timedelta(days=3), "a year without a calendar is overdue at any rate"


@pytest.mark.parametrize(
    ("status", "channel", "stated", "at", "source"),
    [
        ("ONAY", "web", None, 2026, "HS_WEB"),
        ("ONAY", "other", None, 2026, "HS_FIZIKSEL_ORTAM"),
        ("ONAY", "web", "HS_SOSYAL_MEDYA", 2026, "HS_SOSYAL_MEDYA"),
        ("ONAY", "web", "HS_KARAR", 2026, "HS_WEB"),
        ("ONAY", "web", "mağaza", 2026, "HS_WEB"),
        ("ONAY", "web", None, 2014, "HS_2015"),
        ("RET", "sms", None, 2026, "HS_MESAJ"),
        ("RET", "erasure", None, 2026, "HS_KARAR"),
        ("RET", None, None, 2026, "HS_KARAR"),
    ],
)
def test_a_source_says_how_it_came(status: Any, channel: str | None, stated: str | None, at: int, source: str) -> None:
    assert source_of(status, channel=channel, stated=stated, at=datetime(at, 3, 1, tzinfo=UTC)) == source


def test_one_tenants_permissions_stay_its_own(brand: Brand, account: Account, make_tenant: Any) -> None:
    brand.says("commercial_message", OTHER, keep=True)
    assert owed.collect(brand.database, make_tenant(), now()) == 0
    assert pushed(brand, account).accepted == 1
