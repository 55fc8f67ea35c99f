"""What we know of Uyumsoft and, set apart, what we assume: each assumption is one constant, here and nowhere else.

Known from Uyumsoft's client guide 2.0.6 (April 2018) and its service description (WSDL of BasicIntegration, whose
operations and types are those of Integration; only the way of signing in differs).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from connectors.contract import RateLimit
from connectors.http import HttpSettings
from connectors.settings import http_settings, rate_limit

LIVE = "https://efatura.uyumsoft.com.tr"
TEST = "https://efatura-test.uyumsoft.com.tr"
PATH = "/services/Integration"
NAMESPACE = "http://tempuri.org/"
ACTION = "http://tempuri.org/IIntegration/"

LEFT_TO_UYUMSOFT = ("UBLExtensions", "Signature")
"""Documented: Uyumsoft fills these when it signs. Our own signature could not survive another root element."""

# Assumed: documented nowhere, or seen only in other clients.
RATE = RateLimit(requests=60, per=timedelta(minutes=1))
"""Limits are not published."""
GIB_CODE_FIELD = "EnvelopeStatusCode"
"""Holds GİB's own code; the names beside it (CompletedSuccessfully, …) follow GİB's list."""
CREDENTIAL_FAULTS = ("FailedAuthentication", "InvalidSecurity", "InvalidSecurityToken", "SecurityTokenUnavailable")
"""Fault codes of WCF for a wrong user or password."""
CREDENTIAL_WORDS = ("authentication", "unauthorized", "authorizedservicemethodattribute")
"""In a message or a fault's text. The last is how the service fails when a user lacks the right (seen by others)."""
TEMPORARY_WORDS = ("zaman aşımı", "timeout", "timed out", "deadlock", "tekrar deneyiniz")
NOT_FOUND_WORDS = ("bulunamadı", "bulunamadi", "not found")
"""An unknown id is answered by an empty list, or by a refusal with such words."""
USER_LIST = "GetSystemUsersCompressedList"
"""The operation that gives GİB's XML in a zip; what it packs and how is not written."""
PAGE_SIZE = 100

DEFAULT_HTTP = HttpSettings()
SETTING_NAMES = ("requests_per_minute", "request_timeout_seconds")


@dataclass(frozen=True)
class UyumsoftSettings:
    """One integration's optional settings."""

    rate: RateLimit = RATE
    http: HttpSettings = DEFAULT_HTTP

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> UyumsoftSettings:
        """Read the integration's settings. `ProviderFailure` settings_invalid names the one that is wrong."""
        return cls(rate_limit(settings, RATE), http_settings(settings, DEFAULT_HTTP))
