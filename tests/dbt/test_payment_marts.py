"""What the payment marts say of every kind of payment. All of it is one dbt run over two tenants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from dagster import AssetCheckResult, AssetCheckSeverity

from assets.marts import mart_events
from hub.models.dbt import build_models
from tests.dbt.payment_rows import (
    DETAILED_REFUNDS,
    FILE_LINE,
    MOVEMENTS,
    PAYOUTS,
    UNLISTED,
    UNLISTED_ITEM,
    paid,
    paid_out,
)
from tests.dbt.warehouse import land, mart

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hub.db.database import Database
    from hub.models.dbt_results import ModelRun
    from hub.settings import Settings


@dataclass(frozen=True)
class Shop:
    """The tenant with every kind of payment, its neighbour with one, and the run that modelled both."""

    database: Database
    tenant_id: str
    neighbour: str
    run: ModelRun

    def payment(self, payment_id: str) -> dict[str, Any]:
        (row,) = [row for row in mart(self.database, "payments", self.tenant_id) if row["payment_id"] == payment_id]
        return row

    def day(self, day: date, currency: str = "TRY") -> dict[str, Any]:
        rows = mart(self.database, "daily_reconciliation", self.tenant_id)
        (row,) = [row for row in rows if (row["day"], row["currency"]) == (day, currency)]
        return row

    def findings(self, test: str) -> dict[str, int]:
        (found,) = [each for each in self.run.tests if each.name == test]
        return dict(found.failing)


@pytest.fixture(scope="module")
def shop(installation: Settings, database: Database, make_tenant: Callable[..., str]) -> Shop:
    tenant_id, neighbour = make_tenant(), make_tenant()
    land(database, tenant_id, "transactions", MOVEMENTS)
    land(database, tenant_id, "transactions", [paid("filed", transaction_date="2026-11-22T10:00:00+03:00")])
    land(database, tenant_id, "payment_details", [UNLISTED])
    land(database, tenant_id, "payment_items", [UNLISTED_ITEM])
    land(database, tenant_id, "refunds", DETAILED_REFUNDS)
    land(database, tenant_id, "payouts", PAYOUTS)
    land(database, tenant_id, "settlement_files", [FILE_LINE, FILE_LINE | {"line": 2, "payment_tx_id": "settled1"}])
    land(database, neighbour, "transactions", [paid("settled", paid_price=99, merchant_payout_amount=95)])
    land(database, neighbour, "payouts", [paid_out("settled1", "95")])
    return Shop(database, tenant_id, neighbour, build_models(database, installation))


@pytest.mark.parametrize(
    ("payment", "status", "expected", "difference"),
    [
        ("settled", "settled", "242.52", "0"),
        ("waiting", "awaiting_payout", "242.52", "0"),
        ("partly", "settled", "193.97", "0"),
        ("wholly", "refunded", "0", "0"),
        ("late", "refunded", "242.52", "0"),
        ("void", "refunded", "0", "0"),
        ("short", "mismatch", "242.52", "-42.52"),
        ("over", "mismatch", "0", "0"),
        ("refused", "rejected", "0", "0"),
        ("two", "awaiting_payout", "485.04", "0"),
        ("dollar", "settled", "313.20", "0"),
        ("half", "settled", "242.52", "0"),
        ("told", "settled", "192.52", "0"),
        ("filed", "settled", "242.52", "0"),
        ("unlisted", "awaiting_payout", "96.86", "0"),
    ],
)
def test_a_payment_shows_what_became_of_it(
    shop: Shop, payment: str, status: str, expected: str, difference: str
) -> None:
    row = shop.payment(payment)
    assert (row["status"], row["expected_payout"], row["difference"]) == (
        status,
        Decimal(expected),
        Decimal(difference),
    )


def test_a_payment_of_two_items_waits_for_the_second_one(shop: Shop) -> None:
    row = shop.payment("two")
    assert (row["items"], row["amount"], row["paid_out"], row["awaiting_payout"]) == (
        2,
        500,
        Decimal("242.52"),
        Decimal("242.52"),
    )


def test_a_payment_late_at_night_counts_on_the_istanbul_day(shop: Shop) -> None:
    assert shop.payment("night")["paid_on"] == date(2026, 11, 21)


def test_two_tenants_with_the_same_payment_id_keep_their_own_amounts(shop: Shop) -> None:
    (row,) = mart(shop.database, "payments", shop.neighbour)
    assert (row["payment_id"], row["amount"], row["paid_out"]) == ("settled", 99, 95)
    assert shop.payment("settled")["amount"] == 250


def test_a_day_holds_its_payments_and_what_became_of_them(shop: Shop) -> None:
    row = shop.day(date(2026, 11, 20))
    # Nine payments of one item in lira and two of two items; the rejected one never happened.
    assert (row["payments"], row["gross"]) == (11, 250 * (9 + 4))
    assert row["refunds"] == 50 + 250 + 250 + 250 + 300 + 250 + 50
    assert row["difference"] == Decimal("-42.52")


def test_payouts_count_on_their_own_day_as_received(shop: Shop) -> None:
    row = shop.day(date(2026, 11, 23))
    assert (row["payments"], row["received"]) == (0, sum(Decimal(str(each["payout_amount"])) for each in PAYOUTS))


def test_gross_counts_in_the_customers_currency_and_payouts_in_the_merchants(shop: Shop) -> None:
    assert shop.day(date(2026, 11, 20), "USD")["gross"] == 10
    assert shop.day(date(2026, 11, 20), "USD")["paid_out"] == 0


def test_a_payout_of_an_unknown_payment_is_kept_and_found(shop: Shop) -> None:
    rows = mart(shop.database, "payouts", shop.tenant_id)
    assert [row["payment_item_id"] for row in rows if not row["matched"]] == ["nobody1"]
    assert shop.findings("payouts_matched") == {shop.tenant_id: 1}


@pytest.mark.parametrize(("test", "rows"), [("payments_reconciled", 2), ("payments_not_given_back_twice", 1)])
def test_findings_are_counted_for_the_tenant_they_are_about(shop: Shop, test: str, rows: int) -> None:
    assert shop.findings(test) == {shop.tenant_id: rows}


def test_a_finding_does_not_make_the_run_fail(shop: Shop) -> None:
    assert shop.run.ok


def test_all_other_tests_hold(shop: Shop) -> None:
    expected = {"payouts_matched", "payments_reconciled", "payments_not_given_back_twice"}
    assert {test.name for test in shop.run.tests if test.state != "passed"} == expected
    assert len(shop.run.tests) > len(expected)


def test_a_finding_warns_whoever_browses_the_graph_and_accuses_no_model(shop: Shop) -> None:
    rows = {model.name: 0 for model in shop.run.models}
    checks = [event for event in mart_events(shop.run, rows) if isinstance(event, AssetCheckResult)]
    assert {check.severity for check in checks if not check.passed} == {AssetCheckSeverity.WARN}
    assert {check.severity for check in checks if check.passed} == {AssetCheckSeverity.ERROR}


def _ids(rows: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    return sorted((row["kind"], row["refund_id"]) for row in rows)


def test_every_refund_and_cancel_is_there_once(shop: Shop) -> None:
    listed = [
        ("cancel" if row["transaction_type"] == "CANCEL" else "refund", row["transaction_id"])
        for row in MOVEMENTS
        if row["transaction_type"] != "PAYMENT"
    ]
    assert _ids(mart(shop.database, "refunds", shop.tenant_id)) == sorted([*listed, ("refund", "r-unlisted")])


def test_a_refund_shows_which_reports_tell_it(shop: Shop) -> None:
    told = {row["refund_id"]: row["told_by"] for row in mart(shop.database, "refunds", shop.tenant_id)}
    assert (told["r-partly"], told["r-told"], told["r-unlisted"]) == ("list", "both", "detail")


def test_a_payment_that_is_not_listed_yet_is_known_from_its_details(shop: Shop) -> None:
    row = shop.payment("unlisted")
    assert (row["amount"], row["commission"], row["refunded"]) == (100, Decimal("3.14"), 20)
    assert (row["card_association"], row["payout_due_on"]) == ("TROY", date(2026, 11, 25))
    assert row["last_given_back_on"] == date(2026, 11, 23)


def test_a_payout_from_a_report_file_counts_only_where_the_api_tells_none(shop: Shop) -> None:
    told = {row["payment_item_id"]: row["told_by"] for row in mart(shop.database, "payouts", shop.tenant_id)}
    assert (told["filed1"], told["settled1"]) == ("file", "api")
    assert shop.payment("settled")["paid_out"] == Decimal("242.52")
