"""The calls of an invented company, day by day. A day is made when asked for; nothing is stored.

Its customers are the ones who pay through the other stand-ins, the regulars most of all; strangers call as well. A call
knows its own later life (answer, end, recording, its removal), so any moment can be told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from random import Random
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from connectors.istanbul import ISTANBUL, day_of
from connectors.sandbox import numbers
from connectors.sandbox.bulutfon.switchboard import AGENTS, GROUPS, PASSED_ON, SALES, SUPPORT, Line, lines
from connectors.sandbox.chance import rng

if TYPE_CHECKING:
    from connectors.sandbox.world import World

_EPOCH = date(2018, 1, 1)
_OPENING = time(8, 0)
_OPEN_SECONDS = 12 * 3600
Direction = Literal["IN", "OUT", "LOCAL"]
Book = Callable[[str, date], "tuple[Call, ...]"]


@dataclass(frozen=True, slots=True)
class Call:
    """One call. `outside` is None when the number is withheld or the call stays inside; an agent is told by place."""

    uuid: str
    direction: Direction
    line: Line
    outside: int | None
    agent: int
    """Who took or made it; who was called, if it was LOCAL."""
    group: int | None
    rang: tuple[int, ...]
    transferred_to: int | None
    at: datetime
    told_at: datetime
    answered_at: datetime | None
    ended_at: datetime
    recorded: bool
    removed_at: datetime | None
    cause: str
    state: str

    def talk_seconds(self) -> int:
        """Whole seconds of talk when all is over."""
        return 0 if self.answered_at is None else int((self.ended_at - self.answered_at).total_seconds())

    def price(self) -> str | None:
        """Lira with a dot, for answered calls to outside."""
        if self.direction != "OUT" or self.answered_at is None:
            return None
        return f"{-(-self.talk_seconds() // 60) * 0.35:.2f}"


def book(world: World, *, remembered: int = 4096) -> Book:
    """A company's calls of an Istanbul day, told or not; the last `remembered` days stay in memory."""

    @lru_cache(maxsize=remembered)
    def calls(company_id: str, day: date) -> tuple[Call, ...]:
        if day < world.first_day:
            return ()
        chance = rng(world.seed, company_id, "calls", day)
        count = world.pace.calls_per_day
        if not world.pace.steady:
            # Few people telephone an office on Sundays.
            count = round(count * (0.1 if day.weekday() == 6 else chance.uniform(0.6, 1.4)))
        made = [_invent(world, company_id, day, index, chance) for index in range(count)]
        return tuple(sorted(made, key=lambda call: call.at))

    return calls


def told_calls(world: World, calls: Book, company_id: str) -> list[Call]:
    """Every call that Bulutfon tells by now, oldest first."""
    now = world.clock.now()
    days = (day_of(now) - world.first_day).days + 1
    return [
        call
        for passed in range(days)
        for call in calls(company_id, world.first_day + timedelta(days=passed))
        if call.told_at <= now
    ]


def call_named(world: World, calls: Book, company_id: str, uuid: str) -> Call | None:
    """A call that is told by now, by its id."""
    day = _day_in(uuid)
    found = () if day is None else calls(company_id, day)
    return next((call for call in found if call.uuid == uuid and call.told_at <= world.clock.now()), None)


def _invent(world: World, company_id: str, day: date, index: int, chance: Random) -> Call:
    opening = datetime.combine(day, _OPENING, ISTANBUL).astimezone(UTC)
    at = opening + timedelta(seconds=chance.randint(0, _OPEN_SECONDS))
    kind = chance.random()
    direction: Direction = "IN" if kind < 0.58 else "OUT" if kind < 0.93 else "LOCAL"
    line = lines(world, company_id)[chance.choice((0, 0, 1, 1, 2))]
    group = {"Auto attendant": SUPPORT, "Group": SALES}.get(line.destination_type) if direction == "IN" else None
    rang = tuple(GROUPS[group][1]) if group is not None else (AGENTS - 1,)
    agent = chance.choice(rang) if direction == "IN" else chance.randrange(AGENTS)
    answered = chance.random() < (0.78 if direction == "IN" else 0.7)
    wait = timedelta(seconds=chance.randint(3, 45))
    answered_at = at + wait if answered else None
    talk = timedelta(seconds=chance.randint(1800, 5400) if chance.random() < 0.04 else chance.randint(15, 600))
    ended_at = at + wait + (talk if answered else timedelta(0))
    recorded = answered and direction != "LOCAL" and chance.random() < 0.8
    removed = recorded and chance.random() < 0.2 and not world.pace.steady
    causes = _ANSWERED if answered else _MISSED if direction == "IN" else _UNANSWERED
    cause, state = chance.choice(causes)
    transferred = answered and group is not None and chance.random() < 0.12
    return Call(
        uuid=_uuid(day, index, chance),
        direction=direction,
        line=line,
        outside=None if direction == "LOCAL" else _outside(world, company_id, direction, chance),
        agent=agent,
        group=group,
        rang=rang if direction == "IN" else (),
        transferred_to=(agent + 1) % AGENTS if transferred else None,
        at=at,
        told_at=at if world.pace.steady else _told_at(at, ended_at, chance),
        answered_at=answered_at,
        ended_at=ended_at,
        recorded=recorded,
        removed_at=ended_at + timedelta(hours=chance.randint(3, 36)) if removed else None,
        cause=cause,
        state=state,
    )


_ANSWERED = (("NORMAL_CLEARING", "recv_bye"), ("NORMAL_CLEARING", "send_bye"))
_MISSED = (("ORIGINATOR_CANCEL", "recv_cancel"), ("NO_ANSWER", "send_cancel"))
_UNANSWERED = (("USER_BUSY", "recv_refuse"), ("NO_ANSWER", "send_cancel"), ("NORMAL_CLEARING", "recv_refuse"))


def _outside(world: World, company_id: str, direction: Direction, chance: Random) -> int | None:
    """Whose telephone it is outside: a regular's, another customer's, or a stranger's."""
    kind = chance.random()
    company = world.company(company_id)
    if kind < 0.05 and direction == "IN":
        return None
    if kind < 0.8:
        regulars = max(1, world.pace.subscribers) if kind < 0.5 else company.CUSTOMERS
        index = chance.randrange(regulars)
        # Every fourth never telephones, so that not all who pay are met among the calls.
        person = company.customer(index - 1 if index % 4 == 3 else index)
    else:
        # A stranger, sometimes from abroad.
        return 442_071_230_000 + chance.randint(1, 9_999) if kind > 0.98 else _whole(numbers.mobile(chance))
    return _whole(person.phone)


def _told_at(at: datetime, ended_at: datetime, chance: Random) -> datetime:
    """Most calls are told while they last, some when they are over, a few hours later."""
    kind = chance.random()
    return at if kind < 0.6 else ended_at if kind < 0.92 else ended_at + timedelta(hours=chance.randint(1, 8))


def passed_on(call: Call) -> bool:
    """Whether the call reached its agent on a mobile telephone."""
    return call.agent == PASSED_ON and call.transferred_to is None and call.talk_seconds() % 3 == 0


def _uuid(day: date, index: int, chance: Random) -> str:
    """An id that tells its day, so that a call can be found by it."""
    place = ((day - _EPOCH).days << 16) | index
    return str(UUID(int=chance.getrandbits(80) << 48 | place, version=4))


def _day_in(uuid: str) -> date | None:
    try:
        days = (UUID(uuid).int & 0xFFFF_FFFF) >> 16
    except ValueError:
        return None
    return _EPOCH + timedelta(days=days)


def _whole(phone: str) -> int:
    return int(phone.removeprefix("+"))
