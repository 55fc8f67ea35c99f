"""The destruction log (By-Law OG 30224, art. 7/3): what was destroyed where, why and by whom, and never of whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4

if TYPE_CHECKING:
    from hub.db.database import Connection

Cause = Literal["request", "retention", "consent_withdrawn", "tenant_forgotten", "replay"]
Verified = Literal["none_left", "left", "not_verified"]


def write(
    connection: Connection,
    tenant_id: str,
    destroyed: Mapping[str, Sequence[Sequence[Any]]],
    *,
    cause: Cause,
    cause_id: str,
    actor: str,
    verified: Verified,
) -> int:
    """A line for each store, dataset and category; `destroyed` has [dataset, category, records, method] by store."""
    destruction_id = uuid4()
    lines = [(store, *line) for store, of_store in destroyed.items() for line in of_store if line[2]]
    for store, dataset, category, records, method in lines:
        connection.execute(
            "INSERT INTO hub.destructions (tenant_id, destruction_id, store, cause, cause_id, actor, dataset, category,"
            " records, method, verified) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (tenant_id, destruction_id, store, cause, cause_id, actor, dataset, category, records, method, verified),
        )
    return len(lines)


def datasets_of(connection: Connection, tenant_id: str, *, cause_id: str) -> set[str]:
    """In which datasets a request, an erasure or a run has destroyed anything."""
    rows = connection.execute(
        "SELECT DISTINCT dataset FROM hub.destructions WHERE tenant_id = %s AND cause_id = %s", (tenant_id, cause_id)
    )
    return {row[0] for row in rows}
