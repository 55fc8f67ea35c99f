"""Legal bases other than consent, recorded so that they can be proved: append-only, about a pseudonym, ended once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from hub.control.grounds import Records
from hub.errors import HubError
from hub.kvkk import audit
from hub.kvkk.wording import require_code

if TYPE_CHECKING:
    from hub.control.consent_record import SubjectKind
    from hub.control.legal_basis_record import NewLegalBasis
    from hub.db.database import Database
    from hub.kvkk.audit import Actor

_COLUMNS = (
    "id, data_subject, subject_kind, purpose, legal_basis, data_categories, proportionality_note, notice_id,"
    " evidence_ref, valid_from, valid_until, recorded_by, recorded_at, ended_at, ended_by, end_reason"
)


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


def _basis(row: tuple[Any, ...]) -> LegalBasis:
    basis = LegalBasis(*row)
    return replace(basis, data_categories=tuple(basis.data_categories))


_RECORDS = Records(
    "basis", "hub.legal_bases", _COLUMNS, since="valid_from", until="valid_until", ended="ended_at", made=_basis
)
listed = _RECORDS.listed
active_many = _RECORDS.active_many


def record(
    database: Database,
    tenant_id: str,
    *,
    kind: SubjectKind,
    subject: str,
    new: NewLegalBasis,
    actor: Actor | None = None,
) -> LegalBasis:
    """Store a basis about a pseudonym (`grounds.subject_pseudonym` makes it), with its entry in the audit log.

    `actor` is who signed in; without one, whoever `recorded_by` names acts on the hub's machine.
    """
    basis_id = uuid4()
    values = new.model_dump() | {
        "data_subject": subject,
        "subject_kind": kind,
        "data_categories": list(new.data_categories),
    }
    with database.tenant(tenant_id, "app") as connection:
        basis = _RECORDS.insert(connection, tenant_id, basis_id, values)
        _RECORDS.enter(
            connection, tenant_id, "recorded", basis_id, basis, actor=actor or audit.operator(basis.recorded_by)
        )
        return basis


def end(
    database: Database,
    tenant_id: str,
    basis_id: UUID,
    *,
    by: str,
    reason: str | None,
    actor: Actor | None = None,
) -> LegalBasis:
    """End a basis from now on, by the database's clock. The reason is a code; `actor` as for `record`.

    `InvalidInput`; HubError `basis_unknown`, `basis_already_ended`.
    """
    if reason is not None:
        require_code("reason", reason)
    with database.tenant(tenant_id, "app") as connection:
        to = "ended_at = now(), ended_by = %(by)s, end_reason = %(reason)s"
        if not _RECORDS.end(connection, tenant_id, basis_id, to, by=by, reason=reason):
            raise HubError("basis_already_ended", basis=str(basis_id))
        basis = _RECORDS.read(connection, tenant_id, basis_id)
        _RECORDS.enter(connection, tenant_id, "ended", basis_id, basis, actor=actor or audit.operator(by))
        return basis
