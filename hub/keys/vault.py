"""Writes what the gate took out of a page: encrypted originals and the subject index, before the page may land.

The write is idempotent and in a transaction of its own. An original whose landing row never came is harmless (nothing
points at it, and the sweep removes it); a landing row without its original would be a loss, so the order is fixed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, LiteralString

from hub.db.staging import Staging

if TYPE_CHECKING:
    from datetime import datetime

    from hub.db.database import Database
    from hub.keys.keyring import Keyring, SubjectKey, TenantKeys
    from kvkk_policies.gated import Anchor, Gated, Identifier, Original, TextOriginal

    Connection = Any


Columns = dict[LiteralString, LiteralString]
_SEALED: Columns = {"subject_id": "uuid", "key_generation": "int", "ciphertext": "bytea"}
_IDENTIFIER: Columns = {"kind": "text", "pseudonym": "text", "subject_id": "uuid"}
_PLACE: Columns = {"row_key": "text", "column_name": "text"}
_WANTED = Staging({**_IDENTIFIER, "position": "int"})
_IDENTIFIERS = Staging({**_IDENTIFIER, "strength": "text", "source": "text"})
_ORIGINALS = Staging({"kind": "text", "pseudonym": "text", **_SEALED})
_TEXTS = Staging({**_PLACE, **_SEALED})
_MENTIONS = Staging({**_PLACE, "kind": "text", "pseudonym": "text"})


KNOWN_AT_MOST = 100_000
"""About 200 bytes each."""


class Known:
    """What one load has stored so far, since the same people come back page after page.

    Meant for a single load: what an earlier one stored may have been erased meanwhile.
    """

    def __init__(self) -> None:
        self._originals: set[tuple[str, Anchor]] = set()
        self._identifiers: set[Identifier] = set()

    def new(self, gated: Gated) -> tuple[list[Original], list[Identifier]]:
        """The page's originals and identifiers that this load has not stored yet."""
        # Pseudonyms begin with their kind, and no two tenants share one.
        originals = [each for each in gated.originals if (each.pseudonym, each.anchor) not in self._originals]
        return originals, [each for each in gated.identifiers if each not in self._identifiers]

    def add(self, originals: Sequence[Original], identifiers: Sequence[Identifier]) -> None:
        """Remember what has been committed, of an original not its value."""
        if len(self._originals) + len(self._identifiers) > KNOWN_AT_MOST:
            self._originals.clear()
            self._identifiers.clear()
        self._originals.update((each.pseudonym, each.anchor) for each in originals)
        self._identifiers.update(identifiers)


class Vault:
    """The only writer of `vault`, under the vault role. Reading originals is another module's, with a purpose."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._database = database
        self._keyring = keyring

    def store(
        self, tenant_id: str, table: str, gated: Gated, known: Known, *, texts_before: datetime | None = None
    ) -> None:
        """Keep the originals, identifiers, texts and mentions of one gated page. `table` is `<provider>.<stream>`.

        Where the page was read out of landing, `texts_before` leaves texts alone that were stored since then: a newer
        sync brought them.

        Subject keys are committed on the keys cluster first: an original is never stored under a key that may be lost.
        """
        originals, identifiers = known.new(gated)
        if not (originals or identifiers or gated.texts or gated.mentions):
            return
        subject_of = _SubjectIds(self._keyring.tenant(tenant_id))
        with self._database.tenant(tenant_id, "vault") as connection:
            missing = _unknown_originals(connection, tenant_id, originals, subject_of)
            keys = self._keyring.subjects(
                tenant_id, {subject_of(*sealed.anchor) for part in (missing, gated.texts) for sealed in part}
            )
            # A subject is new only with a new identifier, or with an original or a text of somebody without one.
            others = {kept.anchor for part in (originals, gated.texts) for kept in part}
            others.difference_update(identifier.anchor for identifier in gated.identifiers)
            _write_identifiers(connection, tenant_id, table, identifiers, others, subject_of)
            _write_originals(connection, tenant_id, missing, subject_of, keys)
            _write_texts(connection, tenant_id, table, gated.texts, subject_of, keys, texts_before)
            _write_mentions(connection, tenant_id, table, gated)
        known.add(originals, identifiers)


class _SubjectIds:
    """Anchors to subject ids, each derived once a page."""

    def __init__(self, tenant: TenantKeys) -> None:
        self._tenant = tenant
        self._derived: dict[Anchor, str] = {}

    def __call__(self, kind: str, pseudonym: str) -> str:
        found = self._derived.get((kind, pseudonym))
        if found is None:
            found = self._tenant.subject_id(kind, pseudonym)
            self._derived[kind, pseudonym] = found
        return found


def original_identity(tenant_id: str, kind: str, pseudonym: str, subject: str, generation: int) -> str:
    """What an original's ciphertext is bound to."""
    return f"vault.originals|{tenant_id}|{kind}|{pseudonym}|{subject}|{generation}"


def text_identity(tenant_id: str, table: str, row_key: str, column: str, subject: str, generation: int) -> str:
    """What a free text's ciphertext is bound to."""
    return f"vault.texts|{tenant_id}|{table}|{row_key}|{column}|{subject}|{generation}"


