"""By which of a tenant's accounts İYS is reached: its own one there, or Netgsm as its reseller."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.iys import netgsm
from connectors.iys.session import open_session
from hub.control import integrations
from hub.sync.connection import connection_spec

if TYPE_CHECKING:
    import httpx

    from connectors.contract import ConnectionSpec
    from connectors.iys.register import PermissionRegister
    from hub.db.database import Connection, Database
    from hub.keys.keyring import Keyring

DIRECT, GATEWAY = "iys", "netgsm"

_ROWS = (
    "SELECT provider, state, environment, base_url, credentials_cipher, settings FROM hub.integrations"
    " WHERE tenant_id = %(tenant)s AND (provider = %(direct)s OR (provider = %(gateway)s AND settings ? %(brand)s))"
    " ORDER BY provider = %(direct)s DESC"
)


@dataclass(frozen=True)
class Account:
    """A tenant's way to İYS. `spec` is None while its credentials are untested or its integration is paused."""

    provider: str
    spec: ConnectionSpec | None


def account_of(database: Database, keyring: Keyring, tenant_id: str) -> Account | None:
    """The tenant's account, its own at İYS before Netgsm's; None where it has neither.

    HubError `ciphertext_invalid` if the stored credentials were moved or altered.
    """
    with database.tenant(tenant_id, "app") as connection:
        return account_in(connection, keyring, tenant_id)


def account_in(connection: Connection, keyring: Keyring, tenant_id: str) -> Account | None:
    """The same in the caller's transaction (role app, the tenant's scope)."""
    from hub.sync.claim import IntegrationRow

    given = {"tenant": tenant_id, "direct": DIRECT, "gateway": GATEWAY, "brand": netgsm.BRAND_SETTING}
    rows = connection.execute(_ROWS, given).fetchall()
    if not rows:
        return None
    provider, state, environment, base_url, cipher, settings = rows[0]
    if state != "active":
        return Account(provider, None)
    stored = IntegrationRow(environment, base_url, bytes(cipher), settings or {})
    declared = integrations.provider_named(provider)
    return Account(provider, connection_spec(keyring, declared, tenant_id, stored))


@asynccontextmanager
async def opened(account: Account, client: httpx.AsyncClient) -> AsyncGenerator[PermissionRegister]:
    """The register behind a usable account. `ProviderFailure` settings_invalid."""
    if account.spec is None:
        raise ValueError("an account without credentials is not opened")
    if account.provider == DIRECT:
        async with open_session(account.spec, client) as session:
            yield session.register
    else:
        async with netgsm.open_register(account.spec, client) as register:
            yield register
