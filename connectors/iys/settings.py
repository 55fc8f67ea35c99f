"""What we know of İYS's API and, set apart, what we assume: each assumption is one constant, here and nowhere else.

Its documentation (apidocs.iys.org.tr) is not public to machines; paths and fields are those of public clients.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from connectors.contract import RateLimit
from connectors.http import HttpSettings
from connectors.settings import http_settings, invalid, rate_limit

LIVE = "https://api.iys.org.tr"
SANDBOX = "https://api.sandbox.iys.org.tr"
TOKEN_PATH = "/oauth2/token"  # noqa: S105 - a path
TOKEN_RESERVE = 60.0
"""Seconds before its end from which on a token is not used any more."""
MOST_AT_ONCE = 1_000
"""Permissions in one submission."""
CHANGES_PAGE = 999
"""The largest `limit` seen in a client."""

# Assumed: seen in public clients, or told by nobody.
RATE = RateLimit(requests=10, per=timedelta(seconds=1))
"""A limit by the second exists (its refusal has the code H124); the number is not told."""

DEFAULT_HTTP = HttpSettings(request_timeout=30.0, attempts=2)
"""A message that waits is judged again by itself, and the hourly work comes again: no use in asking often."""
SETTING_NAMES = ("iys_code", "brand_code", "requests_per_minute", "request_timeout_seconds")

_CODE = re.compile(r"[0-9]{1,10}")


@dataclass(frozen=True)
class IysSettings:
    """One integration's settings. Codes are digits: the sender's number at İYS, and its brand's."""

    iys_code: str
    brand_code: str
    rate: RateLimit = RATE
    http: HttpSettings = DEFAULT_HTTP

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> IysSettings:
        """Read the integration's settings. `ProviderFailure` settings_invalid names the one that is wrong."""
        return cls(
            code(settings, "iys_code"),
            code(settings, "brand_code"),
            rate_limit(settings, RATE),
            http_settings(settings, DEFAULT_HTTP),
        )


def code(settings: Mapping[str, Any], name: str) -> str:
    """A code of digits, written as text or as a number. `ProviderFailure` settings_invalid."""
    value = settings.get(name)
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not _CODE.fullmatch(text):
        raise invalid(name)
    return text
