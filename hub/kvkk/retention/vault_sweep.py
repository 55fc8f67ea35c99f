"""Originals and identifiers that no landed row refers to any more: they go, and the keys of subjects left with nothing.

Retention empties rows, and what their values stood for in the vault is over with the last of them. What a load stored
moments ago may land yet, so whatever is younger than a day is left for the next time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, LiteralString

from psycopg import sql

from hub.iys.recipients import referred
from hub.keys.shredding import shred
from kvkk_policies.canonical import canonical_or_raw, kind_of
from kvkk_policies.tightening import PSEUDONYM

if TYPE_CHECKING:
    from hub.kvkk.stores import Hub
    from hub.kvkk.stores.landed import LandedStream

Pairs = Mapping[LiteralString, list[tuple[str, str]]]
"""Kind and pseudonym, by table."""

_TIMES: dict[LiteralString, LiteralString] = {"vault.originals": "created_at", "vault.identifiers": "first_seen_at"}
_YOUNG = "interval '1 day'"
_AT_ONCE = 5_000
_UNSEEN = ("partial", "generalise", "drop")
"""Actions that leave nothing in landing by which an identifier could be told: those of such kinds are kept."""


def unreferred(hub: Hub, tenant_id: str, streams: Iterable[LandedStream], held: frozenset[str] = frozenset()) -> Pairs:
    """Originals and identifiers that may go: none of subjects that are held."""
    seen: set[str] = set()
    unseen: set[str] = set()
    for landed in streams:
        for column in landed.policy.columns.values():
            if column.kind is None:
                continue
            if column.action in _UNSEEN or landed.types.get(column.name) != "text":
                unseen |= {"tckn", "vkn"} if column.kind == "tax_number" else {column.kind}
                continue
            seen |= _referred(hub, tenant_id, landed.table, column.name, column.kind)
    seen |= referred(hub.database, tenant_id)
    found: dict[LiteralString, list[tuple[str, str]]] = {}
    with hub.database.tenant(tenant_id, "vault") as connection:
        mentions = "SELECT DISTINCT pseudonym FROM vault.mentions WHERE tenant_id = %s"
        seen |= {row[0] for row in connection.execute(mentions, (tenant_id,))}
        for table, time in _TIMES.items():
            rows = connection.execute(
                f"SELECT DISTINCT kind, pseudonym FROM {table}"  # noqa: S608 - our own names
                f" WHERE tenant_id = %s AND {time} < now() - {_YOUNG} AND NOT subject_id = ANY(%s::uuid[])"
                " ORDER BY kind, pseudonym",
                (tenant_id, sorted(held)),
            )
            found[table] = [
                (kind, pseudonym) for kind, pseudonym in rows if pseudonym not in seen and kind not in unseen
            ]
    return found


def sweep(hub: Hub, tenant_id: str, pairs: Pairs, held: frozenset[str]) -> int:
    """Delete them, except of subjects that are held, and shred keys that seal nothing; the rows deleted."""
    gone = 0
    for table, of_table in pairs.items():
        for start in range(0, len(of_table), _AT_ONCE):
            pseudonyms = [pseudonym for _, pseudonym in of_table[start : start + _AT_ONCE]]
            with hub.database.tenant(tenant_id, "vault") as connection:
                gone += connection.execute(
                    f"DELETE FROM {table} WHERE tenant_id = %s AND pseudonym = ANY(%s)"  # noqa: S608 - our own names
                    " AND NOT subject_id = ANY(%s::uuid[])",
                    (tenant_id, pseudonyms, sorted(held)),
                ).rowcount
    _shred_empty(hub, tenant_id)
    return gone


_NOTHING_LEFT = "".join(
    f" AND NOT EXISTS (SELECT FROM vault.{table} l WHERE l.tenant_id = s.tenant_id AND l.subject_id = s.subject_id)"
    for table in ("originals", "identifiers", "texts")
)


def _shred_empty(hub: Hub, tenant_id: str) -> None:
    """Subjects of whom nothing is left. Keys first: a process that dies in between finds the subjects again."""
    with hub.database.tenant(tenant_id, "vault") as connection:
        rows = connection.execute(
            "SELECT replace(subject_id::text, '-', '') FROM vault.subjects s WHERE tenant_id = %s"  # noqa: S608 - our own names
            f" AND created_at < now() - {_YOUNG}"
            f"{_NOTHING_LEFT}",
            (tenant_id,),
        )
        subjects = [row[0] for row in rows]
    for start in range(0, len(subjects), _AT_ONCE):
        some = subjects[start : start + _AT_ONCE]
        shred(hub.database, tenant_id, some)
        with hub.database.tenant(tenant_id, "vault") as connection:
            connection.execute(
                "DELETE FROM vault.subjects WHERE tenant_id = %s AND subject_id = ANY(%s::uuid[])", (tenant_id, some)
            )


def _referred(hub: Hub, tenant_id: str, table: str, column: str, kind: str) -> set[str]:
    """Pseudonyms that a column holds, and those of values that it holds in clear."""
    statement = sql.SQL("SELECT DISTINCT {} FROM {} WHERE tenant_id = %s AND {} IS NOT NULL").format(
        sql.Identifier(column), sql.Identifier("landing", table), sql.Identifier(column)
    )
    with hub.database.tenant(tenant_id, "eraser") as connection:
        values: list[Any] = [row[0] for row in connection.execute(statement, (tenant_id,))]
    standing = re.compile(PSEUDONYM).fullmatch
    clear = [value for value in values if not standing(value)]
    pseudonymiser = hub.keyring.tenant(tenant_id).pseudonymiser()
    made = {pseudonymiser.one(kind_of(kind, form), form) for form in canonical_or_raw(kind, clear)}
    return {value for value in values if standing(value)} | made
