"""Landing tables from the declared streams and their policies: a new provider needs no migration of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.migrations.generated import GeneratedColumn, GeneratedTable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.contract import Provider, Stream
    from hub.settings import Settings
    from kvkk_policies.policy import ProviderPolicy

_TENANT = GeneratedColumn("tenant_id", "text", "The tenant's random id.", required=True)
SYSTEM_COLUMNS = (
    GeneratedColumn(
        "_version",
        "timestamp with time zone",
        "The provider's own version of the record, or the time of fetching; an older copy never replaces a newer one.",
        required=True,
    ),
    GeneratedColumn(
        "_first_loaded_at",
        "timestamp with time zone",
        "When the record was loaded first (UTC).",
        required=True,
        default="now()",
    ),
    GeneratedColumn("_loaded_at", "timestamp with time zone", "When this copy was loaded (UTC).", required=True),
    GeneratedColumn("_policy_version", "integer", "The policy file's version that masked this copy.", required=True),
    GeneratedColumn("_load_id", "text", "The load that brought this copy.", required=True),
)
_PRINTED = {"timestamptz": "timestamp with time zone"}
"""Postgres prints types by their long names; the gate spells them short."""


def landing_tables(settings: Settings, providers: Mapping[str, Provider] | None = None) -> list[GeneratedTable]:
    """Every landing table, in the order of the registry. Raises `PolicyError` when a policy does not fit its stream."""
    from kvkk_policies.policy import check_policies, load_policies

    if providers is None:
        from connectors.registry import PROVIDERS

        providers = PROVIDERS
    policies = load_policies(settings.policies_dir)
    check_policies(policies, providers)
    return [
        _table(provider, stream, policies[provider.name])
        for provider in providers.values()
        for stream in provider.streams
    ]


def _table(provider: Provider, stream: Stream, policy: ProviderPolicy) -> GeneratedTable:
    from kvkk_policies.landing import landing_columns

    landed = tuple(
        GeneratedColumn(
            column.name,
            _PRINTED.get(column.postgres_type, column.postgres_type),
            column.description,
            required=column.key,
        )
        for column in landing_columns(stream, policy.streams[stream.name])
    )
    return GeneratedTable(
        schema="landing",
        name=f"{provider.name}_{stream.name}",
        description=f"{provider.title}: {stream.title}. {stream.description}",
        columns=(_TENANT, *landed, *SYSTEM_COLUMNS),
        key=("tenant_id", *stream.key),
        indexes=(("tenant_id", "_loaded_at"),),
        version=policy.version,
    )
