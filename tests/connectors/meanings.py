"""What each fault of the sandbox means to every connector that reads, and how often it is worth asking."""

from __future__ import annotations

from connectors.http import HttpSettings
from connectors.sandbox.faults import FaultKind

ATTEMPTS = HttpSettings().attempts
Meanings = dict[FaultKind, tuple[str, str, int]]
"""Kind and code of the failure, and how many requests are made."""

MEANINGS: Meanings = {
    "rate_limited": ("transient", "rate_limited", ATTEMPTS),
    "server_error": ("transient", "provider_error", ATTEMPTS),
    "slow": ("transient", "provider_timeout", ATTEMPTS),
    "late": ("transient", "provider_timeout", ATTEMPTS),
    "cut_before": ("transient", "provider_unreachable", ATTEMPTS),
    "cut_after": ("transient", "provider_unreachable", ATTEMPTS),
    "truncated": ("transient", "answer_truncated", ATTEMPTS),
    "not_json": ("transient", "answer_malformed", ATTEMPTS),
    "bomb": ("transient", "answer_malformed", ATTEMPTS),
    "redirect": ("permanent", "address_refused", 1),
    "wrong_type": ("transient", "wrong_type", 1),
    "credentials_expired": ("permanent", "credentials_rejected", 1),
    "error_with_personal_data": ("permanent", "request_refused", 1),
}
