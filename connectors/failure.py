"""Every failure of a provider is permanent or transient, and carries a code instead of the provider's words.

A provider's error body may quote what we sent or what it holds (names, identity numbers), so no text of it is kept:
the code and the HTTP status are enough for a person, who reads the explanation of the code in Turkish or English.
"""

from __future__ import annotations

from typing import Literal

FailureKind = Literal["permanent", "transient"]

# Codes a person may meet. Explanations live in hub/messages.py, by code.
FailureCode = Literal[
    "credentials_rejected",
    "credentials_expired",
    "not_licensed",
    "address_refused",
    "account_frozen",
    "rate_limited",
    "provider_error",
    "provider_unreachable",
    "provider_timeout",
    "answer_truncated",
    "answer_malformed",
    "file_malformed",
    "wrong_type",
    "request_refused",
    "window_too_old",
    "basis_missing",
    "settings_invalid",
    "sender_refused",
    "iys_not_set_up",
    "package_missing",
    "recipient_flooded",
    "recipient_unreachable",
    "recipient_opted_out",
    "recipient_spared",
    "template_refused",
    "window_closed",
]


class ProviderFailure(Exception):
    """A provider did not give what was asked.

    `provider_code` is the provider's own short code (digits, or an enum word), never its message.
    `retry_after` is seconds, as the provider asked for. `field` names a column, never a value.
    """

    def __init__(
        self,
        kind: FailureKind,
        code: FailureCode,
        *,
        status: int | None = None,
        provider_code: str | None = None,
        retry_after: float | None = None,
        field: str | None = None,
    ) -> None:
        self.kind: FailureKind = kind
        self.code: FailureCode = code
        self.status = status
        self.provider_code = provider_code
        self.retry_after = retry_after
        self.field = field
        parts = [kind, code]
        if status is not None:
            parts.append(f"status={status}")
        if provider_code is not None:
            parts.append(f"provider_code={provider_code}")
        if field is not None:
            parts.append(f"field={field}")
        super().__init__(" ".join(parts))