def _unknown_originals(
    connection: Connection, tenant_id: str, originals: Sequence[Original], subject_of: _SubjectIds
) -> Sequence[Original]:
    # Encrypting again what is stored already would cost more than this look-up: most identifiers come back every sync.
    if not originals:
        return originals
    cursor = _WANTED.execute(
        connection,
        "SELECT w.position FROM (SELECT * FROM {rows}) w WHERE NOT EXISTS (SELECT FROM vault.originals o"
        " WHERE o.tenant_id = %(tenant)s AND o.kind = w.kind AND o.pseudonym = w.pseudonym"
        " AND o.subject_id = w.subject_id)",
        [
            [original.kind for original in originals],
            [original.pseudonym for original in originals],
            [subject_of(*original.anchor) for original in originals],
            list(map(str, range(len(originals)))),
        ],
        {"tenant": tenant_id},
    )
    positions: list[int] = [row[0] for row in cursor]
    return [originals[position] for position in positions]


def _write_identifiers(
    connection: Connection,
    tenant_id: str,
    table: str,
    rows: Sequence[Identifier],
    others: Iterable[Anchor],
    subject_of: _SubjectIds,
) -> None:
    unnamed = sorted(subject_of(*anchor) for anchor in others)
    if not rows and not unnamed:
        return
    _IDENTIFIERS.execute(
        connection,
        "WITH added AS (INSERT INTO vault.identifiers (tenant_id, kind, pseudonym, subject_id, strength, source)"
        " SELECT %(tenant)s, kind, pseudonym, subject_id, min(strength), min(source) FROM {rows}"
        " GROUP BY kind, pseudonym, subject_id ORDER BY kind, pseudonym, subject_id"
        " ON CONFLICT (tenant_id, kind, pseudonym, subject_id) DO UPDATE SET strength = 'strong'"
        " WHERE excluded.strength = 'strong' AND vault.identifiers.strength = 'weak' RETURNING subject_id)"
        " INSERT INTO vault.subjects (tenant_id, subject_id)"
        " SELECT %(tenant)s, subject_id FROM (SELECT subject_id FROM added UNION SELECT unnest(%(others)s::uuid[])) s"
        " ORDER BY subject_id ON CONFLICT DO NOTHING",
        [
            [row.kind for row in rows],
            [row.pseudonym for row in rows],
            [subject_of(*row.anchor) for row in rows],
            [row.strength for row in rows],
            [f"{table}.{row.column}" for row in rows],
        ],
        {"tenant": tenant_id, "others": unnamed},
    )


def _write_originals(
    connection: Connection,
    tenant_id: str,
    originals: Sequence[Original],
    subject_of: _SubjectIds,
    keys: dict[str, SubjectKey],
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
    _ORIGINALS.execute(
        connection,
        "INSERT INTO vault.originals (tenant_id, kind, pseudonym, subject_id, key_generation, ciphertext)"
        " SELECT %(tenant)s, kind, pseudonym, subject_id, key_generation, ciphertext FROM {rows}"
        " ORDER BY kind, pseudonym, subject_id ON CONFLICT DO NOTHING",
        [
            [original.kind for original in originals],
            [original.pseudonym for original in originals],
            subjects,
            list(map(str, generations)),
            [_hex(text) for text in sealed],
        ],
        {"tenant": tenant_id},
    )


def _write_texts(
    connection: Connection,
    tenant_id: str,
    table: str,
    texts: Sequence[TextOriginal],
    subject_of: _SubjectIds,
    keys: dict[str, SubjectKey],
    before: datetime | None,
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
    _TEXTS.execute(
        connection,
        "INSERT INTO vault.texts (tenant_id, stream, row_key, column_name, subject_id, key_generation, ciphertext)"
        " SELECT %(tenant)s, %(table)s, row_key, column_name, subject_id, key_generation, ciphertext FROM {rows}"
        " ORDER BY row_key, column_name"
        " ON CONFLICT (tenant_id, stream, row_key, column_name) DO UPDATE SET subject_id = excluded.subject_id,"
        " key_generation = excluded.key_generation, ciphertext = excluded.ciphertext, created_at = now()"
        " WHERE %(before)s::timestamptz IS NULL OR vault.texts.created_at < %(before)s",
        [
            [text.row_key for text in texts],
            [text.column for text in texts],
            subjects,
            list(map(str, generations)),
            [_hex(text) for text in sealed],
        ],
        {"tenant": tenant_id, "table": table, "before": before},
    )


def _write_mentions(connection: Connection, tenant_id: str, table: str, gated: Gated) -> None:
    rows = gated.mentions
    if not rows:
        return
    _MENTIONS.execute(
        connection,
        "INSERT INTO vault.mentions (tenant_id, stream, row_key, column_name, kind, pseudonym)"
        " SELECT %(tenant)s, %(table)s, row_key, column_name, kind, pseudonym FROM {rows}"
        " ORDER BY row_key, column_name, kind, pseudonym ON CONFLICT DO NOTHING",
        [
            [row.row_key for row in rows],
            [row.column for row in rows],
            [row.kind for row in rows],
            [row.pseudonym for row in rows],
        ],
        {"tenant": tenant_id, "table": table},
    )


def _hex(data: bytes) -> str:
    return "\\x" + data.hex()
