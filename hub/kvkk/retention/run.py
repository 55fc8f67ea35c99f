"""Periodic destruction (By-Law OG 30224, art. 11): what policies keep no longer goes, without anybody asking for it.

A plan counts first and changes nothing; a run does the same work and is safe to repeat, since what is done is found no
more. Holds stop it in their scope. Every run is in the destruction log, with what a second count found afterwards.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import uuid4

from connectors.istanbul import day_of
from hub.kvkk import audit, holds
from hub.kvkk.erasure import log, withheld
from hub.kvkk.retention.aged import AgedRows, Due, Hook
from hub.kvkk.retention.held import held_people, held_values
from hub.kvkk.retention.outbound import Outbound
from hub.kvkk.retention.proofs import Proofs
from hub.kvkk.retention.rules import rules_of
from hub.kvkk.retention.vault_sweep import sweep, unreferred
from hub.kvkk.stores.landed import LandedStream
from hub.policies import rewrites
from hub.policies.in_force import policies_in_force

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from hub.kvkk.audit import Actor
    from hub.kvkk.holds import Hold
    from hub.kvkk.stores import Hub

_OWN = "ILETISIM"


@dataclass(frozen=True)
class Settled:
    """What became of one tenant's retention. `left` counts what a second look found; 0 when all is done."""

    run_id: UUID | None
    due: Sequence[Due]
    left: int = 0
    blocked_by: Sequence[Hold] = ()


def no_hook(stage: str) -> None:
    """What a real run uses."""
    del stage


