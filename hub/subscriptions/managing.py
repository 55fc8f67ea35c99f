"""Who wants to be told what: subscriptions are made, changed and ended by people, each time with a line in the log."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from hub.errors import HubError
from hub.kvkk import audit
from hub.subscriptions import record, signing
from hub.subscriptions.record import Private, Subscription
from hub.subscriptions.target import target
from hub.subscriptions.vocabulary import MOST_SUBSCRIPTIONS, NOTIFY, OVERLAP, SUBSCRIBABLE
from hub.validation import InvalidInput, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from connectors.secret import Secret
    from hub.db.database import Connection, Database
    from hub.keys.keyring import Keyring
    from hub.kvkk.audit import Actor
    from hub.subscriptions.reach import Reach
    from hub.subscriptions.target import Target

PAUSED = "paused_by_person"
RESOLVE_SECONDS = 5.0
"""For which a person waits until a name is found."""


@dataclass(frozen=True)
class Shown:
    """A subscription with its secret, which is shown once: when it is made. `repr` hides it."""

    subscription: Subscription
    secret: Secret


@dataclass(frozen=True)
class Opened:
    """A subscription with its address, for those who may change it."""

    subscription: Subscription
    address: str
    contact: str | None


async def add(
    database: Database,
    keyring: Keyring,
    reach: Reach,
    tenant_id: str,
    *,
    address: str,
    types: Sequence[str],
    contact: str | None = None,
    actor: Actor,
) -> Shown:
    """Subscribe an address. `contact` is told by mail when the subscription is disabled.

    `InvalidInput` for wrong types or contact; HubError `webhooks_too_many`, those of `target` and `Reach.addresses`.
    """
    require_types_and_contact(types, contact)
    whereto = await checked_target(reach, address)
    keys, subscription_id = keyring.tenant(tenant_id), uuid4()
    private = Private(address, signing.new_secret(), contact=contact)
    with database.tenant(tenant_id, "app") as connection:
        # The tenant's row is the lock under which its subscriptions are counted.
        connection.execute("SELECT 1 FROM hub.tenants WHERE tenant_id = %s FOR NO KEY UPDATE", (tenant_id,))
        if len(record.listed(connection, tenant_id)) >= MOST_SUBSCRIPTIONS:
            raise HubError("webhooks_too_many", most=MOST_SUBSCRIPTIONS)
        connection.execute(
            "INSERT INTO hub.subscriptions (tenant_id, subscription_id, host, types, private_cipher, created_by)"
            " VALUES (%s, %s, %s, %s, %s, %s)",
            (
                tenant_id,
                subscription_id,
                whereto.host,
                sorted(set(types)),
                private.sealed(keys, subscription_id),
                actor.name,
            ),
        )
        _enter(connection, tenant_id, "added", subscription_id, actor, {"host": whereto.host, "types": sorted(types)})
        return Shown(record.read(connection, keys, subscription_id)[0], private.secret)


def listed(database: Database, tenant_id: str) -> list[Subscription]:
    """A tenant's, the oldest first."""
    with database.tenant(tenant_id, "app") as connection:
        return record.listed(connection, tenant_id)


def get(database: Database, keyring: Keyring, tenant_id: str, subscription_id: UUID) -> Opened:
    """One with its address. HubError `webhook_unknown`."""
    with database.tenant(tenant_id, "app") as connection:
        found, private = record.read(connection, keyring.tenant(tenant_id), subscription_id)
    return Opened(found, private.address, private.contact)


def pause(database: Database, keyring: Keyring, tenant_id: str, subscription_id: UUID, *, actor: Actor) -> Subscription:
    """Send nothing until it is resumed; what happens meanwhile waits. HubError `webhook_unknown`."""
    with database.tenant(tenant_id, "app") as connection:
        _locked(connection, keyring, tenant_id, subscription_id)
        connection.execute(
            "UPDATE hub.subscriptions SET state = 'paused', reason = %s WHERE tenant_id = %s AND subscription_id = %s",
            (PAUSED, tenant_id, subscription_id),
        )
        connection.execute(
            "UPDATE hub.deliveries SET state = 'held', lease = NULL"
            " WHERE tenant_id = %s AND subscription_id = %s AND state = 'pending'",
            (tenant_id, subscription_id),
        )
        _enter(connection, tenant_id, "paused", subscription_id, actor, {})
        return _locked(connection, keyring, tenant_id, subscription_id)


