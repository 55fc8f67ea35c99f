"""What we assume of a Findeks gateway: each assumption is one constant, here and nowhere else.

There is no public Findeks API. The contract ("gateway v1") is put together from an integrator's published flow and
error codes and from field names seen in public code; a real integrator's differs, and then this file and
`sources/gateway.py` are what changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from connectors.contract import Hours, RateLimit
from connectors.failure import ProviderFailure
from connectors.http import HttpSettings

NO_ADDRESS = "https://findeks-gateway.invalid"
"""There is no address that serves everybody: an integration names its integrator's."""

TOKEN_PATH = "/oauth/token"  # noqa: S105 - a path
REPORTS_PATH = "/findeks/reports"
LIST_LIMIT = 100
RATE = RateLimit(requests=60, per=timedelta(minutes=1))
POLL_EVERY = timedelta(minutes=5)
"""Reports are paid for one by one, so there are few: nothing is asked for more often than this, after failures too."""
TOKEN_RESERVE = 60.0
"""Seconds before its end from which on a token is not used any more."""
NOT_GIVEN = frozenset({"6001", "6005"})
"""Codes by which the gateway keeps one report back (its own consent is gone, or there is no record of it)."""

PLAN = Hours(trailing=timedelta(days=1), span=timedelta(days=90), first_depth=timedelta(days=365))
"""A report that becomes ready late is met again; older ones than a year have served their decision."""

LARGEST_FILE_BYTES = 8 * 1024 * 1024
FILE_SUFFIXES = frozenset({".json", ".xml"})
"""PDF reports are not read: institutions' names are images in them, and their layout is nobody's promise."""

Format = Literal["json", "xml"]
ACCEPT: dict[Format, str] = {"json": "application/json", "xml": "application/xml"}

DEFAULT_HTTP = HttpSettings()
SETTING_NAMES = ("requests_per_minute", "request_timeout_seconds", "report_directory", "report_format")


@dataclass(frozen=True)
class FindeksSettings:
    """One integration's optional settings."""

    rate: RateLimit = RATE
    http: HttpSettings = DEFAULT_HTTP
    report_directory: Path | None = None
    """Where somebody drops reports as files (one directory a tenant)."""
    report_format: Format = "json"
    """What the gateway is asked for."""

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> FindeksSettings:
        """Read the integration's settings. `ProviderFailure` settings_invalid names the one that is wrong."""
        rate, http = RATE, DEFAULT_HTTP
        if (requests := _positive(settings, "requests_per_minute")) is not None:
            rate = RateLimit(requests=max(1, int(requests)), per=timedelta(minutes=1))
        if (seconds := _positive(settings, "request_timeout_seconds")) is not None:
            http = HttpSettings(request_timeout=seconds, connect_timeout=min(seconds, http.connect_timeout))
        return cls(rate, http, _directory(settings), _format(settings))


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
    value = settings.get("report_directory")
    if value is None or value == "":
        return None
    if not isinstance(value, str) or not Path(value).is_absolute():
        raise ProviderFailure("permanent", "settings_invalid", field="report_directory")
    return Path(value)


def _format(settings: Mapping[str, Any]) -> Format:
    value = settings.get("report_format") or "json"
    if value not in ACCEPT:
        raise ProviderFailure("permanent", "settings_invalid", field="report_format")
    return value
