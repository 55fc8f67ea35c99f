"""A tenant's account at a provider, as an action needs it: opened once a drain, and looked at again when it changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hub.outbox.vocabulary import ACCOUNT_MISSING, ACCOUNT_PAUSED

if TYPE_CHECKING:
    from connectors.contract import ConnectionSpec, Provider
    from hub.db.database import Connection
    from hub.keys.keyring import Keyring


@dataclass(frozen=True)
class Unusable:
    """Why nothing can be done with the account."""

    code: str


def account(connection: Connection, keyring: Keyring, provider: Provider, tenant_id: str) -> ConnectionSpec | Unusable:
    """The account, in the caller's transaction (role app, the tenant's scope).

    A new one that was never tested may act: whoever asked for the action wants it done, and a wrong password is told.
    """
    from hub.sync.claim import IntegrationRow
    from hub.sync.connection import connection_spec

    row = connection.execute(
        "SELECT environment, base_url, credentials_cipher, settings, state FROM hub.integrations"
        " WHERE tenant_id = %s AND provider = %s",
        (tenant_id, provider.name),
    ).fetchone()
    if row is None:
        return Unusable(ACCOUNT_MISSING)
    if row[4] == "paused":
        return Unusable(ACCOUNT_PAUSED)
    stored = IntegrationRow(row[0], row[1], bytes(row[2]), row[3] or {})
    return connection_spec(keyring, provider, tenant_id, stored)
