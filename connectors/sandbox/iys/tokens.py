"""Accounts and bearer tokens. Both name the company, so that nothing need be stored for thousands of them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.sandbox.world import World

LIFE_SECONDS = 7200
_DOMAIN = "@iys.example.com"


def credentials(seed: int, company_id: str) -> dict[str, str]:
    """A company's account."""
    return {
        "username": f"{_encoded(company_id)}{_DOMAIN}",
        "password": _derived(seed, "password", company_id)[:24],
    }


def codes(company_id: str) -> dict[str, str]:
    """The sender's number and its brand's, which the integration has as settings."""
    number = str(600_000 + int(hashlib.sha256(company_id.encode()).hexdigest()[:6], 16) % 300_000)
    return {"iys_code": number, "brand_code": number}


def company_of_account(seed: int, username: str, password: str | None) -> str | None:
    """The company of an account, None for a wrong password; with none given, whose account it says it is."""
    company_id = _decoded(username.removesuffix(_DOMAIN)) if username.endswith(_DOMAIN) else None
    if company_id is None or password is None:
        return company_id
    right = credentials(seed, company_id)["password"]
    return company_id if hmac.compare_digest(right.encode(), password.encode()) else None


def token(world: World, company_id: str) -> str:
    """A token that ends two hours from now by the sandbox's clock."""
    ends = int(world.clock.now().timestamp()) + LIFE_SECONDS
    return f"{_encoded(company_id)}.{ends}.{_signature(world.seed, company_id, ends)}"


def company_of_token(world: World, authorization: str) -> str | None:
    """Whose token a request carries; None for one that is wrong or has ended."""
    company_id, ends = _opened(world, authorization)
    return company_id if world.clock.now().timestamp() < ends else None


def company_named(world: World, authorization: str) -> str | None:
    """Whose token it is, also after its end."""
    return _opened(world, authorization)[0]


def _opened(world: World, authorization: str) -> tuple[str | None, int]:
    scheme, _, value = authorization.partition(" ")
    name, _, rest = value.partition(".")
    ends, _, signature = rest.partition(".")
    company_id = _decoded(name) if scheme == "Bearer" and ends.isascii() and ends.isdigit() else None
    if company_id is None or not hmac.compare_digest(
        _signature(world.seed, company_id, int(ends)).encode(), signature.encode()
    ):
        return None, 0
    return company_id, int(ends)


def _signature(seed: int, company_id: str, ends: int) -> str:
    return _derived(seed, f"token {ends}", company_id)[:24]


def _encoded(company_id: str) -> str:
    return base64.b32encode(company_id.encode()).decode().rstrip("=").lower()


def _decoded(name: str) -> str | None:
    try:
        return base64.b32decode(name.upper() + "=" * (-len(name) % 8)).decode() or None
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None


def _derived(seed: int, what: str, company_id: str) -> str:
    return hmac.new(f"kopru-iys-{seed}".encode(), f"{what}\0{company_id}".encode(), hashlib.sha256).hexdigest()
