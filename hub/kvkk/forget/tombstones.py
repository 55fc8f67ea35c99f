"""Which tenants were forgotten, by a hash of their random id: what an older data dump brings back is recognised.

They lie in the key cluster, beside the erasure journal and for the same reason. A hash of 55 random bits names nobody
and leads nowhere; it only answers whether an id that one has is among them.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from hub.db.database import Connection, Database

_DOMAIN = b"kopru/forgotten-tenant/1"


def raise_for(database: Database, tenant_id: str, receipt_id: UUID) -> None:
    """Note that the tenant is being forgotten, committed on return: from here on there is no way back."""
    with database.master_keys() as connection:
        connection.execute(
            "INSERT INTO keys.forgotten_tenants (tenant_hash, receipt_id) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            (_hash(tenant_id), receipt_id),
        )


def among(database: Database, tenants: Iterable[str]) -> list[str]:
    """Those that were forgotten."""
    with database.master_keys() as connection:
        known = {bytes(row[0]) for row in connection.execute("SELECT tenant_hash FROM keys.forgotten_tenants")}
    return [tenant_id for tenant_id in tenants if _hash(tenant_id) in known]


def stands(connection: Connection, tenant_id: str) -> bool:
    """Whether that tenant was forgotten, in a transaction of the keys role."""
    row = connection.execute(
        "SELECT EXISTS (SELECT FROM keys.forgotten_tenants WHERE tenant_hash = %s)", (_hash(tenant_id),)
    ).fetchone()
    return bool(row and row[0])


def _hash(tenant_id: str) -> bytes:
    return hashlib.sha256(_DOMAIN + tenant_id.encode()).digest()
