"""The suppression list: keyed hashes by which a sync recognises whom the tenant has erased, and nothing else does.

Two kinds of mark. An identifier that nobody else has names the erased wherever it stands. One that others have too (a
family's phone) means the erased only where nothing stronger says whom a row is about: there it is the row's anchor.
Both are HMACs under a key of the tenant's that serves nothing else, so no pseudonym and no value follows from the list.
The mark of an identifier that was the erased person's for some days alone carries the days behind the HMAC.
"""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from struct import Struct
from typing import TYPE_CHECKING, NamedTuple

from connectors.istanbul import start_of
from hub.control import refusals
from hub.errors import HubError
from hub.kvkk import audit

if TYPE_CHECKING:
    from hub.db.database import Connection, Database
    from hub.keys.keyring import Keyring, TenantKeys
    from hub.kvkk.audit import Actor
    from hub.kvkk.person import Period
    from hub.kvkk.traces import Pair, Traces

ERASED = "erased"
"""The kind of what stands where a pseudonym stood that could not be emptied: a key, a consent's person."""

_LETTERS = 26
_HASH = 32
"""Bytes of a mark without days."""
_DAYS = Struct(">II")
"""First day and the day after the last one, as ordinals; 0 and the greatest number where there is none."""
_NO_END = 2**32 - 1
_HELD_BY_LOADS = "SELECT pg_advisory_xact_lock_shared(hashtextextended('hub.suppression.' || %s, 0))"
_HELD_BY_ERASURES = "SELECT pg_advisory_xact_lock(hashtextextended('hub.suppression.' || %s, 0))"


class Mark(NamedTuple):
    """When whom a mark means was erased, and whether the tenant has a new relation with them."""

    erased_at: datetime
    renewed: bool


class OwnDays(NamedTuple):
    """From when until before when (None: no bound) an identifier meant somebody, and when they were erased."""

    since: datetime | None
    until: datetime | None
    erased_at: datetime


@dataclass(frozen=True)
class SuppressionList:
    """One tenant's list, as the gate asks it (kvkk_policies.withholding.Erased)."""

    keys: TenantKeys
    marks: Mapping[bytes, Mark]
    _known: dict[tuple[str, str], Mark | None] = field(default_factory=dict[tuple[str, str], "Mark | None"])

    @cached_property
    def _dated(self) -> dict[bytes, list[OwnDays]]:
        found: dict[bytes, list[OwnDays]] = {}
        for mark, (erased_at, _) in self.marks.items():
            if len(mark) > _HASH:
                since, until = _DAYS.unpack(mark[_HASH:])
                days = OwnDays(
                    start_of(date.fromordinal(since)) if since else None,
                    start_of(date.fromordinal(until)) if until != _NO_END else None,
                    erased_at,
                )
                found.setdefault(mark[:_HASH], []).append(days)
        return found

    def named(self, kind: str, pseudonym: str, *, dated: bool) -> datetime | None:
        """When the person whom only this identifier names was erased."""
        return self._when(kind, pseudonym, dated)

    def anchored(self, kind: str, pseudonym: str, *, dated: bool) -> datetime | None:
        """When whomever a row is about of which this is the strongest identifier was erased."""
        return self._when(_anchor(kind), pseudonym, dated)

    def anchored_for_days(self, kind: str, pseudonym: str) -> Sequence[OwnDays]:
        """When a shared identifier that is a row's strongest meant somebody who was erased."""
        if not self._dated:
            return ()
        return self._dated.get(self.keys.suppression_mark(_days(kind), pseudonym), ())

    def key_mark(self, kind: str, pseudonym: str) -> str:
        """What stands in a key where the pseudonym would."""
        return erased_mark(self.keys, kind, pseudonym)

    def _when(self, kind: str, pseudonym: str, dated: bool) -> datetime | None:
        if (kind, pseudonym) not in self._known:
            self._known[kind, pseudonym] = self.marks.get(self.keys.suppression_mark(kind, pseudonym))
        mark = self._known[kind, pseudonym]
        return None if mark is None or (mark.renewed and not dated) else mark.erased_at


class Suppressions:
    """The lists of a batch's tenants, as they were read when the batch claimed them."""

    def __init__(self, database: Database, keyring: Keyring, marks: Callable[[str], Mapping[bytes, Mark]]) -> None:
        self._database = database
        self._keyring = keyring
        self._marks = marks
        self._lists: dict[str, SuppressionList] = {}

    def of(self, tenant_id: str) -> SuppressionList | None:
        """The tenant's list; None where nobody is on it, so that a load has nothing to do."""
        marks = self._marks(tenant_id)
        if marks and tenant_id not in self._lists:
            self._lists[tenant_id] = SuppressionList(self._keyring.tenant(tenant_id), marks)
        return self._lists.get(tenant_id)

    @contextmanager
    def standing(self, tenant_id: str) -> Generator[None]:
        """A block in which nobody is put on the tenant's list.

        HubError `erased_meanwhile` when somebody was since the list was read: what was masked by it may name them, and
        the vault has forgotten them by now, or is about to.
        """
        times = [mark.erased_at for mark in self._marks(tenant_id).values()]
        with self._database.tenant(tenant_id, "loader") as connection:
            connection.execute(_HELD_BY_LOADS, (tenant_id,))
            row = connection.execute(
                "SELECT count(*), max(erased_at) FROM hub.suppressions WHERE tenant_id = %s", (tenant_id,)
            ).fetchone()
            if row is None or row != (len(times), max(times, default=None)):
                raise HubError("erased_meanwhile")
            yield


