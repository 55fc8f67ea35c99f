"""When nobody takes anything in for days, or somebody says "never again": a subscription ends, and a person is told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hub.kvkk import audit
from hub.subscriptions.vocabulary import DISABLED_AFTER, SUBSCRIPTION_DISABLED

if TYPE_CHECKING:
    from uuid import UUID

    from hub.db.database import Connection
    from hub.keys.keyring import TenantKeys

TEMPLATE = "webhook_disabled"


def has_failed_for_long(connection: Connection, tenant_id: str, subscription_id: UUID) -> bool:
    """Whether every attempt of the last days has failed."""
    row = connection.execute(
        "SELECT state = 'active' AND failing_since <= now() - %s FROM hub.subscriptions"
        " WHERE tenant_id = %s AND subscription_id = %s",
        (DISABLED_AFTER, tenant_id, subscription_id),
    ).fetchone()
    return bool(row and row[0])


def disable(connection: Connection, keys: TenantKeys, subscription_id: UUID, why: str) -> None:
    """End it until a person resumes it: nothing waits for it any more. Logged, and told by mail if there is an address.

    What happened stays in the list of events, so that it can be sent later on (hub/subscriptions/history.py).
    """
    done = connection.execute(
        "UPDATE hub.subscriptions SET state = 'disabled', reason = %s"
        " WHERE tenant_id = %s AND subscription_id = %s AND state <> 'disabled'",
        (why, keys.tenant_id, subscription_id),
    ).rowcount
    if not done:
        return
    given_up = connection.execute(
        "UPDATE hub.deliveries SET state = 'failed', settled_at = now(), lease = NULL"
        " WHERE tenant_id = %s AND subscription_id = %s AND state IN ('pending', 'held')",
        (keys.tenant_id, subscription_id),
    ).rowcount
    told = _tell(connection, keys, subscription_id)
    entry = audit.Entry(
        audit.SYSTEM,
        "webhook.disabled",
        f"webhook:{subscription_id}",
        result=SUBSCRIPTION_DISABLED,
        count=given_up,
        details={"why": why, "told": told},
    )
    audit.append(connection, keys.tenant_id, entry)


def _tell(connection: Connection, keys: TenantKeys, subscription_id: UUID) -> bool:
    from connectors.secret import Secret
    from hub.i18n import parse_language
    from hub.mail.queue import enqueue
    from hub.subscriptions import record

    subscription, private = record.read(connection, keys, subscription_id)
    if private.contact is None:
        return False
    row = connection.execute("SELECT language FROM hub.tenants WHERE tenant_id = %s", (keys.tenant_id,)).fetchone()
    return enqueue(
        connection,
        keys,
        template_name=TEMPLATE,
        language=parse_language(str(row[0]) if row else "") or "tr",
        recipient=Secret(private.contact),
        fields={"webhook": str(subscription_id), "host": subscription.host},
        # Once for each time: it may be resumed, and fail again.
        about=f"webhook:{subscription_id}:{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}",
    )
