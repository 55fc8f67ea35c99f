"""Writes what the gate took out of a page: encrypted originals and the subject index, before the page may land.

The write is idempotent and in a transaction of its own. An original whose landing row never came is harmless (nothing
points at it, and the sweep removes it); a landing row without its original would be a loss, so the order is fixed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from hub.database import Database
    from hub.keyring import Keyring, SubjectKey, TenantKeys
    from kvkk_policies.gated import Gated, Original, TextOriginal

    Connection = Any


@dataclass(frozen=True)
class VaultWritten:
    """Counts of one page: what was new to the vault."""

    subjects: int = 0
    originals: int = 0
    texts: int = 0
    mentions: int = 0


class Vault:
    """The only writer of `vault`, under the vault role. Reading originals is another module's, with a purpose."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._database = database
        self._keyring = keyring

    def store(self, tenant_id: str, table: str, gated: Gated) -> VaultWritten:
        """Keep the originals, identifiers, texts and mentions of one gated page. `table` is `<provider>.<stream>`.

        Subject keys are committed on the keys cluster first: an original is never stored under a key that may be lost.
        """
        if not (gated.originals or gated.identifiers or gated.texts or gated.mentions):
            return VaultWritten()
        tenant = self._keyring.tenant(tenant_id)
        subject_of = _SubjectIds(tenant)
        with self._database.tenant(tenant_id, "vault") as connection:
            originals = _unknown_originals(connection, gated.originals, subject_of)
        keys = self._keyring.subjects(
            tenant_id,
            [subject_of(*original.anchor) for original in originals]
            + [subject_of(*text.anchor) for text in gated.texts],
        )
        with self._database.tenant(tenant_id, "vault") as connection:
            _write_subjects(connection, tenant_id, gated, subject_of)
            _write_identifiers(connection, tenant_id, table, gated, subject_of)
            _write_originals(connection, tenant_id, originals, subject_of, keys)
            _write_texts(connection, tenant_id, table, gated.texts, subject_of, keys)
            _write_mentions(connection, tenant_id, table, gated)
        return VaultWritten(len(subject_of.seen), len(originals), len(gated.texts), len(gated.mentions))


class _SubjectIds:
    """Anchors to subject ids, each derived once a page."""

    def __init__(self, tenant: TenantKeys) -> None:
        self._tenant = tenant
        self.seen: dict[tuple[str, str], UUID] = {}

    def __call__(self, kind: str, pseudonym: str) -> UUID:
        found = self.seen.get((kind, pseudonym))
        if found is None:
            found = self._tenant.subject_id(kind, pseudonym)
            self.seen[kind, pseudonym] = found
        return found


def original_identity(tenant_id: str, kind: str, pseudonym: str, subject: UUID, generation: int) -> str:
    """What an original's ciphertext is bound to."""
    return f"vault.originals|{tenant_id}|{kind}|{pseudonym}|{subject}|{generation}"


def text_identity(tenant_id: str, table: str, row_key: str, column: str, subject: UUID, generation: int) -> str:
    """What a free text's ciphertext is bound to."""
    return f"vault.texts|{tenant_id}|{table}|{row_key}|{column}|{subject}|{generation}"


def _unknown_originals(
    connection: Connection, originals: Sequence[Original], subject_of: _SubjectIds
) -> list[Original]:
    # Encrypting again what is stored already would cost more than this look-up: most identifiers come back every sync.
    if not originals:
        return []
    subjects = [subject_of(*original.anchor) for original in originals]
    cursor = connection.execute(
        "SELECT w.position FROM unnest(%s::text[], %s::text[], %s::uuid[]) WITH ORDINALITY"
        " AS w(kind, pseudonym, subject_id, position)"
        " WHERE NOT EXISTS (SELECT FROM vault.originals o WHERE o.kind = w.kind AND o.pseudonym = w.pseudonym"
        " AND o.subject_id = w.subject_id)",
        ([o.kind for o in originals], [o.pseudonym for o in originals], subjects),
    )
    return [originals[position - 1] for (position,) in cursor]


