"""Consents, recorded so that they can be proved: append-only, about a pseudonym, ended only by expiry or withdrawal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from hub.control.consent_record import text_sha256
from hub.control.grounds import Records
from hub.errors import HubError
from hub.kvkk import audit, erasure_checks
from hub.kvkk.audit import Actor
from hub.kvkk.wording import require_code

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hub.control.consent_record import NewConsent, SubjectKind
    from hub.control.grounds import Connection
    from hub.db.database import Database

_COLUMNS = (
    "id, data_subject, subject_kind, purpose, legal_basis, data_categories, retention_period, text_version,"
    " consent_text_sha256, channel, given_at, expires_at, withdrawn_at, supersedes_id"
)


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


@dataclass(frozen=True)
class Given:
    """A consent and the pseudonym of whoever gave it."""

    kind: SubjectKind
    subject: str
    new: NewConsent


def _consent(row: tuple[Any, ...]) -> Consent:
    consent = Consent(*row)
    return replace(consent, data_categories=tuple(consent.data_categories))


_RECORDS = Records(
    "consent", "hub.consents", _COLUMNS, since="given_at", until="expires_at", ended="withdrawn_at", made=_consent
)
listed = _RECORDS.listed
active_many = _RECORDS.active_many


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
    return record_many(database, tenant_id, [Given(kind, subject, new)], actor=actor)[0]


def record_many(
    database: Database, tenant_id: str, given: Sequence[Given], *, actor: Actor = audit.SYSTEM
) -> list[Consent]:
    """Store several as `record` does, all of them or none."""
    with database.tenant(tenant_id, "app") as connection:
        return [_record(connection, tenant_id, each, actor) for each in given]


def _record(connection: Connection, tenant_id: str, given: Given, actor: Actor) -> Consent:
    new = given.new
    values = new.model_dump() | {
        "data_subject": given.subject,
        "subject_kind": given.kind,
        "consent_text_sha256": new.consent_text_sha256,
        "data_categories": list(new.data_categories),
        "recipients": list(new.recipients),
        "ip_address": str(new.ip_address) if new.ip_address else None,
    }
    if new.supersedes_id is not None:
        _require_same_matter(connection, tenant_id, new.supersedes_id, given.subject, new.purpose)
    consent = _RECORDS.insert(connection, tenant_id, uuid4(), values)
    _enter(connection, tenant_id, "recorded", consent, actor)
    return consent


def active(database: Database, tenant_id: str, subject: str, purpose: str, at: datetime) -> UUID | None:
    """The consent on which this purpose may rest at this time, or None."""
    return active_many(database, tenant_id, [subject], purpose, at).get(subject)


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
        # A form server's clock may be ahead of ours: a withdrawal is never earlier than the giving.
        to = (
            "withdrawn_at = greatest(now(), given_at), withdrawal_channel = %(channel)s, withdrawal_reason = %(reason)s"
        )
        if not _RECORDS.end(connection, tenant_id, consent_id, to, channel=channel, reason=reason):
            raise HubError("consent_already_withdrawn", consent=str(consent_id))
        erasure_checks.raise_check(connection, tenant_id, consent_id, "consent_withdrawn", actor=actor)
        consent = _RECORDS.read(connection, tenant_id, consent_id)
        _enter(connection, tenant_id, "withdrawn", consent, actor)
        return consent


def proof(database: Database, tenant_id: str, consent_id: UUID, *, actor: Actor = audit.SYSTEM) -> Proof:
    """What was shown to the person, its hash made anew and held against the audit log's; the reading is entered there.

    Text and hash together could be exchanged by the database's owner, the log's entry of the recording could not.
    HubError `consent_unknown`.
    """
    with database.tenant(tenant_id, "app") as connection:
        consent = _RECORDS.read(connection, tenant_id, consent_id)
        row = connection.execute(
            "SELECT consent_text, language, notice_id, source, evidence_ref, collected_by, withdrawal_channel"
            " FROM hub.consents WHERE tenant_id = %s AND id = %s",
            (tenant_id, consent_id),
        ).fetchone()
        if row is None:  # it has just been seen
            raise HubError("consent_unknown", consent=str(consent_id))
        entered = connection.execute(
            "SELECT details ->> 'text_sha256' FROM hub.audit_log WHERE tenant_id = %s AND action = 'consent.recorded'"
            " AND object = %s",
            (tenant_id, f"consent:{consent_id}"),
        ).fetchone()
        _enter(connection, tenant_id, "shown", consent, actor)
    made = text_sha256(row[0])
    fits = made == consent.consent_text_sha256 and (entered is None or made == entered[0])
    return Proof(consent, *row, text_verified=fits)


def _enter(connection: Connection, tenant_id: str, what: str, consent: Consent, actor: Actor) -> None:
    details = {"channel": consent.channel, "text_sha256": consent.consent_text_sha256}
    _RECORDS.enter(connection, tenant_id, what, consent.consent_id, consent, actor=actor, details=details)


def _require_same_matter(connection: Connection, tenant_id: str, consent_id: UUID, subject: str, purpose: str) -> None:
    earlier = _RECORDS.read(connection, tenant_id, consent_id)
    if (earlier.data_subject, earlier.purpose) != (subject, purpose):
        raise HubError("consent_unknown", consent=str(consent_id))
