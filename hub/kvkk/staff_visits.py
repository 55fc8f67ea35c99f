"""That the operator's staff looked at a tenant stands in the tenant's log and in the platform's, once an hour each.

Support reads names and addresses of a tenant's people, and reading changes nothing that would be entered. An entry for
each call would drown what else stands in a log, and cost a lock of two chains each time; none leaves nobody able to ask
who looked. So the first call of a person to a tenant within a clock hour is entered, before it is answered.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING

from hub.kvkk import audit

if TYPE_CHECKING:
    from collections.abc import Callable

    from hub.db.database import Connection, Database
    from hub.identity.caller import Caller

ACTION = "staff.entered"
_HOUR_SECONDS = 3_600
_REMEMBERED = 4_096


class StaffVisits:
    """Threads share it. What other processes entered is found in the log; what this one knows costs nothing."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[str, str, int], None] = OrderedDict()

    def enter(self, caller: Caller, tenant_id: str | None, *, route: str, ip: str | None) -> None:
        """Have it in both logs that this person is at the tenant; for None, at the platform's own routes, in one.

        `route` is the template of the hour's first call. HubError where it cannot be entered: then nothing is shown.
        """
        hour = int(self._clock()) // _HOUR_SECONDS
        key = (str(caller.subject), tenant_id or audit.PLATFORM, hour)
        with self._lock:
            if key in self._known:
                return
        entry = audit.Entry(
            caller.actor(ip), ACTION, f"tenant:{tenant_id}" if tenant_id else audit.PLATFORM, details={"first": route}
        )
        began = hour * _HOUR_SECONDS
        if tenant_id is None:
            with self._database.without_tenant() as connection:
                if not _stands(connection, None, entry, began):
                    audit.append_platform(connection, entry)
        else:
            with self._database.tenant(tenant_id, "app") as connection:
                if not _stands(connection, tenant_id, entry, began):
                    audit.append_both(connection, tenant_id, entry)
        with self._lock:
            self._known[key] = None
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)


def _stands(connection: Connection, tenant_id: str | None, entry: audit.Entry, began: int) -> bool:
    """Whether the chain has it since then; nobody else can add it until this transaction ends."""
    audit.hold(connection, tenant_id or audit.PLATFORM)
    table = "hub.audit_log" if tenant_id else "hub.platform_audit_log"
    of_tenant = "tenant_id = %(tenant)s AND " if tenant_id else ""
    found = connection.execute(
        f"SELECT 1 FROM {table} WHERE {of_tenant}action = %(action)s AND at >= to_timestamp(%(began)s)"  # noqa: S608 - our own words
        " AND actor = %(actor)s AND object = %(object)s LIMIT 1",
        {
            "tenant": tenant_id,
            "action": entry.action,
            "began": began,
            "actor": entry.actor.name,
            "object": entry.object,
        },
    ).fetchone()
    return found is not None
