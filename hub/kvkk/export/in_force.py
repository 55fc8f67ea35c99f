"""Every landed stream, with the policies that hold for one tenant: the files', and the tenant's own choices."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hub.kvkk.export.landed import LandedStream
from hub.policies import overrides
from hub.policies.place import Place

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.contract import Provider
    from hub.db.database import Database
    from kvkk_policies.policy import ProviderPolicy


def streams_in_force(
    database: Database, tenant_id: str, providers: Mapping[str, Provider], policies: Mapping[str, ProviderPolicy]
) -> list[LandedStream]:
    """In the order of the registry. HubError `override_*` when a choice is not allowed any more."""
    found: list[LandedStream] = []
    with database.tenant(tenant_id, "app") as connection:
        for name, provider in providers.items():
            chosen = overrides.in_force(connection, tenant_id, name)
            for stream in provider.streams:
                base = policies[name].streams[stream.name]
                columns = dict(base.columns)
                for (its_stream, column), override in chosen.items():
                    if its_stream == stream.name and column in columns:
                        where = Place(provider, policies[name], stream.name, column)
                        columns[column] = where.under(override)
                found.append(LandedStream(provider, stream, base, replace(base, columns=columns)))
    return found
