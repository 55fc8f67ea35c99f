"""What each stream brings over real HTTP, against the stand-in."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from connectors.contract import ColumnType, Row, Window
from connectors.failure import ProviderFailure
from connectors.iyzico import PROVIDER
from connectors.sandbox.server import Sandbox
from tests.connectors.stand_still import START, StandStill, days, keyed, read, spec

SHOP = "shop-1"
PYTHON_TYPES: dict[ColumnType, tuple[type, ...]] = {
    "text": (str,),
    "int": (int,),
    "decimal": (Decimal,),
    "bool": (bool,),
    "timestamp": (datetime,),
    "date": (object,),
    "json": (object,),
}


def requested(sandbox: Sandbox, path: str, company: str = SHOP) -> int:
    return sandbox.world.requests[("iyzico", company, path)]


class TestEveryStream:
    @pytest.mark.parametrize(
        "stream", [each.name for each in PROVIDER.streams if each.parent is None and each.name != "settlement_files"]
    )
    def test_rows_hold_exactly_the_declared_columns_in_their_types(self, sandbox: Sandbox, stream: str) -> None:
        found = read(spec(sandbox, SHOP), stream, days(20))
        assert found[stream]
        for name, rows in found.items():
            declared = {column.name: column for column in PROVIDER.stream(name).columns}
            for row in rows:
                assert row.keys() == declared.keys()
                for column, value in row.items():
                    assert value is None or isinstance(value, PYTHON_TYPES[declared[column].type]), column
                    assert value is not None or declared[column].nullable, column

    def test_names_and_descriptions_are_given_and_keys_are_declared_and_required(self) -> None:
        for stream in PROVIDER.streams:
            names = [column.name for column in stream.columns]
            assert len(names) == len(set(names))
            assert all(column.description for column in stream.columns)
            assert all(not stream.column(name).nullable for name in stream.key)
            assert stream.parent is None or PROVIDER.stream(stream.parent)

    def test_columns_that_hold_enumerations_hold_only_their_values(self, sandbox: Sandbox) -> None:
        for stream in ("transactions", "payment_details", "subscriptions", "payouts"):
            for name, rows in read(spec(sandbox, SHOP), stream, days(20)).items():
                for column in PROVIDER.stream(name).columns:
                    if column.allowed:
                        assert {row[column.name] for row in rows} <= {None, *column.allowed}, (name, column.name)


class TestTransactions:
    PATH = "/v2/reporting/payment/transactions"

    def test_all_pages_of_all_days_are_read_once(self, sandbox: Sandbox) -> None:
        rows = keyed("transactions", read(spec(sandbox, SHOP), "transactions", days(7))["transactions"])
        world = sandbox.world
        expected = _told_movements(sandbox, SHOP, first=START - timedelta(days=7), last=START)
        assert {(kind, number) for kind, number in rows} == expected
        assert requested(sandbox, self.PATH) > 8, "some day has more than one page"
        assert world.pace.page_size < len(rows)

    def test_days_without_movements_are_read_with_one_request_and_no_rows(self, sandbox: Sandbox) -> None:
        before_opening = START - timedelta(days=sandbox.world.pace.history_days + 30)
        assert read(spec(sandbox, SHOP), "transactions", days(2, before_opening)) == {}
        assert requested(sandbox, self.PATH) == 3

    def test_rows_of_every_kind_come(self, sandbox: Sandbox) -> None:
        rows = read(spec(sandbox, SHOP), "transactions", days(40))["transactions"]
        kinds = Counter(row["transaction_type"] for row in rows)
        assert kinds.keys() == {"PAYMENT", "REFUND", "CANCEL"}
        assert kinds["PAYMENT"] > kinds["REFUND"] > kinds["CANCEL"]

    def test_a_window_older_than_the_history_is_refused_before_anything_is_sent(self, sandbox: Sandbox) -> None:
        with pytest.raises(ProviderFailure, match="permanent window_too_old"):
            read(spec(sandbox, SHOP), "transactions", days(1, START - timedelta(days=740)))
        assert requested(sandbox, self.PATH) == 0

    def test_time_brings_new_and_changed_rows_and_takes_none_away(self, moving_sandbox: Sandbox) -> None:
        connection = spec(moving_sandbox, SHOP)
        window = days(20, START + timedelta(days=6))
        before = keyed("transactions", read(connection, "transactions", window)["transactions"])
        moving_sandbox.advance(days=4)
        after = keyed("transactions", read(connection, "transactions", window)["transactions"])
        changed = [key for key in before if before[key] != after[key]]
        assert before.keys() < after.keys()
        assert changed
        assert {_differing(before[key], after[key]) for key in changed} == {("transaction_status",)}

    def test_some_movements_are_told_hours_late(self, moving_sandbox: Sandbox) -> None:
        window = days(20)
        connection = spec(moving_sandbox, SHOP)
        before = keyed("transactions", read(connection, "transactions", window)["transactions"])
        moving_sandbox.advance(days=2)
        late = keyed("transactions", read(connection, "transactions", window)["transactions"]).keys() - before.keys()
        assert late, "a row of a day already read appeared later"


class TestPaymentDetails:
    def test_each_payment_is_asked_for_once_however_often_it_moved(self, sandbox: Sandbox) -> None:
        found = read(spec(sandbox, SHOP), "payment_details", days(10))
        payments = keyed("payment_details", found["payment_details"])
        assert requested(sandbox, "/v2/reporting/payment/details") == len(payments)

    def test_payments_items_refunds_and_cancels_agree(self, sandbox: Sandbox) -> None:
        found = read(spec(sandbox, SHOP), "payment_details", days(40))
        payments = keyed("payment_details", found["payment_details"])
        items = keyed("payment_items", found["payment_items"])
        for (payment_id,), payment in payments.items():
            parts = [item["paid_price"] for item in items.values() if item["payment_id"] == payment_id]
            assert sum(parts) == payment["paid_price"]
        for refund in keyed("refunds", found["refunds"]).values():
            assert (refund["payment_transaction_id"],) in items
            assert payments[(refund["payment_id"],)]["payment_refund_status"] != "NOT_REFUNDED"
        for cancel in keyed("cancels", found["cancels"]).values():
            assert payments[(cancel["payment_id"],)]["payment_refund_status"] == "TOTALLY_REFUNDED"

    def test_refunds_of_the_details_are_those_of_the_daily_list(self, sandbox: Sandbox) -> None:
        listed = read(spec(sandbox, SHOP), "transactions", days(20))["transactions"]
        told = read(spec(sandbox, SHOP), "payment_details", days(20))["refunds"]
        refunds = {row["transaction_id"]: row["paid_price"] for row in listed if row["transaction_type"] == "REFUND"}
        assert refunds
        assert refunds.items() <= {row["refund_tx_id"]: row["refund_price"] for row in told}.items()

    def test_requests_stay_within_the_documented_rate(self, sandbox: Sandbox) -> None:
        time = StandStill()
        read(spec(sandbox, "shop-rate", requests_per_minute=50), "payment_details", days(4), time)
        asked = sum(count for (_, company, _), count in sandbox.world.requests.items() if company == "shop-rate")
        assert asked > 50
        assert sum(time.slept) >= (asked - 1) // 50 * 60


class TestPayouts:
    def test_each_row_carries_the_day_that_was_asked_for(self, sandbox: Sandbox) -> None:
        rows = read(spec(sandbox, SHOP), "payouts", days(10))["payouts"]
        keyed("payouts", rows)
        assert len({row["payout_date"] for row in rows}) > 3

    def test_amounts_in_text_and_in_numbers_are_alike(self, sandbox: Sandbox) -> None:
        rows = read(spec(sandbox, SHOP), "payouts", days(10))["payouts"]
        assert {type(row["payout_amount"]) for row in rows} == {Decimal}
        assert any(int(row["payment_transaction_id"]) // 10 % 5 == 0 for row in rows), (
            "the stand-in writes these as text"
        )

    def test_what_is_paid_out_is_what_was_due_less_what_had_been_given_back(self, sandbox: Sandbox) -> None:
        told = read(spec(sandbox, SHOP), "payment_details", days(40))
        due = {row["payment_transaction_id"]: row["merchant_payout_amount"] for row in told["payment_items"]}
        given_back: Counter[str] = Counter()
        for row in told["refunds"]:
            if not row["is_after_settlement"]:
                given_back[row["payment_transaction_id"]] += row["refund_price"] - row["iyzi_commission_rate_amount"]
        paid = {
            row["payment_transaction_id"]: row["payout_amount"]
            for row in read(spec(sandbox, SHOP), "payouts", days(20))["payouts"]
        }
        assert paid.keys() & given_back.keys(), "some are paid out in part"
        differing = {item for item, amount in paid.items() if amount != due[item] - given_back[item]}
        assert len(differing) <= 2
        assert all(int(item) // 10 % 199 == 0 for item in differing), "the stand-in pays these short"

    def test_a_refund_after_the_transfer_says_so_in_the_list_and_in_the_details(self, sandbox: Sandbox) -> None:
        listed = read(spec(sandbox, SHOP), "transactions", days(30))["transactions"]
        told = read(spec(sandbox, SHOP), "payment_details", days(40))["refunds"]
        in_details = {row["refund_tx_id"]: row["is_after_settlement"] for row in told}
        in_list = {
            row["transaction_id"]: row["after_settlement"] for row in listed if row["transaction_type"] == "REFUND"
        }
        assert set(in_list.values()) == {True, False}
        assert in_list.items() <= in_details.items()


class TestSubscriptions:
    def test_subscriptions_know_customers_orders_and_attempts(self, sandbox: Sandbox) -> None:
        found = read(spec(sandbox, SHOP), "subscriptions")
        customers = keyed(
            "subscription_customers", read(spec(sandbox, SHOP), "subscription_customers")["subscription_customers"]
        )
        subscriptions = keyed("subscriptions", found["subscriptions"])
        orders = keyed("subscription_orders", found["subscription_orders"])
        assert {(row["customer_reference_code"],) for row in subscriptions.values()} <= customers.keys()
        assert {(row["subscription_reference_code"],) for row in orders.values()} <= subscriptions.keys()
        for attempt in keyed("subscription_attempts", found["subscription_attempts"]).values():
            assert (attempt["order_reference_code"],) in orders

    def test_all_pages_are_read(self, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("connectors.iyzico.readers.subscriptions.SUBSCRIPTION_PAGE_SIZE", 7)
        rows = keyed("subscriptions", read(spec(sandbox, SHOP), "subscriptions")["subscriptions"])
        assert requested(sandbox, "/v2/subscription/subscriptions") == 3
        assert len(rows) == 18

    def test_a_charge_leads_to_a_payment_of_the_daily_list(self, sandbox: Sandbox) -> None:
        attempts = read(spec(sandbox, SHOP), "subscriptions")["subscription_attempts"]
        since = START - timedelta(days=40)
        paid = {row["payment_id"] for row in attempts if row["payment_id"] and row["created_date"] > since}
        listed = read(spec(sandbox, SHOP), "transactions", days(45))["transactions"]
        assert paid
        assert paid <= {row["payment_id"] for row in listed}

    def test_customers_join_as_time_passes(self, moving_sandbox: Sandbox) -> None:
        connection = spec(moving_sandbox, SHOP)
        before = keyed("subscriptions", read(connection, "subscriptions")["subscriptions"])
        moving_sandbox.advance(days=3)
        assert before.keys() < keyed("subscriptions", read(connection, "subscriptions")["subscriptions"]).keys()

    def test_addresses_stand_beside_the_other_fields(self, sandbox: Sandbox) -> None:
        rows = read(spec(sandbox, SHOP), "subscription_customers")["subscription_customers"]
        assert all(row["billing_city"] for row in rows)
        assert {row["shipping_city"] is None for row in rows} == {True, False}


def _told_movements(sandbox: Sandbox, company: str, *, first: datetime, last: datetime) -> set[tuple[str, str]]:
    """Keys of what the ledger says happened on the days of a window, counted apart from the endpoint."""
    from connectors.istanbul import day_of, days_in
    from connectors.sandbox.iyzico.ledger import ledger

    payments = ledger(sandbox.world)
    wanted = set(days_in(Window(first, last)))
    found: set[tuple[str, str]] = set()
    earliest = min(wanted) - timedelta(days=6)
    for offset in range((max(wanted) - earliest).days + 1):
        for payment in payments(company, earliest + timedelta(days=offset)):
            if payment.told_at <= last and payment.day in wanted:
                found |= {("PAYMENT", str(payment.item_id(item))) for item in range(len(payment.amounts))}
            if payment.cancelled_at and payment.cancelled_at <= last and payment.day in wanted:
                found.add(("CANCEL", str(payment.payment_id * 10 + 9)))
            found |= {
                ("REFUND", str(refund.refund_id))
                for refund in payment.refunds
                if refund.at <= last and day_of(refund.at) in wanted
            }
    return found


def _differing(before: Row, after: Row) -> tuple[str, ...]:
    return tuple(name for name in before if before[name] != after[name])
