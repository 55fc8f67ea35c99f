"""Follows the erasure journal in a restored database: whoever was erased after the dump is erased again.

The journal comes with the key store, which is newer than the data. A person is found by subject ids, in the index as it
was restored; what a consent or a request names by its own pseudonym alone is recognised by the id that follows from it.
Originals cannot be read any more, for the subjects' keys are gone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hub.errors import HubError
from hub.keys import journal
from hub.kvkk.erasure.meant import person_of
from hub.kvkk.person import Identified

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hub.db.database import Database
    from hub.keys.journal import Journaled
    from hub.keys.keyring import Keyring
    from hub.kvkk.audit import Actor
    from hub.kvkk.erasure.run import Eraser
    from hub.kvkk.person import Person

OnErasure = Callable[[int, int], None]
"""Called with tenants done and in all."""

_NAMED = (
    "SELECT data_subject FROM hub.consents WHERE tenant_id = %(tenant)s"
    " UNION SELECT data_subject FROM hub.legal_bases WHERE tenant_id = %(tenant)s"
    " UNION SELECT data_subject FROM hub.refusals WHERE tenant_id = %(tenant)s AND data_subject IS NOT NULL"
    " UNION SELECT pseudonym FROM hub.request_identifiers WHERE tenant_id = %(tenant)s"
    # Whoever was only written to, or only wrote, stands in no index either.
    " UNION SELECT recipient FROM hub.actions WHERE tenant_id = %(tenant)s AND recipient IS NOT NULL"
    " UNION SELECT recipient FROM hub.opt_outs WHERE tenant_id = %(tenant)s"
    " UNION SELECT recipient FROM hub.iys_states WHERE tenant_id = %(tenant)s"
    " UNION SELECT recipient FROM hub.iys_pushes WHERE tenant_id = %(tenant)s"
    " UNION SELECT buyer FROM hub.documents WHERE tenant_id = %(tenant)s AND buyer IS NOT NULL"
    " UNION SELECT contact FROM hub.conversations WHERE tenant_id = %(tenant)s"
    " UNION SELECT contact FROM hub.users WHERE tenant_id = %(tenant)s"
)


@dataclass(frozen=True)
class Replayed:
    """Erasures that were carried out again, and those that the dump had finished already."""

    again: int = 0
    known: int = 0


def replay(
    database: Database,
    keyring: Keyring,
    eraser: Eraser,
    tenants: Sequence[str],
    *,
    actor: Actor,
    on_tenant: OnErasure = lambda done, total: None,
) -> Replayed:
    """Erase again, oldest erasure first. Safe to repeat.

    HubError `erasure_left` when a search afterwards finds something: the database must not be opened;
    `erasure_journal_broken` when the journal itself was altered.
    """
    again = known = 0
    for done, tenant_id in enumerate(tenants, start=1):
        entries = journal.read(database, keyring.tenant(tenant_id))
        finished = _finished(database, tenant_id)
        for erased in entries:
            if erased.erasure_id in finished:
                known += 1
                continue
            report = eraser.replay(person_again(database, keyring, tenant_id, erased), erased, actor)
            if report.outcome == "left":
                raise HubError("erasure_left", records=sum(report.left.values()))
            again += 1
        on_tenant(done, len(tenants))
    return Replayed(again, known)


def person_again(database: Database, keyring: Keyring, tenant_id: str, erased: Journaled) -> Person:
    """Whom a journal's entry means, as the restored database knows them."""
    keys = keyring.tenant(tenant_id)
    person = person_of(database, tenant_id, set(erased.subjects))
    met = {each.pseudonym for each in person.identifiers}
    with database.tenant(tenant_id, "app") as connection:
        named = [row[0] for row in connection.execute(_NAMED, {"tenant": tenant_id})]
    theirs = {
        Identified(kind, pseudonym, "weak")
        for pseudonym in named
        if pseudonym not in met
        and (kind := pseudonym.rpartition("_")[0])
        and keys.subject_id(kind, pseudonym) in erased.subjects
    }
    return replace(person, identifiers=person.identifiers | theirs)


def _finished(database: Database, tenant_id: str) -> set[object]:
    with database.tenant(tenant_id, "app") as connection:
        rows = connection.execute(
            "SELECT erasure_id FROM hub.erasures WHERE tenant_id = %s AND state = 'done'", (tenant_id,)
        )
        return {row[0] for row in rows}
