"""A believable Turkish small business and the people around it, invented from a seed.

Every stand-in of a company takes its people from here, so the same customer pays through iyzico, calls the switchboard
and drives a vehicle: that is what joins across providers are tested on. People are made when first asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from random import Random

from connectors.sandbox import numbers
from connectors.sandbox.chance import rng
from connectors.sandbox.words import COMPANY_FORMS, GIVEN_NAMES, NOTES, PLACES, SURNAMES, TRADES

_ASCII = str.maketrans("çğıöşüâîûÇĞİÖŞÜ", "cgiosuaiuCGIOSU")
_UPPER = str.maketrans("iı", "İI")
_DOMAINS = ("example.com", "example.org", "ornek.com.tr")


@dataclass(frozen=True)
class Address:
    """A place in Turkey."""

    city: str
    district: str
    neighbourhood: str
    street: str
    house: int
    postcode: str

    @property
    def line(self) -> str:
        """Neighbourhood, street and number as written on a parcel."""
        return f"{self.neighbourhood} Mah. {self.street} Cad. No:{self.house}"


@dataclass(frozen=True)
class Person:
    """Somebody invented. `phone` is +905321234567; other spellings have properties of their own."""

    given_name: str
    surname: str
    tckn: str
    phone: str
    email: str
    iban: str
    plate: str
    birth: date
    address: Address

    @property
    def name(self) -> str:
        """Given name and surname."""
        return f"{self.given_name} {self.surname}"

    @property
    def upper_name(self) -> str:
        """The name in Turkish capitals."""
        return turkish_upper(self.name)

    @property
    def plain_phone(self) -> str:
        """05321234567."""
        return "0" + self.phone[3:]

    @property
    def spaced_phone(self) -> str:
        """0532 123 45 67."""
        n = self.phone[3:]
        return f"0{n[:3]} {n[3:6]} {n[6:8]} {n[8:]}"


class Company:
    """One business: its own data, its customers and its employees, all from the seed and its id."""

    CUSTOMERS = 60
    EMPLOYEES = 12

    def __init__(self, seed: int, company_id: str) -> None:
        self.seed = seed
        self.company_id = company_id
        self._people: dict[tuple[str, int], Person] = {}

    @cached_property
    def name(self) -> str:
        """Trade name with its legal form."""
        chance = self._chance("name")
        trade, _ = chance.choice(TRADES)
        return f"{chance.choice(SURNAMES)} {trade} {chance.choice(COMPANY_FORMS)}"

    @cached_property
    def vkn(self) -> str:
        """Tax number."""
        return numbers.vkn(self._chance("vkn"))

    @cached_property
    def address(self) -> Address:
        """Where the business is."""
        return _address(self._chance("address"))[0]

    @cached_property
    def plates(self) -> tuple[str, ...]:
        """Plates of its vehicles."""
        chance = self._chance("plates")
        _, province = _address(self._chance("address"))
        return tuple(numbers.plate(chance, province) for _ in range(8))

    def customer(self, index: int) -> Person:
        """One of its customers; `index` wraps around at `CUSTOMERS`."""
        return self._person("customer", index % self.CUSTOMERS)

    def employee(self, index: int) -> Person:
        """One of its employees (drivers, agents); `index` wraps around at `EMPLOYEES`."""
        return self._person("employee", index % self.EMPLOYEES)

    def _person(self, role: str, index: int) -> Person:
        person = self._people.get((role, index))
        if person is None:
            person = self._people[(role, index)] = _invent(self._chance(role, index))
        return person

    def _chance(self, *names: object) -> Random:
        return rng(self.seed, self.company_id, *names)


def note(person: Person, chance: Random) -> str:
    """A line as shop staff type it; most of them name somebody."""
    address = person.address
    return chance.choice(NOTES).format(
        name=person.name,
        upper_name=person.upper_name,
        phone=person.spaced_phone,
        plain_phone=person.plain_phone,
        tckn=person.tckn,
        iban=person.iban,
        plate=person.plate,
        email=person.email,
        birth=person.birth.strftime("%d.%m.%Y"),
        neighbourhood=address.neighbourhood,
        street=address.street,
        house=address.house,
        district=address.district,
        city=address.city,
    )


def ascii_fold(text: str) -> str:
    """Turkish letters as people type them in addresses of mail: without dots and hooks."""
    return text.translate(_ASCII)


def turkish_upper(text: str) -> str:
    """Capitals with the Turkish i."""
    return text.translate(_UPPER).upper()


def company_source(seed: int, *, remembered: int = 4096) -> Callable[[str], Company]:
    """Companies of a seed by id; the last `remembered` ones stay in memory."""

    @lru_cache(maxsize=remembered)
    def company(company_id: str) -> Company:
        return Company(seed, company_id)

    return company


def _invent(chance: Random) -> Person:
    given, surname = chance.choice(GIVEN_NAMES), chance.choice(SURNAMES)
    address, province = _address(chance)
    mailbox = f"{ascii_fold(given)}.{ascii_fold(surname)}{chance.randint(1, 99)}".lower()
    return Person(
        given_name=given,
        surname=surname,
        tckn=numbers.tckn(chance),
        phone=numbers.mobile(chance),
        email=f"{mailbox}@{chance.choice(_DOMAINS)}",
        iban=numbers.iban(chance),
        plate=numbers.plate(chance, province),
        birth=date(1955, 1, 1) + timedelta(days=chance.randint(0, 17_000)),
        address=address,
    )


def _address(chance: Random) -> tuple[Address, int]:
    city, district, neighbourhood, street, postcode, province = chance.choice(PLACES)
    return Address(city, district, neighbourhood, street, chance.randint(1, 140), postcode), province
