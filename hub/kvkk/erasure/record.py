"""An erasure under way, written down so that it can be gone on with: whom, since when, and which stores are done."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

if TYPE_CHECKING:
    from datetime import datetime

    from hub.db.database import Connection, Database
    from hub.keys.journal import Journaled
    from hub.kvkk.stores import Destroyed, Held

_COLUMNS = (
    "erasure_id, request_id, array(SELECT replace(each::text, '-', '') FROM unnest(subjects) AS each), stores_done,"
    " destroyed, started_at, state = 'done'"
)


@dataclass(frozen=True)
class Erasure:
    """`destroyed` has what each store held and lost, by its name: dataset, category, records, method."""

    erasure_id: UUID
    request_id: UUID | None
    subjects: Sequence[str]
    stores_done: Sequence[str]
    destroyed: Mapping[str, Sequence[Sequence[Any]]]
    started_at: datetime
    done: bool


def unfinished(database: Database, tenant_id: str, subjects: Collection[str]) -> Erasure | None:
    """The erasure of any of these subjects that was begun and not brought to its end."""
    with database.tenant(tenant_id, "app") as connection:
        row = connection.execute(
            f"SELECT {_COLUMNS} FROM hub.erasures WHERE tenant_id = %s AND state <> 'done'"  # noqa: S608 - our own names
            " AND subjects && %s::uuid[] ORDER BY started_at LIMIT 1",
            (tenant_id, sorted(subjects)),
        ).fetchone()
    return _erasure(row) if row else None


def of_request(database: Database, tenant_id: str, request_id: UUID) -> Erasure | None:
    """The erasure that was begun for a request, done or not."""
    with database.tenant(tenant_id, "app") as connection:
        row = connection.execute(
            f"SELECT {_COLUMNS} FROM hub.erasures WHERE tenant_id = %s AND request_id = %s"  # noqa: S608 - our own names
            " ORDER BY started_at DESC LIMIT 1",
            (tenant_id, request_id),
        ).fetchone()
    return _erasure(row) if row else None


def begin(connection: Connection, tenant_id: str, subjects: Collection[str], request_id: UUID | None) -> Erasure:
    """Write a new erasure down. Its start, by the database's clock, divides what was from a new relation."""
    row = connection.execute(
        "INSERT INTO hub.erasures (tenant_id, erasure_id, request_id, state, subjects, started_at)"  # noqa: S608 - our own names
        f" VALUES (%s, %s, %s, 'executing', %s::uuid[], clock_timestamp()) RETURNING {_COLUMNS}",
        (tenant_id, uuid4(), request_id, sorted(subjects)),
    ).fetchone()
    if row is None:
        raise RuntimeError("an INSERT that succeeds returns its row")
    return _erasure(row)


def adopt(database: Database, tenant_id: str, erased: Journaled) -> Erasure:
    """Write down an erasure that the journal knows and this database does not, or not as finished; nothing is done."""
    with database.tenant(tenant_id, "app") as connection:
        row = connection.execute(
            "INSERT INTO hub.erasures (tenant_id, erasure_id, state, subjects, started_at)"  # noqa: S608 - our own names
            " VALUES (%s, %s, 'executing', %s::uuid[], %s) ON CONFLICT (tenant_id, erasure_id)"
            f" DO UPDATE SET state = 'executing', stores_done = '{{}}', destroyed = '{{}}' RETURNING {_COLUMNS}",
            (tenant_id, erased.erasure_id, sorted(erased.subjects), erased.erased_at),
        ).fetchone()
    if row is None:
        raise RuntimeError("an INSERT that succeeds returns its row")
    return _erasure(row)


def note_scope(database: Database, tenant_id: str, erasure: Erasure, store: str, held: Sequence[Held]) -> None:
    """What a store holds before it begins: a store that is killed half-way would count the rest only."""
    _put(database, tenant_id, erasure, store, [[each.dataset, each.category, each.records, "erase"] for each in held])


def note_done(database: Database, tenant_id: str, erasure: Erasure, store: str, lost: Sequence[Destroyed]) -> None:
    """What a store destroyed, and that it is done. What it held when the erasure began counts where that was more."""
    before = {(row[0], row[1]): row for row in (current(database, tenant_id, erasure).get(store, ()))}
    for each in lost:
        key = each.dataset, each.category
        most = max(each.records, before[key][2] if key in before else 0)
        before[key] = [each.dataset, each.category, most, each.method]
    _put(database, tenant_id, erasure, store, list(before.values()), done=True)


def current(database: Database, tenant_id: str, erasure: Erasure) -> dict[str, list[list[Any]]]:
    """What has been noted so far, by store."""
    with database.tenant(tenant_id, "app") as connection:
        row = connection.execute(
            "SELECT destroyed FROM hub.erasures WHERE tenant_id = %s AND erasure_id = %s",
            (tenant_id, erasure.erasure_id),
        ).fetchone()
    return dict(row[0]) if row else {}


def end(connection: Connection, tenant_id: str, erasure: Erasure, state: str) -> None:
    """`done`, or `failed` when something was left. What was destroyed is in the log by then and is not noted twice."""
    connection.execute(
        "UPDATE hub.erasures SET state = %s, finished_at = CASE WHEN %s = 'done' THEN now() END, destroyed = '{}',"
        " stores_done = CASE WHEN %s = 'done' THEN stores_done ELSE '{}' END"
        " WHERE tenant_id = %s AND erasure_id = %s",
        (state, state, state, tenant_id, erasure.erasure_id),
    )


def _put(
    database: Database, tenant_id: str, erasure: Erasure, store: str, lines: list[list[Any]], *, done: bool = False
) -> None:
    from psycopg.types.json import Jsonb

    with database.tenant(tenant_id, "app") as connection:
        connection.execute(
            "UPDATE hub.erasures SET destroyed = destroyed || %s, state = 'executing',"
            " stores_done = CASE WHEN %s THEN array_append(stores_done, %s) ELSE stores_done END"
            " WHERE tenant_id = %s AND erasure_id = %s",
            (Jsonb({store: lines}), done, store, tenant_id, erasure.erasure_id),
        )


def _erasure(row: Sequence[Any]) -> Erasure:
    return Erasure(row[0], row[1], tuple(row[2]), tuple(row[3]), dict(row[4]), row[5], row[6])
