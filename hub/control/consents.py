"""Consents, recorded so that they can be proved: append-only, about a pseudonym, ended only by expiry or withdrawal."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from hub.control.consent_record import text_sha256
from hub.errors import HubError
from hub.kvkk import audit, erasure_checks
from hub.kvkk.audit import Actor
from hub.kvkk.wording import require_code

if TYPE_CHECKING:
    import psycopg

    from connectors.secret import Secret
    from hub.control.consent_record import NewConsent, SubjectKind
    from hub.db.database import Database
    from hub.keys.keyring import Keyring

_COLUMNS = (
    "id, data_subject, subject_kind, purpose, legal_basis, data_categories, retention_period, text_version,"
    " consent_text_sha256, channel, given_at, expires_at, withdrawn_at, supersedes_id"
)
# As the law reads it: a withdrawn consent carries nothing from then on, not even work on an earlier day's data.
_ACTIVE = "given_at <= %(at)s AND withdrawn_at IS NULL AND (expires_at IS NULL OR %(at)s < expires_at)"


@dataclass(frozen=True)
class Consent:
    """One recorded consent. `data_subject` is a pseudonym."""

    consent_id: UUID
    data_subject: str
    subject_kind: str
    purpose: str
    legal_basis: str
    data_categories: tuple[str, ...]
    retention_period: str
    text_version: str
    consent_text_sha256: str
    channel: str
    given_at: datetime
    expires_at: datetime | None
    withdrawn_at: datetime | None
    supersedes_id: UUID | None


@dataclass(frozen=True)
class Proof:
    """A consent with the exact text that was shown. `text_verified`: it gives the hash that was recorded with it."""

    consent: Consent
    consent_text: str
    language: str
    notice_id: str
    source: str | None
    evidence_ref: str | None
    collected_by: str | None
    withdrawal_channel: str | None
    text_verified: bool


def subject_pseudonym(keyring: Keyring, tenant_id: str, kind: SubjectKind, value: Secret) -> str:
    """The pseudonym under which the tenant's data knows this person.

    HubError `subject_malformed` when the value is no such identifier (for identity numbers: its checksum is wrong).
    """
    from kvkk_policies.canonical import canonical

    form = canonical(kind, value.reveal())
    if form is None or not checksum_fits(kind, form):
        raise HubError("subject_malformed", kind=kind)
    return keyring.tenant(tenant_id).pseudonymiser().one(kind, form)


def record(
    database: Database,
    tenant_id: str,
    *,
    kind: SubjectKind,
    subject: str,
    new: NewConsent,
    actor: Actor = audit.SYSTEM,
) -> Consent:
    """Store a consent about a pseudonym, with its entry in the audit log.

    A renewal names what it supersedes: HubError `consent_unknown` if that is not the same person's consent to the same
    purpose.
    """
    from psycopg import sql

    consent_id = uuid4()
    values = new.model_dump() | {
        "tenant_id": tenant_id,
        "id": consent_id,
        "data_subject": subject,
        "subject_kind": kind,
        "consent_text_sha256": new.consent_text_sha256,
        "data_categories": list(new.data_categories),
        "recipients": list(new.recipients),
        "ip_address": str(new.ip_address) if new.ip_address else None,
    }
    insert = sql.SQL("INSERT INTO hub.consents ({}) VALUES ({})").format(
        sql.SQL(", ").join(map(sql.Identifier, values)), sql.SQL(", ").join(map(sql.Placeholder, values))
    )
    with database.tenant(tenant_id, "app") as connection:
        if new.supersedes_id is not None:
            _require_same_matter(connection, tenant_id, new.supersedes_id, subject, new.purpose)
        connection.execute(insert, values)
        consent = _read(connection, tenant_id, consent_id)
        _enter(connection, tenant_id, "consent.recorded", consent, actor)
        return consent


def listed(
    database: Database,
    tenant_id: str,
    *,
    subject: str | None = None,
    purpose: str | None = None,
    active_at: datetime | None = None,
) -> list[Consent]:
    """A tenant's consents, newest first; of one person, one purpose, or those active at a time."""
    condition = f" AND {_ACTIVE}" if active_at else ""
    with database.tenant(tenant_id, "app") as connection:
        rows = connection.execute(
            f"SELECT {_COLUMNS} FROM hub.consents WHERE tenant_id = %(tenant)s"  # noqa: S608 - our own text
            " AND (%(subject)s::text IS NULL OR data_subject = %(subject)s)"
            f" AND (%(purpose)s::text IS NULL OR purpose = %(purpose)s){condition} ORDER BY given_at DESC, id",
            {"tenant": tenant_id, "subject": subject, "purpose": purpose, "at": active_at},
        ).fetchall()
    return [_consent(row) for row in rows]


def active(database: Database, tenant_id: str, subject: str, purpose: str, at: datetime) -> UUID | None:
    """The consent on which this purpose may rest at this time, or None."""
    return active_many(database, tenant_id, [subject], purpose, at).get(subject)


