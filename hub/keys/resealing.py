"""Seals anew, under the generation in force, what lies under an older one of a tenant's keys.

In batches, each committed: killed anywhere, the next pass goes on with what is left. A value is replaced only if it is
still the one that was read, so that nothing which changed or was destroyed meanwhile comes back. What lies under a
generation that is destroyed already (an older data dump brought it) is lost: it is counted, and holds nothing up.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from hub.db.staging import Staging
from hub.errors import HubError
from hub.keys.sealed import UNDER_TENANT_KEYS, WRAPPED_DAILY_KEYS, Sealed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from psycopg import sql

    from hub.db.database import Connection, Database
    from hub.keys.keyring import TenantKeys

BATCH_ROWS = 1_000

SUBJECT_KEYS = "keys.subject_keys.wrapped_key"

_STORES = (*UNDER_TENANT_KEYS, WRAPPED_DAILY_KEYS)

_REPLACED = Staging({"subject_id": "uuid", "generation": "int", "was": "bytea", "wrapped_key": "bytea"})


class Resealed:
    """What a pass did: values sealed anew and values that did not open, by `schema.table.column`."""

    def __init__(self) -> None:
        self.done: Counter[str] = Counter()
        self.unreadable: Counter[str] = Counter()


def reseal(
    database: Database, keys: TenantKeys, *, tables: Sequence[Sealed] = _STORES, on_batch: Callable[[], None]
) -> Resealed:
    """One pass over every store. `keys` hold the generation in force and those before it."""
    result = Resealed()
    for sealed in tables:
        for done, unreadable in _column(database, keys, sealed):
            result.done[sealed.name] += done
            result.unreadable[sealed.name] += unreadable
            on_batch()
    for done, unreadable in _subject_keys(database, keys):
        result.done[SUBJECT_KEYS] += done
        result.unreadable[SUBJECT_KEYS] += unreadable
        on_batch()
    result.unreadable += Counter[str]()
    return result


def left(database: Database, keys: TenantKeys) -> int:
    """Values that still lie under a generation which is retired and not destroyed."""
    with database.tenant_keys(keys.tenant_id) as connection:
        of_subjects = _counted_subject_keys(connection, keys.tenant_id, keys.oldest_generation, keys.generation)
    return of_subjects + sum(_counted(database, keys.tenant_id, keys.oldest_generation, keys.generation).values())


def left_of_wrapped_keys(connection: Connection, keys: TenantKeys) -> int:
    """The same of wrapped keys of subjects and days alone, in a transaction on the key cluster."""
    bounds = keys.tenant_id, keys.oldest_generation, keys.generation
    return _counted_subject_keys(connection, *bounds) + _counted_in(connection, WRAPPED_DAILY_KEYS, *bounds)


def lost(database: Database, keys: TenantKeys) -> dict[str, int]:
    """Values under generations that are destroyed, by `schema.table.column`; stores without any are left out."""
    found = _counted(database, keys.tenant_id, 0, keys.oldest_generation)
    with database.tenant_keys(keys.tenant_id) as connection:
        found[SUBJECT_KEYS] = _counted_subject_keys(connection, keys.tenant_id, 0, keys.oldest_generation)
    return {name: count for name, count in found.items() if count}


def _counted(database: Database, tenant_id: str, oldest: int, newer: int) -> dict[str, int]:
    found: dict[str, int] = {}
    for sealed in _STORES:
        with _scope(database, tenant_id, sealed) as connection:
            found[sealed.name] = _counted_in(connection, sealed, tenant_id, oldest, newer)
    return found


def _counted_in(connection: Connection, sealed: Sealed, tenant_id: str, oldest: int, newer: int) -> int:
    row = connection.execute(
        _composed(
            "SELECT count(*) FROM {table} WHERE tenant_id = %(tenant)s AND {column} >= %(oldest)s"
            " AND {column} < %(newer)s AND octet_length({column}) > 2",
            sealed,
        ),
        {"tenant": tenant_id, "oldest": _prefix(oldest), "newer": _prefix(newer)},
    ).fetchone()
    return row[0] if row else 0


def _counted_subject_keys(connection: Connection, tenant_id: str, oldest: int, newer: int) -> int:
    row = connection.execute(
        "SELECT count(*) FROM keys.subject_keys WHERE tenant_id = %s AND wrapped_key >= %s AND wrapped_key < %s",
        (tenant_id, _prefix(oldest), _prefix(newer)),
    ).fetchone()
    return row[0] if row else 0


def _prefix(generation: int) -> bytes:
    # A ciphertext begins with its generation, most significant byte first: older ones sort before it.
    return generation.to_bytes(2, "big")


def _column(database: Database, keys: TenantKeys, sealed: Sealed) -> Iterator[tuple[int, int]]:
    after: tuple[Any, ...] | None = None
    while True:
        with _scope(database, keys.tenant_id, sealed) as connection:
            rows = connection.execute(
                _composed(
                    "SELECT {column}, {identity}, {row} FROM {table} WHERE tenant_id = %(tenant)s"
                    " AND {column} >= %(oldest)s AND {column} < %(newer)s AND octet_length({column}) > 2"
                    " AND (%(first)s OR ({row}) > ({after})) ORDER BY {row} LIMIT %(rows)s",
                    sealed,
                ),
                {
                    "tenant": keys.tenant_id,
                    "oldest": _prefix(keys.oldest_generation),
                    "newer": _prefix(keys.generation),
                    "first": after is None,
                    "rows": BATCH_ROWS,
                    **_named("after", after or (None,) * len(sealed.row)),
                },
            ).fetchall()
            done = unreadable = 0
            for value, *rest in rows:
                row = tuple(rest[len(sealed.identity) :])
                identity = "|".join(str(part) for part in rest[: len(sealed.identity)])
                anew = _anew(keys, sealed.purpose, identity, bytes(value))
                if anew is None:
                    unreadable += 1
                    continue
                done += connection.execute(
                    _composed(
                        "UPDATE {table} SET {column} = %(anew)s"
                        " WHERE tenant_id = %(tenant)s AND ({row}) = ({after}) AND {column} = %(was)s",
                        sealed,
                    ),
                    {"tenant": keys.tenant_id, "anew": anew, "was": value, **_named("after", row)},
                ).rowcount
                after = row
            if rows:
                after = tuple(rows[-1][1 + len(sealed.identity) :])
        if not rows:
            return
        yield done, unreadable


def _subject_keys(database: Database, keys: TenantKeys) -> Iterator[tuple[int, int]]:
    after: tuple[str, int] | None = None
    while True:
        with database.tenant_keys(keys.tenant_id) as connection:
            rows = connection.execute(
                "SELECT replace(subject_id::text, '-', ''), generation, wrapped_key FROM keys.subject_keys"
                " WHERE tenant_id = %(tenant)s AND wrapped_key >= %(oldest)s AND wrapped_key < %(newer)s"
                " AND (%(first)s OR (subject_id, generation) > (%(subject)s::uuid, %(generation)s::int))"
                " ORDER BY subject_id, generation LIMIT %(rows)s",
                {
                    "tenant": keys.tenant_id,
                    "oldest": _prefix(keys.oldest_generation),
                    "newer": _prefix(keys.generation),
                    "first": after is None,
                    "subject": after[0] if after else None,
                    "generation": after[1] if after else None,
                    "rows": BATCH_ROWS,
                },
            ).fetchall()
            sealed = [(row, _anew(keys, "subject-key", f"{row[0]}|{row[1]}", bytes(row[2]))) for row in rows]
            anew = [(*row, text) for row, text in sealed if text is not None]
            done = _replace(connection, keys.tenant_id, anew) if anew else 0
        if not rows:
            return
        after = rows[-1][0], rows[-1][1]
        yield done, len(rows) - len(anew)


def _replace(connection: Connection, tenant_id: str, rows: Sequence[tuple[str, int, bytes, bytes]]) -> int:
    subjects, generations, were, anew = zip(*rows, strict=True)
    cursor = _REPLACED.execute(
        connection,
        "UPDATE keys.subject_keys k SET wrapped_key = r.wrapped_key FROM (SELECT * FROM {rows}) r"
        " WHERE k.tenant_id = %(tenant)s AND k.subject_id = r.subject_id AND k.generation = r.generation"
        " AND k.wrapped_key = r.was",
        [list(subjects), list(map(str, generations)), list(map(_hex, were)), list(map(_hex, anew))],
        {"tenant": tenant_id},
    )
    return cursor.rowcount


def _anew(keys: TenantKeys, purpose: str, identity: str, ciphertext: bytes) -> bytes | None:
    try:
        return keys.seal(purpose, identity, keys.open(purpose, identity, ciphertext))
    except HubError:
        return None


def _scope(database: Database, tenant_id: str, sealed: Sealed) -> AbstractContextManager[Connection]:
    if sealed.table.startswith("keys."):
        return database.tenant_keys(tenant_id)
    return database.tenant(tenant_id, "vault" if sealed.table.startswith("vault.") else "app")


def _composed(statement: str, sealed: Sealed) -> sql.Composed:
    from psycopg import sql

    def columns(names: Sequence[str]) -> sql.Composed:
        return sql.SQL(", ").join(map(sql.Identifier, names))

    return sql.SQL(statement).format(  # pyright: ignore[reportArgumentType] - our own words
        table=sql.Identifier(*sealed.table.split(".")),
        column=sql.Identifier(sealed.column),
        identity=columns(sealed.identity),
        row=columns(sealed.row),
        after=sql.SQL(", ").join(sql.Placeholder(name) for name in _named("after", sealed.row)),
    )


def _named(prefix: str, values: Sequence[Any]) -> dict[str, Any]:
    return {f"{prefix}_{place}": value for place, value in enumerate(values)}


def _hex(data: bytes) -> str:
    return "\\x" + data.hex()
