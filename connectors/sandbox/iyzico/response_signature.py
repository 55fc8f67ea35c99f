"""Signs the answers that iyzico signs."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

from connectors.sandbox.iyzico.signature import credentials


def sign(seed: int, company_id: str, values: Iterable[str | float | None]) -> str:
    """Values in the documented order, joined by colons; amounts lose trailing zeros, nothing stands for null."""
    message = ":".join(_text(value) for value in values)
    secret = credentials(seed, company_id)["secret_key"].encode()
    return hmac.new(secret, message.encode(), hashlib.sha256).hexdigest()


def _text(value: str | float | None) -> str:
    if value is None:
        return ""
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
