"""Grants of what actions cost, and how much they may."""

from __future__ import annotations

from hub.db.grant import ALL, Grant

SPEND: dict[str, tuple[Grant, ...]] = {
    "hub.spend_caps": (
        Grant("app", select=ALL, insert=ALL, update=("currency", "daily_count", "daily_amount", "changed_at")),
    ),
    # No DELETE: what was spent stays counted.
    "hub.spend": (Grant("app", select=ALL, insert=ALL, update=("count", "units", "amount")),),
}
