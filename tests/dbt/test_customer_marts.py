"""Who counts as one customer. All of it is one dbt run over two tenants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from hub.models.dbt import build_models
from tests.dbt.call_rows import call
from tests.dbt.payment_rows import paid
from tests.dbt.warehouse import land, mart

if TYPE_CHECKING:
    from collections.abc import Callable

    from hub.db.database import Database
    from hub.models.dbt_results import ModelRun
    from hub.settings import Settings


def pseudonym(kind: str, letter: str) -> str:
    """A pseudonym as the gate makes them."""
    return f"{kind}_{letter * 26}"


AYSE, VELI, FATMA = (pseudonym("tckn", letter) for letter in "avf")
AYSE_PHONE, SHARED_PHONE, LONE_PHONE, STRANGER = (pseudonym("phone", letter) for letter in "aslx")
AYSE_EMAIL, LONE_EMAIL = (pseudonym("email", letter) for letter in "al")
FIRM = pseudonym("vkn", "c")
IN_CLEAR = "0555 000 00 02"
"""What lands of a phone where the tenant keeps the column in clear."""


def customer(reference: str, tckn: str | None, phone: str | None, email: str | None = None) -> dict[str, Any]:
    return {
        "reference_code": reference,
        "identity_number": tckn,
        "gsm_number": phone,
        "email": email,
        "created_date": "2026-11-01T00:00:00Z",
    }


def subscription(reference: str, holder: str, phone: str | None, email: str | None, **more: Any) -> dict[str, Any]:
    return {
        "reference_code": reference,
        "customer_reference_code": holder,
        "customer_gsm_number": phone,
        "customer_email": email,
        "created_date": "2026-11-02T22:00:00Z",
    } | more


def attempt(subscription_id: str, payment: str | None, status: str = "SUCCESS") -> dict[str, Any]:
    return {
        "subscription_reference_code": subscription_id,
        "order_reference_code": f"order-{subscription_id}",
        "attempt_id": f"{payment}-{status}",
        "payment_status": status,
        "payment_id": payment,
        "created_date": "2026-11-05T00:00:00Z",
    }


def report_line(line: int, payment: str, phone: str | None, email: str | None = None) -> dict[str, Any]:
    return {
        "report": "transaction",
        "report_date": "2026-11-20",
        "merchant_id": "123",
        "line": line,
        "payment_gid": payment,
        "payment_tx_id": payment + "1",
        "buyer_phone": phone,
        "buyer_email": email,
        "transaction_date": "2026-11-20T10:00:00+03:00",
    }


def credit_report(reference: str, subject: str) -> dict[str, Any]:
    return {
        "reference_no": reference,
        "source": "gateway",
        "queried_at": "2026-11-12T10:00:00+03:00",
        "no_score_reason": "02",
        "identity_number": subject,
    }


def phoned(name: str, phone: str | None, direction: str = "IN", **more: Any) -> dict[str, Any]:
    return call(name, direction, customer_phone=phone, **more)


@dataclass(frozen=True)
class Shop:
    database: Database
    tenant_id: str
    neighbour: str
    run: ModelRun

    def customers(self, tenant_id: str | None = None) -> dict[str, dict[str, Any]]:
        return {row["customer_id"]: row for row in mart(self.database, "customers", tenant_id or self.tenant_id)}

    def share(self, source: str, tenant_id: str | None = None) -> dict[str, Any]:
        rows = mart(self.database, "customer_match_share", tenant_id or self.tenant_id)
        (row,) = [row for row in rows if row["source"] == source]
        return row


@pytest.fixture(scope="module")
def shop(installation: Settings, database: Database, make_tenant: Callable[..., str]) -> Shop:
    tenant_id, neighbour = make_tenant(), make_tenant()
    land(
        database,
        tenant_id,
        "subscription_customers",
        [
            customer("ayse", AYSE, AYSE_PHONE, AYSE_EMAIL),
            customer("veli", VELI, SHARED_PHONE),
            customer("fatma", FATMA, SHARED_PHONE),
        ],
    )
    land(
        database,
        tenant_id,
        "subscriptions",
        [
            subscription("by-reference", "ayse", AYSE_PHONE, AYSE_EMAIL),
            subscription("by-email", "gone", None, AYSE_EMAIL),
            subscription("by-shared-phone", "gone", SHARED_PHONE, None),
            subscription("lone", "gone", LONE_PHONE, LONE_EMAIL),
            subscription("lone-email", "gone", None, LONE_EMAIL, created_date="2026-11-09T22:00:00Z"),
            subscription("nobody", "gone", None, None),
        ],
    )
    land(
        database,
        tenant_id,
        "subscription_attempts",
        [attempt("by-reference", "p1"), attempt("by-reference", "p2", "FAILED"), attempt("lone", None, "FAILED")],
    )
    land(database, tenant_id, "transactions", [paid(name) for name in ("p1", "p2", "p3", "p4", "p5")])
    land(database, tenant_id, "settlement_files", [report_line(1, "p3", AYSE_PHONE), report_line(2, "p4", None)])
    land(
        database,
        tenant_id,
        "calls",
        [
            phoned("from-ayse", AYSE_PHONE),
            phoned("to-ayse", AYSE_PHONE, "OUT", call_time="2026-10-01T09:00:00Z"),
            phoned("from-lone", LONE_PHONE),
            phoned("shared", SHARED_PHONE),
            phoned("stranger", STRANGER),
            phoned("withheld", None, caller_kind="withheld"),
            phoned("inside", None, "LOCAL"),
            phoned("in-clear", IN_CLEAR),
        ],
        provider="bulutfon",
    )
    land(
        database,
        tenant_id,
        "reports",
        [credit_report("on-ayse", AYSE), credit_report("on-firm", FIRM)],
        provider="findeks",
    )
    land(database, neighbour, "subscriptions", [subscription("by-phone", "gone", AYSE_PHONE, None)])
    land(database, neighbour, "calls", [phoned("from-lone", LONE_PHONE)], provider="bulutfon")
    return Shop(database, tenant_id, neighbour, build_models(database, installation))


def test_a_customer_is_known_by_the_strongest_identifier(shop: Shop) -> None:
    assert set(shop.customers()) == {AYSE, VELI, FATMA, SHARED_PHONE, LONE_PHONE, STRANGER, FIRM}
    assert shop.customers()[LONE_PHONE]["identified_by"] == "phone"


def test_subscriptions_of_one_person_meet_by_reference_and_by_email(shop: Shop) -> None:
    row = shop.customers()[AYSE]
    assert (row["subscriptions"], row["phones"], row["emails"]) == (2, 1, 1)


def test_an_email_leads_to_the_only_phone_it_was_seen_with(shop: Shop) -> None:
    assert shop.customers()[LONE_PHONE]["subscriptions"] == 2


def test_a_phone_that_two_people_share_makes_them_neither_one_customer_nor_the_others(shop: Shop) -> None:
    customers = shop.customers()
    assert [customers[name]["subscriptions"] for name in (VELI, FATMA, SHARED_PHONE)] == [0, 0, 1]


def test_a_payment_is_its_subscriptions_customers_or_its_reports_buyers(shop: Shop) -> None:
    # p1 paid for a period, p3 stands in a report file; p2 was a failed attempt.
    assert shop.customers()[AYSE]["payments"] == 2


def test_days_are_istanbul_days(shop: Shop) -> None:
    row = shop.customers()[LONE_PHONE]
    assert (row["first_seen_on"], row["last_seen_on"]) == (date(2026, 11, 3), date(2026, 11, 20))


def test_a_pseudonym_of_one_tenant_joins_nothing_of_another(shop: Shop) -> None:
    theirs = shop.customers(shop.neighbour)
    assert set(theirs) == {AYSE_PHONE, LONE_PHONE}
    # One tenant has a subscription of the first and a call of the second, the other both of both.
    assert (theirs[AYSE_PHONE]["calls"], theirs[AYSE_PHONE]["payments"]) == (0, 0)
    assert (theirs[LONE_PHONE]["calls"], theirs[LONE_PHONE]["subscriptions"]) == (1, 0)
    assert {row["provider_count"] for row in theirs.values()} == {1}
    assert shop.share("bulutfon.calls", shop.neighbour)["matched"] == 0


def test_who_calls_and_who_pays_is_one_customer(shop: Shop) -> None:
    row = shop.customers()[AYSE]
    assert row["providers"] == ["bulutfon", "findeks", "iyzico"]
    assert (row["calls"], row["subscriptions"], row["payments"], row["credit_reports"]) == (2, 2, 2, 1)
    assert row["first_seen_on"] == date(2026, 10, 1)


def test_a_shared_phone_calls_for_neither_of_those_who_share_it(shop: Shop) -> None:
    assert [shop.customers()[name]["calls"] for name in (VELI, FATMA, SHARED_PHONE)] == [0, 0, 1]


def test_a_stranger_who_calls_is_a_customer_of_calls_alone(shop: Shop) -> None:
    row = shop.customers()[STRANGER]
    assert (row["identified_by"], row["providers"], row["calls"]) == ("phone", ["bulutfon"], 1)


def test_a_company_with_a_report_is_a_customer_by_its_tax_number(shop: Shop) -> None:
    row = shop.customers()[FIRM]
    assert (row["identified_by"], row["providers"], row["credit_reports"]) == ("vkn", ["findeks"], 1)


def test_a_phone_that_a_tenant_keeps_in_clear_names_no_customer(shop: Shop) -> None:
    assert not any(IN_CLEAR in str(row) for row in mart(shop.database, "customers", shop.tenant_id))


def test_the_share_of_reports_without_a_match_is_shown(shop: Shop) -> None:
    row = shop.share("findeks.reports")
    assert (row["records"], row["identified"], row["matched"], row["unmatched"]) == (2, 2, 1, 1)


def test_the_share_of_calls_without_a_match_is_shown(shop: Shop) -> None:
    row = shop.share("bulutfon.calls")
    # Two of Ayşe, one of the lone subscriber, one of the shared phone, which has a subscription too. Withheld, and in
    # clear: two that name nobody.
    assert (row["records"], row["identified"], row["matched"]) == (7, 5, 4)
    assert (row["unidentified"], row["unmatched"]) == (2, 3)
    assert row["unmatched_share"] == Decimal("0.4286")


def test_the_share_of_payments_that_name_nobody_is_shown(shop: Shop) -> None:
    row = shop.share("iyzico.payments")
    assert (row["records"], row["identified"], row["unidentified_share"]) == (5, 2, Decimal("0.6"))


def test_payments_and_subscriptions_match_through_their_customers_calls(shop: Shop) -> None:
    # Four subscriptions are of people who called by the same phone; the e-mail of one of them leads there.
    row = shop.share("iyzico.subscriptions")
    assert (row["records"], row["identified"], row["matched"]) == (6, 5, 5)
    assert (shop.share("iyzico.payments")["matched"], shop.share("iyzico.payments")["unmatched"]) == (2, 3)


def test_with_one_provider_nothing_matches_across_providers(shop: Shop) -> None:
    row = shop.share("iyzico.subscriptions", shop.neighbour)
    assert (row["records"], row["identified"], row["matched"], row["unmatched_share"]) == (1, 1, 0, 1)


def test_every_test_of_the_models_holds(shop: Shop) -> None:
    assert shop.run.ok
    assert [test.name for test in shop.run.tests if test.state != "passed"] == []
