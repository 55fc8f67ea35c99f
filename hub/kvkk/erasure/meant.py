"""Whom an erasure means: the person of some subjects, whole where an erasure of them was begun before."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from hub.kvkk.person import Identified, Person, periods_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hub.db.database import Database
    from hub.kvkk.erasure.record import Erasure


def whole(database: Database, person: Person, begun: Erasure | None) -> Person:
    """The person with the subjects of the erasure that was begun and not finished."""
    if begun is None:
        return person
    return person_of(database, person.tenant_id, {*begun.subjects, *person.subjects})


def digest_of(subjects: Iterable[str]) -> str:
    """Names a set of subjects, as 64 hex digits: who approves one set has not approved another."""
    return hashlib.sha256(",".join(sorted(subjects)).encode()).hexdigest()


def person_of(database: Database, tenant_id: str, subjects: set[str]) -> Person:
    """The person whom these subjects are, with their identifiers and days as the index has them."""
    with database.tenant(tenant_id, "vault") as connection:
        rows = connection.execute(
            "SELECT kind, pseudonym, max(strength) FILTER (WHERE strength = 'strong') FROM vault.identifiers"
            " WHERE tenant_id = %s AND subject_id = ANY(%s::uuid[]) GROUP BY kind, pseudonym",
            (tenant_id, sorted(subjects)),
        ).fetchall()
        periods = periods_of(connection, tenant_id, subjects)
    identifiers = frozenset(Identified(kind, pseudonym, strong or "weak") for kind, pseudonym, strong in rows)
    return Person(tenant_id, dict.fromkeys(subjects, "strong"), frozenset(), identifiers, frozenset(periods))
