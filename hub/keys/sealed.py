"""Every column that holds a ciphertext, in one place: what is not named here would be lost when a key is rotated.

Two kinds of key seal values. A tenant's encryption key is rotated, so each of its columns says how its values are
bound, and rotation seals them anew (hub/keys/resealing.py). A data subject's key is not: it is wrapped under the
tenant's, so rotation seals the wrapped key anew and leaves the subject's values as they are. The same holds for the
key of a day, under which the inbox keeps what it received.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import LiteralString


@dataclass(frozen=True)
class Sealed:
    """A column under the tenant's key.

    `purpose` and the values of `identity`, joined by a bar, are what `TenantKeys.seal` was given; `key` names the row
    within the tenant (the identity unless said otherwise).
    """

    table: LiteralString
    column: LiteralString
    purpose: str
    identity: tuple[LiteralString, ...]
    key: tuple[LiteralString, ...] = ()

    @property
    def row(self) -> tuple[LiteralString, ...]:
        """The columns that name a row within its tenant."""
        return self.key or self.identity

    @property
    def name(self) -> str:
        """`schema.table.column`."""
        return f"{self.table}.{self.column}"


UNDER_TENANT_KEYS: tuple[Sealed, ...] = (
    Sealed("hub.tenants", "tax_number_cipher", "tenant-tax-number", ("tenant_id",)),
    Sealed("hub.integrations", "credentials_cipher", "integration", ("provider",)),
    Sealed("hub.requests", "contact_cipher", "request-contact", ("request_id",)),
    Sealed("hub.requests", "content_cipher", "request-content", ("request_id",)),
    Sealed("hub.requests", "handler_contact_cipher", "request-handler-contact", ("request_id",)),
    Sealed("hub.requests", "answer_cipher", "request-answer", ("request_id",)),
    Sealed("hub.exports", "sealed_key", "export-passphrase", ("export_id",)),
    Sealed("hub.mails", "recipient_cipher", "mail-recipient", ("mail_id",)),
    Sealed("hub.mails", "fields_cipher", "mail-fields", ("mail_id",)),
    Sealed("hub.actions", "payload_cipher", "action-payload", ("action_id",)),
    Sealed("hub.actions", "private_cipher", "action-private", ("action_id",)),
    Sealed("hub.invoice_seals", "secret_cipher", "invoice-seal", ("seal",)),
    Sealed("hub.documents", "key_cipher", "document-key", ("document_id",)),
    Sealed(
        "vault.withheld",
        "ciphertext",
        "vault.withheld",
        ("stream", "row_key", "column_name"),
        ("stream", "row_key", "column_name", "erasure_id"),
    ),
    Sealed("hub.subscriptions", "private_cipher", "subscription", ("subscription_id",)),
    Sealed("hub.breaches", "form_cipher", "breach-form", ("breach_id",)),
    Sealed("hub.users", "login_cipher", "user-login", ("user_id",)),
    Sealed("hub.users", "name_cipher", "user-name", ("user_id",)),
    Sealed("hub.user_credentials", "totp_cipher", "user-totp", ("user_id",)),
    Sealed("hub.sessions", "origin_cipher", "session-origin", ("session_id",)),
    Sealed("hub.signing_keys", "private_cipher", "signing-key", ("kid",)),
)

WRAPPED_DAILY_KEYS = Sealed("keys.daily_keys", "wrapped_key", "daily-key", ("day",))
"""On the key cluster. Keys of subjects, of which there are many more, have a pass of their own."""

UNDER_DAILY_KEYS: frozenset[str] = frozenset({"hub.api_answers.answer_cipher", "hub.inbox_events.payload_cipher"})
"""Opened by hub/api and hub/inbox; unreadable once the day's key is destroyed."""

UNDER_SUBJECT_KEYS: frozenset[str] = frozenset({"vault.originals.ciphertext", "vault.texts.ciphertext"})
"""Opened by hub/keys/originals.py; unreadable once the subject's key is destroyed."""

UNDER_OWN_KEYS: frozenset[str] = frozenset({"hub.documents.content"})
"""Each value under a key of its own that its row holds wrapped: rotation seals that key anew, and not the value."""

NO_CIPHERTEXT: dict[str, str] = {
    "hub.api_answers.key_hash": "hash of a caller's own key",
    "hub.api_answers.fingerprint": "hash of a call",
    "hub.tenants.tax_number_hash": "keyed hash, to find a number again",
    "hub.exports.link_hash": "hash of a link's secret",
    "hub.webhook_endpoints.secret_hash": "hash of an address's secret",
    "hub.suppressions.mark": "keyed hash of an erased identifier",
    "hub.actions.request_mark": "keyed hash of a request, to know it again",
    "hub.actions.provider_mark": "keyed hash of what the provider calls it, to find it again",
    "hub.documents.request_mark": "keyed hash of a request, to know it again",
    "hub.documents.sha256": "hash of an issued document, to prove it unaltered",
    "hub.users.login_hash": "keyed hash of a login, to find it",
    "hub.refresh_tokens.token_hash": "hash of a token",
    "hub.refresh_tokens.used_from": "keyed hash of a network",
    "hub.refresh_tokens.replaced_by": "hash of a token",
    "hub.user_tokens.token_hash": "hash of a token",
    "hub.api_keys.secret_hash": "hash of a key",
    "hub.api_keys.previous_hash": "hash of a key",
    "hub.sign_in_sources.login_hash": "keyed hash of a login",
    "hub.sign_in_sources.network_hash": "keyed hash of a network",
    "hub.audit_log.prev_hash": "chain of the log",
    "hub.audit_log.hash": "chain of the log",
    "hub.platform_audit_log.prev_hash": "chain of the log",
    "hub.platform_audit_log.hash": "chain of the log",
}
"""Columns of bytes that no key opens, and what they are."""
