"""Credentials of invented companies at integrators. They name the company, so that nothing need be stored."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac


def coded(company: str) -> str:
    """A company's id in letters and digits."""
    return base64.b32encode(company.encode()).decode().rstrip("=").lower()


def decoded(name: str) -> str | None:
    """The company's id; None for anything else."""
    try:
        return base64.b32decode(name.upper() + "=" * (-len(name) % 8)).decode() or None
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None


def derived(seed: int, what: str, company: str) -> str:
    """A secret of a company, 64 hexadecimal digits."""
    return hmac.new(f"kopru-einvoice-{seed}".encode(), f"{what}\0{company}".encode(), hashlib.sha256).hexdigest()


def same(right: str, given: str) -> bool:
    """Whether two secrets are the same."""
    return hmac.compare_digest(right.encode(), given.encode())
