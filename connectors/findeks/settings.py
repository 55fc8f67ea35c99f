"""What we assume of a Findeks gateway: each assumption is one constant, here and nowhere else.

There is no public Findeks API. The contract ("gateway v1") is put together from an integrator's published flow and
error codes and from field names seen in public code; a real integrator's differs, and then this file and
`sources/gateway.py` are what changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from connectors.contract import Hours, RateLimit
from connectors.http import HttpSettings
from connectors.settings import directory, http_settings, invalid, positive, rate_limit

NO_ADDRESS = "https://findeks-gateway.invalid"
"""There is no address that serves everybody: an integration names its integrator's."""

TOKEN_PATH = "/oauth/token"  # noqa: S105 - a path
REPORTS_PATH = "/findeks/reports"
CONSENTS_PATH = "/findeks/consents"
LIST_LIMIT = 100
RATE = RateLimit(requests=60, per=timedelta(minutes=1))
POLL_EVERY = timedelta(minutes=5)
"""Reports are paid for one by one, so there are few: nothing is asked for more often than this, after failures too."""
TOKEN_RESERVE = 60.0
"""Seconds before its end from which on a token is not used any more."""
NOT_GIVEN = frozenset({"6001", "6005"})
"""Codes by which the gateway keeps one report back (its own consent is gone, or there is no record of it)."""

PIN_LIFE = 180.0
"""Seconds from sending a PIN until it serves no more."""
MOST_PINS = 3
"""PINs that one consent may ask for."""
ORDERABLE = ("RISK", "CHEQUE")
"""Reports that can be ordered: for a cheque's own (QR_CHEQUE) the contract has no field that names the cheque."""
IDEMPOTENCY_HEADER = "idempotency-key"
ORDER_ASKING: Literal["idempotent", "by_reference"] = "idempotent"
"""How an order is cleared up of which nobody knows. The gateway is assumed to know the key of a paid order, so that the
same again buys nothing. Against one that does not, `by_reference` looks for a report of the same consent instead."""
ORDER_SETTLES_AFTER = timedelta(minutes=10)
ORDER_POLLS_AFTER = timedelta(seconds=5)
"""From an order to the first look whether the report is ready."""
ORDER_LOOKS_BACK = timedelta(minutes=5)
"""How far before the first attempt an order is looked for: the gateway's clock may be behind."""
REPORT_CURRENCY = "TRY"
COMPANY_BASIS = "not_personal_data"
"""What is told as the legal ground of a query on a legal person."""

PLAN = Hours(trailing=timedelta(days=1), span=timedelta(days=90), first_depth=timedelta(days=365))
"""A report that becomes ready late is met again; older ones than a year have served their decision."""

LARGEST_FILE_BYTES = 8 * 1024 * 1024
FILE_SUFFIXES = frozenset({".json", ".xml"})
"""PDF reports are not read: institutions' names are images in them, and their layout is nobody's promise."""

Format = Literal["json", "xml"]
ACCEPT: dict[Format, str] = {"json": "application/json", "xml": "application/xml"}

DEFAULT_HTTP = HttpSettings()
SETTING_NAMES = ("requests_per_minute", "request_timeout_seconds", "report_directory", "report_format", "report_price")


@dataclass(frozen=True)
class FindeksSettings:
    """One integration's optional settings."""

    rate: RateLimit = RATE
    http: HttpSettings = DEFAULT_HTTP
    report_directory: Path | None = None
    """Where somebody drops reports as files (one directory a tenant)."""
    report_format: Format = "json"
    """What the gateway is asked for."""
    report_price: Decimal = Decimal(0)
    """What one ordered report is assumed to cost, in lira; nothing where the integration does not say."""

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> FindeksSettings:
        """Read the integration's settings. `ProviderFailure` settings_invalid names the one that is wrong."""
        return cls(
            rate_limit(settings, RATE),
            http_settings(settings, DEFAULT_HTTP),
            directory(settings, "report_directory"),
            _format(settings),
            _price(settings),
        )


def _price(settings: Mapping[str, Any]) -> Decimal:
    value = settings.get("report_price")
    if value is None or value == "" or positive(settings, "report_price") is None:
        return Decimal(0)
    # Through text: a price that came as a JSON number has been a float already, and shall not get more digits.
    return Decimal(str(value))


def _format(settings: Mapping[str, Any]) -> Format:
    value = settings.get("report_format") or "json"
    if value not in ACCEPT:
        raise invalid("report_format")
    return value
