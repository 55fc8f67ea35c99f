"""Events of the inbox as the receiver stores them, for tests in which no address was called."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from connectors.webhooks import Account, WebhookSource
from hub.inbox import events
from hub.inbox.doors import Door
from hub.observe import tracing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connectors.webhooks import WebhookEvent
    from hub.db.database import Connection
    from hub.keys.daily import DayKey
    from hub.keys.keyring import TenantKeys


def store(
    connection: Connection, keys: TenantKeys, day: DayKey, provider: str, received: Sequence[WebhookEvent]
) -> None:
    """Proved events of a provider, which need not exist, in the tenant's transaction."""
    source = WebhookSource(provider, verify=lambda *_: "verified", events=lambda _: [], meanings=lambda *_: [])
    named = {"tenant": keys.tenant_id, "provider": provider}
    door = Door(keys.tenant_id, source, cast("Account", None), 1, named)
    batch = events.sealed(keys, day, door, [events.Arrival(received, "verified", tracing.carried())])
    # Around the question whether an address is still open: there is none.
    connection.execute(events._INSERT_ANYWAY, batch.given)