class Retention:
    """Retention of tenants' data by policy and age."""

    def __init__(self, hub: Hub, hook: Hook = no_hook) -> None:
        self._hub = hub
        self._hook = hook

    def plan(self, tenant_id: str, *, now: datetime) -> Settled:
        """What a run at that moment would do: counts, and nothing changed."""
        held = holds.listed(self._hub.database, tenant_id, in_force=True)
        if any(hold.scope == "tenant" for hold in held):
            return Settled(None, (), blocked_by=held)
        due = [each for rows in self._streams(tenant_id, now, held) for each in rows.due()]
        due += self._kept_apart(tenant_id, now, held, dry_run=True)
        due += Proofs(self._hub, tenant_id, now, held).due()
        due += Outbound(self._hub, tenant_id, now, held).due()
        due += self._desk(tenant_id, held, dry_run=True)
        due += self._vault(tenant_id, held, dry_run=True)
        return Settled(None, due, blocked_by=held)

    def run(self, tenant_id: str, *, now: datetime, actor: Actor) -> Settled:
        """Plan, enter the plan's counts into the audit log, do it, look again, and write the destruction log."""
        with self._hub.database.tenant(tenant_id, "app") as guard:
            rewrites.hold(guard, tenant_id)  # a rewrite under way, or an erasure, works on the same rows
            return self._run(tenant_id, now=now, actor=actor)

    def _run(self, tenant_id: str, *, now: datetime, actor: Actor) -> Settled:
        planned = self.plan(tenant_id, now=now)
        run_id = uuid4()
        if not planned.due:
            return replace(planned, run_id=run_id)
        entry = audit.Entry(
            actor,
            "retention_planned",
            f"retention/{run_id}",
            count=sum(each.records for each in planned.due),
            details={"datasets": sorted({each.dataset for each in planned.due})},
        )
        audit.record(self._hub.database, tenant_id, entry)
        held = planned.blocked_by
        done = [each for rows in self._streams(tenant_id, now, held) for each in rows.settle()]
        done += self._kept_apart(tenant_id, now, held, dry_run=False)
        done += Proofs(self._hub, tenant_id, now, held).destroy(actor)
        done += Outbound(self._hub, tenant_id, now, held).destroy()
        done += self._desk(tenant_id, held, dry_run=False)
        done += self._vault(tenant_id, held, dry_run=False)
        left = sum(each.records for each in self.plan(tenant_id, now=now).due)
        self._log(tenant_id, run_id, done, left, actor)
        return Settled(run_id, done, left, held)

    def _streams(self, tenant_id: str, now: datetime, held: Sequence[Hold]) -> Iterator[AgedRows]:
        datasets = {hold.target for hold in held if hold.scope == "dataset"}
        categories = {hold.target for hold in held if hold.scope == "category"}
        pseudonyms = held_people(self._hub.database, self._hub.keyring, tenant_id, held).pseudonyms
        for landed in self._landed(tenant_id):
            if f"landing.{landed.table}" not in datasets and landed.types:
                rules = rules_of(landed, now=now, held_categories=categories)
                theirs = held_values(self._hub, tenant_id, landed, pseudonyms)
                yield AgedRows(self._hub.database, tenant_id, rules, theirs, self._hook)

    def _landed(self, tenant_id: str) -> list[LandedStream]:
        hub = self._hub
        in_force = policies_in_force(hub.database, tenant_id, hub.providers, hub.policies)
        return [
            LandedStream(name, stream, in_force[name, stream.name], hub.policies[name].streams[stream.name])
            for name, provider in hub.providers.items()
            for stream in provider.streams
        ]

    def _kept_apart(self, tenant_id: str, now: datetime, held: Sequence[Hold], *, dry_run: bool) -> list[Due]:
        """What statutes kept of erased people. Whom it is of is not known any more: any hold on its kind keeps it."""
        if any(hold.scope in ("dataset", "category", "subject") for hold in held):
            return []
        found = withheld.destroy_due(self._hub.database, tenant_id, day_of(now), dry_run=dry_run)
        return [Due(dataset, category, count, "delete") for dataset, category, count in found]

    def _desk(self, tenant_id: str, held: Sequence[Hold], *, dry_run: bool) -> list[Due]:
        """Contact and content of closed requests whose person has been erased: nothing names whose they are."""
        if any(hold.scope == "dataset" and hold.target == "hub.requests" for hold in held):
            return []
        where = (
            " WHERE r.tenant_id = %s AND r.state = 'closed' AND (r.contact_cipher IS NOT NULL"
            " OR r.content_cipher IS NOT NULL OR r.answer_cipher IS NOT NULL)"
            " AND EXISTS (SELECT FROM hub.erasures e WHERE e.tenant_id = r.tenant_id AND e.request_id = r.request_id"
            "  AND e.state = 'done')"
        )
        with self._hub.database.tenant(tenant_id, "app") as connection:
            if dry_run:
                row = connection.execute(f"SELECT count(*) FROM hub.requests r{where}", (tenant_id,)).fetchone()  # noqa: S608 - our own text
                count = int(row[0]) if row else 0
            else:
                count = connection.execute(
                    "UPDATE hub.requests r SET contact_cipher = NULL, content_cipher = NULL, answer_cipher = NULL"  # noqa: S608 - our own names
                    f"{where}",
                    (tenant_id,),
                ).rowcount
        return [Due("hub.requests", _OWN, count, "erase")] if count else []

    def _vault(self, tenant_id: str, held: Sequence[Hold], *, dry_run: bool) -> list[Due]:
        """Originals and identifiers without a row. A hold on a dataset or category keeps the vault as it is."""
        if any(hold.scope in ("dataset", "category") for hold in held):
            return []
        subjects = held_people(self._hub.database, self._hub.keyring, tenant_id, held).subjects
        pairs = unreferred(self._hub, tenant_id, self._landed(tenant_id), subjects)
        count = sum(len(of_table) for of_table in pairs.values())
        if not dry_run:
            sweep(self._hub, tenant_id, pairs, subjects)
        return [Due("vault.originals", "KIMLIK", count, "crypto_shred")] if count else []

    def _log(self, tenant_id: str, run_id: UUID, done: Sequence[Due], left: int, actor: Actor) -> None:
        summed: Counter[tuple[str, str, str]] = Counter()
        for each in done:
            summed[each.dataset, each.category, each.method] += each.records
        lines: dict[str, list[list[object]]] = {}
        for (dataset, category, method), records in summed.items():
            lines.setdefault(dataset.partition(".")[0], []).append([dataset, category, records, method])
        with self._hub.database.tenant(tenant_id, "app") as connection:
            log.write(
                connection,
                tenant_id,
                lines,
                cause="retention",
                cause_id=str(run_id),
                actor=actor.name,
                verified="left" if left else "none_left",
            )
            entry = audit.Entry(
                actor,
                "retention_run",
                f"retention/{run_id}",
                result="left" if left else "ok",
                count=sum(each.records for each in done),
            )
            audit.append(connection, tenant_id, entry)
