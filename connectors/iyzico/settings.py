"""What we know of iyzico and, set apart, what we assume: each assumption is one constant, here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from connectors.contract import RateLimit
from connectors.failure import ProviderFailure
from connectors.http import HttpSettings
from connectors.istanbul import ISTANBUL

LIVE = "https://api.iyzipay.com"
SANDBOX = "https://sandbox-api.iyzipay.com"

HISTORY = timedelta(days=730)
"""Documented: the daily list reaches two years back."""

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
SYSTEM_ERROR_CODES = ("1",)
"""`Sistem hatası`, reported by integrators as passing."""
SETTLEMENT_FILE_ENCODINGS = ("utf-8-sig", "cp1254")
SETTLEMENT_FILE_DELIMITERS = ",;"

DEFAULT_HTTP = HttpSettings()
SETTING_NAMES = ("requests_per_minute", "request_timeout_seconds", "settlement_directory")


@dataclass(frozen=True)
class IyzicoSettings:
    """One integration's optional settings."""

    rate: RateLimit = RATE
    """Raise it where iyzico has agreed to more."""
    http: HttpSettings = DEFAULT_HTTP
    settlement_directory: Path | None = None
    """Where the files of iyzico's SFTP reports arrive (one directory a tenant)."""

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> IyzicoSettings:
        """Read the integration's settings. `ProviderFailure` settings_invalid names the one that is wrong."""
        if not settings:
            return DEFAULTS
        rate, http = RATE, DEFAULT_HTTP
        if (requests := _positive(settings, "requests_per_minute")) is not None:
            rate = RateLimit(requests=max(1, int(requests)), per=timedelta(minutes=1))
        if (seconds := _positive(settings, "request_timeout_seconds")) is not None:
            http = HttpSettings(request_timeout=seconds, connect_timeout=min(seconds, http.connect_timeout))
        return cls(rate, http, _directory(settings))


def _positive(settings: Mapping[str, Any], name: str) -> float | None:
    value = settings.get(name)
    if value is None:
        return None
    number: float | None = None
    if isinstance(value, int | float | str) and not isinstance(value, bool):
        try:
            number = float(value)
        except ValueError:
            number = None
    if number is None or not 0 < number < 1_000_000:
        raise ProviderFailure("permanent", "settings_invalid", field=name)
    return number


def _directory(settings: Mapping[str, Any]) -> Path | None:
    value = settings.get("settlement_directory")
    if value is None or value == "":
        return None
    if not isinstance(value, str) or not Path(value).is_absolute():
        raise ProviderFailure("permanent", "settings_invalid", field="settlement_directory")
    return Path(value)


DEFAULTS = IyzicoSettings()
