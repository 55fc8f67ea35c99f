from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from hub.einvoice.arithmetic.totals import sums
from hub.einvoice.invoice.reading import read
from hub.einvoice.issue import archive
from hub.einvoice.issue.payment import Item, Payment, asked_for, net_amounts, payment
from hub.errors import HubError
from tests.hub.einvoice import samples
from tests.hub.einvoice.issue.conftest import Shop
from tests.proofs.numbering_child import Unasked

_PAID = {
    "payment_status": 1,
    "fraud_status": 1,
    "payment_refund_status": "NOT_REFUNDED",
    "currency": "TRY",
    "paid_price": "120.00",
}
_SYSTEM = {"_version": "2026-01-01", "_loaded_at": "2026-01-01", "_policy_version": 2, "_load_id": "test"}


def land(shop: Shop, payment_id: str, *items: dict[str, Any], **changes: Any) -> None:
    rows = [("iyzico_payment_details", {"payment_id": payment_id, **_PAID, **changes})]
    for at, item in enumerate(items or ({"paid_price": "79.99", "item_id": "KALEM-7"}, {"paid_price": "40.01"})):
        transaction = f"{payment_id}-{at}"
        rows.append(("iyzico_payment_items", {"payment_id": payment_id, "payment_transaction_id": transaction, **item}))
    with shop.database.tenant(shop.tenant, "loader") as connection:
        for table, row in rows:
            values = {"tenant_id": shop.tenant, **row, **_SYSTEM}
            connection.execute(
                f"INSERT INTO landing.{table} ({', '.join(values)})"  # noqa: S608 - our own words
                f" VALUES ({', '.join(['%s'] * len(values))})".encode(),
                list(values.values()),
            )


def test_a_payment_is_invoiced_with_its_items_and_to_the_kurus_of_what_was_paid(shop: Shop) -> None:
    land(shop, "26001")
    shop.issuing = replace(shop.issuing, checker=Unasked())
    asked = asked_for(payment(shop.database, shop.tenant, "26001"), samples.person(), Decimal(20), name="Kırtasiye")
    issued = shop.ask(asked.idempotency_key, values=dict(asked.values))
    assert (issued.document.payable, issued.document.kind) == (Decimal("120.00"), "earchive")
    content = shop.content(issued).decode()
    assert content.count("<cac:InvoiceLine>") == 2
    assert "KALEM-7" in content
    again = shop.ask(asked.idempotency_key, values=dict(asked.values))
    assert again.repeated
    with pytest.raises(HubError, match="idempotency_key_reused"):
        shop.ask(asked.idempotency_key, values={**asked.values, "customer": samples.customer()})
    assert len(archive.listed(shop.database, shop.tenant)) == 1


@pytest.mark.parametrize(
    ("why", "changes", "items"),
    [
        ("payment_status", {"payment_status": 2}, ()),
        ("fraud_status", {"fraud_status": 0}, ()),
        ("payment_refund_status", {"payment_refund_status": "TOTALLY_REFUNDED"}, ()),
        ("currency", {"currency": "EUR"}, ()),
        ("paid_price", {"paid_price": "120.005"}, ({"paid_price": "120.005"},)),
        ("payment_items.sub_merchant_key", {}, ({"paid_price": "120.00", "sub_merchant_key": "x"},)),
        ("payment_items.transaction_status", {}, ({"paid_price": "120.00", "transaction_status": -1},)),
        ("payment_items.paid_price", {}, ({"paid_price": "119.99"},)),
    ],
)
def test_what_was_not_paid_or_not_sold_by_the_tenant_is_not_invoiced(
    shop: Shop, why: str, changes: dict[str, Any], items: tuple[dict[str, Any], ...]
) -> None:
    land(shop, "26002", *items, **changes)
    with pytest.raises(HubError, match=f"payment_not_billable why={why}$"):
        payment(shop.database, shop.tenant, "26002")


def test_a_cancelled_payment_is_not_invoiced_and_an_unknown_one_is_told(shop: Shop) -> None:
    land(shop, "26003")
    with shop.database.tenant(shop.tenant, "loader") as connection:
        connection.execute(
            "INSERT INTO landing.iyzico_cancels (tenant_id, payment_id, refund_id, refund_status, _version, _loaded_at,"
            " _policy_version, _load_id) VALUES (%s, '26003', '1', 1, now(), now(), 2, 'test')",
            (shop.tenant,),
        )
    with pytest.raises(HubError, match="payment_not_billable why=cancels"):
        payment(shop.database, shop.tenant, "26003")
    with pytest.raises(HubError, match="payment_unknown"):
        payment(shop.database, shop.tenant, "26004")


@settings(max_examples=60, deadline=None)
@given(some.lists(some.integers(1, 500_000), min_size=1, max_size=6), some.sampled_from([1, 8, 10, 18, 20]))
def test_the_invoice_agrees_with_what_was_paid_whatever_the_amounts(kurus: list[int], rate: int) -> None:
    gross = [Decimal(each) / 100 for each in kurus]
    paid = Payment("1", sum(gross, Decimal(0)), tuple(Item(None, each) for each in gross))
    nets, rounding = net_amounts(gross, Decimal(rate))
    assert abs(rounding) <= Decimal("0.01")
    factor = 1 + Decimal(rate) / 100
    assert all(abs(net - each / factor) < Decimal("0.02") for net, each in zip(nets, gross, strict=True))
    if min(nets) < Decimal("0.50"):
        return  # VAT that comes to nothing needs a reason, which the tax office's rules ask for
    values = {**asked_for(paid, samples.customer(), Decimal(rate), name="Mal").values}
    values |= {"profile": "TEMELFATURA", "supplier": samples.supplier(), "issue_date": samples.issue_day().isoformat()}
    assert sums(read(values)).payable == paid.paid
