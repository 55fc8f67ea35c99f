"""A drain of webhooks in a process that is killed."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

from hub.db.database import Database
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.settings import Settings
from hub.subscriptions.drain import Pace, drain
from hub.subscriptions.reach import Reach
from hub.subscriptions.telling import Outgoing


def main(home: str, port: int, lingers: float) -> None:
    """Drain until nothing has come for so many seconds."""
    settings = Settings.apart(Path(home))
    database = Database(settings)
    reach = Reach(ports=frozenset({port}), private=(ip_network("127.0.0.0/8"),))
    keyring = Keyring(database, read_master_key(settings.master_key_file))
    try:
        pace = Pace(lingers=timedelta(seconds=lingers), least_wait=0.05, most_wait=0.2)
        asyncio.run(drain(Outgoing(database, keyring, reach), pace=pace))
    finally:
        database.close()
