"""On what a purpose may rest for each of many people at a time: a consent, or another recorded legal basis."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from hub.control import consents, legal_bases

if TYPE_CHECKING:
    from hub.db.database import Database


@dataclass(frozen=True)
class Standing:
    """Pseudonyms with a basis that carries the purpose now, and those of whom only one that does not is recorded."""

    active: frozenset[str]
    inactive: frozenset[str]
    """Withdrawn, ended, expired, not yet valid, or not covering the categories."""


NOBODY = Standing(frozenset(), frozenset())


def standing(
    database: Database,
    tenant_id: str,
    subjects: Collection[str],
    *,
    purpose: str,
    categories: Collection[str],
    at: datetime,
) -> Standing:
    """How each pseudonym stands. Only this tenant's own records count."""
    if not subjects:
        return NOBODY
    active = set(consents.active_many(database, tenant_id, subjects, purpose, at, categories=categories))
    rest = set(subjects) - active
    if rest:
        active |= set(legal_bases.active_many(database, tenant_id, rest, purpose, at, categories=categories))
        rest -= active
    return Standing(frozenset(active), _recorded(database, tenant_id, rest, purpose))


def _recorded(database: Database, tenant_id: str, subjects: Collection[str], purpose: str) -> frozenset[str]:
    if not subjects:
        return frozenset()
    with database.tenant(tenant_id, "app") as connection:
        rows = connection.execute(
            "SELECT data_subject FROM hub.consents"
            " WHERE tenant_id = %(tenant)s AND data_subject = ANY(%(subjects)s) AND purpose = %(purpose)s"
            " UNION SELECT data_subject FROM hub.legal_bases"
            " WHERE tenant_id = %(tenant)s AND data_subject = ANY(%(subjects)s) AND purpose = %(purpose)s",
            {"tenant": tenant_id, "subjects": sorted(subjects), "purpose": purpose},
        ).fetchall()
    return frozenset(row[0] for row in rows)
