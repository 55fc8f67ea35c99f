"""What the hub itself keeps about a person: consents, legal bases, refused records, requests, and who read their data.

All of it hangs on the person's pseudonyms. Names of the controller's staff stay out: whose act it was is the
controller's to say, the role is enough here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, LiteralString

from hub.kvkk.stores import Section

if TYPE_CHECKING:
    from hub.db.database import Connection, Database
    from hub.kvkk.export.scope import Scope

SOURCE = "hub"

CONSENTS: LiteralString = (
    "SELECT id, subject_kind, purpose, legal_basis, data_categories, retention_period, consent_text,"
    " consent_text_sha256, text_version, language, notice_id, channel, source, evidence_ref, ip_address::text,"
    " user_agent, given_at, expires_at, withdrawn_at, withdrawal_channel, withdrawal_reason, transfer_abroad,"
    " recipients, supersedes_id FROM hub.consents WHERE tenant_id = %(tenant)s AND data_subject = ANY(%(people)s)"
    " ORDER BY given_at, id"
)
_TABLES: dict[str, LiteralString] = {
    "legal_bases": (
        "SELECT id, subject_kind, purpose, legal_basis, data_categories, proportionality_note, notice_id,"
        " evidence_ref, valid_from, valid_until, ended_at, end_reason FROM hub.legal_bases"
        " WHERE tenant_id = %(tenant)s AND data_subject = ANY(%(people)s) ORDER BY valid_from, id"
    ),
    "refused_records": (
        "SELECT provider, stream, record_key, code, purpose, first_refused_at, last_refused_at, settled_at,"
        " settled_as FROM hub.refusals WHERE tenant_id = %(tenant)s AND data_subject = ANY(%(people)s)"
        " ORDER BY first_refused_at, refusal_id"
    ),
    "conversations": (
        "SELECT channel, last_incoming_at FROM hub.conversations"
        " WHERE tenant_id = %(tenant)s AND contact = ANY(%(people)s) ORDER BY channel, contact"
    ),
    "message_refusals": (
        "SELECT recipient_kind, channel, scope, source, recorded_at FROM hub.opt_outs"
        " WHERE tenant_id = %(tenant)s AND recipient = ANY(%(people)s) ORDER BY recorded_at, channel"
    ),
    "iys_states": (
        "SELECT recipient_kind, type, recipient_type, status, source, consent_date, asked_at FROM hub.iys_states"
        " WHERE tenant_id = %(tenant)s AND recipient = ANY(%(people)s) ORDER BY type, recipient_type, recipient"
    ),
    "iys_permissions": (
        "SELECT recipient_kind, type, recipient_type, status, source, consent_date, state, submitted_at, settled_at"
        " FROM hub.iys_pushes WHERE tenant_id = %(tenant)s AND recipient = ANY(%(people)s)"
        " ORDER BY consent_date, push_id"
    ),
    "accounts": (
        "SELECT role, language, state, created_at, activated_at, disabled_at, signed_in_at,"
        " (SELECT count(*) FROM hub.sessions s WHERE s.tenant_id = u.tenant_id AND s.user_id = u.user_id) AS sessions"
        " FROM hub.users u WHERE tenant_id = %(tenant)s AND contact = ANY(%(people)s) ORDER BY created_at, user_id"
    ),
    "requests": (
        "SELECT request_id, type, channel, received_at, due_at, state, answered_at, outcome, refusal_code,"
        " refusal_article, destruction_due, fee FROM hub.requests r WHERE tenant_id = %(tenant)s AND EXISTS"
        " (SELECT FROM hub.request_identifiers i WHERE i.tenant_id = r.tenant_id AND i.request_id = r.request_id"
        " AND i.pseudonym = ANY(%(people)s)) ORDER BY received_at, request_id"
    ),
    "reads": (
        "SELECT at, actor_role, action, purpose, legal_basis, count, request_id FROM hub.audit_log"
        " WHERE tenant_id = %(tenant)s AND (object = ANY(%(objects)s) OR object = ANY(%(people)s)"
        " OR details -> 'subjects' ?| %(subjects)s) ORDER BY seq"
    ),
}
MAILS: LiteralString = (
    "SELECT m.template, m.language, m.state, m.sent_at, m.created_at FROM hub.mails m WHERE m.tenant_id = %(tenant)s"
    " AND (EXISTS (SELECT FROM hub.request_identifiers i WHERE i.tenant_id = m.tenant_id"
    " AND i.pseudonym = ANY(%(people)s) AND strpos(m.about, i.request_id::text) > 0)"
    " OR (m.template = 'breach_notice' AND split_part(m.about, ':', 3) = ANY(%(subjects)s::text[])))"
    " ORDER BY m.created_at, m.mail_id"
)


def record_sections(database: Database, scope: Scope) -> Iterator[Section]:
    """The tables beside the landed ones that hold something of the person."""
    with database.tenant(scope.tenant_id, "app") as connection:
        for table, statement in _TABLES.items():
            rows = _rows(connection, statement, scope)
            first = next(rows, None)
            if first is not None:
                yield Section(SOURCE, table, _with_first(first, rows))


def consents_of(database: Database, scope: Scope) -> list[dict[str, Any]]:
    """The person's consents with the text that was shown, oldest first."""
    with database.tenant(scope.tenant_id, "app") as connection:
        return list(_rows(connection, CONSENTS, scope))


def mails_to(database: Database, scope: Scope) -> list[dict[str, Any]]:
    """Mails about the person's requests, and notices of breaches to them: which and when, oldest first."""
    with database.tenant(scope.tenant_id, "app") as connection:
        return list(_rows(connection, MAILS, scope))


def _rows(connection: Connection, statement: LiteralString, scope: Scope) -> Iterator[dict[str, Any]]:
    subjects = sorted(scope.subjects)
    given = {
        "tenant": scope.tenant_id,
        "people": scope.records_of,
        "subjects": subjects,
        "objects": [f"subject:{each}" for each in subjects],
    }
    with connection.cursor("export_records") as cursor:
        cursor.itersize = 1_000
        cursor.execute(statement, given)
        names = [column.name for column in cursor.description or ()]
        for row in cursor:
            yield dict(zip(names, row, strict=True))


def _with_first(first: dict[str, Any], rest: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    yield first
    yield from rest
