"""What İYS must hear of: every permission and withdrawal in `hub.consents`, every opt-out, each once.

By the By-Law on commercial messages a permission taken outside of İYS, and a refusal, are brought there within three
business days. What was pulled from İYS itself is not brought back, and nothing is known of the erased any more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from hub.errors import HubError
from hub.iys.vocabulary import KINDS_BY_TYPE, OWN_DECISION, TYPES_BY_CHANNEL, TYPES_BY_PURPOSE, source_of
from hub.kvkk.clocks import business_days_due
from hub.kvkk.suppression import ERASED

if TYPE_CHECKING:
    from connectors.iys.register import PermissionStatus, PermissionType, RecipientType
    from hub.db.database import Connection, Database

DUE_DAYS, ALARM_DAYS = 3, 2
"""Business days; kvkk.md, sections 2 and 9."""
FROM_IYS = "iys"
"""Channel of a withdrawal that was heard from İYS."""

_CONSENTS = """
SELECT 'consent:' || c.id, c.data_subject, c.subject_kind, c.purpose, w.status, c.source,
       CASE w.status WHEN 'ONAY' THEN c.channel ELSE c.withdrawal_channel END, w.at
FROM hub.consents c
CROSS JOIN LATERAL (VALUES ('ONAY', c.given_at), ('RET', least(c.withdrawn_at, c.expires_at))) AS w (status, at)
WHERE c.tenant_id = %(tenant)s AND c.purpose = ANY(%(purposes)s)
  AND (w.status = 'ONAY') = (c.withdrawn_at IS NULL AND (c.expires_at IS NULL OR %(now)s < c.expires_at))
  AND (w.status = 'ONAY' OR c.withdrawal_channel IS DISTINCT FROM %(from_iys)s)
  AND c.subject_kind = ANY(%(kinds)s) AND c.data_subject NOT LIKE %(erased)s
  AND NOT EXISTS (SELECT FROM hub.iys_pushes p WHERE p.tenant_id = c.tenant_id AND p.origin = 'consent:' || c.id
                  AND p.status = w.status)
ORDER BY w.at, c.id
"""
_OPT_OUTS = """
SELECT 'opt_out:' || o.opt_out_id || ':' || extract(epoch FROM o.recorded_at)::bigint, o.recipient, o.recipient_kind,
       o.channel, o.recorded_at,
       ARRAY(SELECT s.type FROM hub.iys_states s WHERE s.tenant_id = o.tenant_id AND s.recipient = o.recipient
             AND s.recipient_type = 'TACIR' AND s.status = 'ONAY')
FROM hub.opt_outs o
WHERE o.tenant_id = %(tenant)s AND o.recipient_kind = ANY(%(kinds)s) AND o.recipient NOT LIKE %(erased)s
  AND NOT EXISTS (SELECT FROM hub.iys_pushes p WHERE p.tenant_id = o.tenant_id AND p.origin =
                  'opt_out:' || o.opt_out_id || ':' || extract(epoch FROM o.recorded_at)::bigint)
ORDER BY o.recorded_at, o.opt_out_id
"""
_KINDS = ("phone", "email", "tckn", "vkn")
_CONTACTS = """
SELECT n.pseudonym, o.kind, o.pseudonym, o.strength = 'strong' FROM vault.identifiers n
JOIN vault.identifiers o ON o.tenant_id = n.tenant_id AND o.subject_id = n.subject_id
WHERE n.tenant_id = %(tenant)s AND n.pseudonym = ANY(%(people)s) AND n.strength = 'strong'
  AND o.kind = ANY(%(kinds)s)
  AND NOT EXISTS (SELECT FROM vault.shared_identifiers s WHERE s.tenant_id = o.tenant_id AND s.kind = o.kind
                  AND s.pseudonym = o.pseudonym)