def active_many(
    database: Database,
    tenant_id: str,
    subjects: Collection[str],
    purpose: str,
    at: datetime,
    *,
    categories: Collection[str] = (),
) -> dict[str, UUID]:
    """For each pseudonym that has one, an active consent to the purpose: one query for a whole page of records.

    A consent counts only if it covers all of `categories`.
    """
    with database.tenant(tenant_id, "app") as connection:
        rows = connection.execute(
            "SELECT DISTINCT ON (data_subject) data_subject, id FROM hub.consents"  # noqa: S608 - our own text
            " WHERE tenant_id = %(tenant)s AND data_subject = ANY(%(subjects)s) AND purpose = %(purpose)s"
            f" AND data_categories @> %(categories)s::text[] AND {_ACTIVE} ORDER BY data_subject, given_at DESC",
            {
                "tenant": tenant_id,
                "subjects": sorted(set(subjects)),
                "purpose": purpose,
                "categories": sorted(categories),
                "at": at,
            },
        ).fetchall()
    return dict(rows)


def withdraw(
    database: Database,
    tenant_id: str,
    consent_id: UUID,
    *,
    channel: str,
    reason: str | None,
    actor: Actor = audit.SYSTEM,
) -> Consent:
    """End a consent from now on, by the database's clock, and raise the check of what rested on it.

    Channel and reason are codes. `InvalidInput`; HubError `consent_unknown`, `consent_already_withdrawn`.
    """
    require_code("channel", channel)
    if reason is not None:
        require_code("reason", reason)
    with database.tenant(tenant_id, "app") as connection:
        before = _read(connection, tenant_id, consent_id)
        updated = connection.execute(
            # A form server's clock may be ahead of ours: a withdrawal is never earlier than the giving.
            "UPDATE hub.consents SET withdrawn_at = greatest(now(), given_at), withdrawal_channel = %s,"
            " withdrawal_reason = %s WHERE tenant_id = %s AND id = %s AND withdrawn_at IS NULL RETURNING id",
            (channel, reason, tenant_id, before.consent_id),
        ).fetchone()
        if updated is None:
            raise HubError("consent_already_withdrawn", consent=str(consent_id))
        erasure_checks.raise_check(connection, tenant_id, consent_id, "consent_withdrawn", actor=actor)
        _enter(connection, tenant_id, "consent.withdrawn", before, actor)
        return _read(connection, tenant_id, consent_id)


def proof(database: Database, tenant_id: str, consent_id: UUID, *, actor: Actor = audit.SYSTEM) -> Proof:
    """What was shown to the person, its hash made anew and held against the audit log's; the reading is entered there.

    Text and hash together could be exchanged by the database's owner, the log's entry of the recording could not.
    HubError `consent_unknown`.
    """
    with database.tenant(tenant_id, "app") as connection:
        consent = _read(connection, tenant_id, consent_id)
        row = connection.execute(
            "SELECT consent_text, language, notice_id, source, evidence_ref, collected_by, withdrawal_channel"
            " FROM hub.consents WHERE tenant_id = %s AND id = %s",
            (tenant_id, consent_id),
        ).fetchone()
        if row is None:  # `_read` has just seen it
            raise HubError("consent_unknown", consent=str(consent_id))
        entered = connection.execute(
            "SELECT details ->> 'text_sha256' FROM hub.audit_log WHERE tenant_id = %s AND action = 'consent.recorded'"
            " AND object = %s",
            (tenant_id, f"consent:{consent_id}"),
        ).fetchone()
        _enter(connection, tenant_id, "consent.shown", consent, actor)
    made = text_sha256(row[0])
    fits = made == consent.consent_text_sha256 and (entered is None or made == entered[0])
    return Proof(consent, *row, text_verified=fits)


def _enter(
    connection: psycopg.Connection[tuple[Any, ...]], tenant_id: str, action: str, consent: Consent, actor: Actor
) -> None:
    entry = audit.Entry(
        actor,
        action,
        f"consent:{consent.consent_id}",
        purpose=consent.purpose,
        legal_basis=consent.legal_basis,
        details={
            "categories": sorted(consent.data_categories),
            "channel": consent.channel,
            "text_sha256": consent.consent_text_sha256,
        },
    )
    audit.append(connection, tenant_id, entry)


def _require_same_matter(
    connection: psycopg.Connection[tuple[Any, ...]], tenant_id: str, consent_id: UUID, subject: str, purpose: str
) -> None:
    earlier = _read(connection, tenant_id, consent_id)
    if (earlier.data_subject, earlier.purpose) != (subject, purpose):
        raise HubError("consent_unknown", consent=str(consent_id))


def _read(connection: psycopg.Connection[tuple[Any, ...]], tenant_id: str, consent_id: UUID) -> Consent:
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM hub.consents WHERE tenant_id = %s AND id = %s",  # noqa: S608 - our own names
        (tenant_id, consent_id),
    ).fetchone()
    if row is None:
        raise HubError("consent_unknown", consent=str(consent_id))
    return _consent(row)


def _consent(row: tuple[Any, ...]) -> Consent:
    consent = Consent(*row)
    return replace(consent, data_categories=tuple(consent.data_categories))


def checksum_fits(kind: str, form: str) -> bool:
    """Whether a canonical identity number has the right check digits; other kinds have none."""
    from stdnum.tr import tckimlik, vkn

    checks = {"tckn": tckimlik.is_valid, "vkn": vkn.is_valid}
    return checks[kind](form) if kind in checks else True
