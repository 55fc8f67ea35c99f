from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors.action_registry import kind_named
from connectors.failure import ProviderFailure
from connectors.whatsapp.settings import Prices, WhatsAppSettings

NUMBER = {"phone_number_id": 106540352242922}
PRICES = {"price_marketing": "0.40", "price_utility": 0.1, "price_currency": "USD"}


def test_a_number_typed_on_the_command_line_is_taken() -> None:
    settings = WhatsAppSettings.of({**NUMBER, "waba_id": "102290129340398"})
    assert (settings.phone_number_id, settings.waba_id) == ("106540352242922", "102290129340398")
    assert settings.api_version == "v23.0"


@pytest.mark.parametrize("version", ["v24.0", "24.0", 24.0])
def test_the_version_may_be_another_one(version: object) -> None:
    assert WhatsAppSettings.of({**NUMBER, "api_version": version}).api_version == "v24.0"


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({}, "phone_number_id"),
        ({"phone_number_id": "+905551112233"}, "phone_number_id"),
        ({"phone_number_id": True}, "phone_number_id"),
        ({**NUMBER, "waba_id": "../me"}, "waba_id"),
        ({**NUMBER, "api_version": "latest/../"}, "api_version"),
        ({**NUMBER, "requests_per_minute": 0}, "requests_per_minute"),
    ],
)
def test_a_wrong_setting_is_named(settings: dict[str, Any], name: str) -> None:
    with pytest.raises(ProviderFailure) as caught:
        WhatsAppSettings.of(settings)
    assert (caught.value.code, caught.value.field) == ("settings_invalid", name)


@pytest.mark.parametrize(
    ("setting", "value"),
    [("price_utility", "viel"), ("price_utility", -1), ("price_utility", "NaN"), ("price_currency", "lira")],
)
def test_a_wrong_price_is_named(setting: str, value: object) -> None:
    with pytest.raises(ProviderFailure) as caught:
        Prices.of({setting: value})
    assert caught.value.field == setting


@pytest.mark.parametrize(
    ("kind", "payload", "amount"),
    [
        ("whatsapp.template", {"category": "utility"}, "0.1"),
        ("whatsapp.template", {"category": "marketing"}, "0.40"),
        ("whatsapp.template", {"category": "authentication"}, "0"),
        ("whatsapp.template", {}, "0.40"),
        ("whatsapp.text", {}, "0"),
    ],
)
def test_a_message_is_estimated_by_its_category_and_an_unknown_one_at_the_dearest(
    kind: str, payload: dict[str, Any], amount: str
) -> None:
    cost = kind_named(kind).cost(payload, PRICES)
    assert (cost.units, cost.amount, cost.currency) == (1, Decimal(amount), "USD")


def test_without_prices_messages_count_and_cost_nothing() -> None:
    cost = kind_named("whatsapp.template").cost({}, {})
    assert (cost.units, cost.amount) == (1, 0)
