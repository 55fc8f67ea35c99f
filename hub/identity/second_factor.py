"""The second factor: codes of the moment (TOTP, RFC 6238), each accepted once, and codes for the day the phone is lost.

A code is good for its half minute and the ones beside it, for phones' clocks differ; whoever looks over a shoulder must
not use it again, so the last step that was accepted stands in the row, and only a later one is accepted after it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from hub.errors import HubError
from hub.identity.attempts import database_now
from hub.identity.permissions import ROLES, SHOWS_ORIGINALS, Permission, Role, wants_second_factor

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from hub.db.database import Connection
    from hub.keys.keyring import TenantKeys

ISSUER = "Köprü"
_PURPOSE = "user-totp"
_STEPS_BESIDE = 1
CONFIRMED_WITHIN = timedelta(minutes=10)
"""How long a secret that was begun waits for its first code."""
WRONG_CODES = 5
"""So many, and a secret that was begun is dropped: whoever guesses begins again, which takes the password."""
_RECOVERY_CODES = 10
_RECOVERY_GROUPS, _GROUP_LETTERS = 4, 5
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"


@dataclass(frozen=True)
class Begun:
    """What an authenticator needs; shown once. `uri` is what a QR code carries."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)


def permissions_of(role: Role, *, second_factor: bool) -> frozenset[Permission]:
    """What a person of this role may do: without a second factor where one is wanted, nothing that shows originals.

    A platform administrator without one may set one up, and nothing else.
    """
    if second_factor or not wants_second_factor(role):
        return ROLES[role]
    if role is Role.PLATFORM_ADMIN:
        return frozenset({Permission.SELF_READ, Permission.ACCOUNT})
    return ROLES[role] - SHOWS_ORIGINALS


def begin(connection: Connection, keys: TenantKeys, user_id: UUID, *, label: str) -> Begun:
    """A new secret that counts once a code of it was confirmed. HubError `second_factor_exists`."""
    from pyotp import random_base32
    from pyotp.totp import TOTP

    secret = random_base32()
    changed = connection.execute(
        "UPDATE hub.user_credentials SET totp_cipher = %s, totp_last_step = 0, totp_wrong_codes = 0,"
        " totp_begun_at = clock_timestamp()"
        " WHERE tenant_id = %s AND user_id = %s AND totp_confirmed_at IS NULL",
        (keys.seal(_PURPOSE, str(user_id), secret.encode()), keys.tenant_id, user_id),
    ).rowcount
    if not changed:
        raise HubError("second_factor_exists")
    return Begun(secret, TOTP(secret).provisioning_uri(name=label, issuer_name=ISSUER))


def confirm(
    connection: Connection,
    keys: TenantKeys,
    user_id: UUID,
    code: str,
    *,
    clock: Callable[[], datetime] | None = None,
) -> list[str] | None:
    """Let the secret count from now on: the recovery codes, shown once. None for a wrong code, which is counted.

    HubError `second_factor_not_begun` (also if it was dropped or has lapsed), `second_factor_exists`.
    """
    row = _row(connection, keys, user_id)
    now = clock() if clock else database_now(connection)
    if row is not None and row[1]:
        raise HubError("second_factor_exists")
    if row is None or row[0] is None or not _is_awaited(connection, keys, user_id, now):
        raise HubError("second_factor_not_begun")
    step = _step(keys, user_id, row[0], row[2], code, now)
    if step is None:
        connection.execute(
            "UPDATE hub.user_credentials SET totp_wrong_codes = totp_wrong_codes + 1,"
            " totp_cipher = CASE WHEN totp_wrong_codes + 1 < %s THEN totp_cipher END"
            " WHERE tenant_id = %s AND user_id = %s",
            (WRONG_CODES, keys.tenant_id, user_id),
        )
        return None
    codes = [_recovery_code() for _ in range(_RECOVERY_CODES)]
    connection.execute(
        "UPDATE hub.user_credentials SET totp_confirmed_at = now(), totp_last_step = %s, recovery_hashes = %s"
        " WHERE tenant_id = %s AND user_id = %s",
        (step, [_hash(each) for each in codes], keys.tenant_id, user_id),
    )
    return codes


