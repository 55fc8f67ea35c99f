"""What a statute keeps of an erased person: out of reach for everybody, sealed, and destroyed on a day that is known.

The person's own key is shredded all the same, so what is kept is sealed anew under the tenant's key, bound to its
place. Landing and the subject index forget the person: what is kept can be found by its record (a payment) and not by
the person. Who may read it stands in hub/kvkk/erasure/withheld_records.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from hub.keys.vault import original_identity
from hub.kvkk import audit
from hub.kvkk.retention.statutes import STATUTES, Statute, keeping

if TYPE_CHECKING:
    from uuid import UUID

    from hub.db.database import Database
    from hub.kvkk.audit import Actor
    from hub.kvkk.stores import Hub
    from hub.kvkk.stores.landed import PersonsRows, Row
    from hub.kvkk.traces import Traces

SEALED_FOR = "vault.withheld"


@dataclass(frozen=True)
class Kept:
    """What a statute keeps: the article, of which dataset, how many values, and when the last of them is destroyed."""

    article: str
    dataset: str
    records: int
    due: date


@dataclass(frozen=True)
class _Value:
    """One value that must be kept. `pseudonym` leads to its original."""

    row_key: str
    column: str
    category: str
    pseudonym: str
    article: str
    due: date


def withhold(
    hub: Hub,
    streams: Sequence[PersonsRows],
    traces: Traces,
    *,
    erasure_id: UUID,
    today: date,
    actor: Actor,
    statutes: tuple[Statute, ...] = STATUTES,
) -> None:
    """Seal what statutes keep, before anything is destroyed. Repeating it changes nothing."""
    for rows in streams:
        name = f"{rows.landed.provider}.{rows.landed.stream.name}"
        if not any(name in statute.columns for statute in statutes):
            continue
        values = [
            value for row in _all(hub, rows, traces.tenant_id) for value in _kept(rows, row, name, today, statutes)
        ]
        if values:
            entry = audit.Entry(
                actor,
                "originals_read",
                f"hub.erasures/{erasure_id}",
                purpose="statutory_retention",
                legal_basis="law",
                count=len(values),
                details={"dataset": name},
            )
            audit.record(hub.database, traces.tenant_id, entry)
            _seal(hub, traces, name, values, erasure_id)


def kept_of(database: Database, tenant_id: str, erasure_id: UUID) -> list[Kept]:
    """What an erasure had to leave, by article and dataset."""
    with database.tenant(tenant_id, "vault") as connection:
        rows = connection.execute(
            "SELECT article, 'landing.' || replace(stream, '.', '_'), count(*), max(due_on) FROM vault.withheld"
            " WHERE tenant_id = %s AND erasure_id = %s GROUP BY article, stream ORDER BY article, stream",
            (tenant_id, erasure_id),
        ).fetchall()
    return [Kept(*row) for row in rows]


def destroy_due(database: Database, tenant_id: str, today: date, *, dry_run: bool) -> list[tuple[str, str, int]]:
    """Delete what is kept no longer (or count it): dataset, category, values."""
    with database.tenant(tenant_id, "vault") as connection:
        rows = connection.execute(
            "SELECT 'landing.' || replace(stream, '.', '_'), category, count(*) FROM vault.withheld"
            " WHERE tenant_id = %s AND due_on <= %s GROUP BY stream, category ORDER BY stream, category",
            (tenant_id, today),
        ).fetchall()
        if rows and not dry_run:
            connection.execute("DELETE FROM vault.withheld WHERE tenant_id = %s AND due_on <= %s", (tenant_id, today))
    return [(dataset, category, count) for dataset, category, count in rows]


def _all(hub: Hub, rows: PersonsRows, tenant_id: str) -> list[Row]:
    found: list[Row] = []
    after: tuple[Any, ...] | None = None
    with hub.database.tenant(tenant_id, "eraser") as connection:
        while batch := rows.batch(connection, after):
            found += batch
            after = rows.key_of(batch[-1])
    return found


def _kept(rows: PersonsRows, row: Row, name: str, today: date, statutes: tuple[Statute, ...]) -> list[_Value]:
    day = _day(row.get(rows.landed.dated or ""))
    found: list[_Value] = []
    for column in rows.change(row):
        kept = keeping(name, column, day, statutes) if day else None
        if kept is not None and kept[1] > today and isinstance(row[column], str):
            key = "|".join(str(part) for part in rows.key_of(row))
            found.append(_Value(key, column, rows.landed.category(column), row[column], *kept))
    return found


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        from connectors.istanbul import day_of

        return day_of(value)
    return value if isinstance(value, date) else None


def _seal(hub: Hub, traces: Traces, name: str, values: Sequence[_Value], erasure_id: UUID) -> None:
    keys = hub.keyring.tenant(traces.tenant_id)
    originals = _originals(hub, traces, {value.pseudonym for value in values})
    with hub.database.tenant(traces.tenant_id, "vault") as connection:
        for value in values:
            original = originals.get(value.pseudonym)
            if original is None:
                continue  # `pseudonymise`: the tenant never had it in clear
            sealed = keys.seal(SEALED_FOR, identity_of(name, value.row_key, value.column), original)
            connection.execute(
                "INSERT INTO vault.withheld (tenant_id, stream, row_key, column_name, erasure_id, article, category,"
                " due_on, ciphertext) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
                (
                    traces.tenant_id,
                    name,
                    value.row_key,
                    value.column,
                    erasure_id,
                    value.article,
                    value.category,
                    value.due,
                    sealed,
                ),
            )


def _originals(hub: Hub, traces: Traces, pseudonyms: set[str]) -> dict[str, bytes]:
    with hub.database.tenant(traces.tenant_id, "vault") as connection:
        rows = connection.execute(
            "SELECT kind, pseudonym, replace(subject_id::text, '-', ''), key_generation, ciphertext"
            " FROM vault.originals WHERE tenant_id = %s AND subject_id = ANY(%s::uuid[]) AND pseudonym = ANY(%s)",
            (traces.tenant_id, sorted(traces.subjects | traces.shared_subjects), sorted(pseudonyms)),
        ).fetchall()
    keys = hub.keyring.subjects(traces.tenant_id, {row[2] for row in rows})
    return {
        pseudonym: keys[subject].open(
            original_identity(traces.tenant_id, kind, pseudonym, subject, generation), bytes(sealed)
        )
        for kind, pseudonym, subject, generation, sealed in rows
    }


def identity_of(stream: str, row_key: str, column: str) -> str:
    """What binds a sealed value to its place."""
    return f"{stream}|{row_key}|{column}"
