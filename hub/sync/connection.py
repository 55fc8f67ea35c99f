"""From a stored integration to what a connector's session needs: address and opened credentials."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from connectors.contract import ConnectionSpec, Provider
from connectors.secret import Secret
from hub.errors import HubError

if TYPE_CHECKING:
    from hub.keys.keyring import Keyring
    from hub.sync.claim import IntegrationRow


def connection_spec(
    keyring: Keyring, provider: Provider, tenant_id: str, integration: IntegrationRow
) -> ConnectionSpec:
    """Open the credentials. HubError `ciphertext_invalid` when they belong to another row or key."""
    opened = keyring.tenant(tenant_id).open("integration", provider.name, integration.credentials_cipher)
    base_url = integration.base_url or provider.environments.get(integration.environment)
    if base_url is None:
        raise HubError("environment_unknown", provider=provider.name, environment=integration.environment)
    credentials: dict[str, str] = json.loads(opened)
    return ConnectionSpec(
        tenant_id=tenant_id,
        base_url=base_url,
        credentials={name: Secret(value) for name, value in credentials.items()},
        settings=integration.settings,
    )
