"""Where personal data is kept: every store answers for its tables, so that no copy of a person's data is forgotten.

A store finds, erases and verifies what it holds of one person. A tenant table that no store answers for, and that
`WITHOUT_PERSONAL_DATA` does not excuse with a reason, fails a test (tests/hub/kvkk/test_stores.py). What an export
shows of a store stands in hub/kvkk/export.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from connectors.contract import Provider
    from hub.db.database import Database
    from hub.keys.keyring import Keyring
    from hub.kvkk.person import Person
    from kvkk_policies.policy import ProviderPolicy

Method = Literal["erase", "overwrite", "crypto_shred", "generalise", "delete"]


@dataclass(frozen=True)
class Hub:
    """What stores work with: the pools, the keys, and what the providers' streams declare."""

    database: Database
    keyring: Keyring
    providers: Mapping[str, Provider]
    policies: Mapping[str, ProviderPolicy]


@dataclass(frozen=True)
class Held:
    """How many records a store holds of a person in one dataset (`landing.bulutfon_calls`), by data category."""

    dataset: str
    category: str
    records: int


@dataclass(frozen=True)
class Section:
    """One table of an export: where it comes from, and its rows with the person's own values unmasked.

    `rows` is read once, lazily, in bounded memory.
    """

    source: str
    table: str
    rows: Iterator[Mapping[str, Any]]


@dataclass(frozen=True)
class Destroyed:
    """What a store destroyed in one dataset."""

    dataset: str
    category: str
    records: int
    method: Method


class Store(Protocol):
    """One kind of place. All methods are scoped to the person's tenant and safe to repeat."""

    @property
    def name(self) -> str:
        """A short code, used in logs and in the destruction log."""
        ...

    def tables(self) -> frozenset[str]:
        """The tenant tables (`schema.table`) that this store answers for."""
        ...

    def find(self, person: Person) -> list[Held]:
        """What is held of the person; empty if nothing."""
        ...

    def erase(self, person: Person, *, before: datetime) -> list[Destroyed]:
        """Destroy what is held of the person in records dated before `before`; statutory holds were checked already."""
        ...

    def verify(self, person: Person, *, before: datetime) -> int:
        """Records that still lead to the person; 0 after a complete erasure."""
        ...
