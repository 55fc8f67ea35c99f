"""Checks IYZWSv2 as iyzico does. Written apart from the connector's signing, so that one mistake is not made twice."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from connectors.sandbox.provider import Asked

_KEY_PREFIX = "sandbox-"
UNKNOWN_KEY = "1001"
WRONG_SIGNATURE = "1000"


def credentials(seed: int, company_id: str) -> dict[str, str]:
    """A company's keys. The API key names the company, so that nothing need be stored for thousands of them."""
    name = base64.b32encode(company_id.encode()).decode().rstrip("=").lower()
    return {
        "api_key": f"{_KEY_PREFIX}{name}-{_derived(seed, 'api', company_id)[:12]}",
        "secret_key": f"{_KEY_PREFIX}{_derived(seed, 'secret', company_id)[:32]}",
    }


def company_of(seed: int, asked: Asked) -> str | None:
    """The company whose API key a request carries; None when there is no such key."""
    token = _token(asked)
    return _company_of_key(seed, token["apiKey"]) if token else None


def problem(seed: int, asked: Asked, raw_path: str) -> str | None:
    """The error code for a request that is not properly signed over its raw path and body; None if it is."""
    token = _token(asked)
    if token is None:
        return WRONG_SIGNATURE
    company_id = _company_of_key(seed, token["apiKey"])
    if company_id is None:
        return UNKNOWN_KEY
    secret = credentials(seed, company_id)["secret_key"].encode()
    message = token["randomKey"].encode() + raw_path.encode() + asked.body
    expected = hmac.new(secret, message, hashlib.sha256).hexdigest()
    return None if hmac.compare_digest(expected.encode(), token["signature"].encode()) else WRONG_SIGNATURE


def _token(asked: Asked) -> dict[str, str] | None:
    """The parts of the token; None for the retired v1 scheme and anything else that is no IYZWSv2."""
    scheme, _, encoded = asked.headers.get("authorization", "").partition(" ")
    if scheme != "IYZWSv2":
        return None
    try:
        text = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    parts: dict[str, str] = {}
    for part in text.split("&"):
        name, _, value = part.partition(":")
        parts[name] = value
    return parts if parts.keys() == {"apiKey", "randomKey", "signature"} else None


def _company_of_key(seed: int, api_key: str) -> str | None:
    name, _, _check = api_key.removeprefix(_KEY_PREFIX).rpartition("-")
    try:
        company_id = base64.b32decode(name.upper() + "=" * (-len(name) % 8)).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    right = credentials(seed, company_id)["api_key"]
    return company_id if hmac.compare_digest(right.encode(), api_key.encode()) else None


def _derived(seed: int, what: str, company_id: str) -> str:
    return hmac.new(f"kopru-sandbox-{seed}".encode(), f"{what}\0{company_id}".encode(), hashlib.sha256).hexdigest()
