from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from connectors.sandbox.server import Sandbox
from hub.db.database import Database
from hub.iys.accounts import Account, account_of
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.settings import Settings
from tests.support.brand import Brand


@pytest.fixture(scope="module")
def keyring(settings: Settings, database: Database) -> Keyring:
    return Keyring(database, read_master_key(settings.master_key_file))


@pytest.fixture(scope="module")
def iys() -> Iterator[Sandbox]:
    # A withdrawal is dated by the database's clock, and must not lie ahead of the sandbox's, which stands still.
    with Sandbox(seed=12, start=datetime.now(UTC) + timedelta(minutes=30)) as running:
        yield running


@pytest.fixture
def brand(database: Database, keyring: Keyring, iys: Sandbox) -> Iterator[Brand]:
    iys.world.requests.clear()
    made = Brand(database, keyring, iys, f"brand-{secrets.token_hex(4)}")
    made.book.slow = False
    yield made
    iys.world.faults.clear()
    made.leave()


@pytest.fixture
def account(brand: Brand) -> Account:
    found = account_of(brand.database, brand.keyring, brand.tenant_id)
    assert found is not None
    return found
