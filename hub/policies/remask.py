"""Rewrites landed rows to what the policies in force allow: masked where they stand in clear, emptied where they must.

Originals are in the vault, in a transaction of their own, before the row that holds the value in clear is changed; the
row changes only if it still holds that value, so a newer sync is never overwritten. A run that was killed anywhere is
made good by the next: rewritten rows are told apart by their time of loading, and debts are struck off last.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hub.policies import overrides, rewrites
from hub.policies.landed_rows import Extent, LandedColumn
from hub.policies.place import Place
from hub.policies.retirement import TableColumn, retire_originals, retire_texts, vaulted_columns
from kvkk_policies.landing import landing_columns
from kvkk_policies.policy import ProviderPolicy, StreamPolicy
from kvkk_policies.regate import Again
from kvkk_policies.tightening import is_cut, tightening

if TYPE_CHECKING:
    from datetime import datetime

    from connectors.contract import Provider
    from hub.db.database import Database
    from hub.keys.keyring import Keyring
    from hub.keys.vault import Vault
    from hub.policies.rewrites import Debt
    from kvkk_policies.freetext import Detector

Hook = Callable[[str], None]
"""Called with `retired`, `vaulted` and `rewritten`, so that a proof can end the process there."""


def no_hook(stage: str) -> None:
    """What a real run uses."""
    del stage


@dataclass(frozen=True)
class Rewritten:
    """What became of one debt: rows of the landing table that changed, originals that left the vault."""

    provider: str
    stream: str
    column: str
    rows: int
    retired: int = 0


@dataclass(frozen=True)
class Remasker:
    """Makes good what tenants' landed rows are owed."""

    database: Database
    keyring: Keyring
    vault: Vault
    providers: Mapping[str, Provider]
    policies: Mapping[str, ProviderPolicy]
    detector: Detector
    hook: Hook = no_hook

    def settle(self, tenant_id: str) -> list[Rewritten]:
        """Pay every debt of a tenant, oldest first. Raises HubError `override_*` when a choice is not allowed.

        Others who would settle or decide for the same tenant wait.
        """
        with self.database.tenant(tenant_id, "app") as guard:
            rewrites.hold(guard, tenant_id)
            debts = rewrites.owed(guard, tenant_id)
            in_force = self._in_force(tenant_id) if debts else {}
            retired = [self._retire(tenant_id, debt, in_force) for debt in debts]
            done: list[Rewritten] = []
            stamps: dict[str, list[datetime]] = {}
            for debt, originals in zip(debts, retired, strict=True):
                with self.database.tenant(tenant_id, "app") as connection:
                    as_of = rewrites.begin(connection, tenant_id, debt)
                column = f"{debt.provider}.{debt.stream}.{debt.column}"
                moved = [each for name, times in stamps.items() if name != column for each in times]
                rows = self._rewrite(tenant_id, debt, in_force, Extent(debt.since, debt.policy_version, moved, as_of))
                stamps.setdefault(column, []).append(as_of)
                done.append(Rewritten(debt.provider, debt.stream, debt.column, rows, originals))
            with self.database.tenant(tenant_id, "app") as connection:
                rewrites.strike_off(connection, tenant_id, debts)
        return done

    def _in_force(self, tenant_id: str) -> dict[tuple[str, str], StreamPolicy]:
        """Streams in which the tenant chose otherwise, with the choices applied."""
        found: dict[tuple[str, str], StreamPolicy] = {}
        with self.database.tenant(tenant_id, "app") as connection:
            for name, provider in self.providers.items():
                for (stream, column), override in overrides.in_force(connection, tenant_id, name).items():
                    policy = found.get((name, stream), self.policies[name].streams.get(stream))
                    if policy is None:
                        continue
                    where = Place(provider, self.policies[name], stream, column)
                    changed = {**policy.columns, column: where.under(override)}
                    found[name, stream] = replace(policy, columns=changed)
        return found

    def _landed(self, debt: Debt, in_force: Mapping[tuple[str, str], StreamPolicy]) -> _Landed | None:
        """The column as it stands; None when it stands no more (its policy drops it by now, or nobody declares it)."""
        with suppress(KeyError):
            stream = self.providers[debt.provider].stream(debt.stream)
            base = self.policies[debt.provider].streams[debt.stream]
            types = {column.name: column.type for column in landing_columns(stream, base)}
            if debt.column in types:
                policy = in_force.get((debt.provider, debt.stream), base)
                again = Again(debt.provider, self.policies[debt.provider].version, stream, policy, debt.column)
                return _Landed(again, is_text=types[debt.column] == "text", is_json=types[debt.column] == "json")
        return None

    def _retire(self, tenant_id: str, debt: Debt, in_force: Mapping[tuple[str, str], StreamPolicy]) -> int:
        landed = self._landed(debt, in_force)
        if landed is None or not landed.is_text:
            return 0
        now = landed.again.policy.columns[debt.column]
        if not tightening(debt.was, now).retires:
            return 0
        if debt.was.action == "scan":
            name = f"{debt.provider}.{debt.stream}"
            retired = retire_texts(self.database, tenant_id, name, debt.column, mentions=now.action != "scan")
        else:
            kept = list(vaulted_columns(self.providers, self.policies, in_force))
            column: TableColumn = (f"{debt.provider}_{debt.stream}", debt.column)
            retired = retire_originals(self.database, tenant_id, column, kept)
        self.hook("retired")
        return retired

    def _rewrite(
        self, tenant_id: str, debt: Debt, in_force: Mapping[tuple[str, str], StreamPolicy], extent: Extent
    ) -> int:
        landed = self._landed(debt, in_force)
        if landed is None:
            return 0
        now = landed.again.policy.columns[debt.column]
        change = tightening(debt.was, now)
        if change.landed == "nothing":
            return 0
        rows = LandedColumn(
            table=f"{debt.provider}_{debt.stream}",
            key=landed.again.stream.key,
            column=debt.column,
            beside=tuple(policy.name for policy in landed.again.standing) if change.landed == "mask" else (),
            spares_pseudonyms=landed.is_text and not change.drops,
            spares_marked=landed.is_text and now.action == "scan",
            as_text=landed.is_json,
            extent=extent,
        )
        return self._batches(tenant_id, debt, landed.again, rows, masks=change.landed == "mask")

    def _batches(self, tenant_id: str, debt: Debt, again: Again, rows: LandedColumn, *, masks: bool) -> int:
        changed, after = 0, None
        state = again.stream.parent or again.stream.name
        while True:
            with self.database.tenant(tenant_id, "loader") as connection:
                found = rows.read(connection, tenant_id, after=after)
            if not found:
                if changed:
                    self._note_old_values(tenant_id, rows.table)  # a migration may have come in between
                return changed
            if after is None:
                self._note_old_values(tenant_id, rows.table)
            after = rows.key_of(found[-1])
            values = self._masked(tenant_id, debt, again, found) if masks else [None] * len(found)
            with self.database.tenant(tenant_id, "loader") as connection:
                count = rows.replace(connection, tenant_id, found, values)
                if count:
                    connection.execute(
                        "UPDATE hub.sync_state SET changed_at = clock_timestamp()"
                        " WHERE tenant_id = %s AND provider = %s AND stream = %s",
                        (tenant_id, debt.provider, state),
                    )
            changed += count
            self.hook("rewritten")

    def _note_old_values(self, tenant_id: str, table: str) -> None:
        """Before the first row changes, so that a run which is killed leaves it: its file keeps the old values."""
        with self.database.tenant(tenant_id, "app") as connection:
            connection.execute(
                "UPDATE hub.generated_tables SET rewrite_due = true"
                " WHERE schema_name = 'landing' AND table_name = %s AND NOT rewrite_due",
                (table,),
            )

    def _masked(self, tenant_id: str, debt: Debt, again: Again, found: Sequence[Mapping[str, Any]]) -> list[Any]:
        """New values in the rows' order, their originals safe. What was cut before cannot be masked and is emptied."""
        # A text may have stars of its own, and scanning it needs nothing that an earlier action took away.
        scans = again.policy.columns[again.column].action == "scan"
        cut = [not scans and is_cut(row[again.column]) for row in found]
        whole = [row for row, its in zip(found, cut, strict=True) if not its]
        if not whole:
            return [None] * len(found)
        from hub.keys.vault import Known

        gated = again.mask([dict(row) for row in whole], self.detector, self.keyring.tenant(tenant_id).pseudonymiser())
        self.vault.store(tenant_id, f"{debt.provider}.{debt.stream}", gated, Known(), texts_before=debt.since)
        self.hook("vaulted")
        masked = iter(gated.table.column(again.column).to_pylist())
        return [None if its else next(masked) for its in cut]


@dataclass(frozen=True)
class _Landed:
    again: Again
    is_text: bool
    is_json: bool


class DetectorOnDemand:
    """Loads the detector with the first text: most changes need none, and it takes seconds."""

    def __init__(self) -> None:
        self._detector: Detector | None = None

    def scan(self, texts: Sequence[str]) -> list[list[Any]]:
        """Personal data in each text."""
        return self._loaded().scan(texts)

    def special(self, texts: Sequence[str]) -> list[bool]:
        """Whether each text speaks of a special category."""
        return self._loaded().special(texts)

    def _loaded(self) -> Detector:
        if self._detector is None:
            from kvkk_policies.detect import ColumnScanner

            self._detector = ColumnScanner()
        return self._detector


def open_remasker(
    database: Database,
    keyring: Keyring,
    *,
    providers: Mapping[str, Provider],
    policies: Mapping[str, ProviderPolicy],
) -> Remasker:
    """A remasker with the real detector, loaded when a text needs it."""
    from hub.keys.vault import Vault

    return Remasker(database, keyring, Vault(database, keyring), providers, policies, DetectorOnDemand())
