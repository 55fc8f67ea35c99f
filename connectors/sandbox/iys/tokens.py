"""Accounts and bearer tokens. Both name the company, so that nothing need be stored for thousands of them."""

from __future__ import annotations

import hashlib
import hmac

from connectors.sandbox.bearer import Tokens, decoded, encoded

LIFE_SECONDS = 7200
TOKENS = Tokens("iys", LIFE_SECONDS)
_DOMAIN = "@iys.example.com"


def credentials(seed: int, company_id: str) -> dict[str, str]:
    """A company's account."""
    return {
        "username": f"{encoded(company_id)}{_DOMAIN}",
        "password": TOKENS.derived(seed, "password", company_id)[:24],
    }


def codes(company_id: str) -> dict[str, str]:
    """The sender's number and its brand's, which the integration has as settings."""
    number = str(600_000 + int(hashlib.sha256(company_id.encode()).hexdigest()[:6], 16) % 300_000)
    return {"iys_code": number, "brand_code": number}


def company_of_account(seed: int, username: str, password: str | None) -> str | None:
    """The company of an account, None for a wrong password; with none given, whose account it says it is."""
    company_id = decoded(username.removesuffix(_DOMAIN)) if username.endswith(_DOMAIN) else None
    if company_id is None or password is None:
        return company_id
    right = credentials(seed, company_id)["password"]
    return company_id if hmac.compare_digest(right.encode(), password.encode()) else None
