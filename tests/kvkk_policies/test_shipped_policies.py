"""What the policies that ship with the hub let through of what people type where nobody expects it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connectors.registry import PROVIDERS
from kvkk_policies.detect import ColumnScanner
from kvkk_policies.gate import Gate
from kvkk_policies.policy import load_policies
from kvkk_policies.pseudonym import Pseudonymiser

POLICIES = load_policies(Path(__file__).parents[2] / "kvkk_policies")
_OF_TYPE = {"date": date(2026, 11, 1), "int": 1}
TYPED = "Ayşe Yılmaz, Barış Sk. No 5 Kadıköy İstanbul 0532 111 22 33"


@pytest.mark.parametrize(
    ("provider", "stream", "column"),
    [
        ("iyzico", "subscription_customers", "billing_city"),
        ("iyzico", "subscription_customers", "shipping_district"),
        ("iyzico", "subscription_customers", "shipping_country"),
        ("iyzico", "settlement_files", "owner"),
        ("iyzico", "settlement_files", "payment_tx_owner"),
        ("bulutfon", "groups", "name"),
        ("bulutfon", "numbers", "working_hour"),
        ("arvento", "vehicles", "vehicle_group"),
    ],
)
def test_nobodys_name_or_number_lands_in_clear(provider: str, stream: str, column: str) -> None:
    declared = PROVIDERS[provider].stream(stream)
    key = {name: _OF_TYPE.get(declared.column(name).type, "1") for name in declared.key}
    row = {each.name: None for each in declared.columns} | key | {column: TYPED}
    landed = _landed(provider, stream, row)[column]
    assert not any(word in (landed or "") for word in ("Ayşe", "Yılmaz", "532", "Barış"))


def test_a_city_stays_a_city() -> None:
    row = {each.name: None for each in PROVIDERS["iyzico"].stream("subscription_customers").columns}
    typed = {
        "reference_code": "1",
        "billing_city": "İSTANBUL",
        "billing_district": "Kadıköy",
        "billing_country": "Türkiye",
    }
    landed = _landed("iyzico", "subscription_customers", row | typed)
    assert (landed["billing_city"], landed["billing_district"], landed["billing_country"]) == (
        "İstanbul",
        "Kadıköy",
        "Türkiye",
    )


def _landed(provider: str, stream: str, row: dict[str, Any]) -> dict[str, Any]:
    gated = Gate(POLICIES, ColumnScanner()).apply(
        provider=provider,
        stream=PROVIDERS[provider].stream(stream),
        rows=[row],
        pseudonymiser=Pseudonymiser(bytes(range(32))),
    )
    return gated.table.to_pylist()[0]
