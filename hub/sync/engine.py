"""Opens what a batch needs: the database, the keys, the vault and the gate. Refuses to start on anything missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.registry import PROVIDERS
from hub.sync.batch import Engine

if TYPE_CHECKING:
    from hub.settings import Settings


def open_engine(settings: Settings) -> Engine:
    """The engine of this installation. HubError if a key is missing or wrong, PolicyError if a policy is invalid."""
    from hub.db.database import Database
    from hub.keys.keyring import Keyring
    from hub.keys.master_key import read_master_key
    from hub.keys.vault import Vault
    from hub.observe.tracing import configure_tracing
    from kvkk_policies.detect import ColumnScanner
    from kvkk_policies.gate import Gate
    from kvkk_policies.policy import check_policies, load_policies

    configure_tracing(settings, process="run")
    policies = load_policies(settings.policies_dir)
    check_policies(policies, PROVIDERS)
    database = Database(settings)
    keyring = Keyring(database, read_master_key(settings.master_key_file))
    return Engine(database, keyring, Vault(database, keyring), Gate(policies, ColumnScanner()), policies)
