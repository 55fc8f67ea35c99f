"""An installation of its own for faults that no test may do to the one everybody shares, and trials in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from hub.db import postgres
from hub.db.database import Database
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.settings import Settings
from tests.proofs.stores import superuser
from tests.support.accounts import add_tenant
from tests.support.homes import HOMES
from tests.support.rooms import new_directory


@dataclass
class Home:
    """Running servers, migrated, with pools that give up after a second."""

    settings: Settings
    database: Database
    keyring: Keyring

    def tenant(self) -> str:
        """A tenant without any account."""
        return add_tenant(self.database)


@contextmanager
def home(*, connections: int | None = None) -> Iterator[Home]:
    """Everything of it is gone afterwards. `connections` is how many its data cluster has to give."""
    directory = new_directory("kopru-f-")
    settings = Settings.apart(directory, pool_wait_seconds=1.0)
    try:
        HOMES.lay_whole(directory)
        with postgres.running(settings), ExitStack() as stack:
            if connections is not None:
                with superuser(settings, "data") as admin:
                    admin.execute(f"ALTER SYSTEM SET max_connections = {connections:d}".encode())
                postgres.stop(settings, "data")
                stack.enter_context(postgres.running(settings))
            database = Database(settings)
            yield Home(settings, database, Keyring(database, read_master_key(settings.master_key_file)))
            database.close()
    finally:
        shutil.rmtree(directory, ignore_errors=True)
