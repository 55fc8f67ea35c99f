"""What we know of Nilvera and, set apart, what we assume: each assumption is one constant, here and nowhere else.

Known from the OpenAPI files of January 2025 (einvoice, earchive, general) and developer.nilvera.com.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from connectors.contract import RateLimit
from connectors.http import HttpSettings
from connectors.settings import http_settings, invalid, rate_limit

LIVE = "https://api.nilvera.com"
TEST = "https://apitest.nilvera.com"
"""Keys of one are unknown to the other."""

# Assumed: documented nowhere.
RATE = RateLimit(requests=120, per=timedelta(minutes=1))
"""Limits are not published; two a second is modest."""
NOT_REGISTERED_STATUSES = (404,)
"""A number that is not on the list is answered by an empty list, or by one of these."""
ALIAS_FIELD = "Name"
"""Of a row of `Check/TaxNumber`: a receiving mailbox (PK). Sending units (GB) are taken not to be listed there."""
ALREADY_DONE_STATUSES = (409, 422)
"""A second cancellation or answer breaks a business rule or conflicts: what is there is read before it is believed."""
PAGE_SIZE = 100
FIRST_PAGE = 1
ANSWERS = {"accepted": "approved", "rejected": "rejected"}
"""Our words as `AnswerCode`."""

DEFAULT_HTTP = HttpSettings()
SETTING_NAMES = ("requests_per_minute", "request_timeout_seconds", "template_uuid")


@dataclass(frozen=True)
class NilveraSettings:
    """One integration's optional settings."""

    rate: RateLimit = RATE
    http: HttpSettings = DEFAULT_HTTP
    template_uuid: str | None = None
    """Design of the printed form; Nilvera's default without one."""

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> NilveraSettings:
        """Read the integration's settings. `ProviderFailure` settings_invalid names the one that is wrong."""
        template = settings.get("template_uuid") or None
        if template is not None and not (isinstance(template, str) and len(template) == 36):
            raise invalid("template_uuid")
        return cls(rate_limit(settings, RATE), http_settings(settings, DEFAULT_HTTP), template)
