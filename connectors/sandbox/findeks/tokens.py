"""Accounts and bearer tokens. Both name the company, so that nothing need be stored for thousands of them."""

from __future__ import annotations

import hmac

from connectors.sandbox.bearer import Tokens, decoded, encoded

LIFE_SECONDS = 3600
TOKENS = Tokens("findeks", LIFE_SECONDS)
_PREFIX = "fdx-"


def credentials(seed: int, company_id: str) -> dict[str, str]:
    """A company's account at the integrator."""
    return {
        "client_id": f"{_PREFIX}{encoded(company_id)}",
        "client_secret": f"{_PREFIX}{TOKENS.derived(seed, 'secret', company_id)[:32]}",
    }


def company_of_account(seed: int, client_id: str, client_secret: str | None) -> str | None:
    """The company of an account, None for a wrong secret; with no secret given, whose account it says it is."""
    company_id = decoded(client_id.removeprefix(_PREFIX)) if client_id.startswith(_PREFIX) else None
    if company_id is None or client_secret is None:
        return company_id
    right = credentials(seed, company_id)["client_secret"]
    return company_id if hmac.compare_digest(right.encode(), client_secret.encode()) else None
