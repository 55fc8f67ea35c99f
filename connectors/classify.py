"""The one place where an answer becomes permanent or transient.

Functions return the failure instead of raising it, so that the call site raises outside of any `except`: an exception
raised inside one would carry the first one along, and a JSON error carries the whole body.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from connectors.failure import FailureCode, FailureKind, ProviderFailure

_SAFE_CODE = re.compile(r"[0-9]{1,6}|[A-Z][A-Z_]{1,39}")


@dataclass(frozen=True)
class Verdict:
    """What a provider's code or status means to the hub."""

    kind: FailureKind
    code: FailureCode


CREDENTIALS_REJECTED = Verdict("permanent", "credentials_rejected")
CREDENTIALS_EXPIRED = Verdict("permanent", "credentials_expired")
ACCOUNT_FROZEN = Verdict("permanent", "account_frozen")
NOT_LICENSED = Verdict("permanent", "not_licensed")
REQUEST_REFUSED = Verdict("permanent", "request_refused")
ADDRESS_REFUSED = Verdict("permanent", "address_refused")
RATE_LIMITED = Verdict("transient", "rate_limited")
PROVIDER_ERROR = Verdict("transient", "provider_error")
PROVIDER_TIMEOUT = Verdict("transient", "provider_timeout")

_STATUS = {
    401: CREDENTIALS_REJECTED,
    403: CREDENTIALS_REJECTED,
    408: PROVIDER_TIMEOUT,
    425: PROVIDER_ERROR,
    429: RATE_LIMITED,
    504: PROVIDER_TIMEOUT,
}


@dataclass(frozen=True)
class CodeTable:
    """A provider's own error codes. `default` is the verdict on a code that nobody listed."""

    entries: Mapping[str, Verdict]
    default: Verdict = field(default=PROVIDER_ERROR)

    def failure(self, code: str, *, status: int, retry_after: float | None = None) -> ProviderFailure:
        """The failure that a code means. A code of unusual shape is not repeated: it might be anybody's data."""
        verdict = self.entries.get(code, self.default)
        known = code in self.entries or _SAFE_CODE.fullmatch(code) is not None
        return ProviderFailure(
            verdict.kind,
            verdict.code,
            status=status,
            provider_code=code if known else "unrecognised",
            retry_after=retry_after,
        )


def of_status(status: int, *, retry_after: float | None = None) -> ProviderFailure | None:
    """The failure that an HTTP status means by itself; None for 2xx.

    A redirect is a refused address: following one would hand credentials to a place nobody meant.
    """
    if 200 <= status < 300:
        return None
    verdict = _STATUS.get(status)
    if verdict is None:
        redirected = 300 <= status < 400
        verdict = PROVIDER_ERROR if status >= 500 else ADDRESS_REFUSED if redirected else REQUEST_REFUSED
    return ProviderFailure(verdict.kind, verdict.code, status=status, retry_after=retry_after)


def says_enough(status: int) -> bool:
    """Whether a status needs no words to be understood. A 400 does: under it some providers say what will pass."""
    return status >= 500 or status in _STATUS


def retry_after_seconds(value: str | None, *, now: datetime) -> float | None:
    """Seconds that a `Retry-After` header asks for (number or HTTP date); None when absent or unreadable."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
