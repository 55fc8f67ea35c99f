"""Brings to İYS what it must hear of, and listens to what became of it.

Bringing something in twice is harmless there, so a process that dies between İYS's answer and our commit costs one
submission more and nothing else: what is refused because it stands already is asked after, and counts as accepted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from connectors.failure import ProviderFailure
from connectors.iys.register import FIRST_RECORD_REFUSED, Address, Permission, Result, Standing
from connectors.iys.wire import problem_of
from hub.iys import recipients, states
from hub.iys.talking import talk
from hub.kvkk import audit

if TYPE_CHECKING:
    from connectors.iys.register import PermissionRegister
    from hub.db.database import Connection, Database
    from hub.iys.accounts import Account
    from hub.keys.keyring import Keyring

MOST_AT_ONCE = 5_000
"""Of one run; the rest waits for the next."""

_WAITING = (
    "SELECT push_id, recipient, type, recipient_type, status, source, consent_date FROM hub.iys_pushes"
    " WHERE tenant_id = %s AND state IN ('waiting', 'unpushable') ORDER BY consent_date, push_id LIMIT %s"
)
_SUBMITTED = (
    "SELECT submission, position, push_id, recipient, type, recipient_type, status, source, consent_date"
    " FROM hub.iys_pushes WHERE tenant_id = %s AND state = 'submitted' ORDER BY submission, position"
)


@dataclass(frozen=True)
class _Push:
    push_id: UUID
    recipient: str
    permission: Permission

    @property
    def who(self) -> states.Who:
        address = self.permission.address
        return states.Who(self.recipient, address.type, address.recipient_type)


class Pushed(NamedTuple):
    """Permissions and refusals that were brought in, that İYS would not have, and whose number is not in the vault."""

    submitted: int = 0
    unfit: int = 0
    unpushable: int = 0


class Settled(NamedTuple):
    """What İYS answered: taken, refused, and refusals of whom it does not know, which need not be kept."""

    accepted: int = 0
    refused: int = 0
    needless: int = 0


NOTHING_PUSHED, NOTHING_SETTLED = Pushed(), Settled()


def submit(database: Database, keyring: Keyring, tenant_id: str, account: Account, now: datetime) -> Pushed:
    """Bring in what waits. Raises `ProviderFailure`; what was brought in before it is recorded."""
    with database.tenant(tenant_id, "app") as connection:
        rows = connection.execute(_WAITING, (tenant_id, MOST_AT_ONCE)).fetchall()
    values = recipients.opened(database, keyring, tenant_id, {row[1] for row in rows}) if rows else {}
    ready = [_push(row[0], row[1], values[row[1]], row[2:]) for row in rows if row[1] in values]
    missing = [row[0] for row in rows if row[1] not in values]
    problems = {each.push_id: problem_of(each.permission, now) for each in ready}
    unfit = {push_id: problem for push_id, problem in problems.items() if problem is not None and problem != "date"}
    with database.tenant(tenant_id, "app") as connection:
        _mark(connection, tenant_id, missing, "unpushable", "recipient_unknown")
        for push_id, problem in unfit.items():
            _settle(connection, tenant_id, push_id, "refused", f"unfit_{problem}")
    # A date that lies ahead of our clock waits until it does not.
    fitting = [each for each in ready if problems[each.push_id] is None]
    submitted = 0
    while fitting:
        part = _part(account, fitting)
        taken, fitting = fitting[:part], fitting[part:]
        submission, answers_later = talk(account, lambda register, taken=taken: _submit(register, taken))
        with database.tenant(tenant_id, "app") as connection:
            _note_submission(connection, tenant_id, taken, submission)
            if not answers_later:
                _settle_all(connection, tenant_id, taken, [Result(n, "accepted") for n in range(len(taken))], now)
            entry = audit.Entry(
                audit.SYSTEM,
                "iys.submitted",
                "hub.iys_pushes",
                purpose="outbound_action",
                legal_basis="legal_obligation",
                count=len(taken),
                details={"account": account.provider},
            )
            audit.append(connection, tenant_id, entry)
        submitted += len(taken)
    return Pushed(submitted, len(unfit), len(missing))


def listen(database: Database, keyring: Keyring, tenant_id: str, account: Account, now: datetime) -> Settled:
    """Ask what became of submissions. Raises `ProviderFailure`; what was heard before it is recorded."""
    with database.tenant(tenant_id, "app") as connection:
        rows = connection.execute(_SUBMITTED, (tenant_id,)).fetchall()
    values = recipients.opened(database, keyring, tenant_id, {row[3] for row in rows}) if rows else {}
    by_submission: dict[str, dict[int, _Push]] = {}
    for submission, position, push_id, recipient, *fields in rows:
        value = values.get(recipient, "")
        by_submission.setdefault(submission, {})[position] = _push(push_id, recipient, value, fields)
    settled = Settled()
    for submission, pushes in by_submission.items():
        results = talk(account, lambda register, asked=submission, of=pushes: _results(register, asked, of))
        ordered = [each for each in results if each.index in pushes]
        with database.tenant(tenant_id, "app") as connection:
            found = _settle_all(connection, tenant_id, [pushes[each.index] for each in ordered], ordered, now)
        settled = Settled(*(one + other for one, other in zip(settled, found, strict=True)))
    return settled


async def _submit(register: PermissionRegister, pushes: Sequence[_Push]) -> tuple[str, bool]:
    return await register.submit([each.permission for each in pushes]), register.answers_later


async def _results(register: PermissionRegister, submission: str, pushes: Mapping[int, _Push]) -> list[Result]:
    """Results, of which a refusal is asked after: what stands at İYS as we want it was taken before."""
    if not register.answers_later:
        return []
    found: list[Result] = []
    for result in await register.results(submission):
        push = pushes.get(result.index)
        if result.state == "refused" and result.code != FIRST_RECORD_REFUSED and push is not None:
            standing = await _standing(register, push.permission.address)
            if standing.status == push.permission.status:
                found.append(Result(result.index, "accepted"))
                continue
        found.append(result)
    return found


async def _standing(register: PermissionRegister, address: Address) -> Standing:
    try:
        return await register.standing(address)
    except ProviderFailure as failure:
        if failure.code != "request_refused":
            raise
        return Standing(None)


def _part(account: Account, pushes: Sequence[_Push]) -> int:
    """How many go together: as many as the account takes, and no address twice, for its order would be open."""
    from connectors.iys import netgsm
    from connectors.iys.settings import MOST_AT_ONCE as OF_IYS
    from hub.iys.accounts import DIRECT

    most = OF_IYS if account.provider == DIRECT else netgsm.MOST_AT_ONCE
    seen: set[states.Who] = set()
    for count, each in enumerate(pushes[:most]):
        if each.who in seen:
            return count
        seen.add(each.who)
    return min(most, len(pushes))


def _push(push_id: UUID, recipient: str, value: str, fields: Sequence[Any]) -> _Push:
    type_, recipient_type, status, source, consent_date = fields
    return _Push(push_id, recipient, Permission(Address(value, type_, recipient_type), status, source, consent_date))


def _note_submission(connection: Connection, tenant_id: str, pushes: Sequence[_Push], submission: str) -> None:
    connection.execute(
        "UPDATE hub.iys_pushes AS p SET state = 'submitted', submission = %(submission)s, position = s.position,"
        " submitted_at = now(), code = NULL FROM unnest(%(ids)s::uuid[], %(positions)s::int[]) AS s (push_id, position)"
        " WHERE p.tenant_id = %(tenant)s AND p.push_id = s.push_id",
        {
            "tenant": tenant_id,
            "submission": submission,
            "ids": [each.push_id for each in pushes],
            "positions": list(range(len(pushes))),
        },
    )


def _settle_all(
    connection: Connection, tenant_id: str, pushes: Sequence[_Push], results: Sequence[Result], now: datetime
) -> Settled:
    """Note what İYS answered, and what follows for what is remembered of it."""
    accepted = refused = needless = 0
    heard: dict[states.Who, tuple[str, datetime]] = {}
    loosened: dict[states.Who, datetime] = {}
    for push, result in zip(pushes, results, strict=True):
        if result.state == "waiting":
            continue
        if result.state == "accepted":
            accepted += 1
            _settle(connection, tenant_id, push.push_id, "accepted", None)
            if push.permission.status == "RET":
                heard[push.who] = push.permission.source, push.permission.consent_date
            else:
                loosened[push.who] = push.permission.consent_date
        elif result.code == FIRST_RECORD_REFUSED and push.permission.status == "RET":
            needless += 1
            _settle(connection, tenant_id, push.push_id, "needless", result.code)
        else:
            refused += 1
            _settle(connection, tenant_id, push.push_id, "refused", result.code)
    states.note_refusals(connection, tenant_id, heard, heard_at=now)
    states.forget(connection, tenant_id, loosened)
    return Settled(accepted, refused, needless)


def _settle(connection: Connection, tenant_id: str, push_id: UUID, state: str, code: str | None) -> None:
    connection.execute(
        "UPDATE hub.iys_pushes SET state = %s, code = %s, settled_at = now() WHERE tenant_id = %s AND push_id = %s"
        " AND settled_at IS NULL",
        (state, code, tenant_id, push_id),
    )


def _mark(connection: Connection, tenant_id: str, push_ids: Sequence[UUID], state: str, code: str) -> None:
    connection.execute(
        "UPDATE hub.iys_pushes SET state = %s, code = %s WHERE tenant_id = %s AND push_id = ANY(%s)",
        (state, code, tenant_id, list(push_ids)),
    )
