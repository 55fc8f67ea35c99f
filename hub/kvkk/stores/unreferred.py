"""Originals to which nothing that landed refers any more: they go, whoever they were thought to be about.

A row may name the same person twice as two subjects (a customer, and the contact on her own bill). The erasure empties
both columns, but by the index alone the second name is somebody else's. What tells is that no row refers to it now.

Only originals that stand for their own value are meant, and those of subjects that stand for a shared identifier; the
rest goes with its subject. Streams stand still meanwhile and their fences are raised, as in hub/policies/retirement.py:
a load that looked before commits nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

from hub.keys.shredding import shred
from hub.policies.in_force import policies_in_force
from hub.policies.retirement import vaulted_columns
from kvkk_policies.tightening import PSEUDONYM
from kvkk_policies.vocabulary import IDENTIFIER_KINDS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from hub.db.database import Connection
    from hub.keys.keyring import TenantKeys
    from hub.kvkk.stores import Hub

Kept = tuple[str, str, str]
"""Kind, pseudonym and subject of an original."""

_WITHOUT = "NOT EXISTS (SELECT FROM {} o WHERE o.tenant_id = s.tenant_id AND o.subject_id = s.subject_id)"


def remove_unreferred(hub: Hub, tenant_id: str, shared_subjects: Collection[str] = ()) -> int:
    """Delete them, with the keys of subjects that had nothing else; how many went.

    `shared_subjects` stand for identifiers that were the person's for some days: what the rows of those days brought
    is sealed for them, beside what belongs to the others.
    """
    with hub.database.tenant(tenant_id, "app") as guard:
        guard.execute(
            "SELECT 1 FROM hub.sync_state WHERE tenant_id = %s ORDER BY provider, stream FOR UPDATE", (tenant_id,)
        )
        unreferred = find_unreferred(hub, tenant_id, shared_subjects)
        if not unreferred:
            return 0
        kinds, pseudonyms, subjects = (list(column) for column in zip(*unreferred, strict=True))
        with hub.database.tenant(tenant_id, "vault") as connection:
            connection.execute(
                "DELETE FROM vault.originals WHERE tenant_id = %s AND (kind, pseudonym, subject_id) IN"
                " (SELECT * FROM unnest(%s::text[], %s::text[], %s::uuid[]))",
                (tenant_id, kinds, pseudonyms, subjects),
            )
            alone = _with_nothing_else(connection, tenant_id, subjects)
        shred(hub.database, tenant_id, alone)
        with hub.database.tenant(tenant_id, "vault") as connection:
            connection.execute(
                "DELETE FROM vault.subjects WHERE tenant_id = %s AND subject_id = ANY(%s::uuid[])", (tenant_id, alone)
            )
        guard.execute("UPDATE hub.sync_state SET fence = fence + 1 WHERE tenant_id = %s", (tenant_id,))
    return len(unreferred)


def find_unreferred(hub: Hub, tenant_id: str, shared_subjects: Collection[str] = ()) -> list[Kept]:
    """Originals of names, addresses and the like whose subject is the value itself, and which no row refers to.

    Of shared subjects every original, the identifier's own too.
    """
    keys = hub.keyring.tenant(tenant_id)
    with hub.database.tenant(tenant_id, "vault") as connection:
        candidates = sorted(
            {*_standing_for_themselves(connection, keys), *_of_subjects(connection, tenant_id, shared_subjects)}
        )
    if not candidates:
        return []
    with hub.database.tenant(tenant_id, "loader") as connection:
        landed = _landed(hub, connection, tenant_id, {pseudonym for _, pseudonym, _ in candidates})
    return [each for each in candidates if each[1] not in landed]


def _standing_for_themselves(connection: Connection, keys: TenantKeys) -> Iterable[Kept]:
    rows = connection.execute(
        "SELECT kind, pseudonym, replace(subject_id::text, '-', '') FROM vault.originals o"
        " WHERE tenant_id = %s AND NOT kind = ANY(%s) AND NOT EXISTS (SELECT FROM vault.mentions m"
        " WHERE m.tenant_id = o.tenant_id AND m.kind = o.kind AND m.pseudonym = o.pseudonym)",
        (keys.tenant_id, list(IDENTIFIER_KINDS)),
    )
    return [row for row in rows if row[2] == keys.subject_id(row[0], row[1])]


def _of_subjects(connection: Connection, tenant_id: str, subjects: Collection[str]) -> list[Kept]:
    rows = connection.execute(
        "SELECT kind, pseudonym, replace(subject_id::text, '-', '') FROM vault.originals o"
        " WHERE tenant_id = %s AND subject_id = ANY(%s::uuid[]) AND NOT EXISTS (SELECT FROM vault.mentions m"
        " WHERE m.tenant_id = o.tenant_id AND m.kind = o.kind AND m.pseudonym = o.pseudonym)",
        (tenant_id, sorted(subjects)),
    )
    return rows.fetchall()


def _landed(hub: Hub, connection: Connection, tenant_id: str, wanted: set[str]) -> set[str]:
    in_force = policies_in_force(hub.database, tenant_id, hub.providers, hub.policies)
    found: set[str] = set()
    for table, column in vaulted_columns(hub.providers, hub.policies, in_force):
        query = sql.SQL("SELECT DISTINCT {1} FROM {0} WHERE tenant_id = %s AND {1} ~ %s").format(
            sql.Identifier("landing", table), sql.Identifier(column)
        )
        found |= wanted.intersection(row[0] for row in connection.execute(query, (tenant_id, f"^{PSEUDONYM}$")))
    return found


def _with_nothing_else(connection: Connection, tenant_id: str, subjects: list[str]) -> list[str]:
    without = " AND ".join(_WITHOUT.format(table) for table in ("vault.originals", "vault.texts", "vault.identifiers"))
    rows = connection.execute(
        "SELECT replace(s.subject_id::text, '-', '') FROM vault.subjects s"  # noqa: S608 - our own names
        f" WHERE s.tenant_id = %s AND s.subject_id = ANY(%s::uuid[]) AND {without}".encode(),
        (tenant_id, subjects),
    )
    return [row[0] for row in rows]
