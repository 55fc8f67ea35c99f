"""Legal bases other than consent, recorded so that they can be proved: append-only, about a pseudonym, ended once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from hub.errors import HubError
from hub.kvkk import audit
from hub.kvkk.wording import require_code

if TYPE_CHECKING:
    import psycopg

    from hub.control.consent_record import SubjectKind
    from hub.control.legal_basis_record import NewLegalBasis
    from hub.db.database import Database

_COLUMNS = (
    "id, data_subject, subject_kind, purpose, legal_basis, data_categories, proportionality_note, notice_id,"
    " evidence_ref, valid_from, valid_until, recorded_by, recorded_at, ended_at, ended_by, end_reason"
)
# As with consents: a basis that was ended carries nothing from then on, not even work on an earlier day's data.
_ACTIVE = "valid_from <= %(at)s AND ended_at IS NULL AND (valid_until IS NULL OR %(at)s < valid_until)"


@dataclass(frozen=True)
class LegalBasis:
    """One recorded basis. `data_subject` is a pseudonym."""

    basis_id: UUID
    data_subject: str
    subject_kind: str
    purpose: str
    legal_basis: str
    data_categories: tuple[str, ...]
    proportionality_note: str
    notice_id: str
    evidence_ref: str | None
    valid_from: datetime
    valid_until: datetime | None
    recorded_by: str
    recorded_at: datetime
    ended_at: datetime | None
    ended_by: str | None
    end_reason: str | None


def record(database: Database, tenant_id: str, *, kind: SubjectKind, subject: str, new: NewLegalBasis) -> LegalBasis:
    """Store a basis about a pseudonym (`hub.consents.subject_pseudonym` makes it), with its entry in the audit log."""
    from psycopg import sql

    basis_id = uuid4()
    values = new.model_dump() | {
        "tenant_id": tenant_id,
        "id": basis_id,
        "data_subject": subject,
        "subject_kind": kind,
        "data_categories": list(new.data_categories),
    }
    insert = sql.SQL("INSERT INTO hub.legal_bases ({}) VALUES ({})").format(
        sql.SQL(", ").join(map(sql.Identifier, values)), sql.SQL(", ").join(map(sql.Placeholder, values))
    )
    with database.tenant(tenant_id, "app") as connection:
        connection.execute(insert, values)
        basis = _read(connection, tenant_id, basis_id)
        _enter(connection, tenant_id, "basis.recorded", basis, by=basis.recorded_by)
        return basis


def listed(
    database: Database,
    tenant_id: str,
    *,
    subject: str | None = None,
    purpose: str | None = None,
    active_at: datetime | None = None,
) -> list[LegalBasis]:
    """A tenant's bases, newest first; of one person, one purpose, or those active at a time."""
    condition = f" AND {_ACTIVE}" if active_at else ""
    with database.tenant(tenant_id, "app") as connection:
        rows = connection.execute(
            f"SELECT {_COLUMNS} FROM hub.legal_bases WHERE tenant_id = %(tenant)s"  # noqa: S608 - our own text
            " AND (%(subject)s::text IS NULL OR data_subject = %(subject)s)"
            f" AND (%(purpose)s::text IS NULL OR purpose = %(purpose)s){condition} ORDER BY valid_from DESC, id",
            {"tenant": tenant_id, "subject": subject, "purpose": purpose, "at": active_at},
        ).fetchall()
    return [_basis(row) for row in rows]


def active_many(
    database: Database,
    tenant_id: str,
    subjects: Collection[str],
    purpose: str,
    at: datetime,
    *,
    categories: Collection[str] = (),
) -> dict[str, UUID]:
    """For each pseudonym that has one, a basis that carries the purpose and covers all of `categories` at a time."""
    with database.tenant(tenant_id, "app") as connection:
        rows = connection.execute(
            "SELECT DISTINCT ON (data_subject) data_subject, id FROM hub.legal_bases"  # noqa: S608 - our own text
            " WHERE tenant_id = %(tenant)s AND data_subject = ANY(%(subjects)s) AND purpose = %(purpose)s"
            f" AND data_categories @> %(categories)s::text[] AND {_ACTIVE} ORDER BY data_subject, valid_from DESC",
            {
                "tenant": tenant_id,
                "subjects": sorted(set(subjects)),
                "purpose": purpose,
                "categories": sorted(categories),
                "at": at,
            },
        ).fetchall()
    return dict(rows)


def end(database: Database, tenant_id: str, basis_id: UUID, *, by: str, reason: str | None) -> LegalBasis:
    """End a basis from now on, by the database's clock. The reason is a code.

    `InvalidInput`; HubError `basis_unknown`, `basis_already_ended`.
    """
    if reason is not None:
        require_code("reason", reason)
    with database.tenant(tenant_id, "app") as connection:
        before = _read(connection, tenant_id, basis_id)
        updated = connection.execute(
            "UPDATE hub.legal_bases SET ended_at = now(), ended_by = %s, end_reason = %s"
            " WHERE tenant_id = %s AND id = %s AND ended_at IS NULL RETURNING id",
            (by, reason, tenant_id, before.basis_id),
        ).fetchone()
        if updated is None:
            raise HubError("basis_already_ended", basis=str(basis_id))
        basis = _read(connection, tenant_id, basis_id)
        _enter(connection, tenant_id, "basis.ended", basis, by=by)
        return basis


def _enter(
    connection: psycopg.Connection[tuple[Any, ...]], tenant_id: str, action: str, basis: LegalBasis, *, by: str
) -> None:
    entry = audit.Entry(
        audit.operator(by),
        action,
        f"basis:{basis.basis_id}",
        purpose=basis.purpose,
        legal_basis=basis.legal_basis,
        details={"categories": sorted(basis.data_categories)},
    )
    audit.append(connection, tenant_id, entry)


def _read(connection: psycopg.Connection[tuple[Any, ...]], tenant_id: str, basis_id: UUID) -> LegalBasis:
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM hub.legal_bases WHERE tenant_id = %s AND id = %s",  # noqa: S608 - our own names
        (tenant_id, basis_id),
    ).fetchone()
    if row is None:
        raise HubError("basis_unknown", basis=str(basis_id))
    return _basis(row)


def _basis(row: tuple[Any, ...]) -> LegalBasis:
    basis = LegalBasis(*row)
    return replace(basis, data_categories=tuple(basis.data_categories))
