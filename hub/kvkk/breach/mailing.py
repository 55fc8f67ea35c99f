"""Mails the notice of a breach to the persons concerned, each person once, at the address that the vault has.

Nothing but the mail queue remembers who was mailed: a queued mail names the breach and a subject of the person, and the
queue takes no second one. A process that dies while it queues goes on where it was; one that dies while a mail goes out
leaves a mail of unknown fate, which is counted and never sent again by itself (hub/mail/queue.py). Once the mail server
has taken a notice, the person counts as told, with the mail as the proof.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from connectors.secret import Secret
from hub.errors import HubError
from hub.keys.originals import Originals, Reading
from hub.kvkk import audit
from hub.kvkk.breach import record
from hub.kvkk.breach.addressees import Addressee, addressees
from hub.kvkk.breach.notice import Notice, notice
from hub.kvkk.breach.told import tell_persons
from hub.mail.drain import drain
from hub.mail.queue import enqueue
from hub.mail.server import is_address

if TYPE_CHECKING:
    from hub.db.database import Connection, Database
    from hub.i18n import Language
    from hub.keys.keyring import Keyring
    from hub.kvkk.audit import Actor
    from hub.mail.queue import Claimed
    from hub.mail.server import MailServer

TEMPLATE = "breach_notice"
AT_ONCE = 200
"""Persons whose addresses are read and whose mails are queued in one transaction."""


@dataclass(frozen=True)
class Mailing:
    """How the mailing of a breach stands, in persons. Each is in one count, but `queued`, which is part of `waiting`.

    `told` were told another way; `without_mail` have an address and no mail yet; of `unknown` a person must look into
    the mail server's log.
    """

    persons: int
    queued: int = 0
    waiting: int = 0
    sent: int = 0
    unknown: int = 0
    failed: int = 0
    told: int = 0
    no_address: int = 0
    without_mail: int = 0


class _Mailed(NamedTuple):
    """The mail to a person, by one of their subjects."""

    mail_id: UUID
    state: str


def send_notices(
    database: Database, keyring: Keyring, tenant_id: str, breach_id: UUID, *, language: Language, actor: Actor
) -> Mailing:
    """Queue the notice to everybody who was neither told nor mailed; how the mailing stands then. Safe to repeat.

    HubError `breach_unknown`, `breach_closed`, `breach_notice_incomplete`, `ciphertext_invalid`.
    """
    note_sent(database, tenant_id, breach_id, actor=actor)
    keys = keyring.tenant(tenant_id)
    with database.tenant(tenant_id, "app") as connection:
        breach = record.read(connection, tenant_id, breach_id)
        if breach.state == "closed":
            raise HubError("breach_closed", breach=str(breach_id))
        form = record.read_form(connection, keys, breach_id)
    made = notice(breach, form, language)
    controller = form.controller_name or ""
    persons, mails, told = _standing(database, tenant_id, breach_id)
    waiting = [each for each in persons if each.emails and not _has_mail(each, mails) and not _is_told(each, told)]
    unreachable: set[Addressee] = set()
    queued = 0
    for start in range(0, len(waiting), AT_ONCE):
        some = waiting[start : start + AT_ONCE]
        found = dict(_addresses(database, keyring, tenant_id, breach_id, some, actor))
        unreachable |= set(some) - found.keys()
        queued += _queue(database, keyring, tenant_id, breach_id, made, controller, found, actor)
    return _counted(*_standing(database, tenant_id, breach_id), queued=queued, unreachable=unreachable)


def mailing(database: Database, tenant_id: str, breach_id: UUID) -> Mailing:
    """How it stands, with nothing read in clear and nothing changed. HubError `breach_unknown`."""
    with database.tenant(tenant_id, "app") as connection:
        record.read(connection, tenant_id, breach_id)
    return _counted(*_standing(database, tenant_id, breach_id), queued=0, unreachable=frozenset())


def note_sent(database: Database, tenant_id: str, breach_id: UUID, *, actor: Actor = audit.SYSTEM) -> int:
    """Count everybody as told whose notice the mail server has taken, under all their subjects; for whom it was new.

    Nothing for a breach that is closed.
    """
    persons, mails, told = _standing(database, tenant_id, breach_id)
    evidence: dict[UUID, str] = {}
    for person in persons:
        proof = next((f"mail:{mail.mail_id}" for mail in _mails_of(person, mails) if mail.state == "sent"), None)
        proof = proof or next((told[each] for each in person.subjects if told[each] is not None), None)
        if proof is not None:
            evidence |= {each: proof for each in person.subjects if told[each] is None}
    if not evidence:
        return 0
    try:
        return tell_persons(database, tenant_id, breach_id, how="direct", evidence=evidence, at=None, actor=actor)
    except HubError as error:
        if error.code != "breach_closed":
            raise
        return 0


def deliver(database: Database, keyring: Keyring, server: MailServer) -> Counter[str]:
    """Send what is due, as `hub.mail.drain` does, and note who was told of a breach by it."""
    breaches: set[tuple[str, UUID]] = set()

    def on_sent(tenant_id: str, mail: Claimed) -> None:
        if mail.template == TEMPLATE:
            breaches.add((tenant_id, UUID(mail.about.split(":")[1])))

    try:
        return drain(database, keyring, server, on_sent=on_sent)
    finally:
        for tenant_id, breach_id in sorted(breaches):
            note_sent(database, tenant_id, breach_id)


Standing = tuple[Sequence[Addressee], Mapping[UUID, _Mailed], Mapping[UUID, "str | None"]]
"""Persons, mails by subject, and proofs by subject."""


def _standing(database: Database, tenant_id: str, breach_id: UUID) -> Standing:
    with database.tenant(tenant_id, "app") as connection:
        told: dict[UUID, str | None] = dict(
            connection.execute(
                "SELECT subject_id, evidence_ref FROM hub.breach_subjects WHERE tenant_id = %s AND breach_id = %s",
                (tenant_id, breach_id),
            ).fetchall()
        )
        mails = _mails(connection, tenant_id, breach_id)
    return addressees(database, tenant_id, told), mails, told


def _mails(connection: Connection, tenant_id: str, breach_id: UUID) -> dict[UUID, _Mailed]:
    rows = connection.execute(
        "SELECT split_part(about, ':', 3), mail_id, state FROM hub.mails WHERE tenant_id = %s AND template = %s"
        " AND about LIKE %s",
        (tenant_id, TEMPLATE, f"breach:{breach_id}:%"),
    )
    return {UUID(subject): _Mailed(mail_id, state) for subject, mail_id, state in rows}


def _mails_of(person: Addressee, mails: Mapping[UUID, _Mailed]) -> list[_Mailed]:
    return [mails[each] for each in person.subjects if each in mails]


def _has_mail(person: Addressee, mails: Mapping[UUID, _Mailed]) -> bool:
    return any(each in mails for each in person.subjects)


def _is_told(person: Addressee, told: Mapping[UUID, str | None]) -> bool:
    return any(told[each] is not None for each in person.subjects)


def _addresses(
    database: Database,
    keyring: Keyring,
    tenant_id: str,
    breach_id: UUID,
    persons: Sequence[Addressee],
    actor: Actor,
) -> Iterator[tuple[Addressee, Secret]]:
    """Each person's surest address that a mail can go to. The next one is read only where that one is none."""
    originals = Originals(database, keyring)
    left = {person: list(person.emails) for person in persons}
    while left := {person: emails for person, emails in left.items() if emails}:
        tried = {person: emails.pop(0) for person, emails in left.items()}
        reading = Reading(actor, "breach_notice", f"breach:{breach_id}")
        values = {
            each.pseudonym: each.value
            for each in originals.named(tenant_id, {("email", pseudonym) for pseudonym in tried.values()}, reading)
            if each.value is not None
        }
        for person, pseudonym in tried.items():
            address = values.get(pseudonym, "").strip()
            if is_address(address):
                del left[person]
                yield person, Secret(address)


