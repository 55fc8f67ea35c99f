"""`hub findeks order` from the keyboard to the bureau: on a legal basis, with a PIN, bought once, and nobody named."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.istanbul import day_of
from connectors.sandbox.faults import Fault
from connectors.secret import Secret
from hub.control import consents, integrations
from hub.control.legal_bases import record
from hub.control.legal_basis_record import NewLegalBasis
from hub.errors import HubError
from hub.findeks_orders.order import Wanted, admitted, enqueued
from hub.kvkk.audit import SYSTEM
from hub.kvkk.audit_listing import entries
from hub.outbox import drain as drains
from hub.outbox.caps.limits import NewCap, set_cap
from hub.outbox.caps.spending import spent
from hub.outbox.open import open_outbox
from tests.hub.findeks_orders.conftest import Office

STATES = "SELECT state, reason FROM hub.actions WHERE tenant_id = %s ORDER BY created_at"


def drain(office: Office) -> None:
    pace = drains.Pace(lingers=timedelta(0), least_wait=0.01)
    asyncio.run(drains.drain(open_outbox(office.database, office.keyring), pace=pace))


class TestAnOrder:
    def test_is_bought_once_and_names_nobody(self, office: Office) -> None:
        office.consent()
        assert office.order("--json") == 0, office.said
        pin, person = office.pin(), office.person
        assert json.loads(office.said[0])["state"] == "pending"
        drain(office)
        drain(office)
        assert (office.deeds("report"), office.deeds("pin")) == (1, 1)
        [(row, recipient)] = office.rows("SELECT a::text, recipient FROM hub.actions a WHERE tenant_id = %s")
        assert recipient.startswith("tckn_")
        told = [*office.said, row, *(repr(entry) for entry in entries(office.database, office.tenant))]
        for value in (person.tckn, person.phone[3:], person.surname, pin):
            assert all(value not in text for text in told), "neither shown nor kept"
        logged = [entry for entry in entries(office.database, office.tenant) if entry.action.startswith("findeks.")]
        assert {entry.action for entry in logged} == {"findeks.bureau_asked", "findeks.report_ordered"}
        assert {(entry.purpose, entry.legal_basis) for entry in logged} == {("credit_assessment", "explicit_consent")}

    def test_costs_what_the_account_says(self, office: Office) -> None:
        office.consent()
        office.order()
        drain(office)
        today = day_of(datetime.now(UTC))
        with office.database.tenant(office.tenant, "app") as connection:
            (used,) = spent(connection, office.tenant, since=today, until=today)
        assert (used.provider, used.count, used.amount, used.currency) == ("findeks", 1, Decimal("12.5"), "TRY")

    def test_of_the_same_day_is_not_made_twice_and_nobody_gets_a_pin_for_it(self, office: Office) -> None:
        office.consent()
        assert office.order() == 0
        assert office.order() == 1
        assert "ordered already" in office.said[1]
        assert (office.deeds("pin"), len(office.rows(STATES))) == (1, 1)

    def test_is_made_again_when_that_is_asked_for(self, office: Office) -> None:
        office.consent()
        assert [office.order(), office.order("--again")] == [0, 0]
        drain(office)
        assert office.deeds("report") == 2

    def test_of_another_kind_is_another_one(self, office: Office) -> None:
        office.consent()
        assert [office.order(), office.order("--report", "cheque")] == [0, 0]
        drain(office)
        assert office.deeds("report") == 2

    def test_that_was_refused_before_it_was_bought_stands_in_nobodys_way(self, office: Office) -> None:
        consent = office.consent()
        office.order()
        consents.withdraw(office.database, office.tenant, consent.consent_id, channel="web", reason=None)
        drain(office)
        assert office.rows(STATES) == [("failed", "basis_inactive")]
        assert office.deeds("report") == 0, "withdrawn between order and purchase"
        office.consent()
        assert office.order() == 0
        drain(office)
        assert office.deeds("report") == 1

    def test_without_an_answer_from_the_bureau_is_bought_once(self, office: Office) -> None:
        office.consent()
        office.order()
        office.sandbox.world.faults.add(Fault("cut_after", company=office.tenant, path="/findeks/reports", times=1))
        drain(office)
        with office.database.tenant(office.tenant, "app") as connection:
            connection.execute(
                "UPDATE hub.actions SET not_before = not_before - interval '1 hour' WHERE tenant_id = %s",
                (office.tenant,),
            )
        drain(office)
        assert [state for state, _ in office.rows(STATES)] == ["accepted"]
        assert office.deeds("report") == 1

    def test_that_somebody_else_made_meanwhile_is_not_made(self, office: Office) -> None:
        office.consent()
        wanted = Wanted("tckn", Secret(office.person.tckn))
        may = admitted(office.database, office.keyring, office.tenant, wanted, settings={}, at=datetime.now(UTC))
        given = {"settings": {}, "actor": SYSTEM}
        enqueued(office.database, office.keyring, office.tenant, may, "cns_1", **given)
        assert enqueued(office.database, office.keyring, office.tenant, may, "cns_1", **given).repeated
        with pytest.raises(HubError, match="report_already_ordered") as refused:
            enqueued(office.database, office.keyring, office.tenant, may, "cns_2", **given)
        assert refused.value.params["state"] == "pending"
        assert office.person.tckn not in repr(may) + repr(wanted)


class TestTheKeyboard:
    def test_a_wrong_pin_is_typed_again(self, office: Office) -> None:
        office.consent()
        assert office.order(typed=[office.person.tckn, "1", "000000x", office.pin]) == 0
        assert "The PIN is wrong" in office.said[1]

    def test_an_empty_pin_sends_a_new_one(self, office: Office) -> None:
        office.consent()
        assert office.order(typed=[office.person.tckn, "1", "", office.pin]) == 0
        assert office.deeds("pin") == 2

    @pytest.mark.parametrize("wrong", [["x", "y", "z"], ["", "", ""]])
    def test_too_many_wrong_or_new_pins_end_it_and_nothing_is_ordered(self, office: Office, wrong: list[str]) -> None:
        office.consent()
        assert office.order(typed=[office.person.tckn, "1", *wrong]) == 1
        assert "wrong too often" in office.said[1]
        assert office.rows(STATES) == []

    def test_the_number_may_come_from_a_file(self, office: Office, tmp_path: Path) -> None:
        office.consent()
        (tmp_path / "kimlik.txt").write_text(f"{office.person.tckn}\n")
        assert office.order("--identity-file", str(tmp_path / "kimlik.txt"), typed=["1", office.pin]) == 0

    def test_a_telephone_that_is_not_listed_gets_no_pin(self, office: Office) -> None:
        office.consent()
        assert office.order(typed=[office.person.tckn, "7"]) == 1
        assert office.deeds("pin") == 0
        logged = [entry.action for entry in entries(office.database, office.tenant)]
        assert "findeks.bureau_asked" in logged, "the bureau was told whom it is about"
        assert "findeks.report_ordered" not in logged

    def test_a_paused_account_bothers_nobody(self, office: Office) -> None:
        office.consent()
        integrations.pause(office.database, office.tenant, "findeks")
        assert office.order() == 1
        assert office.deeds("pin") == 0

    def test_it_speaks_turkish(self, office: Office) -> None:
        office.monkeypatch.setenv("HUB_LANGUAGE", "tr")
        office.consent()
        assert office.order() == 0
        assert "PIN gönderildi" in office.said[1]
        assert "Rapor sipariş edildi" in office.said[0]


class TestWhetherItMayBeOrdered:
    def refusal(self, office: Office, wanted: Wanted) -> str:
        with pytest.raises(HubError) as caught:
            admitted(office.database, office.keyring, office.tenant, wanted, settings={}, at=datetime.now(UTC))
        return caught.value.code

    def test_without_a_basis_the_bureau_is_not_even_asked(self, office: Office) -> None:
        assert office.order() == 1
        assert "No legal basis" in office.said[1]
        assert not [path for (_, company, path) in office.sandbox.world.requests if company == office.tenant]

    def test_a_basis_that_does_not_carry_is_told_apart(self, office: Office) -> None:
        wanted = Wanted("tckn", Secret(office.person.tckn))
        assert self.refusal(office, wanted) == "order_basis_missing"
        office.consent(data_categories=["ILETISIM"])
        assert self.refusal(office, wanted) == "order_basis_inactive"
        withdrawn = office.consent()
        consents.withdraw(office.database, office.tenant, withdrawn.consent_id, channel="web", reason=None)
        assert self.refusal(office, wanted) == "order_basis_inactive"

    def test_another_basis_than_consent_serves_and_is_told_to_the_bureau(self, office: Office) -> None:
        consent = office.consent()
        consents.withdraw(office.database, office.tenant, consent.consent_id, channel="web", reason=None)
        new = NewLegalBasis.model_construct(  # unchecked: checking would start the detection of names in the note
            purpose="credit_assessment",
            legal_basis="legal_claim",
            data_categories=("FINANS",),
            proportionality_note="İcra takibi için gerekli.",
            notice_id="aydinlatma-1",
            evidence_ref=None,
            valid_from=datetime.now(UTC) - timedelta(minutes=1),
            valid_until=None,
            recorded_by="hukuk",
        )
        record(office.database, office.tenant, kind="tckn", subject=consent.data_subject, new=new)
        wanted = Wanted("tckn", Secret(office.person.tckn))
        may = admitted(office.database, office.keyring, office.tenant, wanted, settings={}, at=datetime.now(UTC))
        assert may.request.legal_basis == "legal_claim"

    def test_a_company_needs_none_and_a_sole_trader_does(self, office: Office) -> None:
        number = Secret(office.sandbox.world.company(f"{office.tenant}/partner/0").vkn)
        assert self.refusal(office, Wanted("vkn", number)) == "order_basis_missing"
        given = {"settings": {}, "at": datetime.now(UTC)}
        may = admitted(office.database, office.keyring, office.tenant, Wanted("vkn", number, company=True), **given)
        assert (may.subject, may.request.identity_type, may.request.legal_basis) == (None, "VKN", "not_personal_data")
        assert self.refusal(office, Wanted("tckn", number, company=True)) == "order_company_needs_vkn"

    def test_a_companys_report_is_ordered_without_a_person(self, office: Office) -> None:
        number = office.sandbox.world.company(f"{office.tenant}/partner/0").vkn
        assert office.order("--subject-kind", "vkn", "--company", typed=[number, "1", office.pin]) == 0, office.said
        drain(office)
        assert office.deeds("report") == 1
        assert office.rows("SELECT recipient FROM hub.actions WHERE tenant_id = %s") == [(None,)]

    @pytest.mark.parametrize(
        ("wanted", "code"),
        [
            (Wanted("tckn", Secret("12345678901")), "subject_malformed"),
            (Wanted("tckn", Secret("10000000146"), report_type="QR_CHEQUE"), "order_report_unknown"),
        ],
    )
    def test_what_cannot_be_ordered_is_said_so(self, office: Office, wanted: Wanted, code: str) -> None:
        assert self.refusal(office, wanted) == code

    def test_somebody_whom_the_bureau_does_not_know(self, office: Office) -> None:
        number = "4540536920"
        assert office.order("--subject-kind", "vkn", "--company", typed=[number, "1"]) == 1
        assert "no record" in office.said[1]
        assert number not in office.said[1]

    def test_a_used_up_cap_is_told_before_anybody_gets_a_pin_and_the_look_costs_nothing(self, office: Office) -> None:
        office.consent()
        set_cap(office.database, office.tenant, "findeks", NewCap(daily_amount=Decimal("12.49")))
        assert office.order() == 1
        assert "more than the tenant allows" in office.said[1]
        set_cap(office.database, office.tenant, "findeks", NewCap(daily_count=1))
        assert office.order() == 0
        drain(office)
        assert office.deeds("report") == 1