def erased_mark(keys: TenantKeys, kind: str, pseudonym: str) -> str:
    """A pseudonym's place in keys and proofs after its erasure: `erased_` and 26 letters, alike for alike ones."""
    digest = keys.suppression_mark(f"key:{kind}", pseudonym)
    return f"{ERASED}_{b32encode(digest).decode().lower()[:_LETTERS]}"


def read(connection: Connection, tenant_id: str) -> dict[bytes, Mark]:
    """The tenant's marks."""
    rows = connection.execute(
        "SELECT mark, erased_at, renewed_at IS NOT NULL FROM hub.suppressions WHERE tenant_id = %s", (tenant_id,)
    )
    return {bytes(mark): Mark(erased_at, renewed) for mark, erased_at, renewed in rows}


def renew(database: Database, keys: TenantKeys, pairs: Collection[Pair], *, actor: Actor) -> int:
    """Note a new relation with whom these identifiers mean; how many of them are on the list.

    Lists that are of no day name the person again from the next sync on. Records from before the erasure stay empty.
    Refusals since then name them again too, so that what was refused comes in once a basis is recorded.
    """
    marks = sorted({keys.suppression_mark(each, its) for kind, its in pairs for each in (kind, _anchor(kind))})
    # What carries days is of rows with a day: a renewal is about those that are of none.
    with database.tenant(keys.tenant_id, "app") as connection:
        # A batch in flight would refuse by the list of before, without a name: it reads its windows again.
        _fence(connection, keys.tenant_id)
        count = connection.execute(
            "UPDATE hub.suppressions SET renewed_at = now() WHERE tenant_id = %s AND mark = ANY(%s)",
            (keys.tenant_id, marks),
        ).rowcount
        refused = sum(
            refusals.name_again(connection, keys.tenant_id, its, erased_mark(keys, kind, its)) for kind, its in pairs
        )
        entry = audit.Entry(actor, "relation_renewed", "hub.suppressions", count=count, details={"refusals": refused})
        audit.append(connection, keys.tenant_id, entry)
    return count


def marks_of(keys: TenantKeys, traces: Traces) -> frozenset[bytes]:
    """The marks by which a person is recognised."""
    marks = {keys.suppression_mark(*pair) for pair in traces.named}
    anchors = traces.anchors | traces.named
    marks |= {keys.suppression_mark(_anchor(kind), pseudonym) for kind, pseudonym in anchors}
    return frozenset(marks | {_dated_mark(keys, period) for period in traces.days})


def _dated_mark(keys: TenantKeys, period: Period) -> bytes:
    since = period.since.toordinal() if period.since else 0
    until = period.until.toordinal() if period.until else _NO_END
    return keys.suppression_mark(_days(period.kind), period.pseudonym) + _DAYS.pack(since, until)


def suppress(database: Database, tenant_id: str, marks: Collection[bytes], *, erased_at: datetime) -> None:
    """Put a person's marks on the list, and let no batch in flight commit rows that it gated without them."""
    with database.tenant(tenant_id, "app") as connection:
        _fence(connection, tenant_id)
        connection.execute(_HELD_BY_ERASURES, (tenant_id,))
        _write(connection, tenant_id, marks, erased_at)


def _fence(connection: Connection, tenant_id: str) -> None:
    """Let no batch commit that has begun by now, and wait for those that are at it."""
    connection.execute(
        "SELECT 1 FROM hub.sync_state WHERE tenant_id = %s ORDER BY provider, stream FOR UPDATE", (tenant_id,)
    )
    connection.execute("UPDATE hub.sync_state SET fence = fence + 1 WHERE tenant_id = %s", (tenant_id,))


def _write(connection: Connection, tenant_id: str, marks: Collection[bytes], erased_at: datetime) -> None:
    """An earlier erasure of the same identifier gives way: the later one reaches further."""
    given = {"tenant": tenant_id, "marks": sorted(marks), "at": erased_at}
    connection.execute(
        "DELETE FROM hub.suppressions WHERE tenant_id = %(tenant)s AND mark = ANY(%(marks)s) AND erased_at < %(at)s",
        given,
    )
    connection.execute(
        "INSERT INTO hub.suppressions (tenant_id, mark, erased_at)"
        " SELECT %(tenant)s, mark, %(at)s FROM unnest(%(marks)s::bytea[]) AS m (mark) ON CONFLICT DO NOTHING",
        given,
    )


def _anchor(kind: str) -> str:
    return f"anchor:{kind}"


def _days(kind: str) -> str:
    return f"days:{kind}"
