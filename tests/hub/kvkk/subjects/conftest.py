from __future__ import annotations

import pytest

from hub.db.database import Database
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.kvkk.audit import Actor
from hub.settings import Settings


@pytest.fixture(scope="session")
def keyring(settings: Settings, database: Database) -> Keyring:
    return Keyring(database, read_master_key(settings.master_key_file))


@pytest.fixture
def actor() -> Actor:
    return Actor("Deniz", "operator")
