"""Gathers the inventory of the installation, or of one tenant: policies, the tenant's choices, what waits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hub.kvkk.inventory.own import own_rows
from hub.kvkk.inventory.rows import Row, Waiting, stream_rows, waiting_rows

if TYPE_CHECKING:
    from connectors.contract import Provider
    from hub.db.database import Database
    from kvkk_policies.override import Override
    from kvkk_policies.policy import ProviderPolicy


@dataclass(frozen=True)
class Inventory:
    """Rows in the order of providers and streams, then the hub's own, then what waits. `owner` is the controller."""

    rows: tuple[Row, ...]
    owner: str | None
    generated_at: datetime


def read_inventory(
    database: Database,
    providers: Mapping[str, Provider],
    policies: Mapping[str, ProviderPolicy],
    *,
    tenant_id: str | None = None,
    now: datetime | None = None,
) -> Inventory:
    """The inventory, in the language in use. A tenant's has only the providers that it has an integration with."""
    from hub.control import tenants

    owner, overrides, used = None, None, providers
    if tenant_id is not None:
        owner = tenants.get(database, tenant_id).name
        overrides = _overrides(database, tenant_id, providers)
        own = _integrations(database, tenant_id)
        used = {name: provider for name, provider in providers.items() if name in own}
    rows = (
        *stream_rows(used, policies, overrides),
        *own_rows(),
        *waiting_rows(providers, waiting_columns(database, tenant_id=tenant_id)),
    )
    return Inventory(rows, owner, now or datetime.now(UTC))


def waiting_columns(database: Database, *, tenant_id: str | None = None) -> list[Waiting]:
    """The columns that stay out until a policy declares them, by where they were seen."""
    with database.crossing("platform") as connection:
        rows = connection.execute(
            "SELECT provider, stream, column_name, array_agg(DISTINCT tenant_id ORDER BY tenant_id)"
            " FROM hub.sync_state, unnest(undeclared) AS column_name"
            " WHERE %(tenant)s::text IS NULL OR tenant_id = %(tenant)s"
            " GROUP BY provider, stream, column_name ORDER BY provider, stream, column_name",
            {"tenant": tenant_id},
        ).fetchall()
    return [Waiting(provider, stream, column, tuple(tenants)) for provider, stream, column, tenants in rows]


def _overrides(
    database: Database, tenant_id: str, providers: Mapping[str, Provider]
) -> dict[str, dict[tuple[str, str], Override]]:
    from hub.policies.overrides import in_force

    with database.tenant(tenant_id, "app") as connection:
        return {name: in_force(connection, tenant_id, name) for name in providers}


def _integrations(database: Database, tenant_id: str) -> set[str]:
    with database.tenant(tenant_id, "app") as connection:
        rows = connection.execute("SELECT provider FROM hub.integrations WHERE tenant_id = %s", (tenant_id,))
        return {row[0] for row in rows}
