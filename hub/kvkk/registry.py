"""Every store of personal data, and every tenant table that holds none with the reason why."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hub.kvkk.stores import Store

STORES: tuple[Store, ...] = ()
"""In the order in which an erasure goes through them: what leads to the person is destroyed last."""

WITHOUT_PERSONAL_DATA: dict[str, str] = {
    "hub.erasure_checks": "ids of consents, names of streams and counts of rows",
    "hub.sync_state": "cursors and failure codes of a tenant's streams",
    "hub.sync_history": "counts and failure codes of syncs",
    "hub.policy_rewrites": "names of columns whose rows wait to be rewritten",
}
"""Tenant tables outside `landing`, `marts` and the stores, and why nothing in them is about a person."""
