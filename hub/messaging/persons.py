"""Under which other pseudonyms a recipient's consents may stand.

A consent given with an identity number is the phone's owner's too, if nobody else has that phone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from hub.kvkk.person import PROOF_OF_TWO

if TYPE_CHECKING:
    from hub.db.database import Database

_KINDS = ("tckn", "vkn", "phone", "email")
"""Kinds under which consents are recorded."""
_OTHERS = """
WITH held AS (
    SELECT i.pseudonym AS recipient, i.subject_id FROM vault.identifiers i
    WHERE i.tenant_id = %(tenant)s AND i.pseudonym = ANY(%(recipients)s) AND i.strength = 'strong'
      AND NOT EXISTS (SELECT FROM vault.shared_identifiers s WHERE s.tenant_id = i.tenant_id AND s.kind = i.kind
                      AND s.pseudonym = i.pseudonym)
)
SELECT h.recipient, o.kind, o.pseudonym FROM held h
JOIN vault.identifiers o ON o.tenant_id = %(tenant)s AND o.subject_id = h.subject_id AND o.strength = 'strong'
WHERE o.kind = ANY(%(kinds)s)
"""


def names_of(database: Database, tenant_id: str, recipients: Collection[str]) -> dict[str, frozenset[str]]:
    """Each recipient's pseudonym with those of the same person, itself among them; one query for all.

    An identifier that is noted as shared, or that people with different identity numbers have, leads to nobody.
    """
    own = {each: {each} for each in recipients}
    if not own:
        return {}
    numbers: dict[str, set[str]] = {}
    found: dict[str, set[str]] = {}
    with database.tenant(tenant_id, "vault") as connection:
        for recipient, kind, pseudonym in connection.execute(
            _OTHERS, {"tenant": tenant_id, "recipients": sorted(own), "kinds": list(_KINDS)}
        ):
            found.setdefault(recipient, set()).add(pseudonym)
            if kind == PROOF_OF_TWO:
                numbers.setdefault(recipient, set()).add(pseudonym)
    for recipient, others in found.items():
        if len(numbers.get(recipient, ())) < 2:
            own[recipient] |= others
    return {recipient: frozenset(names) for recipient, names in own.items()}


def everybody(names: Mapping[str, frozenset[str]]) -> list[str]:
    """All pseudonyms of all of them, sorted."""
    return sorted({each for of_one in names.values() for each in of_one})
