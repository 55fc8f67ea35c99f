"""A row of any tenant table, made from the catalogue, so that a new table is under test without anybody adding it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from psycopg import sql

from hub.db import roles

if TYPE_CHECKING:
    import psycopg

_TEXT = "Onay metni"
# Values that a CHECK constraint asks for. A new table whose checks are not met here fails the suite loudly.
SPECIAL: dict[str, dict[str, Any]] = {
    "hub.tenants": {"tax_number_kind": "vkn", "plan": "trial"},
    "hub.integrations": {"environment": "live"},
    "hub.sync_history": {"outcome": "ok"},
    "hub.consents": {
        "legal_basis": "explicit_consent",
        "retention_period": "P1Y",
        "consent_text": _TEXT,
        "consent_text_sha256": hashlib.sha256(_TEXT.encode()).hexdigest(),
    },
    "hub.legal_bases": {"legal_basis": "contract", "proportionality_note": _TEXT},
    "hub.policy_decisions": {"decision": "set"},
    "hub.requests": {"type": "access"},
    "hub.request_subjects": {"reached_by": "strong", "decision": "included"},
    "hub.mails": {"language": "tr"},
    "hub.inbox_events": {"signature": "unsigned"},
    "hub.legal_holds": {"scope": "tenant", "reason": "audit"},
    "hub.destructions": {"cause": "request", "method": "erase", "verified": "none_left"},
    "hub.breaches": {
        "board_due_at": "2026-01-04T00:00:00Z",
        "state": "closed",  # nobody is to be escalated for these
        "closed_at": "2026-01-05T00:00:00Z",
    },
    "hub.message_templates": {"language": "tr", "kind": "transactional"},
    "hub.opt_outs": {"scope": "commercial"},
    "hub.iys_states": {"type": "MESAJ", "recipient_type": "BIREYSEL", "status": "ONAY"},
    "hub.iys_pushes": {"type": "MESAJ", "recipient_type": "BIREYSEL", "status": "ONAY"},
    "hub.spend": {"currency": "TRY"},
    "hub.usage_days": {"what": "actions_sent"},
    "hub.erasure_checks": {"cause": "consent_expired"},
    "hub.actions": {"summary": "{}"},
    "hub.invoice_series": {"year": 2026, "kind": "einvoice"},
    "hub.invoice_seals": {"kind": "file"},
    "hub.documents": {"kind": "einvoice"},
    "hub.subscriptions": {"state": "paused"},  # nothing is to be sent for these
    "hub.deliveries": {"state": "held"},
    "hub.action_attempts": {"attempt": 1},
    "hub.users": {"role": "analyst", "language": "tr"},
    "hub.user_tokens": {"purpose": "reset"},
    "hub.signing_keys": {"state": "retired", "verify_until": "2026-01-01T00:00:00Z"},
    "vault.identifiers": {"strength": "weak"},
    "vault.links": {"other_subject_id": uuid5(NAMESPACE_URL, "somebody else")},
    "keys.tenant_keys": dict.fromkeys(
        ("wrapped_encryption_key", "wrapped_pseudonym_key", "wrapped_suppression_key"), b"sealed"
    ),
    "keys.subject_keys": {"wrapped_key": b"sealed"},
    "keys.daily_keys": {"wrapped_key": b"sealed"},
}


@dataclass(frozen=True)
class Table:
    """A tenant table as the catalogue has it: required columns with their types, and the primary key."""

    name: str
    required: dict[str, str]
    key: tuple[str, ...]

    @property
    def identifier(self) -> sql.Identifier:
        return sql.Identifier(*self.name.split("."))

    def row(self, tenant_id: str, mark: str) -> dict[str, Any]:
        """A row of that tenant whose key is made from `mark`: the same mark gives the same key to every tenant."""
        values = {column: _value(kind, mark) for column, kind in self.required.items()}
        values |= SPECIAL.get(self.name, {}) | {"tenant_id": tenant_id}
        if self.name == "hub.tenants":
            values["subdomain"] = f"{tenant_id}-{mark}"
        if self.name == "hub.invoice_series":
            values["series"] = hashlib.sha256(mark.encode()).hexdigest()[:3].upper()
        if self.name == "hub.analyst_logins":
            values["role_name"] = f"{mark}_of_{tenant_id}"
        return values

    def insert(self, row: dict[str, Any]) -> tuple[sql.Composed, list[Any]]:
        """The INSERT of a row and its parameters."""
        names, holes = (sql.SQL(", ").join(part) for part in (map(sql.Identifier, row), [sql.Placeholder()] * len(row)))
        return sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(self.identifier, names, holes), list(row.values())


def tenant_tables(connection: psycopg.Connection[Any]) -> dict[str, Table]:
    """Every table with tenant data in the connection's database, whatever its name."""
    rows = connection.execute(
        """
        SELECT n.nspname || '.' || c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
               array_position(i.indkey::int[], a.attnum::int),
               a.attnotnull AND NOT a.atthasdef
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
        WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relkind IN ('r', 'p')
        ORDER BY 1, a.attnum
        """
    ).fetchall()
    tables: dict[str, Table] = {}
    for name in dict.fromkeys(row[0] for row in rows if row[0] not in roles.WITHOUT_TENANT):
        columns = [row[1:] for row in rows if row[0] == name]
        key = sorted((position, column) for column, _, position, _ in columns if position is not None)
        special = SPECIAL.get(name, {})
        required = {
            column: kind
            for column, kind, position, needed in columns
            if needed or position is not None or column in special
        }
        tables[name] = Table(name, required, tuple(column for _, column in key))
    return tables


def _value(kind: str, mark: str) -> Any:
    values: dict[str, Any] = {
        "text": mark,
        "integer": 1 + sum(mark.encode()),
        "bigint": 1 + sum(mark.encode()),
        "boolean": True,
        "uuid": uuid5(NAMESPACE_URL, mark),
        "uuid[]": [uuid5(NAMESPACE_URL, mark)],
        "bytea": mark.encode(),
        "bytea[]": [mark.encode()],
        "text[]": [mark],
        "jsonb": "{}",
        "timestamp with time zone": "2026-01-01T00:00:00Z",
        "date": f"2026-01-{1 + sum(mark.encode()) % 28:02}",
    }
    return 1 + sum(mark.encode()) if kind.startswith("numeric") else values[kind]
