"""Who said that they want no more messages: by a word in return, or to the provider. It holds from the next send on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from hub.messaging.opt_outs import record_opt_out

if TYPE_CHECKING:
    from collections.abc import Collection

    from connectors.webhooks import Channel
    from hub.db.database import Database
    from hub.inbox.effects import Pair

Source = Literal["stop_reply", "provider_refusal"]


class Refusals:
    """An installation's list of refusals, as events see it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(
        self, tenant_id: str, channel: Channel, contacts: Collection[Pair], at: datetime, *, source: Source
    ) -> None:
        """Note that these contacts refused further commercial messages (law 6563 art. 8). Safe to repeat.

        Service messages (a delivery, a debt) are not meant by a word under a campaign.
        """
        # A clock that runs ahead would outweigh every permission that is given until then.
        said = min(at, datetime.now(UTC))
        for _, pseudonym in sorted(contacts):
            record_opt_out(self._database, tenant_id, recipient=pseudonym, channel=channel, source=source, at=said)
