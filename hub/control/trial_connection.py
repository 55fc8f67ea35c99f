"""The test that stands between new credentials and their first sync."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.failure import ProviderFailure
from hub.control import integrations
from hub.errors import HubError
from hub.kvkk import audit

if TYPE_CHECKING:
    import httpx

    from connectors.contract import Provider
    from hub.db.database import Database
    from hub.keys.keyring import Keyring
    from hub.kvkk.audit import Actor


async def run_test(
    database: Database,
    keyring: Keyring,
    provider: Provider,
    tenant_id: str,
    client: httpx.AsyncClient,
    *,
    actor: Actor = audit.SYSTEM,
) -> integrations.Integration:
    """Ask the provider whether it accepts the stored credentials; a passed test makes `new` ones `active`.

    Raises `ProviderFailure` when it does not, leaving the integration as it was; HubError `integration_changed` when
    somebody stored other credentials meanwhile, for those were not tested.
    """
    before = _stamp(database, tenant_id, provider.name)
    spec = integrations.connection_spec(database, keyring, provider, tenant_id)
    try:
        async with provider.open(spec, client) as session:
            await session.test()
    except ProviderFailure as failure:
        with database.tenant(tenant_id, "app") as connection:
            integrations.enter(connection, tenant_id, "tested", provider.name, actor=actor, result=failure.code)
        raise
    with database.tenant(tenant_id, "app") as connection:
        updated = connection.execute(
            "UPDATE hub.integrations SET tested_at = now(), state = CASE state WHEN 'new' THEN 'active' ELSE state END"
            " WHERE tenant_id = %s AND provider = %s AND credentials_cipher = %s RETURNING provider",
            (tenant_id, provider.name, before),
        ).fetchone()
        result = "ok" if updated else "integration_changed"
        integrations.enter(connection, tenant_id, "tested", provider.name, actor=actor, result=result)
    if updated is None:
        raise HubError("integration_changed", tenant=tenant_id, provider=provider.name)
    return integrations.get(database, tenant_id, provider.name)


def _stamp(database: Database, tenant_id: str, provider: str) -> bytes:
    """The ciphertext as it stands: its random nonce makes every storing of credentials a different one."""
    with database.tenant(tenant_id, "app") as connection:
        row = connection.execute(
            "SELECT credentials_cipher FROM hub.integrations WHERE tenant_id = %s AND provider = %s",
            (tenant_id, provider),
        ).fetchone()
    if row is None:
        raise HubError("integration_missing", tenant=tenant_id, provider=provider)
    return bytes(row[0])
