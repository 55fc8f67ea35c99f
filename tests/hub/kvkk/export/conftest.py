"""The parts of an exporter on the session's installation."""

from __future__ import annotations

import pytest

from connectors.registry import PROVIDERS
from hub.db.database import Database
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.keys.vault import Vault
from hub.kvkk.export.build import Exporter
from hub.settings import Settings
from hub.sync.batch import Engine
from kvkk_policies.detect import ColumnScanner
from kvkk_policies.gate import Gate
from kvkk_policies.policy import load_policies


@pytest.fixture(scope="session")
def engine(settings: Settings, database: Database) -> Engine:
    keyring = Keyring(database, read_master_key(settings.master_key_file))
    policies = load_policies()
    return Engine(database, keyring, Vault(database, keyring), Gate(policies, ColumnScanner()), policies)


@pytest.fixture(scope="session")
def exporter(engine: Engine, settings: Settings) -> Exporter:
    derived = {"payments": ["iyzico_transactions"]}
    return Exporter(settings, engine.database, engine.keyring, PROVIDERS, engine.policies, ColumnScanner(), derived)
