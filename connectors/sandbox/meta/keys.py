"""Tokens, secrets and ids of companies. A token names its company, so that nothing is stored for thousands of them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import TYPE_CHECKING

from connectors.sandbox.chance import number

if TYPE_CHECKING:
    from connectors.sandbox.provider import Asked

_PREFIX = "EAAsandbox"


def credentials(seed: int, company_id: str) -> dict[str, str]:
    """A company's credentials."""
    return {
        "access_token": _token(seed, company_id),
        "app_secret": _derived(seed, "app-secret", company_id)[:32],
        "verify_token": _derived(seed, "verify", company_id)[:20],
    }


def ids(seed: int, company_id: str) -> dict[str, str]:
    """What an account's settings name beside its credentials."""
    return {"phone_number_id": number_id(seed, company_id), "waba_id": waba_id(seed, company_id)}


def number_id(seed: int, company_id: str) -> str:
    """Meta's id of the number that the company sends from."""
    return _id(seed, "number", company_id)


def waba_id(seed: int, company_id: str) -> str:
    """Meta's id of the company's business account."""
    return _id(seed, "account", company_id)


def own_number(seed: int, company_id: str) -> str:
    """The company's number as digits."""
    return f"90850{number(seed, 'own-number', company_id) % 10_000_000:07d}"


def user_id(seed: int, company_id: str, digits: str) -> str:
    """A person's id towards one business: the same person has another one elsewhere."""
    return f"TR.{number(seed, 'user', company_id, digits) % 10**16:016d}"


def company_of(seed: int, asked: Asked) -> str | None:
    """The company whose token a request carries; None when there is no such token."""
    scheme, _, token = asked.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    name, _, _check = token.removeprefix(_PREFIX).rpartition("x")
    try:
        company_id = base64.b16decode(name.upper()).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    return company_id if hmac.compare_digest(_token(seed, company_id).encode(), token.encode()) else None


def _token(seed: int, company_id: str) -> str:
    check = _derived(seed, "token", company_id)[:24]
    return f"{_PREFIX}{base64.b16encode(company_id.encode()).decode().lower()}x{check}"


def _id(seed: int, what: str, company_id: str) -> str:
    return str(10**14 + number(seed, what, company_id) % (9 * 10**14))


def _derived(seed: int, what: str, company_id: str) -> str:
    return hmac.new(
        f"kopru-sandbox-{seed}".encode(), f"meta\0{what}\0{company_id}".encode(), hashlib.sha256
    ).hexdigest()
