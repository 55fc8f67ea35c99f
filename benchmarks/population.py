"""Thousands of tenants with an iyzico integration each, made as people make them but without typing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from connectors.registry import PROVIDERS
from connectors.secret import Secret
from hub.control import integrations, tenants
from hub.control.new_tenant import NewTenant
from hub.migrations.connections import outside_transaction

if TYPE_CHECKING:
    from connectors.sandbox.server import SandboxProcess
    from hub.db.database import Database
    from hub.keys.keyring import Keyring
    from hub.settings import Settings

PROVIDER = PROVIDERS["iyzico"]
STREAM = "transactions"
REQUESTS_PER_MINUTE = 60_000
"""The stand-in has no quota; what is measured is the hub."""


def populate(
    settings: Settings, database: Database, keyring: Keyring, sandbox: SandboxProcess, count: int
) -> list[str]:
    """Make so many tenants; their ids in order of creation. Only the stream that is measured will be due."""
    ids = [_engage(database, keyring, sandbox, number) for number in range(count)]
    others = [each.name for each in PROVIDER.streams if each.parent is None and each.name != STREAM]
    with outside_transaction(settings, "data") as admin:
        admin.execute("UPDATE hub.integrations SET state = 'active', tested_at = now()")
        admin.execute(
            "INSERT INTO hub.sync_state (tenant_id, provider, stream, state, last_success_at)"
            " SELECT tenant_id, %s, stream, 'ok', now() + interval '1 day'"
            " FROM hub.tenants, unnest(%s::text[]) AS stream",
            (PROVIDER.name, others),
        )
    return ids


def _engage(database: Database, keyring: Keyring, sandbox: SandboxProcess, number: int) -> str:
    company = f"shop-{number}"
    new = NewTenant(
        name=f"Dükkân {number}",
        subdomain=company,
        tax_number=Secret("1234567890"),
        tax_office="Kadıköy",
        kvkk_consent_date=date(2026, 1, 15),
        plan="professional",
    )
    tenant_id = tenants.add(database, keyring, new, add_partition=_left_to_the_schedule).tenant_id
    credentials = {name: Secret(value) for name, value in sandbox.credentials(company).items()}
    account = integrations.Account(
        "sandbox", credentials, base_url=sandbox.url, settings={"requests_per_minute": REQUESTS_PER_MINUTE}
    )
    integrations.connect(database, keyring, PROVIDER, tenant_id, account)
    return tenant_id


def _left_to_the_schedule(tenant_id: str) -> None:
    """The schedule adds missing partitions itself."""
    del tenant_id


def leave_marts_alone(settings: Settings) -> None:
    """Tell the models' sensor that every mart is up to date, for ever: dbt is not what is measured."""
    with outside_transaction(settings, "data") as admin:
        admin.execute("UPDATE hub.sync_state SET modelled_at = 'infinity'")


def make_due(settings: Settings, ids: Sequence[str]) -> None:
    """Let these tenants' turn come, and nobody else's for an hour."""
    with outside_transaction(settings, "data") as admin:
        admin.execute(
            "UPDATE hub.integrations SET next_due_at ="
            " CASE WHEN tenant_id = ANY(%s) THEN now() ELSE now() + interval '1 hour' END",
            (list(ids),),
        )


def rows_changed(settings: Settings) -> dict[str, int]:
    """Rows of the stream that each tenant's syncs have changed so far, of tenants whose stream is well."""
    with outside_transaction(settings, "data") as admin:
        found = admin.execute(
            "SELECT tenant_id, rows_changed FROM hub.sync_state WHERE stream = %s AND state = 'ok'", (STREAM,)
        )
        return {row[0]: int(row[1]) for row in found}
