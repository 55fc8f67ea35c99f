"""What lets a person's data be used, recorded so that it can be proved: consents, and other legal bases.

The two have fields and rules of their own. That each is about a pseudonym, is written once, carries a purpose for a
time and ends once, with an entry in the audit log for each, is the same for both and stands here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar
from uuid import UUID

from hub.errors import HubError
from hub.kvkk import audit

if TYPE_CHECKING:
    import psycopg

    from connectors.secret import Secret
    from hub.control.consent_record import SubjectKind
    from hub.db.database import Database
    from hub.keys.keyring import Keyring
    from hub.kvkk.audit import Actor

    Connection = psycopg.Connection[tuple[Any, ...]]


class Ground(Protocol):
    """What both have."""

    @property
    def purpose(self) -> str:
        """A code."""
        ...

    @property
    def legal_basis(self) -> str:
        """The ground's code."""
        ...

    @property
    def data_categories(self) -> tuple[str, ...]:
        """Codes of what it covers."""
        ...


G = TypeVar("G", bound=Ground)


def subject_pseudonym(keyring: Keyring, tenant_id: str, kind: SubjectKind, value: Secret) -> str:
    """The pseudonym under which the tenant's data knows this person.

    HubError `subject_malformed` when the value is no such identifier (for identity numbers: its checksum is wrong).
    """
    from hub.kvkk.identifiers import identified

    return identified(keyring, tenant_id, kind, value)[1]


@dataclass(frozen=True)
class Records(Generic[G]):
    """One kind of ground: its table, what its columns are called, and how a row becomes one.

    `name` is what the audit log calls one (`consent:<id>`), and the beginning of its HubErrors: `consent_unknown`.
    """

    name: str
    table: str
    columns: str
    since: str
    until: str
    ended: str
    made: Callable[[tuple[Any, ...]], G]

    @property
    def _active(self) -> str:
        # As the law reads it: what has ended carries nothing from then on, not even work on an earlier day's data.
        return f"{self.since} <= %(at)s AND {self.ended} IS NULL AND ({self.until} IS NULL OR %(at)s < {self.until})"

    def insert(self, connection: Connection, tenant_id: str, ground_id: UUID, values: Mapping[str, Any]) -> G:
        """Write one, and read it back."""
        from psycopg import sql

        row = {**values, "tenant_id": tenant_id, "id": ground_id}
        connection.execute(
            sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
                sql.Identifier(*self.table.split(".")),
                sql.SQL(", ").join(map(sql.Identifier, row)),
                sql.SQL(", ").join(map(sql.Placeholder, row)),
            ),
            row,
        )
        return self.read(connection, tenant_id, ground_id)

    def read(self, connection: Connection, tenant_id: str, ground_id: UUID) -> G:
        """One by its id. HubError `<name>_unknown`."""
        row = connection.execute(
            f"SELECT {self.columns} FROM {self.table} WHERE tenant_id = %s AND id = %s".encode(),  # noqa: S608 - our own names
            (tenant_id, ground_id),
        ).fetchone()
        if row is None:
            raise HubError(f"{self.name}_unknown", **{self.name: str(ground_id)})
        return self.made(row)

    def listed(
        self,
        database: Database,
        tenant_id: str,
        *,
        subject: str | None = None,
        purpose: str | None = None,
        active_at: datetime | None = None,
        after: tuple[datetime, UUID] | None = None,
        limit: int | None = None,
    ) -> list[G]:
        """A tenant's, newest first; of one person, one purpose, or those active at a time.

        `after` are the time and id at which an earlier page ended; without a `limit` all that follow.
        """
        condition = f" AND {self._active}" if active_at else ""
        if after is not None:
            condition += f" AND ({self.since} < %(before)s OR ({self.since} = %(before)s AND id > %(last)s))"
        before, last = after or (None, None)
        with database.tenant(tenant_id, "app") as connection:
            rows = connection.execute(
                (
                    f"SELECT {self.columns} FROM {self.table} WHERE tenant_id = %(tenant)s"  # noqa: S608 - our own text
                    " AND (%(subject)s::text IS NULL OR data_subject = %(subject)s)"
                    f" AND (%(purpose)s::text IS NULL OR purpose = %(purpose)s){condition}"
                    f" ORDER BY {self.since} DESC, id LIMIT %(limit)s"
                ).encode(),
                {
                    "tenant": tenant_id,
                    "subject": subject,
                    "purpose": purpose,
                    "at": active_at,
                    "before": before,
                    "last": last,
                    "limit": limit,
                },
            ).fetchall()
        return [self.made(row) for row in rows]

    def active_many(
        self,
        database: Database,
        tenant_id: str,
        subjects: Collection[str],
        purpose: str,
        at: datetime,
        *,
        categories: Collection[str] = (),
    ) -> dict[str, UUID]:
        """For each pseudonym that has one, one that carries the purpose and covers all of `categories` at a time.

        One query for a whole page of records.
        """
        with database.tenant(tenant_id, "app") as connection:
            rows = connection.execute(
                (
                    f"SELECT DISTINCT ON (data_subject) data_subject, id FROM {self.table}"  # noqa: S608 - our own text
                    " WHERE tenant_id = %(tenant)s AND data_subject = ANY(%(subjects)s) AND purpose = %(purpose)s"
                    f" AND data_categories @> %(categories)s::text[] AND {self._active}"
                    f" ORDER BY data_subject, {self.since} DESC"
                ).encode(),
                {
                    "tenant": tenant_id,
                    "subjects": sorted(set(subjects)),
                    "purpose": purpose,
                    "categories": sorted(categories),
                    "at": at,
                },
            ).fetchall()
        return dict(rows)

    def end(self, connection: Connection, tenant_id: str, ground_id: UUID, to: str, **given: Any) -> bool:
        """Set columns of one that has not ended, `to` an assignment of `given`; False where it had."""
        self.read(connection, tenant_id, ground_id)
        updated = connection.execute(
            (
                f"UPDATE {self.table} SET {to} WHERE tenant_id = %(tenant)s AND id = %(id)s"  # noqa: S608 - our own text
                f" AND {self.ended} IS NULL"
            ).encode(),
            {"tenant": tenant_id, "id": ground_id, **given},
        )
        return updated.rowcount == 1

    def enter(
        self,
        connection: Connection,
        tenant_id: str,
        what: str,
        ground_id: UUID,
        ground: G,
        *,
        actor: Actor,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        """Add to the audit log, in the transaction of the act."""
        entry = audit.Entry(
            actor,
            f"{self.name}.{what}",
            f"{self.name}:{ground_id}",
            purpose=ground.purpose,
            legal_basis=ground.legal_basis,
            details={"categories": sorted(ground.data_categories), **(details or {})},
        )
        audit.append(connection, tenant_id, entry)
