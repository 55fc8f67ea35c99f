"""`hub tenants forget`: syncs and sends end, logs are handed over, rows go, keys last, and a search finds nothing.

What forbids it is asked first. A legal hold of any scope does, until it is released: a lawsuit needs the data where
they are. What a statute keeps (vault.withheld) does too, unless the operator names its article and thereby states that
the records were handed over: the tenant is the controller and its books are its own duty. Whatever was begun is gone on
with by the same command, wherever the process was killed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import TYPE_CHECKING, Any

from hub.errors import HubError
from hub.kvkk import audit, holds
from hub.kvkk.forget import dagster, progress, receipt, removal, tombstones
from hub.kvkk.forget.progress import Progress
from hub.kvkk.wording import require_remark
from hub.outbox import fence
from hub.outbox.vocabulary import FRESH

if TYPE_CHECKING:
    from datetime import datetime

    from dagster import DagsterInstance

    from hub.db.database import Database
    from hub.kvkk.audit import Actor
    from hub.kvkk.forget.receipt import Receipt
    from hub.settings import Settings

Hook = Callable[[str], None]
OnWait = Callable[[int, int], None]
"""Told before the wait for what is at a provider: how many attempts, and for how many seconds at most."""
_OF_INVOICES = "TTK m. 82"
"""Of issued invoices: the longer of their two statutes (hub/einvoice/issue/archive.py)."""
_LOOKS = 3
"""A process that knew the tenant may write once more what was just removed; it cannot for long without the tenant."""


def no_hook(stage: str) -> None:
    """What a real run uses."""
    del stage


def unsaid(attempts: int, seconds: int) -> None:
    """Where nobody listens."""
    del attempts, seconds


@dataclass(frozen=True)
class Forgotten:
    """What became of it."""

    receipt_id: str
    receipt: Receipt
    removed: dict[str, dict[str, int]]


class Forgetting:
    """Forgets tenants of one installation. `instance` opens Dagster's storage."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        instance: Callable[[], DagsterInstance],
        hook: Hook = no_hook,
        *,
        on_wait: OnWait = unsaid,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._settings = settings
        self._database = database
        self._instance = instance
        self._hook = hook
        self._on_wait = on_wait
        self._pause = pause

    def forget(self, tenant_id: str, *, actor: Actor, handed_over: Sequence[str] = ()) -> Forgotten:
        """Forget a tenant, or go on with it.

        HubError `tenant_held`, `tenant_statute_stands` (neither once it has begun), `tenant_unknown`, `tenant_left`.
        """
        under_way = progress.begun(self._settings, tenant_id) or self._begin(tenant_id, actor, handed_over)
        tombstones.raise_for(self._database, under_way.tenant_id, under_way.id)
        self._end_logins(under_way.tenant_id, actor)
        self._wait_for_providers(under_way.tenant_id)
        under_way = self._count(self._hand_over(under_way))
        self._hook("counted")
        self._remove(under_way)
        finished_at = self._now()
        mentions = removal.mentions(self._database, under_way.tenant_id)
        written = receipt.write(self._settings, under_way, finished_at=finished_at, mentions=mentions)
        self._enter(actor, "tenant_forgotten", under_way, {"receipt_sha256": written.sha256, **_sums(under_way)})
        progress.done(self._settings, under_way)
        return Forgotten(under_way.receipt_id, written, under_way.counts)

    def _begin(self, tenant_id: str, actor: Actor, handed_over: Sequence[str]) -> Progress:
        from hub.control import tenants

        tenant = tenants.get(self._database, tenant_id)
        for article in handed_over:
            require_remark("handed_over", article)
        self._refuse(tenant_id, handed_over)
        begun = Progress(
            receipt_id=progress.new_id(),
            tenant_id=tenant_id,
            name=tenant.name,
            subdomain=tenant.subdomain,
            by=actor.name,
            begun_at=self._now().isoformat(),
            handed_over=tuple(handed_over),
        )
        tenants.suspend(self._database, tenant_id, actor=actor)  # syncs under way lose their claim
        entry = audit.Entry(actor, "tenant_forget_begun", f"receipt/{begun.receipt_id}")
        audit.record(self._database, tenant_id, entry)
        self._enter(actor, "tenant_forget_begun", begun, {"handed_over": list(handed_over)})
        progress.save(self._settings, begun)
        return begun

    def _refuse(self, tenant_id: str, handed_over: Sequence[str]) -> None:
        held = holds.listed(self._database, tenant_id, in_force=True)
        if held:
            grounds = "; ".join(
                f"{each.legal_ref} ({each.held_until.date().isoformat() if each.held_until else '…'})" for each in held
            )
            raise HubError("tenant_held", grounds=grounds)
        with self._database.tenant(tenant_id, "vault") as connection:
            kept = connection.execute(
                "SELECT article, max(due_on) FROM vault.withheld WHERE tenant_id = %s AND due_on > current_date"
                " AND article <> ALL(%s) GROUP BY article ORDER BY article",
                (tenant_id, list(handed_over)),
            ).fetchall()
        with self._database.tenant(tenant_id, "app") as connection:
            row = connection.execute(
                "SELECT max(kept_until) FROM hub.documents WHERE tenant_id = %s AND kept_until > current_date",
                (tenant_id,),
            ).fetchone()
        if row and row[0] and _OF_INVOICES not in handed_over:
            kept.append((_OF_INVOICES, row[0]))
        if kept:
            raise HubError("tenant_statute_stands", articles="; ".join(f"{each[0]} ({each[1]})" for each in kept))

    def _end_logins(self, tenant_id: str, actor: Actor) -> None:
        from hub.control import analysts

        for login in analysts.listed(self._database, tenant_id):
            if login.revoked_at is None:
                analysts.remove(self._settings, self._database, tenant_id, login.role_name, actor=actor)

    def _wait_for_providers(self, tenant_id: str) -> None:
        """Until no call can begin any more: what the receipt says must not be followed by a message.

        No new attempt is committed for a suspended tenant, so this ends after `FRESH`, whatever a clock does meanwhile.
        """
        for waited in range(int(FRESH.total_seconds()) + 1):
            left = fence.under_way(self._database, tenant_id)
            if not left.attempts:
                return
            if not waited:
                self._on_wait(left.attempts, ceil(left.at_most.total_seconds()))
            self._pause(1)

    def _hand_over(self, under_way: Progress) -> Progress:
        """Once, while everything stands: a repetition must not write the rest over the whole."""
        if under_way.exported:
            return under_way
        done = replace(under_way, exported=receipt.hand_over(self._settings, self._database, under_way))
        progress.save(self._settings, done)
        return done

    def _count(self, under_way: Progress) -> Progress:
        tenant_id = under_way.tenant_id
        by_schema: dict[str, dict[str, int]] = {}
        for table, count in removal.counts(self._database, tenant_id).items():
            by_schema.setdefault(table.partition(".")[0], {})[table] = count
        by_schema["dagster"] = {"dagster": dagster.count(self._instance(), tenant_id)}
        by_schema["files"] = {"exports": len(self._packages(tenant_id))}
        for store, found in by_schema.items():
            under_way = progress.with_counts(under_way, store, found)
        progress.save(self._settings, under_way)
        return under_way

    def _remove(self, under_way: Progress) -> None:
        tenant_id = under_way.tenant_id
        for name in self._packages(tenant_id):
            (self._settings.home / "exports" / name).unlink(missing_ok=True)
        left: dict[str, int] = {}
        for _ in range(_LOOKS):
            removal.remove(self._database, tenant_id, self._hook)
            dagster.remove(self._instance(), tenant_id)
            self._hook("dagster")
            left = removal.counts(self._database, tenant_id)
            left |= {"dagster": count} if (count := dagster.count(self._instance(), tenant_id)) else {}
            if not left:
                break
        if left:
            raise HubError("tenant_left", tables=", ".join(sorted(left)))
        self._note_old_values(under_way)

    def _note_old_values(self, under_way: Progress) -> None:
        """The tables' files keep what was deleted until the next migration writes them anew (hub/db/roles.py)."""
        tables = [name.partition(".")[2] for name in under_way.counts.get("landing", {})]
        with self._database.without_tenant() as connection:
            connection.execute(
                "UPDATE hub.generated_tables SET rewrite_due = true WHERE schema_name = 'landing'"
                " AND table_name = ANY(%s) AND NOT rewrite_due",
                (tables,),
            )

    def _packages(self, tenant_id: str) -> list[str]:
        with self._database.tenant(tenant_id, "app") as connection:
            rows = connection.execute(
                "SELECT file_name FROM hub.exports WHERE tenant_id = %s AND file_name IS NOT NULL", (tenant_id,)
            )
            return [str(row[0]) for row in rows]

    def _enter(self, actor: Actor, action: str, under_way: Progress, details: dict[str, Any]) -> None:
        """In the platform's log, by the receipt and never by the tenant's id: nothing of the tenant stays."""
        with self._database.without_tenant() as connection:
            entry = audit.Entry(actor, action, f"receipt/{under_way.receipt_id}", details=details)
            audit.append_platform(connection, entry)

    def _now(self) -> datetime:
        with self._database.without_tenant() as connection:
            row = connection.execute("SELECT now()").fetchone()
        if row is None:  # a SELECT without FROM has one row
            raise RuntimeError("the database told no time")
        return row[0]


def _sums(under_way: Progress) -> dict[str, int]:
    return {store: sum(tables.values()) for store, tables in under_way.counts.items()}