"""


@dataclass(frozen=True)
class Owed:
    """One permission or refusal that İYS must hear of."""

    origin: str
    recipient: str
    """Pseudonym of the number, or of the person where no single number of theirs is known."""
    known: bool
    type: PermissionType
    status: PermissionStatus
    source: str
    at: datetime
    recipient_type: RecipientType = "BIREYSEL"


@dataclass(frozen=True)
class Contacts:
    """Pseudonyms of numbers and addresses by the person's own and the kind.

    A permission goes to İYS for nobody but its giver: only for a contact that is surely theirs (`proved`), for a
    stranger who once shared a row with them would be written to. A refusal can only make the tenant write less, so the
    only contact that is `known` of them will do.
    """

    known: dict[tuple[str, str], set[str]] = field(default_factory=dict[tuple[str, str], set[str]])
    proved: dict[tuple[str, str], set[str]] = field(default_factory=dict[tuple[str, str], set[str]])

    def of(self, person: str, kind: str, status: PermissionStatus) -> str | None:
        """The one contact that such a word is brought to İYS for; None where there is none, or none alone."""
        for contacts in (self.proved, self.known if status == "RET" else {}):
            found = contacts.get((person, kind), set())
            if len(found) == 1:
                return next(iter(found))
        return None


def collect(database: Database, tenant_id: str, now: datetime) -> int:
    """Write down what came since the last time; how much that was."""
    given = {
        "tenant": tenant_id,
        "purposes": sorted(TYPES_BY_PURPOSE),
        "now": now,
        "from_iys": FROM_IYS,
        "kinds": list(_KINDS),
        "erased": f"{ERASED}\\_%",
    }
    with database.tenant(tenant_id, "app") as connection:
        consents = connection.execute(_CONSENTS, given).fetchall()
        opted = connection.execute(_OPT_OUTS, given).fetchall()
    others = {row[1] for row in consents if row[2] != KINDS_BY_TYPE[TYPES_BY_PURPOSE[row[3]]]}
    contacts = _contacts(database, tenant_id, others)
    found = [*_of_consents(consents, contacts), *_of_opt_outs(opted)]
    with database.tenant(tenant_id, "app") as connection:
        return sum(_write(connection, tenant_id, each) for each in found)


def due(at: datetime, days: int) -> datetime:
    """When so many business days after a moment are over; calendar days for years whose feasts nobody entered."""
    try:
        return business_days_due(at, days)
    except HubError as error:
        if error.code != "calendar_year_missing":
            raise
    return at + timedelta(days=days)


def _of_consents(rows: Iterable[Any], contacts: Contacts) -> Iterator[Owed]:
    for origin, subject, kind, purpose, status, stated, channel, at in rows:
        type_ = TYPES_BY_PURPOSE[purpose]
        wanted = KINDS_BY_TYPE[type_]
        recipient = subject if kind == wanted else contacts.of(subject, wanted, status)
        # A source that was stated tells how the permission was given, not how it was taken back.
        source = source_of(status, channel=channel, stated=stated if status == "ONAY" else None, at=at)
        yield Owed(origin, recipient or subject, recipient is not None, type_, status, source, at)


def _of_opt_outs(rows: Iterable[Any]) -> Iterator[Owed]:
    for origin, recipient, kind, channel, at, as_merchant in rows:
        type_ = TYPES_BY_CHANNEL[channel]
        source = source_of("RET", channel=channel, stated=None, at=at)
        refusal = Owed(origin, recipient, kind == KINDS_BY_TYPE[type_], type_, "RET", source, at)
        yield refusal
        # Whoever says stop does not say as what they say it.
        if type_ in as_merchant:
            yield replace(refusal, recipient_type="TACIR")


def _contacts(database: Database, tenant_id: str, people: Collection[str]) -> Contacts:
    """Numbers and addresses of people who are named otherwise."""
    from hub.messaging import persons

    contacts = Contacts()
    if not people:
        return contacts
    with database.tenant(tenant_id, "vault") as connection:
        rows = connection.execute(
            _CONTACTS, {"tenant": tenant_id, "people": sorted(people), "kinds": sorted(set(KINDS_BY_TYPE.values()))}
        ).fetchall()
    names = persons.names_of(database, tenant_id, {contact for _, _, contact, strong in rows if strong})
    for person, kind, contact, strong in rows:
        contacts.known.setdefault((person, kind), set()).add(contact)
        if strong and person in names[contact]:
            contacts.proved.setdefault((person, kind), set()).add(contact)
    return contacts


def _write(connection: Connection, tenant_id: str, owed: Owed) -> int:
    return connection.execute(
        "INSERT INTO hub.iys_pushes (tenant_id, origin, recipient, recipient_kind, type, recipient_type, status,"
        " source, consent_date, due_at, alarm_at, state, code) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s,"
        " %s) ON CONFLICT DO NOTHING",
        (
            tenant_id,
            owed.origin,
            owed.recipient,
            owed.recipient.rpartition("_")[0],
            owed.type,
            owed.recipient_type,
            owed.status,
            owed.source or OWN_DECISION,
            owed.at,
            due(owed.at, DUE_DAYS),
            due(owed.at, ALARM_DAYS),
            "waiting" if owed.known else "unpushable",
            None if owed.known else "recipient_unknown",
        ),
    ).rowcount
