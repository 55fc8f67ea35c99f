"""Opens what a command works on: settings, the embedded servers if they are ours, database and keys."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.keys.keyring import Keyring
    from hub.settings import Settings
    from kvkk_policies.policy import ProviderPolicy


@dataclass
class Hub:
    """One command's way to the installation."""

    settings: Settings
    database: Database

    @cached_property
    def keyring(self) -> Keyring:
        """Read when first needed: listing needs no key. HubError names what is wrong with the master key."""
        from hub.keys.keyring import Keyring
        from hub.keys.master_key import read_master_key

        return Keyring(self.database, read_master_key(self.settings.master_key_file))

    @cached_property
    def policies(self) -> Mapping[str, ProviderPolicy]:
        """The policy files, held against the declared streams. PolicyError names every mistake."""
        from connectors.registry import PROVIDERS
        from kvkk_policies.policy import check_policies, load_policies

        policies = load_policies(self.settings.policies_dir)
        check_policies(policies, PROVIDERS)
        return policies

    def tenant_id(self, reference: str) -> str:
        """The id for an id or a subdomain."""
        from hub.control import tenants

        return tenants.find(self.database, reference)


@contextmanager
def opened() -> Generator[Hub]:
    """The installation that the environment names, its embedded servers up for the block. HubError `home_missing`."""
    from hub.db.database import Database
    from hub.db.postgres import running
    from hub.doctor import require_clusters
    from hub.settings import Settings

    settings = Settings.load()
    require_clusters(settings)
    with running(settings):
        database = Database(settings)
        try:
            yield Hub(settings, database)
        finally:
            database.close()
