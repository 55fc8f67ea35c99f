"""Everything here is assumed: there is nothing published that could be known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from connectors.contract import RateLimit
from connectors.http import HttpSettings
from connectors.settings import http_settings, invalid, rate_limit
from connectors.whatsapp.settings import amount_of

NO_ADDRESS = "https://netasistan.invalid"
"""There is no address that is known to work: an account names its own."""
RATE = RateLimit(requests=60, per=timedelta(minutes=1))
"""Of another interface of the same company."""
SEND_PATH = "/whatsapp/send"
ACCEPTED = "accepted"

DEFAULT_HTTP = HttpSettings()
SETTING_NAMES = (
    "unverified_contract",
    "send_path",
    "test_path",
    "price_per_message",
    "requests_per_minute",
    "request_timeout_seconds",
)
_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)+/?")


@dataclass(frozen=True)
class NetasistanSettings:
    """One account's settings."""

    send_path: str = SEND_PATH
    test_path: str | None = None
    """What a GET with the token answers with success, if anybody knows such a path."""
    rate: RateLimit = RATE
    http: HttpSettings = field(default_factory=HttpSettings)

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> NetasistanSettings:
        """Read an account's settings. `ProviderFailure` settings_invalid, also unless the risk has been accepted."""
        if settings.get("unverified_contract") != ACCEPTED:
            raise invalid("unverified_contract")
        return cls(
            _path(settings, "send_path") or SEND_PATH,
            _path(settings, "test_path"),
            rate_limit(settings, RATE),
            http_settings(settings, DEFAULT_HTTP),
        )


def price(settings: Mapping[str, Any]) -> Decimal:
    """`price_per_message`; nothing when it is not set. Raises `ProviderFailure` settings_invalid."""
    return amount_of(settings, "price_per_message") or Decimal(0)


def _path(settings: Mapping[str, Any], name: str) -> str | None:
    value = settings.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or _PATH.fullmatch(value) is None:
        raise invalid(name)
    return value