def is_set(connection: Connection, tenant_id: str, user_id: UUID) -> bool:
    """Whether the user has one that counts."""
    row = connection.execute(
        "SELECT totp_confirmed_at IS NOT NULL FROM hub.user_credentials WHERE tenant_id = %s AND user_id = %s",
        (tenant_id, user_id),
    ).fetchone()
    return bool(row and row[0])


def accept(
    connection: Connection,
    keys: TenantKeys,
    user_id: UUID,
    code: str,
    *,
    clock: Callable[[], datetime] | None = None,
) -> str | None:
    """Use a code up: `totp`, or `recovery` for one of the codes for a lost phone; None for a wrong or used one."""
    row = _row(connection, keys, user_id)
    if row is None or row[0] is None or not row[1]:
        return None
    step = _step(keys, user_id, row[0], row[2], code, clock() if clock else database_now(connection))
    if step is not None:
        connection.execute(
            "UPDATE hub.user_credentials SET totp_last_step = %s WHERE tenant_id = %s AND user_id = %s",
            (step, keys.tenant_id, user_id),
        )
        return "totp"
    given = _hash(code)
    left = [each for each in row[3] if not hmac.compare_digest(each, given)]
    if len(left) == len(row[3]):
        return None
    connection.execute(
        "UPDATE hub.user_credentials SET recovery_hashes = %s WHERE tenant_id = %s AND user_id = %s",
        (left, keys.tenant_id, user_id),
    )
    return "recovery"


def remove(connection: Connection, tenant_id: str, user_id: UUID) -> bool:
    """Forget a user's second factor; False if there was none that counted."""
    row = connection.execute(
        "UPDATE hub.user_credentials c SET totp_cipher = NULL, totp_confirmed_at = NULL, totp_last_step = 0,"
        " recovery_hashes = '{}' FROM hub.user_credentials before WHERE c.tenant_id = %s AND c.user_id = %s"
        " AND before.tenant_id = c.tenant_id AND before.user_id = c.user_id"
        " RETURNING before.totp_confirmed_at IS NOT NULL",
        (tenant_id, user_id),
    ).fetchone()
    return bool(row and row[0])


def _row(connection: Connection, keys: TenantKeys, user_id: UUID) -> tuple[bytes | None, bool, int, list[bytes]] | None:
    # Locked: of two who bring one code at once, the second finds it used.
    row = connection.execute(
        "SELECT totp_cipher, totp_confirmed_at IS NOT NULL, totp_last_step, recovery_hashes FROM hub.user_credentials"
        " WHERE tenant_id = %s AND user_id = %s FOR UPDATE",
        (keys.tenant_id, user_id),
    ).fetchone()
    if row is None:
        return None
    return (bytes(row[0]) if row[0] is not None else None, row[1], row[2], [bytes(each) for each in row[3]])


def _is_awaited(connection: Connection, keys: TenantKeys, user_id: UUID, now: datetime) -> bool:
    """Whether a secret that was begun may still be confirmed."""
    row = connection.execute(
        "SELECT totp_begun_at > %s FROM hub.user_credentials WHERE tenant_id = %s AND user_id = %s",
        (now - CONFIRMED_WITHIN, keys.tenant_id, user_id),
    ).fetchone()
    return bool(row and row[0])


def _step(keys: TenantKeys, user_id: UUID, cipher: bytes, last: int, code: str, now: datetime) -> int | None:
    from pyotp.exceptions import OTPVerificationError
    from pyotp.totp import TOTP

    totp = TOTP(keys.open(_PURPOSE, str(user_id), cipher).decode())
    plain = "".join(code.split())
    if not (plain.isascii() and plain.isdecimal()):
        return None
    try:
        step = totp.verify_and_get_timecode(plain, for_time=now, valid_window=_STEPS_BESIDE)
    except OTPVerificationError:
        return None
    return step if step > last else None


def _recovery_code() -> str:
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(_GROUP_LETTERS)) for _ in range(_RECOVERY_GROUPS))
    return "-".join(groups)


def _hash(code: str) -> bytes:
    """SHA-256 of a hundred random bits; spaces, hyphens and capitals are the person's own."""
    plain = "".join(code.split()).replace("-", "").lower()
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).digest()
