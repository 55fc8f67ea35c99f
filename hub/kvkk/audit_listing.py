"""Reads audit entries back, for the desk and for the Board."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hub.kvkk.audit import PLATFORM

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from uuid import UUID

    from hub.db.database import Database

_SHOWN = "seq, at, actor, actor_role, action, object, purpose, legal_basis, count, result, request_id, details"
_AT_ONCE = 5_000


@dataclass(frozen=True)
class Line:
    """One entry as it is shown: ids, codes and counts."""

    seq: int
    at: datetime
    actor: str
    actor_role: str
    action: str
    object: str
    purpose: str | None
    legal_basis: str | None
    count: int | None
    result: str
    request_id: UUID | None
    details: Mapping[str, Any]


def page(
    database: Database,
    chain: str,
    *,
    action: str | None = None,
    actor: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
    limit: int,
) -> list[Line]:
    """A chain's newest entries below the number `before`; `since` is included, `until` is not."""
    table = "hub.platform_audit_log" if chain == PLATFORM else "hub.audit_log"
    mine = "" if chain == PLATFORM else " AND tenant_id = %(chain)s"
    statement = (
        f"SELECT {_SHOWN} FROM {table} WHERE (%(before)s::bigint IS NULL OR seq < %(before)s){mine}"  # noqa: S608 - our own text
        " AND (%(action)s::text IS NULL OR action = %(action)s)"
        " AND (%(actor)s::text IS NULL OR actor = %(actor)s)"
        " AND (%(since)s::timestamptz IS NULL OR at >= %(since)s)"
        " AND (%(until)s::timestamptz IS NULL OR at < %(until)s) ORDER BY seq DESC LIMIT %(limit)s"
    )
    wanted: dict[str, Any] = {
        "chain": chain,
        "action": action,
        "actor": actor,
        "since": since,
        "until": until,
        "before": before,
        "limit": limit,
    }
    with database.without_tenant() if chain == PLATFORM else database.tenant(chain, "app") as connection:
        rows = connection.execute(statement, wanted).fetchall()
    return [Line(*row) for row in rows]


def entries(
    database: Database,
    chain: str,
    *,
    action: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Iterator[Line]:
    """A chain's entries in their order, page by page; `since` is included, `until` is not."""
    table = "hub.platform_audit_log" if chain == PLATFORM else "hub.audit_log"
    mine = "" if chain == PLATFORM else " AND tenant_id = %(chain)s"
    statement = (
        f"SELECT {_SHOWN} FROM {table} WHERE seq > %(after)s{mine}"  # noqa: S608 - our own text
        " AND (%(action)s::text IS NULL OR action = %(action)s)"
        " AND (%(since)s::timestamptz IS NULL OR at >= %(since)s)"
        " AND (%(until)s::timestamptz IS NULL OR at < %(until)s) ORDER BY seq LIMIT %(limit)s"
    )
    wanted: dict[str, Any] = {"chain": chain, "action": action, "since": since, "until": until, "limit": _AT_ONCE}
    after = 0
    while True:
        with database.without_tenant() if chain == PLATFORM else database.tenant(chain, "app") as connection:
            rows = connection.execute(statement, wanted | {"after": after}).fetchall()
        yield from (Line(*row) for row in rows)
        if len(rows) < _AT_ONCE:
            return
        after = int(rows[-1][0])
