"""Judges messages at the moment of sending: what was allowed when they were queued may be over by now.

| | service message | commercial, to a person | commercial, to a merchant (TACIR) |
| --- | --- | --- | --- |
| opt-out from everything by this channel | refused | refused | refused |
| opt-out from commercial messages | | refused, unless a later permission stands | the same |
| KVKK consent to the purpose in force | | needed | a withdrawn one refuses |
| permission of law 6563 taken back here | | refused, unless İYS has a later one | the same |
| the tenant's quiet hours | | waits | waits |
| İYS, asked within 24 hours | | ONAY needed | RET refuses |
| İYS cannot be asked | | waits | waits |

A service message needs no approval (law 6563 art. 6, By-Law: deliveries, debts, duties to inform), so it never waits
for any of this. A batch costs one query a table and tenant, however many messages it holds.

İYS is asked before, outside of every transaction (`ask_ahead`), for an answer may take its time and a transaction holds
rows meanwhile. Judging goes by what is remembered then, so that a refusal which was heard since is right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from connectors.iys.register import Address
from connectors.iys.wire import fits
from hub.control import messaging
from hub.control.messaging import MessagingSettings, next_allowed
from hub.iys import accounts, recipients, states
from hub.iys.asking import ASK_SECONDS, ask
from hub.iys.vocabulary import PERMISSION_PURPOSES, TYPES_BY_CHANNEL
from hub.messaging import consents, opt_outs, persons
from hub.messaging.checks import SEND, Refuse, SendCheck, Verdict, Wait
from hub.templates.store import natures

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.iys.register import PermissionType
    from hub.db.database import Connection, Database
    from hub.iys.states import State, Who
    from hub.keys.keyring import Keyring
    from hub.messaging.consents import Words
    from hub.messaging.opt_outs import OptOut

UNREACHABLE_WAIT = timedelta(minutes=15)
"""How long a message waits before İYS is tried again."""
ASKING_WAIT = timedelta(minutes=1)
"""The same where İYS answers and only has not come to it yet."""


@dataclass(frozen=True)
class _Asked:
    """A check with what its template adds: the recipient as a pseudonym, the kind and purpose that hold."""

    check: SendCheck
    recipient: str
    commercial: bool
    purpose: str | None

    @property
    def type(self) -> PermissionType:
        return TYPES_BY_CHANNEL[self.check.channel]

    @property
    def who(self) -> Who:
        return states.Who(self.recipient, self.type, self.check.recipient_type)


@dataclass(frozen=True)
class _Known:
    """What this tenant knows of the recipients, read once."""

    settings: MessagingSettings
    opt_outs: Mapping[tuple[str, str], OptOut]
    names: Mapping[str, frozenset[str]]
    words: Mapping[tuple[str, str], Words]
    states: Mapping[Who, State]

    def said(self, recipient: str, purpose: str) -> Words:
        """The recipient's words to a purpose, under any of their names."""
        names = self.names.get(recipient, frozenset((recipient,)))
        return consents.together(self.words.get((name, purpose), consents.NOTHING_SAID) for name in names)


def judge(
    database: Database,
    keyring: Keyring,
    tenant_id: str,
    requests: Sequence[SendCheck],
    now: datetime,
    *,
    connection: Connection | None = None,
    unreachable: bool = False,
) -> Sequence[Verdict]:
    """A verdict each, in order. `now` is the database's clock, aware UTC.

    In the caller's transaction (role app, the tenant's scope), where one is given, nobody is asked: what İYS has not
    said within a day waits, as for one that was `unreachable` when it was asked ahead. Without a transaction İYS is
    asked first. HubError `tenant_unknown`, `tenant_setting_wrong`, `ciphertext_invalid`; KeyError for a channel that
    there is none of.
    """
    if not requests:
        return []
    if connection is None:
        unreachable = ask_ahead(database, keyring, tenant_id, requests, now)
        with database.tenant(tenant_id, "app") as own:
            return judge(database, keyring, tenant_id, requests, now, connection=own, unreachable=unreachable)
    asked, known = _read(database, connection, keyring, tenant_id, requests, now)
    first = [_without_iys(each, known, now) for each in asked]
    pending = [each for each, verdict in zip(asked, first, strict=True) if verdict is None]
    late = Wait(now + UNREACHABLE_WAIT, "iys_unreachable") if unreachable else Wait(now + ASKING_WAIT, "iys_asking")
    told = iter(_by_iys(_Place(database, keyring, tenant_id), connection, pending, known, now, late))
    return [next(told) if verdict is None else verdict for verdict in first]


def ask_ahead(
    database: Database,
    keyring: Keyring,
    tenant_id: str,
    requests: Sequence[SendCheck],
    now: datetime,
    *,
    seconds: float = ASK_SECONDS,
) -> bool:
    """Ask İYS where its answer will decide and is older than a day, for so many `seconds` at most, and remember it.

    Holds no transaction while it asks. Returns whether İYS could not be asked. HubError as for `judge`.
    """
    with database.tenant(tenant_id, "app") as connection:
        asked, known = _read(database, connection, keyring, tenant_id, requests, now)
        pending = [each for each in asked if _without_iys(each, known, now) is None]
        account = accounts.account_in(connection, keyring, tenant_id) if pending else None
    if account is None or account.spec is None:
        return False
    addresses, _ = _addresses(_Place(database, keyring, tenant_id), _stale(pending, known, now))
    if not addresses:
        return False
    answers = ask(account, list(addresses.values()), seconds=seconds)
    told = {who: answers.standings[to] for who, to in addresses.items() if to in answers.standings}
    with database.tenant(tenant_id, "app") as connection:
        states.remember(connection, tenant_id, told, asked_at=now)
    return answers.failure is not None


