"""Whether a call is Meta's: the handshake, and the signature over the raw bytes.

Nothing is parsed before its signature is right. Meta escapes what is not ASCII, so a body that was parsed and written
again no longer matches.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from connectors.secret import Secret

SIGNATURE_HEADER = "X-Hub-Signature-256"
Signature = Literal["right", "wrong", "missing"]


def challenge(query: Mapping[str, str], verify_token: Secret) -> str | None:
    """The text to answer a GET with (200, plain text); None means 403. An empty token opens nothing."""
    given = query.get("hub.verify_token", "")
    right = bool(verify_token) and hmac.compare_digest(given.encode(), verify_token.reveal().encode())
    return query.get("hub.challenge") if right and query.get("hub.mode") == "subscribe" else None


def signature(app_secret: Secret, body: bytes, header: str | None) -> Signature:
    """What the header says of the raw body: `missing` means 401, `wrong` 403. Compared in constant time."""
    if not header:
        return "missing"
    expected = "sha256=" + hmac.new(app_secret.reveal().encode(), body, hashlib.sha256).hexdigest()
    return "right" if app_secret and hmac.compare_digest(expected.encode(), header.encode()) else "wrong"
