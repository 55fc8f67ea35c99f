"""Puts the parts of handling together for one installation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.inbox.effects import Effects
from hub.inbox.handling import Handling
from hub.keys.daily import DailyKeys

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from connectors.webhooks import AskAbout, StateHeard
    from hub.db.database import Database
    from hub.inbox.effects import Pair
    from hub.keys.keyring import Keyring


def open_handling(database: Database, keyring: Keyring) -> Handling:
    """What the sensor's run works with."""
    effects = Effects(database, keyring, NoActions(), NoRecords())
    return Handling(database, DailyKeys(database, keyring), effects)


class NoActions:
    """The outbox of an installation that does nothing to the world: no action changes its state."""

    def heard(self, tenant_id: str, provider: str, heard: StateHeard) -> bool:
        """There is no action to be told about."""
        return False

    def ask(self, tenant_id: str, provider: str, about: AskAbout) -> bool:
        """There is no action to ask about."""
        return False


class NoRecords:
    """Nobody is sent anything, so nobody's refusal need be kept."""

    def record(self, tenant_id: str, channel: str, contacts: Collection[Pair], at: datetime) -> None:
        """There is nothing to be kept from."""
