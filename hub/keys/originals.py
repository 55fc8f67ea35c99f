"""Reads originals back out of the vault: only for a purpose, and only after the reading stands in the audit log.

The entry is committed before the first ciphertext is opened: a reader that crashes, or is killed, has still been seen.
Whoever's key was destroyed is unreadable for good; that is an answer here and not an error.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, LiteralString, NamedTuple, get_args

from hub.errors import HubError
from hub.keys.keyring import SubjectKey
from hub.keys.vault import original_identity, text_identity
from hub.kvkk import audit

if TYPE_CHECKING:
    from uuid import UUID

    from hub.db.database import Database
    from hub.keys.keyring import Keyring

Purpose = Literal["subject_request", "reveal", "outbound_action", "breach_notice"]
PURPOSES: frozenset[str] = frozenset(get_args(Purpose))
"""A data subject asked (KVKK art. 11), a permitted user looks one value up, a message is sent, a breach is told."""

AT_ONCE = 1_000
"""Ciphertexts opened under one entry of the log."""


@dataclass(frozen=True)
class Reading:
    """Who reads, what for, and about whom. `object` is an id or a pseudonym; `purpose` one of `PURPOSES`."""

    actor: audit.Actor
    purpose: str
    object: str
    request_id: UUID | None = None
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])


class OpenedOriginal(NamedTuple):
    """One original. `value` is None when the subject's key has been destroyed. Its `repr` hides the value."""

    kind: str
    pseudonym: str
    subject_id: str
    value: str | None

    def __repr__(self) -> str:
        return f"OpenedOriginal(pseudonym={self.pseudonym!r}, destroyed={self.value is None})"


class OpenedText(NamedTuple):
    """One free text, by landing key and column. `value` is None when the key has been destroyed."""

    row_key: str
    column: str
    value: str | None

    def __repr__(self) -> str:
        return f"OpenedText(row_key={self.row_key!r}, column={self.column!r}, destroyed={self.value is None})"


