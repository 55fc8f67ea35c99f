"""What we know of iyzico and, set apart, what we assume: each assumption is one constant, here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from connectors.contract import RateLimit
from connectors.http import HttpSettings
from connectors.istanbul import ISTANBUL
from connectors.settings import directory, http_settings, rate_limit

LIVE = "https://api.iyzipay.com"
SANDBOX = "https://sandbox-api.iyzipay.com"

HISTORY = timedelta(days=730)
"""Documented: the daily list reaches two years back."""
ACT_RATE = RateLimit(requests=50, per=timedelta(minutes=1))
"""Documented for refund and cancel, each counted apart; the Turkish page allows more. Assumed for payment links."""
LIMIT_PAUSE = 60.0
"""Seconds until a minute's limit is over."""
FAST_LINK_CURRENCY, FAST_LINK_MOST = "TRY", Decimal(750)
"""Documented: what a fast link may ask for, once."""
LINKS_A_PAGE = 100
"""Documented: at most so many links a page of the list."""

# Assumed: documented nowhere, or documented in two ways. See the provider's spec sheet, marks [A].
WALL_CLOCK_ZONE = ISTANBUL
"""Zone of times written `yyyy-MM-dd HH:mm:ss`."""
RATE = RateLimit(requests=50, per=timedelta(minutes=1))
"""No limit is stated for reporting; 50 a minute is the lowest stated for anything else."""
TRAILING_DAYS = 3
"""The daily list lags by hours, so days are read again."""
PAYOUT_DATE_FORMAT = "%Y-%m-%d 00:00:00"
"""Samples send a date with a time of day; a plain date is seen too."""
SUBSCRIPTION_PAGE_SIZE = 100
SLOW_STREAMS_EVERY = timedelta(hours=6)
"""Streams that change slowly, or (payment details) cost a request a payment: a shop of 500 a day needs 40 minutes."""
DETAILS_UNKNOWN_AT_FIRST = 5
"""So many payments of the daily list without details, and not one with, are no lag but a service that tells nothing."""
SYSTEM_ERROR_CODES = ("1",)
"""`Sistem hatası`, reported by integrators as passing."""
SETTLES_AFTER = timedelta(hours=2)
"""From an attempt on, until a refund or cancel that reports do not show was never made: the daily list lags by hours,
payment details are told at once in every example, and money that goes back twice is gone."""
LINK_SETTLES_AFTER = timedelta(minutes=15)
"""The same for a payment link, which stands in the list of links as soon as it is made."""
MOST_LINK_PAGES = 50
"""A list that is longer is not searched to its end: nobody can tell then."""
SETTLEMENT_FILE_ENCODINGS = ("utf-8-sig", "cp1254")
SETTLEMENT_FILE_DELIMITERS = ",;"

DEFAULT_HTTP = HttpSettings()
SETTING_NAMES = (
    "requests_per_minute",
    "request_timeout_seconds",
    "settlement_directory",
    "merchant_id",
    "webhook_unsigned",
    "refunds_per_minute",
    "cancels_per_minute",
    "links_per_minute",
)


@dataclass(frozen=True)
class IyzicoSettings:
    """One integration's optional settings."""

    rate: RateLimit = RATE
    """Raise it where iyzico has agreed to more."""
    http: HttpSettings = DEFAULT_HTTP
    settlement_directory: Path | None = None
    """Where the files of iyzico's SFTP reports arrive (one directory a tenant)."""
    refunds: RateLimit = ACT_RATE
    cancels: RateLimit = ACT_RATE
    links: RateLimit = ACT_RATE

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> IyzicoSettings:
        """Read the integration's settings. `ProviderFailure` settings_invalid names the one that is wrong."""
        if not settings:
            return DEFAULTS
        return cls(
            rate_limit(settings, RATE),
            http_settings(settings, DEFAULT_HTTP),
            directory(settings, "settlement_directory"),
            rate_limit(settings, ACT_RATE, "refunds_per_minute"),
            rate_limit(settings, ACT_RATE, "cancels_per_minute"),
            rate_limit(settings, ACT_RATE, "links_per_minute"),
        )


DEFAULTS = IyzicoSettings()
