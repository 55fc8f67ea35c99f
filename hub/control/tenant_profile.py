"""What of a tenant changes after it was added: its plan, its own limits, its profile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hub.control.tenants import Tenant, get
from hub.errors import HubError
from hub.identity.permissions import PLATFORM_ROLES
from hub.kvkk import audit
from kvkk_policies.turkish import fold, sort_key, squeeze

if TYPE_CHECKING:
    from hub.db.database import Connection, Database
    from hub.kvkk.audit import Actor

_OPERATORS = frozenset({"operator", *PLATFORM_ROLES})
"""Roles in the audit log whose changes of a tenant stand in the platform's log too."""
_CHANGEABLE = ("name", "tax_office", "verbis_registration", "plan", "limits", "language", "time_zone", "currency")


def fields_of(database: Database, tenant_id: str) -> dict[str, Any]:
    """What `change` may change, as it stands. HubError `tenant_unknown`."""
    with database.tenant(tenant_id, "app") as connection:
        return _fields(connection, tenant_id, locked=False)


def change(
    database: Database,
    tenant_id: str,
    changes: Mapping[str, Any],
    *,
    actor: Actor = audit.SYSTEM,
    seen: Mapping[str, Any] | None = None,
) -> Tenant:
    """Change a tenant's plan, limits or profile; fields that are not named stay.

    `seen` is what the caller read before (`fields_of`): HubError `version_differs` if somebody changed it since.
    InvalidInput names wrong fields; HubError `tenant_unknown`. The log gets the names of what changed, and the plan.
    """
    from psycopg import sql
    from psycopg.types.json import Jsonb

    from hub.control.new_tenant import TenantProfile
    from hub.validation import checked

    with database.tenant(tenant_id, "app") as connection:
        before = _fields(connection, tenant_id, locked=True)
        if seen is not None and dict(seen) != before:
            raise HubError("version_differs")
        after = checked(TenantProfile, before | dict(changes)).model_dump()
        changed = sorted(name for name, value in after.items() if value != before[name])
        if changed:
            values: dict[str, Any] = after | {
                "limits": Jsonb(after["limits"]),
                "name_sort_key": sort_key(after["name"]),
                "name_folded": fold(squeeze(after["name"])),
            }
            connection.execute(
                sql.SQL("UPDATE hub.tenants SET {} WHERE tenant_id = %(tenant)s").format(
                    sql.SQL(", ").join(
                        sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in values
                    )
                ),
                values | {"tenant": tenant_id},
            )
            details = {"fields": changed, "plan": after["plan"], "limits": after["limits"]}
            entry = audit.Entry(actor, "tenant.changed", f"tenant:{tenant_id}", details=details)
            (audit.append_both if actor.role in _OPERATORS else audit.append)(connection, tenant_id, entry)
    return get(database, tenant_id)


def _fields(connection: Connection, tenant_id: str, *, locked: bool) -> dict[str, Any]:
    lock = " FOR UPDATE" if locked else ""
    row = connection.execute(
        f"SELECT {', '.join(_CHANGEABLE)} FROM hub.tenants WHERE tenant_id = %s{lock}",  # noqa: S608 - our own words
        (tenant_id,),
    ).fetchone()
    if row is None:
        raise HubError("tenant_unknown", tenant=tenant_id)
    return dict(zip(_CHANGEABLE, row, strict=True))