def resume(
    database: Database, keyring: Keyring, tenant_id: str, subscription_id: UUID, *, actor: Actor
) -> Subscription:
    """Send again, first what waited. After a subscription was disabled nothing waits. HubError `webhook_unknown`."""
    with database.tenant(tenant_id, "app") as connection:
        _locked(connection, keyring, tenant_id, subscription_id)
        connection.execute(
            "UPDATE hub.subscriptions SET state = 'active', reason = NULL, failing_since = NULL, rests_until = NULL"
            " WHERE tenant_id = %s AND subscription_id = %s",
            (tenant_id, subscription_id),
        )
        waiting = connection.execute(
            "UPDATE hub.deliveries SET state = 'pending', next_try_at = now()"
            " WHERE tenant_id = %s AND subscription_id = %s AND state = 'held'",
            (tenant_id, subscription_id),
        ).rowcount
        connection.execute(NOTIFY)
        _enter(connection, tenant_id, "resumed", subscription_id, actor, {"waiting": waiting})
        return _locked(connection, keyring, tenant_id, subscription_id)


def remove(database: Database, keyring: Keyring, tenant_id: str, subscription_id: UUID, *, actor: Actor) -> None:
    """End it, with all that waited for it. HubError `webhook_unknown`."""
    with database.tenant(tenant_id, "app") as connection:
        _locked(connection, keyring, tenant_id, subscription_id)
        connection.execute(
            "DELETE FROM hub.subscriptions WHERE tenant_id = %s AND subscription_id = %s", (tenant_id, subscription_id)
        )
        connection.execute(
            "DELETE FROM hub.deliveries WHERE tenant_id = %s AND subscription_id = %s", (tenant_id, subscription_id)
        )
        _enter(connection, tenant_id, "removed", subscription_id, actor, {})


def rotate_secret(
    database: Database,
    keyring: Keyring,
    tenant_id: str,
    subscription_id: UUID,
    *,
    at_once: bool = False,
    actor: Actor,
) -> Shown:
    """Another secret; the present one signs beside it for `OVERLAP`, or no more `at_once` (somebody else knows it).

    HubError `webhook_unknown`.
    """
    keys = keyring.tenant(tenant_id)
    with database.tenant(tenant_id, "app") as connection:
        _, private = record.read(connection, keys, subscription_id, locked=True)
        renewed = replace(private, secret=signing.new_secret(), previous=None if at_once else private.secret)
        connection.execute(
            "UPDATE hub.subscriptions SET private_cipher = %s, previous_until = now() + %s"
            " WHERE tenant_id = %s AND subscription_id = %s",
            (renewed.sealed(keys, subscription_id), None if at_once else OVERLAP, tenant_id, subscription_id),
        )
        _enter(connection, tenant_id, "secret_rotated", subscription_id, actor, {"at_once": at_once})
        return Shown(record.read(connection, keys, subscription_id)[0], renewed.secret)


async def checked_target(reach: Reach, address: str) -> Target:
    """An address in its parts, once it is known to lead to nothing inside. HubError of `target`, `Reach.addresses`.

    A name server that does not answer holds whoever waits here no longer than `RESOLVE_SECONDS`.
    """
    whereto = target(address, reach.ports)
    try:
        async with asyncio.timeout(RESOLVE_SECONDS):
            await reach.addresses(whereto)
    except TimeoutError:
        raise HubError("webhook_name_unknown", host=whereto.host) from None
    return whereto


def require_types_and_contact(types: Sequence[str] | None, contact: str | None) -> None:
    """`InvalidInput` for types that there are not, for none at all, or for a contact that is no address."""
    from hub.mail.server import is_address

    known = {"known": ", ".join(SUBSCRIBABLE)}
    problems = [Problem("types", "webhook_type_unknown", known) for each in types or () if each not in SUBSCRIBABLE][:1]
    if types is not None and not types:
        problems.append(Problem("types", "field_missing"))
    if contact is not None and not is_address(contact):
        problems.append(Problem("notify", "mail_address_malformed"))
    if problems:
        raise InvalidInput(problems)


def _locked(connection: Connection, keyring: Keyring, tenant_id: str, subscription_id: UUID) -> Subscription:
    return record.read(connection, keyring.tenant(tenant_id), subscription_id, locked=True)[0]


def _enter(
    connection: Connection, tenant_id: str, what: str, subscription_id: UUID, actor: Actor, details: Mapping[str, Any]
) -> None:
    """Last in the transaction that did it."""
    entry = audit.Entry(actor, f"webhook.{what}", f"webhook:{subscription_id}", details=dict(details))
    audit.append(connection, tenant_id, entry)
