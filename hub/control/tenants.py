"""The directory of tenants. The rows here are the truth; Dagster's partitions follow them.

Every write is in the tenant's own scope. Listing goes through the `platform` crossing, which cannot see tax numbers.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, cast

from hub.control.plans import Limits, Plan, limits_of
from hub.errors import HubError
from hub.kvkk import audit
from hub.outbox import holds
from kvkk_policies.turkish import fold, sort_key, squeeze

if TYPE_CHECKING:
    from connectors.secret import Secret
    from hub.control.new_tenant import NewTenant
    from hub.db.database import Database
    from hub.keys.keyring import Keyring
    from hub.kvkk.audit import Actor

_ID_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_PURPOSE = "tenant-tax-number"
_DIRECTORY = "tenant_id, name, subdomain, plan, active, language, time_zone, currency, created_at, suspended_at"


@dataclass(frozen=True)
class Tenant:
    """What the platform may know of a tenant: the columns of the `platform` crossing."""

    tenant_id: str
    name: str
    subdomain: str
    plan: Plan
    active: bool
    language: str
    time_zone: str
    currency: str
    created_at: datetime
    suspended_at: datetime | None


@dataclass(frozen=True)
class Profile:
    """What the tenant's own scope holds beyond the directory; the tax number only by its kind."""

    tax_number_kind: str
    tax_office: str
    kvkk_consent_date: date
    verbis_registration: str | None
    limits: Mapping[str, Any]
    settings: Mapping[str, Any]
    features: tuple[str, ...]


def new_tenant_id() -> str:
    """A random id (55 bits): partition key, never a name."""
    return "t" + "".join(secrets.choice(_ID_ALPHABET) for _ in range(11))


def add(
    database: Database,
    keyring: Keyring,
    new: NewTenant,
    *,
    add_partition: Callable[[str], None],
    actor: Actor = audit.SYSTEM,
) -> Tenant:
    """Store a tenant with the first entry of its audit log, then add its partition.

    HubError `subdomain_taken` if another tenant has the subdomain.

    The tenant counts as added once its row is committed: should `add_partition` fail after that, its error passes
    through and the reconciliation of partitions adds what is missing.
    """
    import psycopg
    from psycopg import sql
    from psycopg.types.json import Jsonb

    from hub.control.new_tenant import tax_number_kind

    tenant_id = new_tenant_id()
    keys = keyring.tenant(tenant_id)
    number = new.tax_number.reveal()
    values = {
        "tenant_id": tenant_id,
        "name": new.name,
        "name_sort_key": sort_key(new.name),
        "name_folded": fold(squeeze(new.name)),
        "subdomain": new.subdomain,
        "tax_number_kind": tax_number_kind(number),
        "tax_number_cipher": keys.seal(_PURPOSE, tenant_id, number.encode()),
        "tax_number_hash": keys.keyed_hash(_PURPOSE, number.encode()),
        "tax_office": new.tax_office,
        "kvkk_consent_date": new.kvkk_consent_date,
        "verbis_registration": new.verbis_registration,
        "plan": new.plan,
        "limits": Jsonb(new.limits),
        "settings": Jsonb(new.settings),
        "features": list(new.features),
        "language": new.language,
        "time_zone": new.time_zone,
        "currency": new.currency,
    }
    insert = sql.SQL("INSERT INTO hub.tenants ({}) VALUES ({})").format(
        sql.SQL(", ").join(map(sql.Identifier, values)), sql.SQL(", ").join(map(sql.Placeholder, values))
    )
    try:
        with database.tenant(tenant_id, "app") as connection:
            connection.execute(insert, values)
            details = {"plan": new.plan, "limits": dict(new.limits), "features": len(new.features)}
            entry = audit.Entry(actor, "tenant.added", f"tenant:{tenant_id}", details=details)
            audit.append_both(connection, tenant_id, entry)
    except psycopg.errors.UniqueViolation:
        raise HubError("subdomain_taken", subdomain=new.subdomain) from None
    add_partition(tenant_id)
    return get(database, tenant_id)


def directory(database: Database) -> list[Tenant]:
    """Every tenant in order of creation, which is the order of partitions."""
    with database.crossing("platform") as connection:
        rows = connection.execute(
            f"SELECT {_DIRECTORY} FROM hub.tenants ORDER BY created_at, tenant_id"  # noqa: S608 - our own names
        ).fetchall()
    return [Tenant(*row) for row in rows]


def by_name(
    database: Database, *, search: str | None = None, after: tuple[str, str] | None = None, limit: int
) -> list[Tenant]:
    """A page of tenants in Turkish alphabetical order, after a name and id.

    `search` finds names and subdomains that hold it, whatever its case and Turkish marks.
    """
    name, tenant_id = after or (None, None)
    with database.crossing("platform") as connection:
        rows = connection.execute(
            f"SELECT {_DIRECTORY} FROM hub.tenants"  # noqa: S608 - our own names
            " WHERE (%(key)s::text IS NULL OR (name_sort_key, tenant_id) > (%(key)s, %(id)s))"
            " AND (%(search)s::text IS NULL OR strpos(name_folded, %(search)s) > 0"
            "      OR strpos(subdomain, %(search)s) > 0)"
            " ORDER BY name_sort_key, tenant_id LIMIT %(limit)s",
            {
                "key": None if name is None else sort_key(name),
                "id": tenant_id,
                "search": None if search is None else fold(squeeze(search)),
                "limit": limit,
            },
        ).fetchall()
    return [Tenant(*row) for row in rows]


