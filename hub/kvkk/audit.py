"""The audit log (KVKK art. 12, Board 2018/10): who did what to how much, hash-chained so that no entry can change.

Each entry's hash covers its content and the hash of the one before it: a chain for each tenant, one for the platform.
An entry holds ids, pseudonyms, counts and codes, never a value in clear. It is written in the caller's transaction
where the act is the application role's; an act of another role is entered, and committed, before it is done.
"""

from __future__ import annotations

import hashlib
import json
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from hub.identity.scope import PLATFORM_SCOPE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from hub.db.database import Connection, Database

GENESIS = bytes(32)
"""What the first entry of a chain follows."""

PLATFORM = "platform"
"""Names the platform's own chain where a tenant's id would stand; no tenant's id looks like it."""


COLUMNS = (
    "seq, at, actor, actor_role, action, object, purpose, legal_basis, count, result, ip, request_id, details,"
    " prev_hash, hash"
)
"""Of `hub.audit_log` and `hub.platform_audit_log`, in the order in which entries are written and verified."""


@dataclass(frozen=True)
class Actor:
    """Who acts: a person's or machine's name, the role in which they act, and where from, if it came over the net."""

    name: str
    role: str
    ip: str | None = None


def operator(name: str | None = None) -> Actor:
    """Whoever runs a command on the hub's machine: the name they state, or the operating system's for them.

    The system's own list is asked and not the environment, in which anybody writes any name (LOGNAME, USER).
    """
    import os
    import pwd

    if name:
        return Actor(name, "operator")
    try:
        return Actor(pwd.getpwuid(os.geteuid()).pw_name, "operator")
    except KeyError:  # a container's user without a name
        return Actor(f"uid:{os.geteuid()}", "operator")


SYSTEM = Actor("hub", "system")
"""The hub itself, acting by schedule or sensor."""


@dataclass(frozen=True)
class Entry:
    """One act. `object` names table, request or subject by id or pseudonym; `details` holds codes and counts only.

    Of an act that a call over HTTP asked for, `details.request` is added: the call's id, as its answer and log have it.
    `request_id` is something else, a data subject's request.
    """

    actor: Actor
    action: str
    object: str
    result: str = "ok"
    purpose: str | None = None
    legal_basis: str | None = None
    count: int | None = None
    request_id: UUID | None = None
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class Head:
    """The last entry of a chain: its number (0 for an empty chain) and its hash."""

    seq: int
    hash: bytes


_call: ContextVar[str | None] = ContextVar("call", default=None)


def name_call(call_id: str) -> None:
    """From here on entries of this task, and of threads that it hands work to, say that this call asked for them."""
    _call.set(call_id)


def append(connection: Connection, tenant_id: str, entry: Entry) -> Head:
    """Add an entry to the tenant's chain, in a transaction of the application role that is scoped to the tenant.

    What is done in `PLATFORM_SCOPE`, where the platform's own people stand, is entered in the platform's chain.
    """
    return _append(connection, PLATFORM if tenant_id == PLATFORM_SCOPE else tenant_id, entry)


def append_platform(connection: Connection, entry: Entry) -> Head:
    """Add an entry to the platform's chain, in a transaction of the application role without a tenant."""
    return _append(connection, PLATFORM, entry)


def hold(connection: Connection, chain: str) -> None:
    """Let one transaction at a time write to the chain, until it ends: two entries after the same one would fork it."""
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('hub.audit.' || %s, 0))", (chain,))


def record(database: Database, tenant_id: str, entry: Entry) -> Head:
    """Add an entry in a transaction of its own, committed on return: for acts that other roles carry out after it."""
    with database.tenant(tenant_id, "app") as connection:
        return append(connection, tenant_id, entry)


def entry_hash(chain: str, seq: int, at: datetime, entry: Entry, previous: bytes) -> bytes:
    """SHA-256 over the chain's name, the number, the UTC time, the content in canonical JSON, and the hash before."""
    content = {
        "chain": chain,
        "seq": seq,
        "at": at.isoformat(),
        "actor": entry.actor.name,
        "actor_role": entry.actor.role,
        "ip": entry.actor.ip,
        "action": entry.action,
        "object": entry.object,
        "result": entry.result,
        "purpose": entry.purpose,
        "legal_basis": entry.legal_basis,
        "count": entry.count,
        "request_id": str(entry.request_id) if entry.request_id else None,
        "details": entry.details,
        "previous": previous.hex(),
    }
    return hashlib.sha256(
        json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    ).digest()


def _append(connection: Connection, chain: str, entry: Entry) -> Head:
    from datetime import UTC

    from psycopg.types.json import Jsonb

    call_id = _call.get()
    if call_id is not None:
        entry = replace(entry, details={"request": call_id, **entry.details})
    hold(connection, chain)
    last = head(connection, chain)
    row = connection.execute("SELECT clock_timestamp()").fetchone()
    if row is None:  # a SELECT without FROM has one row
        raise RuntimeError("the database told no time")
    at = row[0].astimezone(UTC)
    seq = last.seq + 1
    digest = entry_hash(chain, seq, at, entry, last.hash)
    values: dict[str, Any] = {
        "chain": chain,
        "seq": seq,
        "at": at,
        "actor": entry.actor.name,
        "actor_role": entry.actor.role,
        "action": entry.action,
        "object": entry.object,
        "purpose": entry.purpose,
        "legal_basis": entry.legal_basis,
        "count": entry.count,
        "result": entry.result,
        "ip": entry.actor.ip,
        "request_id": entry.request_id,
        "details": Jsonb(dict(entry.details)),
        "prev_hash": last.hash,
        "hash": digest,
    }
    into, given = (
        ("hub.platform_audit_log (", "") if chain == PLATFORM else ("hub.audit_log (tenant_id, ", "%(chain)s, ")
    )
    connection.execute(
        f"INSERT INTO {into}{COLUMNS}) VALUES ({given}%(seq)s, %(at)s, %(actor)s, %(actor_role)s, %(action)s,"  # noqa: S608 - our own text
        " %(object)s, %(purpose)s, %(legal_basis)s, %(count)s, %(result)s, %(ip)s, %(request_id)s, %(details)s,"
        " %(prev_hash)s, %(hash)s)",
        values,
    )
    return Head(seq, digest)


def head(connection: Connection, chain: str) -> Head:
    """The chain's last entry as the transaction sees it."""
    if chain == PLATFORM:
        row = connection.execute("SELECT seq, hash FROM hub.platform_audit_log ORDER BY seq DESC LIMIT 1").fetchone()
    else:
        row = connection.execute(
            "SELECT seq, hash FROM hub.audit_log WHERE tenant_id = %s ORDER BY seq DESC LIMIT 1", (chain,)
        ).fetchone()
    return Head(int(row[0]), bytes(row[1])) if row else Head(0, GENESIS)