def _queue(
    database: Database,
    keyring: Keyring,
    tenant_id: str,
    breach_id: UUID,
    made: Notice,
    controller: str,
    found: Mapping[Addressee, Secret],
    actor: Actor,
) -> int:
    if not found:
        return 0
    body = "\n\n".join(f"{heading}\n{text}" for heading, text in made.sections)
    keys = keyring.tenant(tenant_id)
    queued = 0
    with database.tenant(tenant_id, "app") as connection:
        # Held until the commit: of two that send at once, the second finds what the first has queued.
        breach = record.read(connection, tenant_id, breach_id, locked=True)
        if breach.state == "closed":
            raise HubError("breach_closed", breach=str(breach_id))
        mails = _mails(connection, tenant_id, breach_id)
        for person, address in found.items():
            if not _has_mail(person, mails):
                queued += enqueue(
                    connection,
                    keys,
                    template_name=TEMPLATE,
                    language=made.language,
                    recipient=address,
                    fields={"controller": controller, "notice": body},
                    about=f"breach:{breach_id}:{person.subjects[0].hex}",
                )
        if queued:
            record.enter(connection, tenant_id, breach_id, "notices_queued", actor=actor, count=queued)
    return queued


def _counted(
    persons: Sequence[Addressee],
    mails: Mapping[UUID, _Mailed],
    told: Mapping[UUID, str | None],
    *,
    queued: int,
    unreachable: Collection[Addressee],
) -> Mailing:
    counts: Counter[str] = Counter()
    for person in persons:
        of_person = _mails_of(person, mails)
        if of_person:
            counts[_STATES[of_person[0].state]] += 1
        elif _is_told(person, told):
            counts["told"] += 1
        elif not person.emails or person in unreachable:
            counts["no_address"] += 1
        else:
            counts["without_mail"] += 1
    return Mailing(len(persons), queued, **counts)


_STATES = {"pending": "waiting", "sending": "waiting", "sent": "sent", "unknown": "unknown", "failed": "failed"}
