"""A subscription as its row has it, and its sealed part: address, secrets, and whom to write to when it is disabled.

The address is sealed as well: with many receivers its path is the secret.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from connectors.secret import Secret
from hub.errors import HubError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hub.db.database import Connection
    from hub.keys.keyring import TenantKeys

State = Literal["active", "paused", "disabled"]

_PURPOSE = "subscription"
COLUMNS = (
    "subscription_id, host, types, state, reason, failing_since, rests_until, previous_until, created_by, created_at"
)


@dataclass(frozen=True)
class Subscription:
    """What may be listed."""

    subscription_id: UUID
    host: str
    types: Sequence[str]
    state: State
    reason: str | None
    """A code that `hub.messages` explains."""
    failing_since: datetime | None
    """Since when every attempt has failed; None when the last one did not."""
    rests_until: datetime | None
    """Until when nothing is sent, because the receiver asked for it or did not answer."""
    previous_until: datetime | None
    """Until when the secret before the present one signs too."""
    created_by: str
    created_at: datetime


@dataclass(frozen=True)
class Private:
    """What is sealed with a subscription; `repr` shows nothing of it."""

    address: str = field(repr=False)
    secret: Secret
    previous: Secret | None = None
    """The one before, as long as it signs too."""
    contact: str | None = field(default=None, repr=False)
    """E-mail of whoever looks after the receiver."""

    @property
    def secrets(self) -> list[Secret]:
        """Those that sign, the newest first."""
        return [self.secret] if self.previous is None else [self.secret, self.previous]

    def sealed(self, keys: TenantKeys, subscription_id: UUID) -> bytes:
        """For the row."""
        clear: dict[str, Any] = {
            "address": self.address,
            "secret": self.secret.reveal(),
            "previous": self.previous.reveal() if self.previous else None,
            "contact": self.contact,
        }
        return keys.seal(_PURPOSE, str(subscription_id), json.dumps(clear, ensure_ascii=False).encode())


def opened(keys: TenantKeys, subscription_id: UUID, cipher: bytes) -> Private:
    """The sealed part. HubError `ciphertext_invalid`, `key_rotated`."""
    clear = json.loads(keys.open(_PURPOSE, str(subscription_id), cipher))
    previous = clear["previous"]
    return Private(
        clear["address"], Secret(clear["secret"]), None if previous is None else Secret(previous), clear["contact"]
    )


def read(
    connection: Connection, keys: TenantKeys, subscription_id: UUID, *, locked: bool = False
) -> tuple[Subscription, Private]:
    """A subscription with its sealed part, in the tenant's transaction. HubError `webhook_unknown`."""
    row = connection.execute(
        f"SELECT {COLUMNS}, private_cipher, previous_until > now() FROM hub.subscriptions"  # noqa: S608 - our own names
        f" WHERE tenant_id = %s AND subscription_id = %s{' FOR UPDATE' if locked else ''}",
        (keys.tenant_id, subscription_id),
    ).fetchone()
    if row is None:
        raise HubError("webhook_unknown", webhook=str(subscription_id))
    private = opened(keys, subscription_id, bytes(row[-2]))
    return Subscription(*row[:-2]), private if row[-1] else replace(private, previous=None)


def listed(connection: Connection, tenant_id: str) -> list[Subscription]:
    """A tenant's, the oldest first."""
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM hub.subscriptions WHERE tenant_id = %s ORDER BY created_at, subscription_id",  # noqa: S608 - our own names
        (tenant_id,),
    ).fetchall()
    return [Subscription(*row) for row in rows]
