"""Puts the parts of handling together for one installation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.inbox.effects import Effects
from hub.inbox.handling import Handling
from hub.inbox.outbox import Actions
from hub.inbox.refusals import Refusals
from hub.keys.daily import DailyKeys
from hub.outbox.open import open_outbox

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.keys.keyring import Keyring


def open_handling(database: Database, keyring: Keyring) -> Handling:
    """What the sensor's run works with."""
    effects = Effects(database, keyring, Actions(open_outbox(database, keyring)), Refusals(database))
    return Handling(database, DailyKeys(database, keyring), effects)
