"""A tenant's account at a provider, as an action needs it: opened once a drain, and looked at again when it changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hub.outbox.vocabulary import ACCOUNT_MISSING, ACCOUNT_PAUSED, TENANT_SUSPENDED

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
        "SELECT i.environment, i.base_url, i.credentials_cipher, i.settings, i.state, t.active FROM hub.tenants t"
        " LEFT JOIN hub.integrations i ON i.tenant_id = t.tenant_id AND i.provider = %s WHERE t.tenant_id = %s",
        (provider.name, tenant_id),
    ).fetchone()
    if row is None or not row[5]:
        return Unusable(TENANT_SUSPENDED)
    if row[0] is None:
        return Unusable(ACCOUNT_MISSING)
    if row[4] == "paused":
        return Unusable(ACCOUNT_PAUSED)
    stored = IntegrationRow(row[0], row[1], bytes(row[2]), row[3] or {})
    return connection_spec(keyring, provider, tenant_id, stored)
