"""How a tenant stands with İYS, in counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from hub.iys import accounts, runs
from hub.iys.runs import Run

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.keys.keyring import Keyring


@dataclass(frozen=True)
class Overview:
    """Counts by state; `late` are past the second business day, `overdue` past the third, and İYS has not heard."""

    account: str | None
    usable: bool
    run: Run
    pushes: Mapping[str, int]
    refusal_codes: Mapping[str, int]
    late: int
    overdue: int
    states: Mapping[str, int]


def overview(database: Database, keyring: Keyring, tenant_id: str, now: datetime) -> Overview:
    """Read it. HubError `ciphertext_invalid`."""
    account = accounts.account_of(database, keyring, tenant_id)
    given = {"tenant": tenant_id, "now": now}
    with database.tenant(tenant_id, "app") as connection:
        pushes = connection.execute(
            "SELECT state, count(*) FROM hub.iys_pushes WHERE tenant_id = %(tenant)s GROUP BY state ORDER BY state",
            given,
        ).fetchall()
        codes = connection.execute(
            "SELECT coalesce(code, '-'), count(*) FROM hub.iys_pushes WHERE tenant_id = %(tenant)s"
            " AND state = 'refused' GROUP BY code ORDER BY code",
            given,
        ).fetchall()
        late, overdue = connection.execute(
            "SELECT count(*), count(*) FILTER (WHERE due_at <= %(now)s) FROM hub.iys_pushes"
            " WHERE tenant_id = %(tenant)s AND settled_at IS NULL AND submitted_at IS NULL AND alarm_at <= %(now)s",
            given,
        ).fetchone() or (0, 0)
        states = connection.execute(
            "SELECT status, count(*) FROM hub.iys_states WHERE tenant_id = %(tenant)s GROUP BY status ORDER BY status",
            given,
        ).fetchall()
    return Overview(
        account=account.provider if account else None,
        usable=account is not None and account.spec is not None,
        run=runs.last(database, tenant_id, account.provider) if account else Run(),
        pushes=dict(pushes),
        refusal_codes=dict(codes),
        late=late,
        overdue=overdue,
        states=dict(states),
    )
