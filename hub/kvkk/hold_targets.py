"""Whether there is what a legal hold names: a hold on what is not there keeps nothing, and nobody would know.

A dataset is a table of tenants' rows. A subject is one of the tenant's index, or one that a request or breach names:
those may be anchored by an identifier that stands in rows alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hub.errors import HubError

if TYPE_CHECKING:
    from hub.db.database import Database

_DASHED = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


def one_form(subject_id: str) -> str:
    """A subject's id as the hub tells it: 32 hex digits without dashes. What is no such id stays as it is."""
    return subject_id.replace("-", "").lower() if _DASHED.fullmatch(subject_id) else subject_id


def require_there(database: Database, tenant_id: str, scope: str, target: str) -> None:
    """HubError `hold_target_unknown` with the schema's datasets; `hold_target_nobody` for a subject nobody knows."""
    if scope == "dataset":
        schema = target.partition(".")[0]
        known = _tables(database, tenant_id, schema)
        if target not in known:
            raise HubError("hold_target_unknown", known=", ".join(known) or "–")
    elif scope == "subject" and not _known(database, tenant_id, target):
        raise HubError("hold_target_nobody")


def _tables(database: Database, tenant_id: str, schema: str) -> list[str]:
    with database.tenant(tenant_id, "app") as connection:
        rows = connection.execute(
            "SELECT n.nspname || '.' || c.relname FROM pg_catalog.pg_class c"
            " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
            " JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped"
            " WHERE n.nspname = %s AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY c.relname",
            (schema,),
        ).fetchall()
    return [str(name) for (name,) in rows]


def _known(database: Database, tenant_id: str, subject_id: str) -> bool:
    with database.tenant(tenant_id, "vault") as connection:
        indexed = connection.execute(
            "SELECT FROM vault.subjects WHERE tenant_id = %(tenant)s AND subject_id = %(subject)s"
            " UNION ALL SELECT FROM vault.identifiers WHERE tenant_id = %(tenant)s AND subject_id = %(subject)s"
            " LIMIT 1",
            {"tenant": tenant_id, "subject": subject_id},
        ).fetchone()
    if indexed is not None:
        return True
    with database.tenant(tenant_id, "app") as connection:
        named = connection.execute(
            "SELECT FROM hub.request_subjects WHERE tenant_id = %(tenant)s AND subject_id = %(subject)s"
            " UNION ALL SELECT FROM hub.breach_subjects WHERE tenant_id = %(tenant)s AND subject_id = %(subject)s"
            " LIMIT 1",
            {"tenant": tenant_id, "subject": subject_id},
        ).fetchone()
    return named is not None