def _write_subjects(connection: Connection, tenant_id: str, gated: Gated, subject_of: _SubjectIds) -> None:
    for anchored in (gated.originals, gated.identifiers, gated.texts):
        for item in anchored:
            subject_of(*item.anchor)
    connection.execute(
        "INSERT INTO vault.subjects (tenant_id, subject_id) SELECT %s, * FROM unnest(%s::uuid[]) ORDER BY 2"
        " ON CONFLICT DO NOTHING",
        (tenant_id, list(subject_of.seen.values())),
    )


def _write_identifiers(
    connection: Connection, tenant_id: str, table: str, gated: Gated, subject_of: _SubjectIds
) -> None:
    if not gated.identifiers:
        return
    rows = gated.identifiers
    connection.execute(
        "INSERT INTO vault.identifiers (tenant_id, kind, pseudonym, subject_id, strength, source)"
        " SELECT %s, * FROM unnest(%s::text[], %s::text[], %s::uuid[], %s::text[], %s::text[]) ORDER BY 2, 3, 4"
        " ON CONFLICT DO NOTHING",
        (
            tenant_id,
            [row.kind for row in rows],
            [row.pseudonym for row in rows],
            [subject_of(*row.anchor) for row in rows],
            [row.strength for row in rows],
            [f"{table}.{row.column}" for row in rows],
        ),
    )


def _write_originals(
    connection: Connection,
    tenant_id: str,
    originals: Sequence[Original],
    subject_of: _SubjectIds,
    keys: dict[UUID, SubjectKey],
) -> None:
    if not originals:
        return
    subjects = [subject_of(*original.anchor) for original in originals]
    generations = [keys[subject].generation for subject in subjects]
    sealed = [
        keys[subject].seal(
            original_identity(tenant_id, original.kind, original.pseudonym, subject, generation),
            original.value.encode(),
        )
        for original, subject, generation in zip(originals, subjects, generations, strict=True)
    ]
    connection.execute(
        "INSERT INTO vault.originals (tenant_id, kind, pseudonym, subject_id, key_generation, ciphertext)"
        " SELECT %s, * FROM unnest(%s::text[], %s::text[], %s::uuid[], %s::int[], %s::bytea[]) ORDER BY 2, 3, 4"
        " ON CONFLICT DO NOTHING",
        (
            tenant_id,
            [original.kind for original in originals],
            [original.pseudonym for original in originals],
            subjects,
            generations,
            sealed,
        ),
    )


def _write_texts(
    connection: Connection,
    tenant_id: str,
    table: str,
    texts: Sequence[TextOriginal],
    subject_of: _SubjectIds,
    keys: dict[UUID, SubjectKey],
) -> None:
    if not texts:
        return
    subjects = [subject_of(*text.anchor) for text in texts]
    generations = [keys[subject].generation for subject in subjects]
    sealed = [
        keys[subject].seal(
            text_identity(tenant_id, table, text.row_key, text.column, subject, generation), text.value.encode()
        )
        for text, subject, generation in zip(texts, subjects, generations, strict=True)
    ]
    connection.execute(
        "INSERT INTO vault.texts (tenant_id, stream, row_key, column_name, subject_id, key_generation, ciphertext)"
        " SELECT %s, %s, * FROM unnest(%s::text[], %s::text[], %s::uuid[], %s::int[], %s::bytea[]) ORDER BY 3, 4"
        " ON CONFLICT (tenant_id, stream, row_key, column_name) DO UPDATE SET subject_id = excluded.subject_id,"
        " key_generation = excluded.key_generation, ciphertext = excluded.ciphertext, created_at = now()",
        (
            tenant_id,
            table,
            [text.row_key for text in texts],
            [text.column for text in texts],
            subjects,
            generations,
            sealed,
        ),
    )


def _write_mentions(connection: Connection, tenant_id: str, table: str, gated: Gated) -> None:
    if not gated.mentions:
        return
    rows = gated.mentions
    connection.execute(
        "INSERT INTO vault.mentions (tenant_id, stream, row_key, column_name, kind, pseudonym)"
        " SELECT %s, %s, * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[]) ORDER BY 3, 4, 5, 6"
        " ON CONFLICT DO NOTHING",
        (
            tenant_id,
            table,
            [row.row_key for row in rows],
            [row.column for row in rows],
            [row.kind for row in rows],
            [row.pseudonym for row in rows],
        ),
    )
