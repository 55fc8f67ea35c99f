"""What we know of Meta's Cloud API and, set apart, what we assume: each assumption is one constant, here only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, get_args

from connectors.contract import RateLimit
from connectors.http import HttpSettings
from connectors.settings import http_settings, invalid, rate_limit

LIVE = "https://graph.facebook.com"
"""Meta has no sandbox: a test number of at most five recipients lives on the same host."""
API_VERSION = "v23.0"
"""Of the OpenAPI document that the requests are built from."""
WINDOW = timedelta(hours=24)
"""Documented: so long after a person's last message a business may write freely; later only by template."""
RATE = RateLimit(requests=80, per=timedelta(seconds=1))
"""Documented: messages in and out per number. Meta raises some numbers to 1000; one shared with an app has 20."""
LONGEST_TRACE = 512
"""Characters of `biz_opaque_callback_data`."""

Category = Literal["marketing", "utility", "authentication", "service"]
CATEGORIES: tuple[Category, ...] = get_args(Category)
"""What a message is priced by. `service` is what answers a person within the window, which Meta bills at nothing."""
TEMPLATE_CATEGORIES: tuple[Category, ...] = ("marketing", "utility", "authentication")

# Assumed: documented nowhere, or told by integrators only. See the provider's spec sheet, marks [A] and [I].
STATUS_DEADLINE = timedelta(hours=24)
"""A webhook is retried for days, but a message that nobody confirmed within a day has lost its moment."""
PAIR_WAIT = 6.0
"""Seconds: about one message in six to the same person."""
MARKETING_PAUSE = timedelta(hours=24)
"""How long a person whom Meta spares further marketing is left alone."""
TEMPLATE_PAGE = 100
LARGEST_CONTENT = 2_500_000
"""Bytes of a file that travels inside an action. Ours: an action is at most 4 MiB of JSON. Larger ones go by link."""

DEFAULT_HTTP = HttpSettings()
PRICE_PREFIX = "price_"
SETTING_NAMES = (
    "phone_number_id",
    "waba_id",
    "api_version",
    "price_currency",
    *(f"{PRICE_PREFIX}{category}" for category in CATEGORIES),
    "requests_per_minute",
    "request_timeout_seconds",
)
_ID = re.compile(r"[0-9]{5,20}")
_VERSION = re.compile(r"v?([0-9]{1,2}\.[0-9])")
_CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True)
class WhatsAppSettings:
    """One account's settings."""

    phone_number_id: str
    """Meta's id of the number that sends. Not the number itself."""
    waba_id: str | None = None
    """Meta's id of the business account: templates belong to it."""
    api_version: str = API_VERSION
    rate: RateLimit = RATE
    http: HttpSettings = field(default_factory=HttpSettings)

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> WhatsAppSettings:
        """Read an account's settings. `ProviderFailure` settings_invalid names the one that is wrong or missing."""
        number = _id(settings, "phone_number_id")
        if number is None:
            raise invalid("phone_number_id")
        return cls(
            number,
            _id(settings, "waba_id"),
            _version(settings),
            rate_limit(settings, RATE),
            http_settings(settings, DEFAULT_HTTP),
        )


@dataclass(frozen=True)
class Prices:
    """What a message costs by category, as the tenant's own contract with Meta says. Unset ones count as nothing."""

    amounts: Mapping[str, Decimal]
    currency: str = "TRY"

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Prices:
        """Read `price_<category>` and `price_currency`. Raises `ProviderFailure` settings_invalid."""
        named = {category: amount_of(settings, f"{PRICE_PREFIX}{category}") for category in CATEGORIES}
        currency = settings.get("price_currency", "TRY")
        if not isinstance(currency, str) or _CURRENCY.fullmatch(currency) is None:
            raise invalid("price_currency")
        return cls({name: amount for name, amount in named.items() if amount is not None}, currency)

    def of_category(self, category: str | None) -> Decimal:
        """The price of a category; of one that is not known, the dearest, so that no cap is passed unseen."""
        if category in CATEGORIES:
            return self.amounts.get(category, Decimal(0))
        return max(self.amounts.values(), default=Decimal(0))


def _id(settings: Mapping[str, Any], name: str) -> str | None:
    value = settings.get(name)
    if value is None or value == "":
        return None
    # A number typed on the command line arrives as one.
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or _ID.fullmatch(text) is None:
        raise invalid(name)
    return text


def _version(settings: Mapping[str, Any]) -> str:
    value = settings.get("api_version", API_VERSION)
    found = _VERSION.fullmatch(str(value)) if isinstance(value, str | float) else None
    if found is None:
        raise invalid("api_version")
    return f"v{found[1]}"


def amount_of(settings: Mapping[str, Any], name: str) -> Decimal | None:
    """A price from 0 to below 10 000; None when it is not set. Raises `ProviderFailure` settings_invalid."""
    value = settings.get(name)
    if value is None or value == "":
        return None
    amount: Decimal | None = None
    if isinstance(value, int | float | str | Decimal) and not isinstance(value, bool):
        try:
            amount = Decimal(str(value))
        except InvalidOperation:
            amount = None
    if amount is None or not amount.is_finite() or not 0 <= amount < 10_000:
        raise invalid(name)
    return amount
