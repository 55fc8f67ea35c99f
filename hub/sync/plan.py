"""What one dlt run is about to load: which window of which tenant each row belongs to, and when a window is whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from connectors.contract import Window
from hub.sync.outcome import StreamOutcome


@dataclass
class PlannedWindow:
    """A window and what is still to come of it. It may commit once `closed`: the provider gave all its pages."""

    number: int
    """Unique in the run: the value of the routing column `_window`."""
    tenant_id: str
    window: Window
    closed: bool = False
    pending_rows: int = 0
    loaded: bool = False
    """All its rows are committed."""


@dataclass
class TenantPlan:
    """One tenant's part of a run."""

    tenant_id: str
    fence: int
    cursor: datetime | None
    windows: list[PlannedWindow]
    outcome: StreamOutcome
    rows_gated: int = 0
    """Orders the copies of a record that a provider gave twice in one run."""


@dataclass
class LoadPlan:
    """Shared by the extraction, which closes windows, and the destination, which commits them, one after the other."""

    provider: str
    stream: str
    load_id: str
    policy_version: int
    tenants: dict[str, TenantPlan] = field(default_factory=dict[str, TenantPlan])
    windows: dict[int, PlannedWindow] = field(default_factory=dict[int, PlannedWindow])

    def add(self, tenant: TenantPlan) -> None:
        """Take a tenant into the run."""
        self.tenants[tenant.tenant_id] = tenant
        for window in tenant.windows:
            self.windows[window.number] = window
