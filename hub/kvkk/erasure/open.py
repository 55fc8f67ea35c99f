"""Opens an eraser over every registered store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.kvkk.erasure.run import Eraser
from hub.kvkk.registry import open_stores
from hub.kvkk.stores import Hub

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dagster import DagsterInstance

    from connectors.contract import Provider
    from hub.db.database import Database
    from hub.keys.keyring import Keyring
    from kvkk_policies.policy import ProviderPolicy


def open_eraser(
    database: Database,
    keyring: Keyring,
    providers: Mapping[str, Provider],
    policies: Mapping[str, ProviderPolicy],
) -> Eraser:
    """With dbt for the marts, and Dagster's storage as it stands."""
    settings = database.settings

    def instance() -> DagsterInstance:
        from hub.orchestration.dagster_home import open_instance

        return open_instance(settings)

    hub = Hub(database, keyring, providers, policies)
    return Eraser(hub, open_stores(hub, instance=instance), four_eyes_above=settings.erasure_four_eyes_above)
