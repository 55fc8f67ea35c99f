"""Tenants follow the policy files: what a new version owes each of them is recorded, then made good.

A tenant's own choice stays where the new version still allows it. Where it does not, the choice is withdrawn, with a
recorded decision of its own: what a policy forbids must not go on because somebody chose it earlier.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hub.errors import HubError
from hub.policies import overrides, rewrites
from hub.policies.place import Place
from kvkk_policies.tightening import tightening

if TYPE_CHECKING:
    from connectors.contract import Provider
    from hub.db.database import Connection, Database
    from hub.migrations.policies import Changed
    from hub.policies.remask import Remasker, Rewritten
    from kvkk_policies.override import Override
    from kvkk_policies.policy import ProviderPolicy

Progress = Callable[[int, int], None]
"""Called with tenants done and tenants in all."""


def every_tenant(database: Database) -> list[str]:
    """Ids of all tenants, suspended ones too: their rows are there."""
    with database.crossing("platform") as connection:
        rows = connection.execute("SELECT tenant_id FROM hub.tenants ORDER BY created_at, tenant_id").fetchall()
    return [row[0] for row in rows]


@dataclass(frozen=True)
class Followers:
    """Brings every tenant's rows to the policies in force."""

    remasker: Remasker
    changed: Sequence[Changed]

    def follow(self, tenants: Sequence[str], on_progress: Progress) -> list[Rewritten]:
        """All tenants in turn. One that fails does not stop the others; its error is raised at the end."""
        done: list[Rewritten] = []
        failure: Exception | None = None
        for number, tenant_id in enumerate(tenants, 1):
            try:
                adopt(self.remasker.database, tenant_id, self.remasker.providers, self.remasker.policies, self.changed)
                done += self.remasker.settle(tenant_id)
            except Exception as error:
                failure = failure or error
            on_progress(number, len(tenants))
        if failure is not None:
            raise failure
        return done


def adopt(
    database: Database,
    tenant_id: str,
    providers: Mapping[str, Provider],
    policies: Mapping[str, ProviderPolicy],
    changed: Sequence[Changed],
) -> None:
    """Record what one tenant is owed by the changes, and withdraw its choices that are no longer allowed.

    Recording it twice is harmless: what has been made good is found to be so.
    """
    if not changed:
        return
    with database.tenant(tenant_id, "app") as connection:
        rewrites.hold(connection, tenant_id)
        chosen = {name: overrides.in_force(connection, tenant_id, name) for name in {each.provider for each in changed}}
        for each in changed:
            override = chosen[each.provider].get((each.stream, each.column))
            where = Place(providers[each.provider], policies[each.provider], each.stream, each.column)
            _adopt(connection, tenant_id, where, each, override)


def _adopt(connection: Connection, tenant_id: str, where: Place, changed: Changed, override: Override | None) -> None:
    try:
        now = where.under(override)
    except HubError:
        allowed = False
        now = where.base
    else:
        allowed = True
    if override is not None and allowed:
        return
    owes = tightening(override or changed.was, now).owes
    if owes or override is not None:
        rewrites.raise_fence(connection, tenant_id, where.provider, where.stream)
        rewrites.require_version(connection, tenant_id, where.provider, where.stream, changed.version)
    if override is not None:
        by = f"kvkk_policies/{changed.provider}.yaml v{changed.version}"
        overrides.withdraw(
            connection, tenant_id, where, override, "withdrawn", by, now=now, policy_version=changed.version
        )
    elif owes:
        rewrites.owe(
            connection,
            tenant_id,
            changed.provider,
            changed.stream,
            changed.column,
            was=changed.was,
            policy_version=changed.version,
        )
