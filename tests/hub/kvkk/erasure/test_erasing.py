"""Who is erased is gone from every store, stays gone, and takes nobody along."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from ipaddress import ip_address
from typing import Any
from uuid import UUID

import psycopg
import pytest

from hub.control import consents, legal_bases
from hub.control.consent_record import NewConsent
from hub.control.legal_basis_record import NewLegalBasis
from hub.errors import HubError
from hub.keys import journal
from hub.kvkk import holds, shared_identifiers
from hub.kvkk.erasure import withheld_records
from hub.kvkk.holds import NewHold
from hub.kvkk.person import Person
from hub.kvkk.retention.run import Retention
from hub.kvkk.retention.statutes import Statute
from hub.kvkk.reveal import Stated, permit
from hub.kvkk.suppression import erased_mark, suppress
from tests.support.erased_people import (
    ORDERS,
    OTHER_MAIL,
    OTHER_PHONE,
    OTHER_TCKN,
    OWN_MAIL,
    OWN_PHONE,
    OWN_TCKN,
    other,
    own,
)
from tests.support.erasing import MANDATE, eraser_of, hub_of, person
from tests.support.overrides_shop import Shop, order

DESCRIBED = "ip_address = NULL, user_agent = NULL, evidence_ref = NULL"
FUTURE = datetime(2035, 1, 1, tzinfo=UTC)


class TestErasing:
    def test_empties_what_is_the_persons_and_keeps_facts_and_amounts(self, shop: Shop) -> None:
        shop.sync(*ORDERS)

        report = eraser_of(shop).erase(person(shop, tckn=OWN_TCKN, phone=OWN_PHONE, email=OWN_MAIL), MANDATE)

        assert report.outcome == "erased"
        theirs = shop.pseudonym("phone", OTHER_PHONE)
        assert shop.landed("customer_phone") == [None, theirs, None, theirs]
        assert shop.landed("customer_tckn") == [None, shop.pseudonym("tckn", OTHER_TCKN)] * 2
        assert shop.landed("note") == ["beni <TR_PHONE> numaradan arayın", "<TR_PHONE> ile birlikte", None, "kapıya"]
        assert [float(amount) for amount in shop.landed("amount")] == [125.5] * 4
        assert shop.landed("status") == ["PAID"] * 4

    def test_shreds_the_persons_keys_and_originals_and_nobody_elses(self, shop: Shop) -> None:
        shop.sync(*ORDERS)
        eraser_of(shop).erase(person(shop, tckn=OWN_TCKN, phone=OWN_PHONE, email=OWN_MAIL), MANDATE)

        assert shop.originals() == {
            shop.pseudonym("phone", OTHER_PHONE): OTHER_PHONE,
            shop.pseudonym("email", OTHER_MAIL): OTHER_MAIL,
        }
        assert shop.rows("SELECT 1 FROM vault.texts", "vault") == []
        assert shop.rows("SELECT pseudonym FROM vault.identifiers WHERE kind = 'tckn'", "vault") == [
            (shop.pseudonym("tckn", OTHER_TCKN),)
        ]

    def test_the_next_sync_brings_nobody_back_and_a_new_relation_comes_in(self, shop: Shop) -> None:
        shop.sync(*ORDERS)
        eraser_of(shop).erase(person(shop, tckn=OWN_TCKN, phone=OWN_PHONE, email=OWN_MAIL), MANDATE)
        before = [shop.landed(column) for column in ("customer_tckn", "customer_phone", "customer_email", "note")]

        # The same orders, one of them changed, an old one that was never synced, and one from after the erasure.
        late = own(8, customer_phone=None, customer_tckn=None, note=f"{OWN_PHONE}")
        new = own(9, changed_at=FUTURE.isoformat())
        shop.sync(*ORDERS[1:], own(0, note=f"beni {OWN_PHONE} numaradan arayın", status="SENT"), late, new)

        for column, was in zip(("customer_tckn", "customer_phone", "customer_email"), before, strict=False):
            assert shop.landed(column)[:5] == [*was, None]
        assert shop.landed("note")[:5] == [*before[3], "<TR_PHONE>"]
        assert shop.landed("status")[0] == "SENT"
        assert shop.landed("customer_tckn")[5] == shop.pseudonym("tckn", OWN_TCKN)
        assert shop.originals()[shop.pseudonym("phone", OWN_PHONE)] == OWN_PHONE
        assert shop.rows("SELECT 1 FROM vault.texts", "vault") == []

    def test_a_familys_phone_takes_nobody_along_and_what_only_it_names_waits_for_a_reviewer(self, shop: Shop) -> None:
        orders = [own(0), other(1, customer_phone=OWN_PHONE), own(2, customer_tckn=None, customer_email=None)]
        shop.sync(*orders)
        phone = shop.pseudonym("phone", OWN_PHONE)
        found = person(shop, tckn=OWN_TCKN, phone=OWN_PHONE, email=OWN_MAIL)
        # The relative has it too, under another identity number: whose the third order is, nobody can tell.
        assert len(found.uncertain) == 2

        report = eraser_of(shop).erase(found, MANDATE)
        shop.sync(*orders)

        assert report.uncertain == 2
        assert shop.landed("customer_phone") == [None, phone, phone]
        assert shop.landed("customer_tckn") == [None, shop.pseudonym("tckn", OTHER_TCKN), None]
        assert shop.originals()[phone] == OWN_PHONE


class TestOwnDays:
    """A phone that was the person's until 3 November, Istanbul time, and somebody else's from then on."""

    @pytest.fixture
    def orders(self, shop: Shop) -> list[dict[str, Any]]:
        made = [
            order(number, customer_phone=OWN_PHONE, customer_tckn=number_of, changed_at=f"2026-11-{day}T12:00:00+00:00")
            for number, (day, number_of) in enumerate(
                (("01", OWN_TCKN), ("02", None), ("04", None), ("02", OTHER_TCKN))
            )
        ]
        for each in made:
            each["note"] = f"ara {OTHER_PHONE}"
        shop.sync(*made)
        pair = ("phone", shop.pseudonym("phone", OWN_PHONE))
        engine, actor = shop.engine, MANDATE.actor
        shared_identifiers.share(engine.database, shop.tenant_id, pair, reason="changed_hands", actor=actor)
        for holder, since, until in ((OWN_TCKN, None, date(2026, 11, 3)), (OTHER_TCKN, date(2026, 11, 3), None)):
            shared_identifiers.assign(
                engine.database,
                engine.keyring,
                shop.tenant_id,
                pair,
                ("tckn", shop.pseudonym("tckn", holder)),
                since=since,
                until=until,
                reason="changed_hands",
                actor=actor,
            )
        return made

    def test_rows_texts_and_originals_of_those_days_go_and_others_stay(
        self, shop: Shop, orders: list[dict[str, Any]]
    ) -> None:
        phone, mention = shop.pseudonym("phone", OWN_PHONE), f"ara <TR_PHONE:{shop.pseudonym('phone', OTHER_PHONE)}>"

        report = eraser_of(shop).erase(person(shop, tckn=OWN_TCKN), MANDATE)

        for _ in range(2):
            assert report.outcome == "erased"
            assert shop.landed("customer_phone") == [None, None, phone, phone]
            assert shop.landed("customer_tckn")[3] == shop.pseudonym("tckn", OTHER_TCKN)
            # The first two lose their text's marks or the text; whom the others speak of stays spoken of.
            assert shop.landed("note")[2:] == [mention, mention]
            assert mention not in shop.landed("note")[:2]
            assert shop.rows("SELECT row_key FROM vault.texts ORDER BY 1", "vault") == [("S2",), ("S3",)]
            assert {value for value in shop.originals().values() if "@" in value} == {
                "musteri2@ornek.com",
                "musteri3@ornek.com",
            }
            assert shop.originals()[phone] == OWN_PHONE
            shop.sync(*orders)

    def test_what_a_statute_keeps_of_those_days_is_sealed_apart(self, shop: Shop, orders: list[dict[str, Any]]) -> None:
        del orders
        report = eraser_of(shop, statutes=(TestStatutes.STATUTE,)).erase(person(shop, tckn=OWN_TCKN), MANDATE)

        assert report.outcome == "partly"
        kept = withheld_records.listed(shop.engine.database, shop.tenant_id)
        assert [(each.record, each.column) for each in kept] == [("S0", "customer_email"), ("S1", "customer_email")]

    def test_the_marks_in_the_journal_carry_the_days_to_a_restored_database(
        self, shop: Shop, orders: list[dict[str, Any]]
    ) -> None:
        eraser_of(shop).erase(person(shop, tckn=OWN_TCKN), MANDATE)
        (erased,) = journal.read(shop.engine.database, shop.engine.keyring.tenant(shop.tenant_id))
        with shop.engine.database.tenant(shop.tenant_id, "app") as connection:
            connection.execute("DELETE FROM hub.suppressions")
        for each in orders:
            each["status"] = "SENT"
        shop.sync(*orders)
        assert shop.landed("customer_phone")[1] is not None

        suppress(shop.engine.database, shop.tenant_id, erased.marks, erased_at=erased.erased_at)

        for each in orders:
            each["status"] = "DONE"
        shop.sync(*orders)
        phone = shop.pseudonym("phone", OWN_PHONE)
        assert shop.landed("customer_phone") == [None, None, phone, phone]


class TestConsents:
    def test_they_end_and_name_nobody_and_stay_as_proof(self, shop: Shop) -> None:
        shop.sync(*ORDERS)
        consent_id, basis_id = recorded(shop, OWN_TCKN)
        kept_id, _ = recorded(shop, OTHER_TCKN)

        eraser_of(shop).erase(person(shop, tckn=OWN_TCKN), MANDATE)

        consents = {
            row[0]: row[1:]
            for row in shop.rows(
                "SELECT id, data_subject, ip_address::text, user_agent, evidence_ref, withdrawn_at IS NOT NULL,"
                " withdrawal_channel, purpose FROM hub.consents",
                "app",
            )
        }
        pseudonym = shop.pseudonym("tckn", OWN_TCKN)
        mark = erased_mark(shop.engine.keyring.tenant(shop.tenant_id), "tckn", pseudonym)
        assert consents[consent_id] == (mark, None, None, None, True, "erasure", "credit")
        assert consents[kept_id][0] == shop.pseudonym("tckn", OTHER_TCKN)
        assert consents[kept_id][3] == "form-7"
        bases = dict(shop.rows("SELECT id, data_subject FROM hub.legal_bases", "app"))
        assert bases[basis_id] == mark

    @pytest.mark.parametrize(
        "change",
        [
            "data_subject = 'erased_aaaaaaaaaaaaaaaaaaaaaaaaaa'",
            f"data_subject = 'tckn_aaaaaaaaaaaaaaaaaaaaaaaaaa', withdrawn_at = now(), {DESCRIBED}",
            "evidence_ref = 'other', withdrawn_at = now()",
            "data_subject = 'erased_aaaaaaaaaaaaaaaaaaaaaaaaaa', withdrawn_at = now()",
        ],
    )
    def test_nothing_but_a_whole_erasure_or_a_withdrawal_changes_one(self, shop: Shop, change: str) -> None:
        recorded(shop, OWN_TCKN)
        with pytest.raises(psycopg.errors.IntegrityError):
            shop.rows(f"UPDATE hub.consents SET {change} RETURNING id", "app")  # noqa: S608 - our own words


class TestRefusing:
    @pytest.mark.parametrize(
        ("scope", "target"),
        [("tenant", "*"), ("dataset", "landing.siparis_orders"), ("category", "ILETISIM"), ("subject", "")],
    )
    def test_a_hold_in_whose_scope_something_lies_refuses_and_nothing_changes(
        self, shop: Shop, scope: Any, target: str
    ) -> None:
        shop.sync(*ORDERS)
        subject = shop.engine.keyring.tenant(shop.tenant_id).subject_id("tckn", shop.pseudonym("tckn", OWN_TCKN))
        new = NewHold(scope, target or subject, "litigation", "2026/411 E.")
        placed = holds.place(shop.engine.database, shop.tenant_id, new, actor=MANDATE.actor)
        before = shop.originals(), shop.landed("customer_phone")

        report = eraser_of(shop).erase(person(shop, tckn=OWN_TCKN), MANDATE)

        assert report.outcome == "refused"
        assert [hold.legal_ref for hold in report.blocked_by] == ["2026/411 E."]
        assert (shop.originals(), shop.landed("customer_phone")) == before
        assert shop.rows("SELECT 1 FROM hub.suppressions", "app") == []
        assert ("erasure_refused", "hold") in shop.rows("SELECT action, result FROM hub.audit_log", "app")

        holds.release(shop.engine.database, shop.tenant_id, placed.hold_id, actor=MANDATE.actor)
        assert eraser_of(shop).erase(person(shop, tckn=OWN_TCKN), MANDATE).outcome == "erased"

    def test_a_hold_that_has_ended_or_is_about_others_refuses_nothing(self, shop: Shop) -> None:
        shop.sync(*ORDERS)
        database, actor = shop.engine.database, MANDATE.actor
        holds.place(database, shop.tenant_id, NewHold("category", "FINANS", "audit", "x"), actor=actor)
        with database.tenant(shop.tenant_id, "vault") as connection:
            connection.execute("INSERT INTO vault.subjects VALUES (%s, %s)", (shop.tenant_id, "0" * 32))
        holds.place(database, shop.tenant_id, NewHold("subject", "0" * 32, "litigation", "x"), actor=actor)
        assert eraser_of(shop).erase(person(shop, tckn=OWN_TCKN), MANDATE).outcome == "erased"

    def test_many_subjects_need_a_second_name(self, shop: Shop) -> None:
        shop.sync(*ORDERS)
        whom = person(shop, tckn=OWN_TCKN, phone=OWN_PHONE)
        eraser = eraser_of(shop, four_eyes_above=1)
        with pytest.raises(HubError, match="erasure_needs_approval"):
            eraser.erase(whom, MANDATE)
        with pytest.raises(HubError, match="erasure_self_approved"):
            eraser.erase(whom, replace(MANDATE, approved_by="ayşe yetkili"))
        assert shop.landed("customer_tckn")[0] is not None
        assert eraser.erase(whom, replace(MANDATE, approved_by="Mehmet Sorumlu")).outcome == "erased"


class TestStatutes:
    STATUTE = Statute("TTK 6102 m. 82", 10, "end_of_year", {"siparis.orders": ("customer_email",)})

    def test_what_they_keep_is_sealed_apart_until_its_day(self, shop: Shop) -> None:
        shop.sync(*ORDERS)
        hub = hub_of(shop)

        report = eraser_of(shop, statutes=(self.STATUTE,)).erase(person(shop, tckn=OWN_TCKN), MANDATE)

        assert report.outcome == "partly"
        (kept,) = report.kept
        assert (kept.article, kept.dataset, kept.records) == ("TTK 6102 m. 82", "landing.siparis_orders", 1)
        assert kept.due == date(2037, 1, 1)
        # Whoever looks for the person finds nothing, in landing or in the index.
        assert shop.landed("customer_email")[0] is None
        assert shop.pseudonym("email", OWN_MAIL) not in shop.originals()
        # Whoever has the record and a purpose may read who it was.
        (listed,) = withheld_records.listed(hub.database, shop.tenant_id)
        assert (listed.stream, listed.record, listed.column) == ("siparis.orders", "S0", "customer_email")
        permit(hub.database, shop.tenant_id, MANDATE.actor.name, actor=MANDATE.actor)
        stated = Stated(MANDATE.actor, "authority_request", "2026/411")
        read = withheld_records.read(hub.database, hub.keyring, shop.tenant_id, listed.stream, listed.record, stated)
        assert [(each.column, each.value) for each in read] == [("customer_email", OWN_MAIL)]

        Retention(hub).run(shop.tenant_id, now=datetime(2036, 12, 31, tzinfo=UTC), actor=MANDATE.actor)
        assert len(shop.rows("SELECT 1 FROM vault.withheld", "vault")) == 1
        Retention(hub).run(shop.tenant_id, now=datetime(2037, 1, 1, tzinfo=UTC), actor=MANDATE.actor)
        assert shop.rows("SELECT 1 FROM vault.withheld", "vault") == []

    def test_what_is_older_than_they_ask_for_goes(self, shop: Shop) -> None:
        then = datetime(2012, 5, 5, tzinfo=UTC)
        shop.sync(own(0, changed_at=then.isoformat()), now=then)  # today it would not come in any more
        report = eraser_of(shop, statutes=(self.STATUTE,)).erase(person(shop, tckn=OWN_TCKN), MANDATE)
        assert (report.outcome, report.kept) == ("erased", [])


class TestLog:
    def test_it_names_nobody_and_says_where_and_how(self, shop: Shop) -> None:
        shop.sync(*ORDERS)
        whom = person(shop, tckn=OWN_TCKN, phone=OWN_PHONE, email=OWN_MAIL)
        eraser_of(shop).erase(whom, MANDATE)

        lines = shop.rows("SELECT store, dataset, category, records, method, verified FROM hub.destructions", "app")
        assert ("landing", "landing.siparis_orders", "KIMLIK", 1, "erase", "none_left") in lines
        assert ("vault", "vault.originals", "ILETISIM", 3, "crypto_shred", "none_left") in lines
        texts = shop.rows("SELECT t::text FROM hub.destructions t UNION ALL SELECT t::text FROM hub.audit_log t", "app")
        shown = "\n".join(row[0] for row in texts)
        assert [each for each in whom.pseudonyms if each in shown] == []

    def test_nobody_is_nothing_done(self, shop: Shop) -> None:
        shop.sync(*ORDERS)
        nobody = Person(shop.tenant_id, {}, frozenset(), frozenset())
        assert eraser_of(shop).erase(nobody, MANDATE).outcome == "nothing"


def recorded(shop: Shop, number: str) -> tuple[UUID, UUID]:
    """A consent and a legal basis of whom the identity number names."""
    engine = shop.engine
    subject = shop.pseudonym("tckn", number)
    consent = NewConsent(
        purpose="credit",
        legal_basis="explicit_consent",
        data_categories=("FINANS",),
        retention_period="P1Y",
        consent_text="Onaylıyorum.",
        text_version="1",
        language="tr",
        notice_id="aydinlatma-1",
        given_at=datetime(2026, 1, 1, tzinfo=UTC),
        channel="web",
        ip_address=ip_address("88.240.1.17"),
        user_agent="Mozilla/5.0",
        evidence_ref="form-7",
    )
    basis = NewLegalBasis(
        purpose="credit",
        legal_basis="contract",
        data_categories=("FINANS",),
        proportionality_note="Vadeli satış.",
        notice_id="aydinlatma-1",
        valid_from=datetime(2020, 1, 1, tzinfo=UTC),
        recorded_by="test",
        evidence_ref="sozlesme-9",
    )
    given = consents.record(engine.database, shop.tenant_id, kind="tckn", subject=subject, new=consent)
    based = legal_bases.record(engine.database, shop.tenant_id, kind="tckn", subject=subject, new=basis)
    return given.consent_id, based.basis_id
