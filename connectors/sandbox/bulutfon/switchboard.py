"""The switchboard of an invented company: its lines, groups and extensions, with its employees behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.sandbox.chance import rng

if TYPE_CHECKING:
    from connectors.sandbox.company import Person
    from connectors.sandbox.world import World

AGENTS = 8
MENU = 10
SALES, SUPPORT = 101, 102
GROUPS = {SALES: ("Satış", (0, 1, 2, 3)), SUPPORT: ("Destek", (4, 5, 6))}
"""Name and members (places among the agents) by number."""
PASSED_ON = 2
"""The agent whose calls go to a mobile telephone when the desk telephone is away."""
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SHIFT = {
    "open": True,
    "shift_start": "09:00",
    "shift_finish": "18:00",
    "lunch_break_start": "12:30",
    "lunch_break_finish": "13:30",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A number under which the company is called, and what answers on it."""

    number_id: int
    number: int
    destination_type: str
    destination_id: int
    destination: int


def extension_number(agent: int) -> int:
    """The short number of an agent."""
    return 1001 + agent


def lines(world: World, company_id: str) -> tuple[Line, ...]:
    """The company's lines: one to the menu, one to the sales group, one straight to an agent."""
    chance = rng(world.seed, company_id, "lines")
    first = 908_500_000_000 + chance.randint(1_000_000, 9_999_000)
    return (
        Line(301, first, "Auto attendant", 401, MENU),
        Line(302, first + 1, "Group", 501, SALES),
        Line(303, first + 2, "Extension", 601 + AGENTS - 1, extension_number(AGENTS - 1)),
    )


def extensions(world: World, company_id: str) -> list[dict[str, Any]]:
    """Every extension with all that either generation tells of it."""
    return [_extension(world, company_id, agent) for agent in range(AGENTS)]


def groups(world: World, company_id: str) -> list[dict[str, Any]]:
    """Both groups with their members."""
    told = extensions(world, company_id)
    members = ("id", "number", "caller_name", "email")
    return [
        {
            "id": 501 + place,
            "number": str(number),
            "name": name,
            "timeout": 60,
            "delay_time": 5,
            "ring_duration": 20,
            "extensions": [{field: told[agent][field] for field in members} for agent in agents],
        }
        for place, (number, (name, agents)) in enumerate(GROUPS.items())
    ]


def numbers(world: World, company_id: str) -> list[dict[str, Any]]:
    """The lines as records."""
    return [
        {
            "id": line.number_id,
            "number": str(line.number),
            "state": "CONFIRMED",
            "destination_type": line.destination_type,
            "destination_id": line.destination_id,
            "destination_number": str(line.destination),
            "working_hour": line.destination != MENU,
            "working_hours": {day: _SHIFT | {"open": day != "sunday"} for day in _DAYS},
        }
        for line in lines(world, company_id)
    ]


def account(world: World, company_id: str) -> dict[str, Any]:
    """The answer of /me."""
    company = world.company(company_id)
    owner = company.employee(0)
    return {
        "user": {"email": owner.email, "name": owner.name, "gsm": _whole(owner)},
        "pbx": {
            "name": company.name,
            "url": f"{company_id}.bulutfon.com",
            "state": "CONFIRMED",
            "package": "KOBİ 10",
            "customer_type": "CORPORATE",
        },
        "credit": {"balance": "125.40", "sms_credit": 0},
    }


def _extension(world: World, company_id: str, agent: int) -> dict[str, Any]:
    person = world.company(company_id).employee(agent)
    line = lines(world, company_id)[agent % 2]
    passed_on = agent == PASSED_ON
    return {
        "id": 601 + agent,
        "number": str(extension_number(agent)),
        "registered": not passed_on,
        "caller_name": person.name,
        "email": person.email,
        "phone": str(_whole(person)),
        "did_id": line.number_id,
        "did": str(line.number),
        "voice_mail": agent % 3 == 0,
        "redirection_type": "UNREACHABLE" if passed_on else "NONE",
        "destination_type": "External number" if passed_on else None,
        "destination_number": None,
        "external_number": str(_whole(person)) if passed_on else None,
        "acl": ["domestic", "gsm", *(["international"] if agent == 0 else [])],
    }


def _whole(person: Person) -> int:
    """905321234567, as Bulutfon writes numbers."""
    return int(person.phone.removeprefix("+"))
