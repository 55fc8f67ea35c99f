"""Identifiers that a person named themselves, and of which the subject index may know nothing yet."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from hub.kvkk.person import Identified

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.keys.keyring import TenantKeys
    from hub.kvkk.person import Person


def with_named(database: Database, keys: TenantKeys, person: Person, named: Collection[tuple[str, str]]) -> Person:
    """The person with the subjects that stand for the identifiers (kind, pseudonym) which they named themselves.

    The index may not have met them yet: a consent may be all there is, or a load under way brings the first row that
    only this identifier names. One that somebody else has too, or that is noted as shared, is for a reviewer.
    """
    kinds, pseudonyms = [kind for kind, _ in named], [pseudonym for _, pseudonym in named]
    with database.tenant(person.tenant_id, "vault") as connection:
        rows = connection.execute(
            "WITH wanted AS (SELECT * FROM unnest(%(kinds)s::text[], %(pseudonyms)s::text[]) AS w (kind, pseudonym))"
            " SELECT kind, pseudonym, NULL FROM vault.shared_identifiers JOIN wanted USING (kind, pseudonym)"
            " WHERE tenant_id = %(tenant)s"
            " UNION ALL SELECT kind, pseudonym, replace(subject_id::text, '-', '') FROM vault.identifiers"
            " JOIN wanted USING (kind, pseudonym) WHERE tenant_id = %(tenant)s",
            {"kinds": kinds, "pseudonyms": pseudonyms, "tenant": person.tenant_id},
        ).fetchall()
    shared = {
        (kind, pseudonym)
        for kind, pseudonym, subject in rows
        if subject not in person.subjects and subject != keys.subject_id(kind, pseudonym)
    }
    known = {(each.kind, each.pseudonym) for each in person.identifiers}
    own = {pair: keys.subject_id(*pair) for pair in named if pair not in shared}
    theirs = {pair: subject for pair, subject in own.items() if subject not in person.uncertain}
    return replace(
        person,
        subjects=dict.fromkeys(theirs.values(), "strong") | person.subjects,
        identifiers=person.identifiers | {Identified(*pair, "weak") for pair in theirs if pair not in known},
    )
