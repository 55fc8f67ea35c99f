"""Grants of who may sign in: users, credentials, sessions, API keys, signing keys, failed attempts."""

from __future__ import annotations

from hub.db.grant import ALL, Grant

IDENTITY: dict[str, tuple[Grant, ...]] = {
    # Whose account it is never changes: another address is another user.
    "hub.users": (
        Grant(
            "app",
            select=ALL,
            insert=ALL,
            update=(
                "login_cipher",
                "name_cipher",
                "role",
                "language",
                "state",
                "version",
                "activated_at",
                "disabled_at",
                "signed_in_at",
            ),
            delete=True,
        ),
        # From a login's keyed hash to the tenants in which somebody has it.
        Grant("resolver", select=("tenant_id", "login_hash", "state")),
    ),
    "hub.user_credentials": (
        Grant(
            "app",
            select=ALL,
            insert=ALL,
            update=(
                "password_hash",
                "password_changed_at",
                "totp_cipher",
                "totp_confirmed_at",
                "totp_last_step",
                "totp_begun_at",
                "totp_wrong_codes",
                "recovery_hashes",
            ),
            delete=True,
        ),
    ),
    "hub.sessions": (
        Grant(
            "app",
            select=ALL,
            insert=ALL,
            update=("second_factor", "origin_cipher", "last_used_at", "ended_at", "end_reason"),
            delete=True,
        ),
    ),
    "hub.refresh_tokens": (
        Grant("app", select=ALL, insert=ALL, update=("used_at", "used_from", "replaced_by"), delete=True),
    ),
    "hub.user_tokens": (Grant("app", select=ALL, insert=ALL, update=("used_at",), delete=True),),
    "hub.api_keys": (
        Grant(
            "app",
            select=ALL,
            insert=ALL,
            update=(
                "label",
                "prefix",
                "secret_hash",
                "previous_hash",
                "previous_until",
                "tokens_from",
                "expires_at",
                "rotated_at",
                "last_used_at",
                "revoked_at",
                "version",
            ),
        ),
    ),
    "hub.signing_keys": (
        Grant(
            "app",
            select=ALL,
            insert=ALL,
            update=("state", "private_cipher", "activated_at", "verify_until"),
            delete=True,
        ),
    ),
    "hub.sign_in_sources": (
        Grant(
            "app",
            select=ALL,
            insert=ALL,
            update=("failures", "failed_at", "blocked_until", "succeeded_at", "touched_at"),
            delete=True,
        ),
    ),
}
"""Grants by table."""
