"""The suppression list: keyed hashes by which a sync recognises whom the tenant has erased, and nothing else does.

Two kinds of mark. An identifier that nobody else has names the erased wherever it stands. One that others have too (a
family's phone) means the erased only where nothing stronger says whom a row is about: there it is the row's anchor.
Both are HMACs under a key of the tenant's that serves nothing else, so no pseudonym and no value follows from the list.
"""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Collection, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hub.errors import HubError

if TYPE_CHECKING:
    from datetime import datetime

    from hub.db.database import Connection, Database
    from hub.keys.keyring import Keyring, TenantKeys
    from hub.kvkk.traces import Traces

ERASED = "erased"
"""The kind of what stands where a pseudonym stood that could not be emptied: a key, a consent's person."""

_LETTERS = 26
_HELD_BY_LOADS = "SELECT pg_advisory_xact_lock_shared(hashtextextended('hub.suppression.' || %s, 0))"
_HELD_BY_ERASURES = "SELECT pg_advisory_xact_lock(hashtextextended('hub.suppression.' || %s, 0))"


@dataclass(frozen=True)
class SuppressionList:
    """One tenant's list, as the gate asks it (kvkk_policies.withholding.Erased)."""

    keys: TenantKeys
    marks: Mapping[bytes, datetime]
    _known: dict[tuple[str, str], datetime | None] = field(default_factory=dict[tuple[str, str], "datetime | None"])

    def named(self, kind: str, pseudonym: str) -> datetime | None:
        """When the person whom only this identifier names was erased."""
        return self._when(kind, pseudonym)

    def anchored(self, kind: str, pseudonym: str) -> datetime | None:
        """When whomever a row is about of which this is the strongest identifier was erased."""
        return self._when(_anchor(kind), pseudonym)

    def key_mark(self, kind: str, pseudonym: str) -> str:
        """What stands in a key where the pseudonym would."""
        return erased_mark(self.keys, kind, pseudonym)

    def _when(self, kind: str, pseudonym: str) -> datetime | None:
        if (kind, pseudonym) not in self._known:
            self._known[kind, pseudonym] = self.marks.get(self.keys.suppression_mark(kind, pseudonym))
        return self._known[kind, pseudonym]


class Suppressions:
    """The lists of a batch's tenants: one query a tenant, the first time it is asked for."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._database = database
        self._keyring = keyring
        self._lists: dict[str, SuppressionList | None] = {}

    def of(self, tenant_id: str) -> SuppressionList | None:
        """The tenant's list; None where nobody is on it, so that a load has nothing to do."""
        if tenant_id not in self._lists:
            with self._database.tenant(tenant_id, "loader") as connection:
                marks = read(connection, tenant_id)
            self._lists[tenant_id] = SuppressionList(self._keyring.tenant(tenant_id), marks) if marks else None
        return self._lists[tenant_id]

    @contextmanager
    def standing(self, tenant_id: str) -> Generator[None]:
        """A block in which nobody is put on the tenant's list.

        HubError `erased_meanwhile` when somebody was since the list was read: what was masked by it may name them, and
        the vault has forgotten them by now, or is about to.
        """
        known = self.of(tenant_id)
        with self._database.tenant(tenant_id, "loader") as connection:
            connection.execute(_HELD_BY_LOADS, (tenant_id,))
            row = connection.execute(
                "SELECT count(*), max(erased_at) FROM hub.suppressions WHERE tenant_id = %s", (tenant_id,)
            ).fetchone()
            times = list(known.marks.values()) if known is not None else []
            if row is None or row != (len(times), max(times, default=None)):
                raise HubError("erased_meanwhile")
            yield


def erased_mark(keys: TenantKeys, kind: str, pseudonym: str) -> str:
    """A pseudonym's place in keys and proofs after its erasure: `erased_` and 26 letters, alike for alike ones."""
    digest = keys.suppression_mark(f"key:{kind}", pseudonym)
    return f"{ERASED}_{b32encode(digest).decode().lower()[:_LETTERS]}"


def read(connection: Connection, tenant_id: str) -> dict[bytes, datetime]:
    """Marks and when their persons were erased."""
    rows = connection.execute("SELECT mark, erased_at FROM hub.suppressions WHERE tenant_id = %s", (tenant_id,))
    return {bytes(mark): erased_at for mark, erased_at in rows}


def marks_of(keys: TenantKeys, traces: Traces) -> frozenset[bytes]:
    """The marks by which a person is recognised."""
    marks = {keys.suppression_mark(*pair) for pair in traces.named}
    anchors = traces.anchors | traces.named
    return frozenset(marks | {keys.suppression_mark(_anchor(kind), pseudonym) for kind, pseudonym in anchors})


def suppress(database: Database, tenant_id: str, marks: Collection[bytes], *, erased_at: datetime) -> None:
    """Put a person's marks on the list, and let no batch in flight commit rows that it gated without them."""
    with database.tenant(tenant_id, "app") as connection:
        connection.execute(
            "SELECT 1 FROM hub.sync_state WHERE tenant_id = %s ORDER BY provider, stream FOR UPDATE", (tenant_id,)
        )
        connection.execute(_HELD_BY_ERASURES, (tenant_id,))
        _write(connection, tenant_id, marks, erased_at)
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
