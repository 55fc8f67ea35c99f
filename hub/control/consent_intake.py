"""Consents as they come in, with people's identifiers: what is kept is pseudonyms, and for İYS the number, sealed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hub.control import consents, grounds
from hub.control.consents import Given
from hub.errors import HubError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connectors.secret import Secret
    from hub.control.consent_record import NewConsent, SubjectKind
    from hub.control.consents import Consent
    from hub.db.database import Database
    from hub.keys.keyring import Keyring
    from hub.kvkk.audit import Actor


@dataclass(frozen=True)
class Stated:
    """A consent and the person who gave it, as somebody stated them."""

    kind: SubjectKind
    person: Secret
    new: NewConsent


def take(
    database: Database, keyring: Keyring, tenant_id: str, stated: Sequence[Stated], *, actor: Actor
) -> list[Consent]:
    """Record them all, or none, in the order given.

    HubError `subject_malformed`, `consent_unknown` (of one that is superseded).
    """
    from hub.iys import recipients
    from hub.iys.vocabulary import KINDS_BY_TYPE, TYPES_BY_PURPOSE

    given = [
        Given(each.kind, grounds.subject_pseudonym(keyring, tenant_id, each.kind, each.person), each.new)
        for each in stated
    ]
    done = consents.record_many(database, tenant_id, given, actor=actor)
    for each in stated:
        if each.new.purpose in TYPES_BY_PURPOSE and each.kind in KINDS_BY_TYPE.values():
            # İYS wants the number itself within three business days (law 6563).
            recipients.keep(database, keyring, tenant_id, each.kind, each.person)
    return done


def withdraw_all(
    database: Database,
    tenant_id: str,
    subject: str,
    purpose: str,
    *,
    channel: str,
    reason: str | None,
    actor: Actor,
) -> list[Consent]:
    """End every active consent of a person (a pseudonym) to a purpose; empty where there is none.

    `InvalidInput` as `consents.withdraw`.
    """
    active = consents.listed(database, tenant_id, subject=subject, purpose=purpose, active_at=datetime.now(UTC))
    done: list[Consent] = []
    for each in active:
        try:
            done.append(
                consents.withdraw(database, tenant_id, each.consent_id, channel=channel, reason=reason, actor=actor)
            )
        except HubError as error:
            if error.code != "consent_already_withdrawn":  # somebody else withdrew it meanwhile
                raise
    return done
