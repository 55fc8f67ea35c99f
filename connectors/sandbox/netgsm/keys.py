"""Subscribers and their passwords, which hold colons as real ones may. The password names its company.

So nothing need be stored for thousands of them; IYS services at Netgsm carry the same pair in their bodies.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

from connectors.sandbox.chance import number

if TYPE_CHECKING:
    from connectors.sandbox.provider import Asked

BALANCE = "/balance"


def credentials(seed: int, company_id: str) -> dict[str, str]:
    """A company's subscriber number and the password of its API user."""
    name = base64.b32encode(company_id.encode()).decode().rstrip("=").lower()
    return {"usercode": usercode(seed, company_id), "password": f"api:{name}:{_check(seed, company_id)}"}


def usercode(seed: int, company_id: str) -> str:
    """The subscriber number."""
    return f"850{number(seed, company_id, 'netgsm') % 10_000_000:07d}"


def company_with(seed: int, user: str, password: str) -> str | None:
    """The company of a pair; None when it is not right."""
    name, _, check = password.removeprefix("api:").partition(":")
    try:
        company_id = base64.b32decode(name.upper() + "=" * (-len(name) % 8)).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    right = credentials(seed, company_id)
    given = f"{user}\0{password}".encode()
    expected = f"{right['usercode']}\0{right['password']}".encode()
    return company_id if check and hmac.compare_digest(expected, given) else None


def company_of(seed: int, asked: Asked) -> str | None:
    """The company whose credentials a request carries, in its header or, for the balance, in its body."""
    pair = _in_body(asked.body) if asked.path.startswith(BALANCE) else _in_header(asked.headers.get("authorization"))
    return None if pair is None else company_with(seed, *pair)


def _in_header(header: str | None) -> tuple[str, str] | None:
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = base64.b64decode(token.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    return (user, password) if colon else None


def _in_body(body: bytes) -> tuple[str, str] | None:
    try:
        document: Any = json.loads(body)
    except ValueError:
        return None
    if not isinstance(document, dict):
        return None
    pair: tuple[Any, Any] = (document.get("usercode"), document.get("password"))  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return pair if all(isinstance(each, str) for each in pair) else None


def _check(seed: int, company_id: str) -> str:
    key = f"kopru-sandbox-{seed}".encode()
    return hmac.new(key, f"netgsm\0{company_id}".encode(), hashlib.sha256).hexdigest()[:16]
