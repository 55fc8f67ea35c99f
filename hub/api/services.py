"""What the API's process has in hand for as long as it lives."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dagster import DagsterInstance

    from hub.api.attempts import Attempts
    from hub.api.limiting import Limiting
    from hub.db.database import Database
    from hub.identity.sign_in import SignIn
    from hub.keys.daily import DailyKeys
    from hub.keys.keyring import Keyring
    from hub.kvkk.staff_visits import StaffVisits
    from hub.observe.metrics import Metrics
    from hub.reading.datasets import Catalogue
    from hub.settings import Settings
    from kvkk_policies.policy import ProviderPolicy


@dataclass
class Services:
    """Threads share it. `instance` opens Dagster's storage; heavy libraries are imported when first needed."""

    settings: Settings
    database: Database
    keyring: Keyring
    daily_keys: DailyKeys
    sign_in: SignIn
    attempts: Attempts
    limiting: Limiting
    instance: Callable[[], AbstractContextManager[DagsterInstance]]
    shares_counts: bool = False
    """Whether this is one of several workers that count together (hub/observe/metrics.py)."""
    extra: dict[str, Any] = field(default_factory=dict[str, Any])

    @cached_property
    def catalogue(self) -> Catalogue:
        """What of landing and marts can be read."""
        from hub.reading.datasets import Catalogue

        return Catalogue(self.database)

    @cached_property
    def staff_visits(self) -> StaffVisits:
        """What enters in the audit logs where the operator's staff looked."""
        from hub.kvkk.staff_visits import StaffVisits

        return StaffVisits(self.database)

    @cached_property
    def metrics(self) -> Metrics:
        """The page for Prometheus."""
        from hub.observe.metrics import Metrics

        return Metrics(self.database, shared=self.shares_counts)

    @cached_property
    def policies(self) -> Mapping[str, ProviderPolicy]:
        """The policy files, held against the declared streams. PolicyError names every mistake."""
        from connectors.registry import PROVIDERS
        from kvkk_policies.policy import check_policies, load_policies

        policies = load_policies(self.settings.policies_dir)
        check_policies(policies, PROVIDERS)
        return policies
