"""Every table with tenant data that Alembic makes, and who may do what with it: one file a part of the hub."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.db.grants.api import API
from hub.db.grants.control import CONTROL
from hub.db.grants.identity import IDENTITY
from hub.db.grants.inbox import INBOX
from hub.db.grants.invoices import INVOICES
from hub.db.grants.limits import LIMITS
from hub.db.grants.messaging import MESSAGING
from hub.db.grants.outbox import OUTBOX
from hub.db.grants.requests import REQUESTS
from hub.db.grants.spend import SPEND
from hub.db.grants.subscriptions import SUBSCRIPTIONS
from hub.db.grants.vault import VAULT

if TYPE_CHECKING:
    from hub.db.grant import Grant

TABLES: dict[str, tuple[Grant, ...]] = {
    **API,
    **CONTROL,
    **IDENTITY,
    **INBOX,
    **INVOICES,
    **LIMITS,
    **MESSAGING,
    **OUTBOX,
    **REQUESTS,
    **SPEND,
    **SUBSCRIPTIONS,
    **VAULT,
}
"""`landing` and `marts` are generated: see `GENERATED` in hub/db/roles.py."""
