"""How one breach stands: its clock, what its form misses, whom it concerns, what was done."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from hub.kvkk import audit
from hub.kvkk.breach import record

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.keys.keyring import Keyring
    from hub.kvkk.audit import Actor


@dataclass(frozen=True)
class Overview:
    """A breach without the form's contents. `subjects` and `told` are counts of persons."""

    breach: record.Breach
    missing: tuple[str, ...]
    subjects: int
    told: int
    timeline: tuple[record.Event, ...]
    now: datetime

    def plain(self) -> dict[str, Any]:
        """For machines, with the time that is left in seconds."""
        left = self.breach.remaining(self.now)
        rest = {name: value for name, value in self.__dict__.items() if name not in ("breach", "now")}
        return asdict(self.breach) | rest | {"remaining_seconds": None if left is None else int(left.total_seconds())}


def overview(
    database: Database,
    keyring: Keyring,
    tenant_id: str,
    breach_id: UUID,
    *,
    actor: Actor,
    now: datetime | None = None,
) -> Overview:
    """The breach as it stands. The form is opened to see what it misses; that is in the audit log."""
    keys = keyring.tenant(tenant_id)
    with database.tenant(tenant_id, "app") as connection:
        moment = record.clock(connection, now)
        breach = record.read(connection, tenant_id, breach_id)
        form = record.read_form(connection, keys, breach_id)
        counts = connection.execute(
            "SELECT count(*), count(told_at) FROM hub.breach_subjects WHERE tenant_id = %s AND breach_id = %s",
            (tenant_id, breach_id),
        ).fetchone()
        events = record.timeline(connection, tenant_id, breach_id)
        entry = audit.Entry(actor, "breach.read", f"breach:{breach_id}", purpose="breach")
        audit.append(connection, tenant_id, entry)
    subjects, told = counts or (0, 0)
    return Overview(breach, breach.missing(form, moment), subjects, told, tuple(events), moment)
