"""Keys of both generations, and the words with which Bulutfon turns a wrong one away.

A key names its company, so that nothing need be stored for thousands of them.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import TYPE_CHECKING, Literal
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from connectors.sandbox.provider import Asked

Generation = Literal["v1", "v2"]
HEADER = "apikey"
INVALID, WRONG_GENERATION, EXPIRED = "Invalid token", "Wrong token", "Token expired"


def credentials(seed: int, company_id: str) -> dict[str, str]:
    """A company's keys, one a generation."""
    return {"api_key": _key(seed, "v2", company_id), "access_token": _key(seed, "v1", company_id)}


def generation_of(path: str) -> Generation:
    """Which API a path belongs to."""
    return "v2" if path.startswith("/v2/") else "v1"


def company_of(seed: int, asked: Asked) -> str | None:
    """The company whose key of either generation a request carries."""
    key = key_in(asked)
    return None if key is None else _company(seed, key, "v1") or _company(seed, key, "v2")


def problem(seed: int, asked: Asked) -> str | None:
    """What Bulutfon says of a request's key; None when it is right for the path."""
    key, generation = key_in(asked), generation_of(asked.path)
    if key is not None and _company(seed, key, generation) is not None:
        return None
    return WRONG_GENERATION if key is not None and company_of(seed, asked) is not None else INVALID


def key_in(asked: Asked) -> str | None:
    """The key as it was sent: the second generation takes a header too."""
    if generation_of(asked.path) == "v2" and HEADER in asked.headers:
        return asked.headers[HEADER]
    name = "apikey" if generation_of(asked.path) == "v2" else "access_token"
    return parse_qs(asked.query).get(name, [None])[0]


def recording_key(seed: int, company_id: str, uuid: str) -> str:
    """What opens one recording without showing the master key: documented as `sha1_hex(token + uuid)`."""
    return hashlib.sha1((_key(seed, "v1", company_id) + uuid).encode(), usedforsecurity=False).hexdigest()


def _key(seed: int, generation: Generation, company_id: str) -> str:
    name = base64.b32encode(company_id.encode()).decode().rstrip("=").lower()
    check = hmac.new(f"kopru-sandbox-{seed}".encode(), f"{generation}\0{company_id}".encode(), hashlib.sha256)
    return f"bf{generation}-{name}-{check.hexdigest()[:24]}"


def _company(seed: int, key: str, generation: Generation) -> str | None:
    name, _, _check = key.removeprefix(f"bf{generation}-").rpartition("-")
    try:
        company_id = base64.b32decode(name.upper() + "=" * (-len(name) % 8)).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    return company_id if hmac.compare_digest(_key(seed, generation, company_id).encode(), key.encode()) else None
