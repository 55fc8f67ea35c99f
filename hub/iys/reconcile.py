"""Holds the permissions recorded here against İYS's word, and says where they differ.

A refusal at İYS ends the permission here. The other differences are for people: a permission that İYS does not have
was never brought in or was refused there, and one that İYS has and that was taken back here waits to be brought in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from connectors.failure import ProviderFailure
from connectors.iys.register import Address
from connectors.iys.wire import fits
from hub.iys import recipients, runs, states
from hub.iys.asking import MOST_ASKED, ask
from hub.iys.changes import end_permissions
from hub.iys.vocabulary import KINDS_BY_TYPE, TYPES_BY_PURPOSE
from hub.messaging.consents import Words, last_words

if TYPE_CHECKING:
    from hub.db.database import Connection, Database
    from hub.iys.accounts import Account
    from hub.iys.states import State, Who
    from hub.keys.keyring import Keyring

Difference = Literal["refused_at_iys", "missing_at_iys", "allowed_at_iys", "unknown_here", "not_asked"]
RECONCILE_SECONDS = 300.0


@dataclass(frozen=True)
class Reconciled:
    """How many permissions agree, and where they do not, by what differs. `people` are pseudonyms."""

    compared: int
    agreeing: int
    withdrawn: int
    """Permissions recorded here that ended, because İYS has a refusal."""
    counts: Mapping[Difference, int]
    people: Mapping[Difference, list[str]] = field(repr=False)


def reconcile(database: Database, keyring: Keyring, tenant_id: str, account: Account, now: datetime) -> Reconciled:
    """Compare every permission recorded here. Raises `ProviderFailure` when İYS cannot be asked at all."""
    with database.tenant(tenant_id, "app") as connection:
        local = _local(connection, tenant_id, now)
    known = _asked(database, keyring, tenant_id, account, local, now)
    people: dict[Difference, list[str]] = {}
    refusals: dict[Who, tuple[str, datetime]] = {}
    agreeing = 0
    for who, words in local.items():
        difference = _difference(who, words, known)
        if difference is None:
            agreeing += 1
            continue
        people.setdefault(difference, []).append(who.recipient)
        state = known.get(who)
        if difference == "refused_at_iys" and state is not None:
            refusals[who] = "", state.consent_date or now
    withdrawn = end_permissions(database, tenant_id, refusals)
    counts: dict[Difference, int] = {difference: len(each) for difference, each in people.items()}
    runs.note(
        database,
        tenant_id,
        account.provider,
        reconciled_at=now,
        differences={str(name): count for name, count in counts.items()},
    )
    return Reconciled(len(local), agreeing, withdrawn, counts, people)


def _local(connection: Connection, tenant_id: str, now: datetime) -> dict[Who, Words]:
    subjects = connection.execute(
        "SELECT DISTINCT data_subject FROM hub.consents WHERE tenant_id = %s AND purpose = ANY(%s)"
        " AND subject_kind = ANY(%s)",
        (tenant_id, sorted(TYPES_BY_PURPOSE), sorted(set(KINDS_BY_TYPE.values()))),
    ).fetchall()
    words = last_words(connection, tenant_id, [row[0] for row in subjects], TYPES_BY_PURPOSE.keys(), now)
    found = {
        states.Who(subject, TYPES_BY_PURPOSE[purpose], "BIREYSEL"): each for (subject, purpose), each in words.items()
    }
    return {who: each for who, each in found.items() if who.recipient.startswith(f"{KINDS_BY_TYPE[who.type]}_")}


def _asked(
    database: Database,
    keyring: Keyring,
    tenant_id: str,
    account: Account,
    local: Mapping[Who, Words],
    now: datetime,
) -> dict[Who, State | None]:
    """What İYS has of each; None for those whose number is not in the vault; absent where it did not answer."""
    with database.tenant(tenant_id, "app") as connection:
        remembered = states.read(connection, tenant_id, {who.recipient for who in local})
    known: dict[Who, State | None] = {
        who: state for who, state in remembered.items() if who in local and state.fresh(now)
    }
    missing = [who for who in local if who not in known]
    values = recipients.opened(database, keyring, tenant_id, {who.recipient for who in missing}) if missing else {}
    addresses = {who: Address(values.get(who.recipient, ""), who.type, who.recipient_type) for who in missing}
    known |= {who: None for who, address in addresses.items() if not fits(address)}
    asking = [who for who in missing if who not in known]
    for start in range(0, len(asking), MOST_ASKED):
        part = asking[start : start + MOST_ASKED]
        answers = ask(account, [addresses[who] for who in part], seconds=RECONCILE_SECONDS)
        told = {who: answers.standings[addresses[who]] for who in part if addresses[who] in answers.standings}
        with database.tenant(tenant_id, "app") as connection:
            states.remember(connection, tenant_id, told, asked_at=now)
            heard = states.read(connection, tenant_id, {who.recipient for who in told})
        known |= {who: heard[who] for who in told if who in heard}
        if answers.failure is not None and not told:
            raise ProviderFailure("transient", "provider_unreachable")
    return known


def _difference(who: Who, words: Words, known: Mapping[Who, State | None]) -> Difference | None:
    if who not in known:
        return "not_asked"
    state = known[who]
    if state is None:
        return "unknown_here"
    if words.stands and state.status == "RET":
        return "refused_at_iys"
    if words.stands and state.status == states.NOTHING:
        return "missing_at_iys"
    return "allowed_at_iys" if not words.stands and state.status == "ONAY" else None
