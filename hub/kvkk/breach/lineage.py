"""Of whom there is something in a stream: the rows' subjects as the gate anchored them, and those its texts mention.

A subject's id follows from the strongest identifier of its row (kvkk_policies/subjects.py), so it is made here again
from what landed and looked up among the subjects that the vault knew by then.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from kvkk_policies.canonical import canonical_or_raw, kind_of
from kvkk_policies.landing import landing_columns
from kvkk_policies.subjects import rank_of
from kvkk_policies.tightening import PSEUDONYM

if TYPE_CHECKING:
    from collections.abc import Iterable

    from connectors.contract import Stream
    from hub.db.database import Connection, Database
    from hub.keys.keyring import Keyring, TenantKeys
    from kvkk_policies.policy import ColumnPolicy, StreamPolicy

_AT_ONCE = 5_000
_LETTERS = 26
"""Of a pseudonym behind its kind and an underscore."""


@dataclass(frozen=True)
class Dataset:
    """A stream and the policy file's word on it, by which its landing table was made."""

    provider: str
    stream: Stream
    policy: StreamPolicy

    @property
    def name(self) -> str:
        """`<provider>.<stream>`, as the vault names it."""
        return f"{self.provider}.{self.stream.name}"

    def anchors(self) -> Iterator[tuple[tuple[ColumnPolicy, ...], tuple[ColumnPolicy, ...]]]:
        """Columns of which each row's first that is filled names a subject; and those that must be empty for it."""
        types = {column.name: column.type for column in landing_columns(self.stream, self.policy)}
        landed = [self.policy.columns[name] for name, kind in types.items() if kind == "text"]
        identifying = [each for each in landed if each.identifies and each.action in ("keep", "pseudonymise", "vault")]
        groups: dict[str, list[ColumnPolicy]] = {}
        for column in sorted(identifying, key=rank_of):
            groups.setdefault(column.subject or f"column {column.name}", []).append(column)
        for columns in groups.values():
            yield tuple(columns), ()
        for column in landed:
            if column.action == "vault" and not column.identifies:
                yield (column,), tuple(groups.get(column.subject or "", ()))


def subjects_of(
    database: Database,
    keyring: Keyring,
    tenant_id: str,
    dataset: Dataset,
    *,
    since: datetime | None,
    until: datetime,
) -> set[str]:
    """Subjects (32 hex digits) of rows that came before `until` and of which a copy was loaded from `since` on.

    A row remembers its first and its latest loading only: where one in between decides, the row counts. Texts and
    mentions do not remember when they came; they count if their person was known before `until`.
    """
    keys = keyring.tenant(tenant_id)
    found: set[str] = set()
    with database.tenant(tenant_id, "loader") as connection:
        made = (
            keys.subject_id(kind, pseudonym)
            for columns, empty in dataset.anchors()
            for kind, pseudonym in _named(connection, keys, dataset, columns, empty, since, until)
        )
        while batch := list(islice(made, _AT_ONCE)):
            found |= _known(database, tenant_id, batch, until)
    return found | _in_texts(database, keys, dataset, until)


def _named(
    connection: Connection,
    keys: TenantKeys,
    dataset: Dataset,
    columns: Sequence[ColumnPolicy],
    empty: Sequence[ColumnPolicy],
    since: datetime | None,
    until: datetime,
) -> Iterator[tuple[str, str]]:
    """Kind and pseudonym of the first column that is filled, of each row."""
    from psycopg import sql

    names = [sql.Identifier(column.name) for column in columns]
    which = sql.SQL("CASE {} END").format(
        sql.SQL(" ").join(
            sql.SQL("WHEN {} IS NOT NULL THEN {}").format(name, sql.Literal(place)) for place, name in enumerate(names)
        )
    )
    conditions = [
        sql.SQL(
            "tenant_id = %(tenant)s AND _first_loaded_at < %(until)s"
            " AND (%(since)s::timestamptz IS NULL OR _loaded_at >= %(since)s)"
        ),
        sql.SQL("coalesce({}) IS NOT NULL").format(sql.SQL(", ").join(names)),
        *(sql.SQL("{} IS NULL").format(sql.Identifier(column.name)) for column in empty),
    ]
    statement = sql.SQL("SELECT DISTINCT {}, coalesce({}) FROM {} WHERE {}").format(
        which,
        sql.SQL(", ").join(names),
        sql.Identifier("landing", f"{dataset.provider}_{dataset.stream.name}"),
        sql.SQL(" AND ").join(conditions),
    )
    with connection.cursor(name="breach_lineage") as cursor:
        cursor.itersize = _AT_ONCE
        cursor.execute(statement, {"tenant": keys.tenant_id, "since": since, "until": until})
        for row in cursor:
            yield _pseudonym(keys, columns[int(row[0])], str(row[1]))


def _pseudonym(keys: TenantKeys, column: ColumnPolicy, value: str) -> tuple[str, str]:
    """A landed value's kind and pseudonym; a tenant's choice may have left it readable."""
    import re

    if re.fullmatch(PSEUDONYM, value):
        return value[: -_LETTERS - 1], value
    (form,) = canonical_or_raw(column.kind or "", [value])
    kind = kind_of(column.kind or "", form)
    return kind, keys.pseudonymiser().one(kind, form)


def _known(database: Database, tenant_id: str, subjects: Sequence[str], until: datetime) -> set[str]:
    with database.tenant(tenant_id, "vault") as connection:
        rows = connection.execute(
            "SELECT replace(subject_id::text, '-', '') FROM vault.subjects"
            " WHERE tenant_id = %s AND subject_id = ANY(%s::uuid[]) AND created_at < %s",
            (tenant_id, list(subjects), until),
        )
        return {row[0] for row in rows}


def _in_texts(database: Database, keys: TenantKeys, dataset: Dataset, until: datetime) -> set[str]:
    """Subjects of the stream's free texts, and whomever these mention."""
    with database.tenant(keys.tenant_id, "vault") as connection:
        given: dict[str, Any] = {"tenant": keys.tenant_id, "stream": dataset.name, "until": until}
        rows = connection.execute(
            "SELECT DISTINCT replace(subject_id::text, '-', '') FROM vault.texts"
            " WHERE tenant_id = %(tenant)s AND stream = %(stream)s AND created_at < %(until)s"
            " UNION SELECT replace(i.subject_id::text, '-', '') FROM vault.mentions m"
            " JOIN vault.identifiers i USING (tenant_id, kind, pseudonym)"
            " WHERE m.tenant_id = %(tenant)s AND m.stream = %(stream)s AND i.first_seen_at < %(until)s",
            given,
        ).fetchall()
        mentioned = connection.execute(
            "SELECT DISTINCT kind, pseudonym FROM vault.mentions WHERE tenant_id = %(tenant)s AND stream = %(stream)s",
            given,
        ).fetchall()
    found = {row[0] for row in rows}
    for batch in _batches(keys.subject_id(kind, pseudonym) for kind, pseudonym in mentioned):
        found |= _known(database, keys.tenant_id, batch, until)
    return found


def _batches(each: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(each)
    while batch := list(islice(rest, _AT_ONCE)):
        yield batch
