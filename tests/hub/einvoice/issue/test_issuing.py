from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import Barrier, Thread
from typing import Any

import pytest

from connectors.sandbox.faults import Fault
from hub.einvoice.check.checker import warm_checker
from hub.einvoice.issue import acts, series
from hub.einvoice.seal.verify import verify
from hub.errors import HubError
from hub.kvkk.audit import SYSTEM
from hub.validation import InvalidInput
from tests.hub.einvoice import samples
from tests.hub.einvoice.issue.conftest import Shop
from tests.support.seals import make_seal

YEAR = samples.issue_day().year


def number(counter: int, name: str = "ARS") -> str:
    return f"{name}{YEAR}{counter:09}"


class TestRoutes:
    def test_a_buyer_who_is_not_registered_gets_an_archive_invoice(self, shop: Shop) -> None:
        document = shop.ask().document
        assert (document.kind, document.profile, document.number) == ("earchive", "EARSIVFATURA", number(1))

    def test_a_registered_buyer_gets_an_e_invoice_to_its_mailbox(self, shop: Shop) -> None:
        document = shop.ask(values=shop.values(shop.buyer("one"))).document
        assert (document.kind, document.profile, document.number) == ("einvoice", "TICARIFATURA", number(1, "FTR"))

    def test_a_dead_mailbox_is_none(self, shop: Shop) -> None:
        assert shop.ask(values=shop.values(shop.buyer("dead"))).document.kind == "earchive"

    def test_of_several_mailboxes_somebody_chooses(self, shop: Shop) -> None:
        buyer = shop.buyer("several")
        with pytest.raises(HubError, match="einvoice_alias_ambiguous count=3"):
            shop.ask(values=shop.values(buyer))
        alias = f"urn:mail:muhasebepk@firma{buyer[-5:]}.com.tr"
        assert shop.ask(values=shop.values(buyer), alias=alias).document.kind == "einvoice"

    def test_a_registered_buyer_gets_no_archive_invoice_and_the_other_way_round(self, shop: Shop) -> None:
        with pytest.raises(HubError, match="einvoice_buyer_registered"):
            shop.ask(values=shop.values(shop.buyer("one"), profile="EARSIVFATURA"))
        with pytest.raises(HubError, match="einvoice_buyer_not_registered"):
            shop.ask(values=shop.values(profile="TICARIFATURA"))

    def test_an_export_goes_to_customs_without_naming_it(self, shop: Shop) -> None:
        values = samples.values("IHRACAT", "ISTISNA")
        for name in ("supplier", "issue_date", "customer"):
            values.pop(name, None)
        document = shop.ask(values=values).document
        assert (document.kind, document.profile) == ("einvoice", "IHRACAT")