def _read(
    database: Database,
    connection: Connection,
    keyring: Keyring,
    tenant_id: str,
    requests: Sequence[SendCheck],
    now: datetime,
) -> tuple[list[_Asked], _Known]:
    keys = keyring.tenant(tenant_id)
    pseudonymiser = keys.pseudonymiser()
    kinds = natures(connection, tenant_id, {each.template for each in requests if each.template})
    asked: list[_Asked] = []
    for each in requests:
        nature = kinds.get(each.template or "")
        recipient = each.pseudonym or pseudonymiser.one(each.kind, each.value or "")
        commercial = each.commercial or (nature is not None and nature.commercial)
        asked.append(_Asked(each, recipient, commercial, each.purpose or (nature.purpose if nature else None)))
    commercial_ones = [each for each in asked if each.commercial]
    names = persons.names_of(database, tenant_id, {each.recipient for each in commercial_ones})
    purposes = {each.purpose for each in commercial_ones if each.purpose}
    purposes |= {PERMISSION_PURPOSES[each.type] for each in commercial_ones}
    known = _Known(
        # Read only where it matters: a broken setting does not hold what the law lets go out at any hour.
        messaging.read(connection, tenant_id) if commercial_ones else MessagingSettings(),
        opt_outs.read(connection, keys, {each.recipient for each in asked}),
        names,
        consents.last_words(connection, tenant_id, persons.everybody(names), purposes, now),
        states.read(connection, tenant_id, names),
    )
    return asked, known


def _without_iys(each: _Asked, known: _Known, now: datetime) -> Verdict | None:
    """What can be said without asking İYS; None where it decides."""
    opted = known.opt_outs.get((each.recipient, each.check.channel))
    if opted is not None and opted.scope == "all":
        return Refuse("opted_out_of_all")
    if not each.commercial:
        return SEND
    refusal = _by_own_records(each, known, opted)
    if refusal is not None:
        return refusal
    allowed = next_allowed(now, known.settings.quiet_hours.get(each.check.channel))
    return Wait(allowed, "quiet_hours") if allowed > now else None


def _by_own_records(each: _Asked, known: _Known, opted: OptOut | None) -> Refuse | None:
    person = each.check.recipient_type == "BIREYSEL"
    if each.purpose is None:
        return Refuse("purpose_missing")
    permission = known.said(each.recipient, PERMISSION_PURPOSES[each.type])
    if opted is not None and not _said_since(opted.recorded_at, permission):
        return Refuse("opted_out")
    consent = known.said(each.recipient, each.purpose)
    if not consent.stands:
        if consent.ended_at is not None:
            return Refuse("consent_withdrawn")
        if person:
            return Refuse("consent_missing")
    return None


def _said_since(moment: datetime, permission: Words) -> bool:
    """Whether a permission was given after a refusal, and stands."""
    return permission.stands and permission.given_at is not None and permission.given_at > moment


@dataclass(frozen=True)
class _Place:
    """Where a tenant's numbers are read."""

    database: Database
    keyring: Keyring
    tenant_id: str


def _by_iys(
    place: _Place, connection: Connection, pending: Sequence[_Asked], known: _Known, now: datetime, late: Wait
) -> list[Verdict]:
    if not pending:
        return []
    account = accounts.account_in(connection, place.keyring, place.tenant_id)
    if account is None:
        return [Refuse("iys_not_connected") for _ in pending]
    if account.spec is None:
        return [Wait(now + UNREACHABLE_WAIT, "iys_unreachable") for _ in pending]
    _, unfit = _addresses(place, _stale(pending, known, now))
    return [_verdict(each, known.states.get(each.who), unfit.get(each.who), late, known, now) for each in pending]


def _stale(pending: Sequence[_Asked], known: _Known, now: datetime) -> dict[Who, _Asked]:
    return {each.who: each for each in pending if not _fresh(known.states.get(each.who), now)}


def _verdict(each: _Asked, state: State | None, unfit: str | None, late: Wait, known: _Known, now: datetime) -> Verdict:
    if unfit is not None:
        return Refuse(unfit)
    if state is None or not _fresh(state, now):
        return late
    if state.status == "RET":
        return Refuse("iys_refused")
    if state.status != "ONAY" and each.check.recipient_type == "BIREYSEL":
        return Refuse("iys_no_permission")
    permission = known.said(each.recipient, PERMISSION_PURPOSES[each.type])
    taken_back = permission.ended_at is not None and not permission.stands
    if taken_back and not (state.consent_date and permission.ended_at and state.consent_date > permission.ended_at):
        return Refuse("permission_withdrawn")
    return SEND


def _fresh(state: State | None, now: datetime) -> bool:
    return state is not None and state.fresh(now)


def _addresses(place: _Place, stale: Mapping[Who, _Asked]) -> tuple[dict[Who, Address], dict[Who, str]]:
    """The addresses to ask for, and why some cannot be. Values that a check lacks come out of the vault."""
    unnamed = {each.recipient for each in stale.values() if each.check.value is None}
    opened = recipients.opened(place.database, place.keyring, place.tenant_id, unnamed) if unnamed else {}
    addresses: dict[Who, Address] = {}
    unfit: dict[Who, str] = {}
    for who, each in stale.items():
        value = each.check.value or opened.get(each.recipient)
        address = Address(value or "", who.type, who.recipient_type)
        if value is None:
            unfit[who] = "iys_recipient_unknown"
        elif not fits(address):
            unfit[who] = "iys_recipient_unfit"
        else:
            addresses[who] = address
    return addresses, unfit
