"""Gathers the small pages of a window, since the gate and the vault cost by the call as well as by the row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hub.sync.outcome import failure_of

if TYPE_CHECKING:
    from datetime import datetime

    from connectors.contract import Page, Row
    from hub.sync.fetch import Fetched
    from hub.sync.plan import LoadPlan, PlannedWindow, TenantPlan

GATHERED_ROWS = 1_000
"""Rows of a window that wait for one another at most; a page with more goes on at once."""


@dataclass
class Gathered:
    """Pages of one window, by stream. `fetched_at` is the first one's: a row may count as older, never as newer."""

    fetched_at: datetime
    rows: dict[str, list[Row]] = field(default_factory=dict[str, "list[Row]"])
    count: int = 0

    def add(self, stream: str, page: Page) -> None:
        """Take a page and its children."""
        for name, rows in {stream: page.rows, **page.children}.items():
            self.rows.setdefault(name, []).extend(rows)
            self.count += len(rows)


BUNDLED_ROWS = 2_000
"""Rows of different tenants that are searched for personal data at once."""


@dataclass(frozen=True)
class Piece:
    """Pages to gate at once. The `last` one of a window closes it; it may have no rows."""

    tenant: TenantPlan
    window: PlannedWindow
    pages: Gathered | None
    last: bool


def gather(plan: LoadPlan, fetched: Iterator[Fetched]) -> Iterator[Piece]:
    """Pieces in order of each tenant's pages. What came of a window that the provider broke off is left out."""
    waiting: dict[str, Gathered] = {}
    for item in fetched:
        tenant = plan.tenants[item.tenant_id]
        if item.error is not None and tenant.outcome.ok:
            tenant.outcome.failed = failure_of(item.error)
        if not tenant.outcome.ok:
            # After a failure, of the gate too, later pages would leave a hole.
            waiting.pop(item.tenant_id, None)
            continue
        window = tenant.windows[item.window]
        if item.page is None:
            yield Piece(tenant, window, waiting.pop(item.tenant_id, None), last=True)
            continue
        pages = waiting.setdefault(item.tenant_id, Gathered(item.page.fetched_at))
        pages.add(plan.stream, item.page)
        if pages.count >= GATHERED_ROWS:
            yield Piece(tenant, window, waiting.pop(item.tenant_id), last=False)


def bundle(pieces: Iterator[Piece]) -> Iterator[list[Piece]]:
    """Pieces in the same order, as many together as make a search worth its while."""
    together: list[Piece] = []
    rows = 0
    for piece in pieces:
        together.append(piece)
        rows += piece.pages.count if piece.pages is not None else 0
        if rows >= BUNDLED_ROWS:
            yield together
            together, rows = [], 0
    yield together
