"""Signatures by the Standard Webhooks scheme, so that receivers need no library of ours.

https://www.standardwebhooks.com: `webhook-id`, `webhook-timestamp`, `webhook-signature` over `id.timestamp.body`,
HMAC-SHA256 under a secret that begins with `whsec_`.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.secret import Secret

_SECRET_BYTES = 32
"""The scheme asks for 24 to 64."""


def new_secret() -> Secret:
    """A random one."""
    from connectors.secret import Secret

    return Secret("whsec_" + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode())


def headers(keys: Sequence[Secret], event_id: str, body: bytes, at: datetime) -> dict[str, str]:
    """A signature for each secret that is in force, the newest first; `at` is when it is sent, an aware time."""
    from standardwebhooks import Webhook

    moment = at.astimezone(UTC).replace(microsecond=0)
    signatures = [Webhook(each.reveal()).sign(event_id, moment, body.decode()) for each in keys]
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
