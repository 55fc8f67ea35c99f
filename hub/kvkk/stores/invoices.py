"""The store of issued invoices: what the law makes the tenant keep of its buyers, whatever they ask for.

An invoice must be kept unaltered (VUK 213 m. 253: five years, TTK 6102 m. 82: ten), so an erasure leaves it as it is,
and the answer to the person says so. When its time is over the retention run deletes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.kvkk.stores import Destroyed, Held
from hub.kvkk.traces import traces_of

if TYPE_CHECKING:
    from datetime import datetime

    from hub.kvkk.person import Person
    from hub.kvkk.stores import Hub

_CATEGORY = "MUSTERI_ISLEM"
_TABLE = "hub.documents"


class InvoiceStore:
    """Documents with the person as their buyer."""

    name = "invoices"

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def tables(self) -> frozenset[str]:
        """The documents themselves."""
        return frozenset({_TABLE})

    def find(self, person: Person) -> list[Held]:
        """Invoices to the person."""
        count = self._count(person)
        return [Held(_TABLE, _CATEGORY, count)] if count else []

    def erase(self, person: Person, *, before: datetime) -> list[Destroyed]:
        """Nothing: every one that stands here is within its statutory time."""
        del person, before
        return []

    def verify(self, person: Person, *, before: datetime) -> int:
        """What an erasure should have taken and did not: none, since the statute keeps them."""
        del person, before
        return 0

    def _count(self, person: Person) -> int:
        traces = traces_of(self._hub.database, self._hub.keyring, person)
        with self._hub.database.tenant(person.tenant_id, "app") as connection:
            row = connection.execute(
                "SELECT count(*) FROM hub.documents WHERE tenant_id = %s AND buyer = ANY(%s)",
                (person.tenant_id, traces.pseudonyms),
            ).fetchone()
        return int(row[0]) if row else 0