class Originals:
    """The only reader of `vault.originals` and `vault.texts` in clear.

    Each way to read raises HubError `read_purpose_unknown` for a purpose that is none; the log has the attempt.
    """

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._database = database
        self._keyring = keyring

    def of_subjects(self, tenant_id: str, subjects: Collection[str], reading: Reading) -> Iterator[OpenedOriginal]:
        """Every original of these subjects (32 hex digits each), in batches. HubError `ciphertext_invalid`."""
        self._require_purpose(tenant_id, "vault.originals", reading)
        after: tuple[str, str, str] = ("", "", "")
        while True:
            rows = self._originals(
                tenant_id,
                "subject_id = ANY(%(subjects)s::uuid[])"
                " AND (kind, pseudonym, subject_id::text) > (%(kind)s, %(pseudonym)s, %(subject)s)",
                {"subjects": sorted(subjects), **dict(zip(("kind", "pseudonym", "subject"), after, strict=True))},
            )
            if not rows:
                return
            after = (rows[-1][0], rows[-1][1], rows[-1][5])
            yield from self._opened(tenant_id, rows, reading)

    def named(self, tenant_id: str, wanted: Collection[tuple[str, str]], reading: Reading) -> Iterator[OpenedOriginal]:
        """The originals of these (kind, pseudonym), whoever they belong to; nothing for what the vault does not have.

        One pseudonym that several subjects share has an original for each of them. HubError `ciphertext_invalid`.
        """
        self._require_purpose(tenant_id, "vault.originals", reading)
        pairs = sorted(set(wanted))
        for start in range(0, len(pairs), AT_ONCE):
            kinds, pseudonyms = zip(*pairs[start : start + AT_ONCE], strict=True)
            rows = self._originals(
                tenant_id,
                "(kind, pseudonym) IN (SELECT * FROM unnest(%(kinds)s::text[], %(pseudonyms)s::text[]))",
                {"kinds": list(kinds), "pseudonyms": list(pseudonyms)},
                paged=False,
            )
            if rows:
                yield from self._opened(tenant_id, rows, reading)

    def texts(self, tenant_id: str, table: str, row_keys: Sequence[str], reading: Reading) -> Iterator[OpenedText]:
        """The free texts of these rows of `table` (`<provider>.<stream>`). HubError `ciphertext_invalid`."""
        self._require_purpose(tenant_id, "vault.texts", reading)
        for start in range(0, len(row_keys), AT_ONCE):
            with self._database.tenant(tenant_id, "vault") as connection:
                rows = connection.execute(
                    "SELECT row_key, column_name, replace(subject_id::text, '-', ''), key_generation, ciphertext"
                    " FROM vault.texts WHERE tenant_id = %s AND stream = %s AND row_key = ANY(%s)",
                    (tenant_id, table, list(row_keys[start : start + AT_ONCE])),
                ).fetchall()
            if not rows:
                continue
            self._enter(tenant_id, "vault.texts", len(rows), reading)
            keys = self._keys(tenant_id, {(row[2], row[3]) for row in rows})
            for row_key, column, subject, generation, sealed in rows:
                identity = text_identity(tenant_id, table, row_key, column, subject, generation)
                yield OpenedText(row_key, column, _open(keys.get((subject, generation)), identity, sealed))

    def _originals(
        self, tenant_id: str, condition: LiteralString, given: Mapping[str, Any], *, paged: bool = True
    ) -> list[tuple[Any, ...]]:
        with self._database.tenant(tenant_id, "vault") as connection:
            return connection.execute(
                "SELECT kind, pseudonym, replace(subject_id::text, '-', ''), key_generation, ciphertext,"  # noqa: S608 - our own text
                f" subject_id::text FROM vault.originals WHERE tenant_id = %(tenant)s AND {condition}"
                " ORDER BY kind, pseudonym, subject_id::text LIMIT %(limit)s",
                {"tenant": tenant_id, "limit": AT_ONCE if paged else None, **given},
            ).fetchall()

    def _opened(self, tenant_id: str, rows: list[tuple[Any, ...]], reading: Reading) -> Iterator[OpenedOriginal]:
        self._enter(tenant_id, "vault.originals", len(rows), reading)
        keys = self._keys(tenant_id, {(row[2], row[3]) for row in rows})
        for kind, pseudonym, subject, generation, sealed, _ in rows:
            identity = original_identity(tenant_id, kind, pseudonym, subject, generation)
            value = _open(keys.get((subject, generation)), identity, sealed)
            yield OpenedOriginal(kind, pseudonym, subject, value)

    def _require_purpose(self, tenant_id: str, source: str, reading: Reading) -> None:
        if reading.purpose in PURPOSES:
            return
        refused = HubError("read_purpose_unknown", known=", ".join(sorted(PURPOSES)))
        # Without the purpose that was stated: a word that is no code may be anything.
        entry = audit.Entry(
            actor=reading.actor,
            action="original_read",
            object=reading.object,
            result=refused.code,
            count=0,
            request_id=reading.request_id,
            details={"source": source},
        )
        audit.record(self._database, tenant_id, entry)
        raise refused

    def _enter(self, tenant_id: str, source: str, count: int, reading: Reading) -> None:
        audit.record(
            self._database,
            tenant_id,
            audit.Entry(
                actor=reading.actor,
                action="original_read",
                object=reading.object,
                purpose=reading.purpose,
                count=count,
                request_id=reading.request_id,
                details={"source": source, **reading.details},
            ),
        )

    def _keys(self, tenant_id: str, wanted: set[tuple[str, int]]) -> dict[tuple[str, int], SubjectKey]:
        """The keys that still exist, by subject and generation. None is ever made here."""
        try:
            return self._read_keys(tenant_id, wanted)
        except HubError as error:
            if error.code != "key_rotated":
                raise
        return self._read_keys(tenant_id, wanted)  # they were sealed anew while we read

    def _read_keys(self, tenant_id: str, wanted: set[tuple[str, int]]) -> dict[tuple[str, int], SubjectKey]:
        tenant = self._keyring.tenant(tenant_id)
        with self._database.tenant_keys(tenant_id) as connection:
            rows = connection.execute(
                "SELECT replace(subject_id::text, '-', ''), generation, wrapped_key FROM keys.subject_keys"
                " WHERE tenant_id = %s AND subject_id = ANY(%s::uuid[]) AND wrapped_key IS NOT NULL",
                (tenant_id, sorted({subject for subject, _ in wanted})),
            ).fetchall()
        return {
            (subject, generation): SubjectKey(
                generation, tenant.open("subject-key", f"{subject}|{generation}", bytes(wrapped))
            )
            for subject, generation, wrapped in rows
            if (subject, generation) in wanted
        }


def _open(key: SubjectKey | None, identity: str, sealed: Any) -> str | None:
    return None if key is None else key.open(identity, bytes(sealed)).decode()
