"""Serves the receiver on 127.0.0.1 until it is told to stop. TLS is the reverse proxy's, which must log no paths.

`hub up` starts this as a process of its own, `hub inbox serve` runs it in its own; several may serve one installation.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from hub.db.database import Database
    from hub.keys.keyring import Keyring


def serve(database: Database, keyring: Keyring, port: int, on_ready: Callable[[str], None]) -> None:
    """Take calls until the process is interrupted; port 0 takes a free one. HubError `port_taken`.

    A tenant's events are counted in the buckets that the front door counts in.
    """
    from hub import serving
    from hub.inbox.receive import Receiver
    from hub.inbox.receiver import receiver_app
    from hub.inbox.strangers import Strangers
    from hub.keys.daily import DailyKeys
    from hub.limits.open import open_limiter
    from hub.observe import counters
    from hub.observe.logs import configure_logs
    from hub.observe.tracing import configure_tracing

    configure_logs(database.settings, process="inbox")
    configure_tracing(database.settings, process="inbox")
    limiter = open_limiter(database, on_store_down=counters.limit_store_down)
    receiver = Receiver(database, keyring, DailyKeys(database, keyring), limiter=limiter)
    strangers = Strangers(database, keyring, limiter)
    serving.serve(receiver_app(receiver, strangers), port, on_ready)


def main(arguments: list[str]) -> None:
    """The process that `hub up` starts: the port is its only argument."""
    from hub.db.database import Database
    from hub.keys.keyring import Keyring
    from hub.keys.master_key import read_master_key
    from hub.settings import Settings

    settings = Settings.load()
    database = Database(settings)
    try:
        serve(database, Keyring(database, read_master_key(settings.master_key_file)), int(arguments[0]), lambda _: None)
    finally:
        database.close()


if __name__ == "__main__":
    main(sys.argv[1:])
