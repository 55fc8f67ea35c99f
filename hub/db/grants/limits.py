"""Grants of limits: buckets of calls, use by day, and what is stored."""

from __future__ import annotations

from hub.db.grant import ALL, Grant

LIMITS: dict[str, tuple[Grant, ...]] = {
    # A bucket that is full again is the same as none, so it may go.
    "hub.rate_buckets": (Grant("app", select=ALL, insert=ALL, update=("full_at", "taken_at", "granted"), delete=True),),
    # No DELETE: what was used stays counted.
    "hub.usage_days": (Grant("app", select=ALL, insert=ALL, update=("count",)),),
    # Written with the rows, in the loader's transaction; counted anew by the loader where it seems full.
    "hub.storage": (
        Grant("app", select=ALL),
        Grant("loader", select=ALL, insert=ALL, update=("rows", "bytes", "counted_at")),
        Grant("scheduler", select=("tenant_id", "bytes", "counted_at")),
    ),
}
"""Grants by table."""
