"""Finds every altered, removed or reordered entry of an audit chain, up to the last head that was exported."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any, Literal

from hub.kvkk.audit import COLUMNS, GENESIS, PLATFORM, Actor, Entry, Head, entry_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hub.db.database import Database
    from hub.kvkk.audit_heads_file import Exported

Fault = Literal["altered", "removed", "out_of_order", "rewritten", "cut_off"]
_AT_ONCE = 5_000


@dataclass(frozen=True)
class Finding:
    """One thing wrong: the entry's number and what happened to it.

    `altered`: its content does not give its hash. `removed`: an entry before it is missing. `out_of_order`: it does not
    follow the entry before it. `rewritten`: it is another entry than the one whose hash was exported. `cut_off`: the
    chain ends before the exported head.
    """

    seq: int
    fault: Fault


@dataclass(frozen=True)
class Verdict:
    """What a chain looks like. `protected` is the last number covered by an exported head, 0 without one."""

    chain: str
    entries: int
    protected: int
    unprotected: int
    """Entries newer than the last exported head: whoever owns the database could still rewrite these."""
    findings: tuple[Finding, ...]


def verify_chain(database: Database, chain: str, exported: Exported) -> Verdict:
    """Walk a tenant's chain, or the platform's (`audit.PLATFORM`), against the exported heads."""
    return check_chain(chain, _rows(database, chain), exported.heads.get(chain))


def check_chain(chain: str, rows: Iterable[tuple[Any, ...]], head: Head | None) -> Verdict:
    """The verdict over rows of `audit.COLUMNS`, in the order of their numbers."""
    findings: list[Finding] = []
    expected, previous, last = 1, GENESIS, 0
    entries = unprotected = 0
    head_met = head is None or head.seq == 0
    for row in rows:
        seq, stored_previous, stored = int(row[0]), bytes(row[13]), bytes(row[14])
        entries += 1
        if seq != expected:
            findings.append(Finding(seq, "removed"))
        elif stored_previous != previous:
            findings.append(Finding(seq, "out_of_order"))
        if _recomputed(chain, row) != stored:
            findings.append(Finding(seq, "altered"))
        if head is not None and seq == head.seq:
            head_met = True
            if stored != head.hash:
                findings.append(Finding(seq, "rewritten"))
        if head is None or seq > head.seq:
            unprotected += 1
        expected, previous, last = seq + 1, stored, seq
    if not head_met:
        findings.append(Finding(last, "cut_off" if head is not None and last < head.seq else "removed"))
    return Verdict(chain, entries, head.seq if head else 0, unprotected, tuple(findings))


def _recomputed(chain: str, row: tuple[Any, ...]) -> bytes:
    seq, at, actor, role, action, what, purpose, basis, count, result, ip, request_id, details, previous, _ = row
    entry = Entry(
        Actor(str(actor), str(role), str(ip) if ip is not None else None),
        str(action),
        str(what),
        str(result),
        purpose,
        basis,
        count,
        request_id,
        details,
    )
    return entry_hash(chain, int(seq), at.astimezone(UTC), entry, bytes(previous))


def _rows(database: Database, chain: str) -> Iterator[tuple[Any, ...]]:
    after = 0
    while True:
        rows = _page(database, chain, after)
        yield from rows
        if len(rows) < _AT_ONCE:
            return
        after = int(rows[-1][0])


def _page(database: Database, chain: str, after: int) -> list[tuple[Any, ...]]:
    if chain == PLATFORM:
        with database.without_tenant() as connection:
            return connection.execute(
                f"SELECT {COLUMNS} FROM hub.platform_audit_log WHERE seq > %s ORDER BY seq LIMIT %s",  # noqa: S608
                (after, _AT_ONCE),
            ).fetchall()
    with database.tenant(chain, "app") as connection:
        return connection.execute(
            f"SELECT {COLUMNS} FROM hub.audit_log WHERE tenant_id = %s AND seq > %s ORDER BY seq LIMIT %s",  # noqa: S608
            (chain, after, _AT_ONCE),
        ).fetchall()
