"""A tenant's account at a provider: sealed credentials, address, state.

Credentials are sealed under the tenant's key for this tenant and provider, so a row copied elsewhere does not open. New
or changed credentials start as `new`: only a passed test makes them `active`, and only active ones are synced.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from hub.control import addresses, tenants, usage
from hub.control.account import Account
from hub.control.plans import require_room, sync_interval
from hub.errors import HubError
from hub.kvkk import audit
from hub.outbox import holds

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

    import psycopg

    from connectors.contract import ConnectionSpec, Provider
    from hub.db.database import Database
    from hub.keys.keyring import Keyring
    from hub.kvkk.audit import Actor

    Connection = psycopg.Connection[tuple[Any, ...]]

State = Literal["new", "active", "paused"]
PAUSED_BY_OPERATOR = "paused_by_operator"
_COLUMNS = (
    "provider, environment, base_url, state, paused_reason, tested_at, last_attempt_at, next_due_at, interval_seconds,"
    " settings, updated_at"
)


@dataclass(frozen=True)
class Integration:
    """One row without its credentials. `base_url` is None where the provider's own address is used."""

    provider: str
    environment: str
    base_url: str | None
    state: State
    paused_reason: str | None
    tested_at: datetime | None
    last_attempt_at: datetime | None
    next_due_at: datetime | None
    interval_seconds: int | None
    settings: Mapping[str, Any]
    updated_at: datetime
    """When somebody last stored, paused or resumed it."""


def version_of(found: Integration | None) -> dict[str, Any]:
    """What tells one state of an account from another that somebody decided; empty where there is none."""
    return {} if found is None else {"provider": found.provider, "updated_at": found.updated_at.isoformat()}


def provider_named(name: str) -> Provider:
    """The provider of that name; HubError `provider_unknown` names the ones that exist."""
    from connectors.registry import accounts

    known = accounts()
    try:
        return known[name]
    except KeyError:
        raise HubError("provider_unknown", provider=name, known=", ".join(sorted(known))) from None


def connect(
    database: Database,
    keyring: Keyring,
    provider: Provider,
    tenant_id: str,
    account: Account,
    *,
    actor: Actor = audit.SYSTEM,
    opened: Collection[IPv4Network | IPv6Network] | None = None,
    seen: Mapping[str, Any] | None = None,
) -> Integration:
    """Store an account, new or changed. It must pass a test before it is synced.

    `seen` is what the caller read before (`version_of`): HubError `version_differs` if somebody changed it since.

    `opened` are the private networks that somebody who is not the operator may point it at; None: the operator asks.

    Settings that were stored before and are not named now stay: a new password is no reason to forget a sender's name.
    The audit log gets the names of the fields that were entered, and no value of any.

    Raises `InvalidInput` for wrong fields, HubError `tenant_unknown`, `plan_limit_reached` or an address error.
    """
    from psycopg.types.json import Jsonb

    addresses.base_url(provider, account.environment, account.base_url)
    if account.base_url is not None and opened is not None:
        addresses.require_outside(account.base_url, opened)
    account.check(provider)
    plan, limits = tenants.limits(database, tenant_id)
    interval = sync_interval(provider.interval, limits, account.interval_seconds)
    values = {
        "tenant": tenant_id,
        "provider": provider.name,
        "environment": account.environment,
        "base_url": account.base_url,
        "cipher": account.sealed(keyring.tenant(tenant_id), provider.name),
        "interval": int(interval.total_seconds()),
    }
    with database.tenant(tenant_id, "app") as connection:
        # The tenant's row is the lock under which its integrations are counted. No stronger one: whoever writes to the
        # tenant's audit log refers to the row, and would be waited for here while it waits for us there.
        connection.execute("SELECT 1 FROM hub.tenants WHERE tenant_id = %s FOR NO KEY UPDATE", (tenant_id,))
        rows = connection.execute(
            "SELECT provider, settings FROM hub.integrations WHERE tenant_id = %(tenant)s", values
        ).fetchall()
        if seen is not None and dict(seen) != version_of(_find(connection, tenant_id, provider.name)):
            raise HubError("version_differs")
        stored: dict[str, Mapping[str, Any]] = {name: settings for name, settings in rows if settings}
        known = provider.name in {name for name, _ in rows}
        others = len(rows) - known
        require_room("integrations", used=others, allowed=limits.integrations, plan=plan)
        connection.execute(
            "INSERT INTO hub.integrations (tenant_id, provider, environment, base_url, credentials_cipher, settings,"
            " state, consecutive_permanent_failures, next_due_at, interval_seconds)"
            " VALUES (%(tenant)s, %(provider)s, %(environment)s, %(base_url)s, %(cipher)s, %(settings)s, 'new', 0,"
            " now(), %(interval)s)"
            " ON CONFLICT (tenant_id, provider) DO UPDATE SET environment = excluded.environment,"
            " base_url = excluded.base_url, credentials_cipher = excluded.credentials_cipher,"
            " settings = excluded.settings, state = 'new', paused_reason = NULL, tested_at = NULL,"
            " consecutive_permanent_failures = 0, next_due_at = now(), interval_seconds = excluded.interval_seconds,"
            " updated_at = now()",
            values | {"settings": Jsonb(account.merged(provider, stored.get(provider.name, {})))},
        )
        holds.release(connection, tenant_id, provider.name)
        details = {
            "environment": account.environment,
            "own_address": account.base_url is not None,
            "fields": sorted(name for name, secret in account.credentials.items() if secret),
            "settings": sorted(account.settings),
            "cleared": sorted(account.cleared),
            "changed": known,
        }
        enter(connection, tenant_id, "stored", provider.name, actor=actor, details=details)
        return _read(connection, tenant_id, provider.name)


