"""Another address, other types, another contact for a subscription that there is: its secret and its history stay.

What waits already goes to the new address; types count for what happens from now on.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hub.errors import HubError
from hub.kvkk import audit
from hub.subscriptions import record
from hub.subscriptions.managing import Opened, checked_target, require_types_and_contact
from hub.subscriptions.vocabulary import NOTIFY

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from hub.db.database import Connection, Database
    from hub.keys.keyring import Keyring
    from hub.kvkk.audit import Actor
    from hub.subscriptions.reach import Reach
    from hub.subscriptions.record import Private, Subscription

FIELDS = ("address", "types", "contact")


def fields_of(opened: Opened) -> dict[str, Any]:
    """What `change` may change, as it stands."""
    return {"address": opened.address, "types": sorted(opened.subscription.types), "contact": opened.contact}


async def change(
    database: Database,
    keyring: Keyring,
    reach: Reach,
    tenant_id: str,
    subscription_id: UUID,
    changes: Mapping[str, Any],
    *,
    actor: Actor,
    seen: Mapping[str, Any] | None = None,
) -> Opened:
    """Change some of `FIELDS`; those that are not named stay. It is active, paused or disabled as it was.

    `seen` is what the caller read before (`fields_of`): HubError `version_differs` if somebody changed it since. A new
    address is checked as the first one was: `InvalidInput` for wrong types or contact, HubError `webhook_unknown`,
    those of `target` and `Reach.addresses`. The log gets the names of what changed, the host and the types.
    """
    keys = keyring.tenant(tenant_id)
    asked = {name: changes[name] for name in FIELDS if name in changes}
    require_types_and_contact(asked.get("types"), asked.get("contact"))
    whereto = await checked_target(reach, asked["address"]) if "address" in asked else None
    with database.tenant(tenant_id, "app") as connection:
        subscription, private = record.read(connection, keys, subscription_id, locked=True)
        before = fields_of(Opened(subscription, private.address, private.contact))
        if seen is not None and dict(seen) != before:
            raise HubError("version_differs")
        after = before | asked | {"types": sorted(set(asked.get("types", before["types"])))}
        changed = sorted(name for name in FIELDS if after[name] != before[name])
        if changed:
            host = whereto.host if whereto is not None else subscription.host
            renewed = replace(private, address=after["address"], contact=after["contact"])
            connection.execute(
                "UPDATE hub.subscriptions SET host = %s, types = %s, private_cipher = %s"
                " WHERE tenant_id = %s AND subscription_id = %s",
                (host, after["types"], renewed.sealed(keys, subscription_id), tenant_id, subscription_id),
            )
            if "address" in changed:
                _begin_anew(connection, tenant_id, subscription_id)
            details = {"fields": changed, "host": host, "types": after["types"]}
            entry = audit.Entry(actor, "webhook.changed", f"webhook:{subscription_id}", details=details)
            audit.append(connection, tenant_id, entry)
        return _opened(*record.read(connection, keys, subscription_id))


def _begin_anew(connection: Connection, tenant_id: str, subscription_id: UUID) -> None:
    """Nobody has failed at the new address: what waits is tried there at once, and who is on the way counts no more."""
    connection.execute(
        "UPDATE hub.subscriptions SET failing_since = NULL, rests_until = NULL"
        " WHERE tenant_id = %s AND subscription_id = %s",
        (tenant_id, subscription_id),
    )
    connection.execute(
        "UPDATE hub.deliveries SET lease = NULL, next_try_at = now()"
        " WHERE tenant_id = %s AND subscription_id = %s AND state = 'pending'",
        (tenant_id, subscription_id),
    )
    connection.execute(NOTIFY)


def _opened(subscription: Subscription, private: Private) -> Opened:
    return Opened(subscription, private.address, private.contact)