def get(database: Database, tenant_id: str) -> Tenant:
    """One tenant by id; HubError `tenant_unknown`."""
    with database.tenant(tenant_id, "app") as connection:
        row = connection.execute(
            f"SELECT {_DIRECTORY} FROM hub.tenants WHERE tenant_id = %s",  # noqa: S608 - our own names
            (tenant_id,),
        ).fetchone()
    if row is None:
        raise HubError("tenant_unknown", tenant=tenant_id)
    return Tenant(*row)


def profile(database: Database, tenant_id: str) -> Profile:
    """A tenant's own fields; HubError `tenant_unknown`."""
    with database.tenant(tenant_id, "app") as connection:
        row = connection.execute(
            "SELECT tax_number_kind, tax_office, kvkk_consent_date, verbis_registration, limits, settings, features"
            " FROM hub.tenants WHERE tenant_id = %s",
            (tenant_id,),
        ).fetchone()
    if row is None:
        raise HubError("tenant_unknown", tenant=tenant_id)
    return Profile(*row[:6], features=tuple(row[6]))


def limits(database: Database, tenant_id: str) -> tuple[Plan, Limits]:
    """The tenant's plan and what it may use; HubError `tenant_unknown`."""
    with database.tenant(tenant_id, "app") as connection:
        row = connection.execute("SELECT plan, limits FROM hub.tenants WHERE tenant_id = %s", (tenant_id,)).fetchone()
    if row is None:
        raise HubError("tenant_unknown", tenant=tenant_id)
    plan = cast(Plan, row[0])
    return plan, limits_of(plan, row[1])


def tax_number(database: Database, keyring: Keyring, tenant_id: str) -> Secret:
    """The tax number in clear, for documents that must carry it. HubError `ciphertext_invalid` if it was moved here."""
    from connectors.secret import Secret

    with database.tenant(tenant_id, "app") as connection:
        row = connection.execute(
            "SELECT tax_number_cipher FROM hub.tenants WHERE tenant_id = %s", (tenant_id,)
        ).fetchone()
    if row is None:
        raise HubError("tenant_unknown", tenant=tenant_id)
    return Secret(keyring.tenant(tenant_id).open(_PURPOSE, tenant_id, bytes(row[0])).decode())


def find(database: Database, reference: str) -> str:
    """The id of the tenant with that id or subdomain; HubError `tenant_unknown`."""
    with database.crossing("platform") as connection:
        row = connection.execute(
            "SELECT tenant_id FROM hub.tenants WHERE tenant_id = %(it)s OR subdomain = %(it)s", {"it": reference}
        ).fetchone()
    if row is None:
        raise HubError("tenant_unknown", tenant=reference)
    return row[0]


def find_own(database: Database, tenant_id: str, reference: str) -> str | None:
    """The tenant's id if the reference is its own id or subdomain, else None; other tenants are not looked at."""
    with database.tenant(tenant_id, "app") as connection:
        row = connection.execute(
            "SELECT tenant_id FROM hub.tenants"
            " WHERE tenant_id = %(own)s AND (tenant_id = %(it)s OR subdomain = %(it)s)",
            {"own": tenant_id, "it": reference},
        ).fetchone()
    return row[0] if row else None


def suspend(database: Database, tenant_id: str, *, actor: Actor = audit.SYSTEM) -> Tenant:
    """Stop a tenant's syncs, those under way too: what is due leaves inactive tenants out. Nothing is deleted."""
    return _set_active(database, tenant_id, active=False, actor=actor)


def resume(database: Database, tenant_id: str, *, actor: Actor = audit.SYSTEM) -> Tenant:
    """Let a suspended tenant sync again."""
    return _set_active(database, tenant_id, active=True, actor=actor)


def _set_active(database: Database, tenant_id: str, *, active: bool, actor: Actor) -> Tenant:
    with database.tenant(tenant_id, "app") as connection:
        found = connection.execute(
            "UPDATE hub.tenants SET active = %(active)s,"
            " suspended_at = CASE WHEN %(active)s THEN NULL ELSE coalesce(suspended_at, now()) END"
            " WHERE tenant_id = %(tenant)s RETURNING tenant_id",
            {"active": active, "tenant": tenant_id},
        ).fetchone()
        if found is None:
            raise HubError("tenant_unknown", tenant=tenant_id)
        if not active:
            # A sync under way loses its claim and commits nothing more.
            connection.execute(
                "UPDATE hub.sync_state SET fence = fence + 1, claimed_by = NULL WHERE tenant_id = %s", (tenant_id,)
            )
        else:
            holds.resumed(connection, tenant_id)
        action = "tenant.resumed" if active else "tenant.suspended"
        audit.append_both(connection, tenant_id, audit.Entry(actor, action, f"tenant:{tenant_id}"))
    return get(database, tenant_id)
