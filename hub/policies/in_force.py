"""A tenant's policies as they are in force: the files', with the tenant's own choices applied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from hub.policies import overrides
from hub.policies.place import Place

if TYPE_CHECKING:
    from connectors.contract import Provider
    from hub.db.database import Database
    from kvkk_policies.policy import ProviderPolicy, StreamPolicy


def policies_in_force(
    database: Database,
    tenant_id: str,
    providers: Mapping[str, Provider],
    policies: Mapping[str, ProviderPolicy],
) -> dict[tuple[str, str], StreamPolicy]:
    """Every stream's policy by provider and stream. HubError `override_*` when a choice is not allowed any more."""
    found: dict[tuple[str, str], StreamPolicy] = {}
    with database.tenant(tenant_id, "app") as connection:
        for name, provider in providers.items():
            found |= {(name, stream.name): policies[name].streams[stream.name] for stream in provider.streams}
            for (stream, column), override in overrides.in_force(connection, tenant_id, name).items():
                policy = found.get((name, stream))
                if policy is not None:
                    place = Place(provider, policies[name], stream, column)
                    columns = {**policy.columns, column: place.under(override)}
                    found[name, stream] = replace(policy, columns=columns)
    return found