class TestNumbers:
    def test_the_same_request_under_the_same_key_is_the_same_document(self, shop: Shop) -> None:
        values = shop.values()
        first, second = shop.ask("siparis-1", values=values), shop.ask("siparis-1", values=values)
        assert (first.repeated, second.repeated) == (False, True)
        assert first.document == second.document
        with pytest.raises(HubError, match="idempotency_key_reused"):
            shop.ask("siparis-1", values=values | {"notes": ["Başka"]})

    def test_a_key_that_no_row_can_hold_is_a_wrong_field(self, shop: Shop) -> None:
        with pytest.raises(InvalidInput, match="idempotency_key"):
            shop.ask("x" * 201)

    def test_what_is_refused_takes_no_number(self, shop: Shop) -> None:
        with pytest.raises(InvalidInput):
            shop.ask(values=shop.values(lines=[]))
        shop.issuing = shop.issuing.__class__(shop.database, shop.keyring, checker=_Strict(), seals=shop.issuing.seals)
        with pytest.raises(HubError, match="einvoice_check_failed codes=gib:deneme"):
            shop.ask()
        assert series.listed(shop.database, shop.tenant) == []

    def test_dates_of_a_series_never_decrease(self, shop: Shop) -> None:
        shop.ask()
        yesterday = (samples.issue_day() - timedelta(days=1)).isoformat()
        with pytest.raises(HubError, match="einvoice_date_decreases"):
            shop.ask(values=shop.values(issue_date=yesterday))

    def test_whoever_began_before_midnight_takes_the_new_day_when_another_was_faster(self, shop: Shop) -> None:
        shop.ask()
        today = samples.issue_day()
        clock = iter([today - timedelta(days=1)] * 2)
        shop.issuing = replace(shop.issuing, today=lambda: next(clock, today))
        document = shop.ask().document
        assert (document.number, document.issue_date) == (number(2), today)

    def test_a_series_goes_on_behind_another_program(self, shop: Shop) -> None:
        series.add(shop.database, shop.tenant, "ARS", YEAR, "earchive", first=4711)
        assert shop.ask().document.number == number(4711)

    def test_nothing_is_issued_in_a_series_of_the_integrators(self, shop: Shop) -> None:
        series.add(shop.database, shop.tenant, "ARS", YEAR, "earchive", owner="integrator")
        with pytest.raises(HubError, match="einvoice_series_of_integrator"):
            shop.ask()

    def test_many_at_once_have_no_gap_and_no_twin(self, shop: Shop) -> None:
        together, done, failures = Barrier(6), list[str](), list[BaseException]()

        def some() -> None:
            together.wait()
            try:
                done.extend(shop.ask().document.number for _ in range(3))
            except BaseException as error:
                failures.append(error)

        threads = [Thread(target=some) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert sorted(done) == [number(counter) for counter in range(1, 19)]

    def test_one_key_asked_for_at_once_is_issued_once(self, shop: Shop) -> None:
        together, values, done = Barrier(4), shop.values(), list[str]()

        def ask() -> None:
            together.wait()
            done.append(shop.ask("siparis-9", values=values).document.number)

        threads = [Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert done == [number(1)] * 4


class _Strict:
    def check(self, document: bytes, *, kind: Any = None) -> list[Any]:
        from hub.einvoice.finding import Finding

        del document, kind
        return [Finding("gib:deneme", "/*", "error", {})]


class TestSealsAndArchive:
    def test_a_document_sealed_here_holds_and_the_tax_office_would_take_it(self, shop: Shop) -> None:
        from hub.einvoice.issue.seals import set_file_seal

        now = datetime.now(UTC)
        seal = make_seal(start=now - timedelta(days=1), end=now + timedelta(days=1))
        keys = shop.keyring.tenant(shop.tenant)
        set_file_seal(shop.database, keys, key=seal.key_file(), certificates=seal.certificate_file(), actor=SYSTEM)
        issued = shop.ask(values=shop.values(shop.buyer("one")))
        content = shop.content(issued)
        assert issued.document.sealed_here
        assert all(each.holds for each in verify(content))
        assert [each for each in warm_checker().check(content) if each.severity == "error"] == []

    def test_the_archive_keeps_bytes_that_nobody_can_alter(self, shop: Shop) -> None:
        issued = shop.ask()
        with (
            pytest.raises(Exception, match="permission denied"),
            shop.database.tenant(shop.tenant, "app") as connection,
        ):
            connection.execute("UPDATE hub.documents SET content = '' WHERE tenant_id = %s", (shop.tenant,))
        assert issued.document.number.encode() in shop.content(issued)
        assert issued.document.kept_until.year == YEAR + 11

    def test_neither_buyer_nor_content_stands_in_clear(self, shop: Shop) -> None:
        buyer = shop.buyer()
        shop.ask(values=shop.values(buyer))
        with shop.database.tenant(shop.tenant, "app") as connection:
            rows = connection.execute(
                "SELECT d::text FROM hub.documents d WHERE tenant_id = %s", (shop.tenant,)
            ).fetchall()
            rows += connection.execute(
                "SELECT a::text FROM hub.actions a WHERE tenant_id = %s", (shop.tenant,)
            ).fetchall()
        assert not any(buyer in row[0] or "Örnek Alıcı" in row[0] for row in rows)


class TestDelivery:
    def test_it_is_delivered_once_and_followed_to_the_end(self, shop: Shop) -> None:
        issued = shop.ask(values=shop.values(shop.buyer("one")))
        shop.drain()
        assert shop.find(issued).state == "sent"
        shop.sandbox.advance(days=9)  # a commercial invoice waits eight days for its answer
        shop.look_again()
        shop.drain()
        found = shop.find(issued)
        assert (found.state, found.facts.get("gib_code")) == ("delivered", 1300)
        ledger = shop.sandbox.world.ledger.counts(provider="nilvera", company=shop.company)
        assert ledger == {str(issued.document.ettn): 1}

    def test_a_cut_connection_doubles_nothing(self, shop: Shop) -> None:
        shop.sandbox.world.faults.add(Fault("cut_after", "nilvera", shop.company, "/earchive/Send", times=1))
        issued = shop.ask()
        shop.drain()
        shop.look_again()
        shop.drain()
        assert shop.find(issued).state in {"sent", "delivered"}
        ledger = shop.sandbox.world.ledger.counts(provider="nilvera", company=shop.company)
        assert ledger == {str(issued.document.ettn): 1}

    def test_a_refused_document_keeps_its_number_as_void(self, shop: Shop) -> None:
        issued = shop.ask()
        with shop.database.tenant(shop.tenant, "app") as connection:
            connection.execute(
                "UPDATE hub.actions SET payload_cipher = %s WHERE tenant_id = %s",
                (b"spoilt", shop.tenant),
            )
        shop.drain()
        with shop.database.tenant(shop.tenant, "app") as connection:
            connection.execute("UPDATE hub.documents SET state = 'refused' WHERE tenant_id = %s", (shop.tenant,))
        assert acts.void(shop.database, shop.tenant, issued.document.number, actor=SYSTEM).state == "void"
        assert shop.ask().document.number == number(2)

    def test_an_archive_invoice_is_cancelled_and_stays_so(self, shop: Shop) -> None:
        issued = shop.ask()
        shop.drain()
        acts.cancel(shop.database, shop.keyring, shop.tenant, issued.document.number, "Mükerrer", actor=SYSTEM)
        shop.drain()
        shop.look_again()
        shop.drain()
        assert shop.find(issued).state == "cancelled"

    def test_totals_are_those_of_the_document(self, shop: Shop) -> None:
        issued = shop.ask()
        assert issued.document.payable > Decimal(0)
        assert f">{issued.document.payable}</cbc:PayableAmount>" in shop.content(issued).decode()