def listed(database: Database, tenant_id: str) -> list[Integration]:
    """A tenant's integrations by name of provider."""
    with database.tenant(tenant_id, "app") as connection:
        rows = connection.execute(
            f"SELECT {_COLUMNS} FROM hub.integrations WHERE tenant_id = %s ORDER BY provider",  # noqa: S608 - our own names
            (tenant_id,),
        ).fetchall()
    return [_of(row) for row in rows]


def get(database: Database, tenant_id: str, provider: str) -> Integration:
    """One integration; HubError `integration_missing`."""
    with database.tenant(tenant_id, "app") as connection:
        return _read(connection, tenant_id, provider)


def find(database: Database, tenant_id: str, provider: str) -> Integration | None:
    """One integration, if there is one."""
    with database.tenant(tenant_id, "app") as connection:
        return _find(connection, tenant_id, provider)


def connection_spec(database: Database, keyring: Keyring, provider: Provider, tenant_id: str) -> ConnectionSpec:
    """What a session needs. HubError `integration_missing`, or `ciphertext_invalid` if the row was moved or altered."""
    from hub.sync.claim import IntegrationRow
    from hub.sync.connection import connection_spec as open_connection

    with database.tenant(tenant_id, "app") as connection:
        row = connection.execute(
            "SELECT environment, base_url, credentials_cipher, settings FROM hub.integrations"
            " WHERE tenant_id = %s AND provider = %s",
            (tenant_id, provider.name),
        ).fetchone()
    if row is None:
        raise HubError("integration_missing", tenant=tenant_id, provider=provider.name)
    environment, override, cipher, settings = row
    stored = IntegrationRow(environment, override, bytes(cipher), settings or {})
    return open_connection(keyring, provider, tenant_id, stored)


def pause(
    database: Database,
    tenant_id: str,
    provider: str,
    *,
    reason: str = PAUSED_BY_OPERATOR,
    actor: Actor = audit.SYSTEM,
) -> Integration:
    """Stop syncing; `reason` is a code that `hub.messages` explains."""
    with database.tenant(tenant_id, "app") as connection:
        _read(connection, tenant_id, provider)
        connection.execute(
            "UPDATE hub.integrations SET state = 'paused', paused_reason = %s, updated_at = now()"
            " WHERE tenant_id = %s AND provider = %s",
            (reason, tenant_id, provider),
        )
        enter(connection, tenant_id, "paused", provider, actor=actor, details={"why": reason})
        return _read(connection, tenant_id, provider)


def resume(database: Database, tenant_id: str, provider: str, *, actor: Actor = audit.SYSTEM) -> Integration:
    """Sync again, at once. An integration that never passed a test goes back to `new`."""
    with database.tenant(tenant_id, "app") as connection:
        _read(connection, tenant_id, provider)
        connection.execute(
            "UPDATE hub.integrations SET state = CASE WHEN tested_at IS NULL THEN 'new' ELSE 'active' END,"
            " paused_reason = NULL, consecutive_permanent_failures = 0, next_due_at = now(), updated_at = now()"
            " WHERE tenant_id = %s AND provider = %s",
            (tenant_id, provider),
        )
        holds.release(connection, tenant_id, provider)
        connection.execute(
            "UPDATE hub.sync_state SET retry_at = NULL WHERE tenant_id = %s AND provider = %s", (tenant_id, provider)
        )
        enter(connection, tenant_id, "resumed", provider, actor=actor)
        return _read(connection, tenant_id, provider)


def sync_soon(database: Database, tenant_id: str, provider: str, *, actor: Actor = audit.SYSTEM) -> Integration:
    """Make an account due at once: the schedule's next tick takes it up, and counts nothing more.

    HubError `integration_not_active`, `plan_used_up_today` where a person may ask for no further sync today.
    """
    with database.tenant(tenant_id, "app") as connection:
        found = _read(connection, tenant_id, provider)
        if found.state != "active":
            raise HubError("integration_not_active", provider=provider, state=found.state)
        usage.use(connection, tenant_id, "syncs_asked")
        connection.execute(
            "UPDATE hub.integrations SET next_due_at = least(next_due_at, now())"
            " WHERE tenant_id = %s AND provider = %s",
            (tenant_id, provider),
        )
        enter(connection, tenant_id, "sync_asked", provider, actor=actor)
        return _read(connection, tenant_id, provider)


def enter(
    connection: Connection,
    tenant_id: str,
    what: str,
    provider: str,
    *,
    actor: Actor,
    result: str = "ok",
    details: Mapping[str, Any] | None = None,
) -> None:
    """Add to the tenant's audit log what happened to an account, last in the transaction that did it."""
    entry = audit.Entry(actor, f"integration.{what}", f"integration:{provider}", result=result, details=details or {})
    audit.append(connection, tenant_id, entry)


def _read(connection: Connection, tenant_id: str, provider: str) -> Integration:
    found = _find(connection, tenant_id, provider)
    if found is None:
        raise HubError("integration_missing", tenant=tenant_id, provider=provider)
    return found


def _find(connection: Connection, tenant_id: str, provider: str) -> Integration | None:
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM hub.integrations WHERE tenant_id = %s AND provider = %s",  # noqa: S608 - our own names
        (tenant_id, provider),
    ).fetchone()
    return None if row is None else _of(row)


def _of(row: tuple[Any, ...]) -> Integration:
    values: tuple[Any, ...] = (*row[:-2], row[-2] or {}, row[-1])
    return Integration(*values)
