"""Shows a permitted user one original, for a stated purpose, so many times an hour and never without a trace.

Who is permitted is the tenant's decision, since the tenant is the data controller (veri sorumlusu); nobody is by
default. The user is whoever the operating system says runs the command: a name that could be typed would permit
anybody. The hourly limit is counted in the audit log itself, under the lock that puts its entries in order, so it holds
across processes; refused attempts stand in the log too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, get_args

from hub.errors import HubError
from hub.keys.originals import OpenedOriginal, Originals, Reading
from hub.kvkk import audit
from hub.kvkk.wording import is_reference
from kvkk_policies.tightening import PSEUDONYM

if TYPE_CHECKING:
    from hub.db.database import Connection, Database
    from hub.keys.keyring import Keyring
    from hub.kvkk.audit import Actor

Why = Literal["customer_contact", "dispute", "subject_request", "authority_request", "security_incident", "correction"]
WHYS: tuple[str, ...] = get_args(Why)
"""What a single value may be looked at for."""

PER_HOUR = 20
"""Reveals a user may make in an hour for one tenant, unless the tenant says otherwise."""

_SETTING = "reveal"
_SHOWING = ("reveal", "withheld_read")
"""Actions that show somebody a value: they count under one limit, whatever keeps the value."""
_PSEUDONYM = re.compile(PSEUDONYM)


@dataclass(frozen=True)
class Permission:
    """Who may reveal values of a tenant, and how many an hour each."""

    users: tuple[str, ...]
    per_hour: int


@dataclass(frozen=True)
class Stated:
    """What somebody states who wants to see a value: what for (one of `WHYS`), and what it belongs to, as an id.

    HubError `reveal_purpose_unknown`, `reveal_reference_malformed`.
    """

    actor: Actor
    why: str
    reference: str

    def __post_init__(self) -> None:
        if self.why not in WHYS:
            raise HubError("reveal_purpose_unknown", known=", ".join(WHYS))
        if not is_reference(self.reference):
            raise HubError("reveal_reference_malformed")


def permission(database: Database, tenant_id: str) -> Permission:
    """The tenant's decision; nobody where it made none."""
    with database.tenant(tenant_id, "app") as connection:
        return _permission(connection, tenant_id)


def permit(database: Database, tenant_id: str, user: str, *, actor: Actor, per_hour: int | None = None) -> Permission:
    """Let a user of the hub's machine reveal values of the tenant."""
    return _change(database, tenant_id, actor, "reveal_permitted", user, per_hour, lambda users: users | {user})


def revoke(database: Database, tenant_id: str, user: str, *, actor: Actor) -> Permission:
    """Take the permission back; the next attempt is refused."""
    return _change(database, tenant_id, actor, "reveal_revoked", user, None, lambda users: users - {user})


def reveal(
    database: Database,
    keyring: Keyring,
    tenant_id: str,
    pseudonym: str,
    *,
    why: str,
    reference: str,
    actor: Actor,
) -> list[OpenedOriginal]:
    """The originals behind one pseudonym: one, or one for each subject that shares it.

    HubError `reveal_purpose_unknown`, `reveal_pseudonym_malformed`, `reveal_reference_malformed`,
    `reveal_not_permitted`, `reveal_too_often`, `reveal_nothing`; `ciphertext_invalid` if the vault was tampered with.
    """
    stated = Stated(actor, why, reference)
    if not _PSEUDONYM.fullmatch(pseudonym):
        raise HubError("reveal_pseudonym_malformed")
    ask_leave(database, tenant_id, "reveal", pseudonym, stated)
    reading = Reading(actor, "reveal", pseudonym, details={"why": why, "reference": reference})
    kind = pseudonym.rpartition("_")[0]
    found = list(Originals(database, keyring).named(tenant_id, [(kind, pseudonym)], reading))
    if not found:
        raise HubError("reveal_nothing")
    return found


def ask_leave(
    database: Database,
    tenant_id: str,
    action: Literal["reveal", "withheld_read"],
    about: str,
    stated: Stated,
    *,
    legal_basis: str | None = None,
) -> None:
    """Enter an attempt to see one thing, committed whatever becomes of it. `about` is an id or a pseudonym.

    HubError `reveal_not_permitted`, `reveal_too_often`.
    """
    refusal = _enter(database, tenant_id, audit.Entry(stated.actor, action, about, legal_basis=legal_basis), stated)
    if refusal is not None:
        raise refusal


def _enter(database: Database, tenant_id: str, attempt: audit.Entry, stated: Stated) -> HubError | None:
    """The attempt's entry in the log, and why it is refused, if it is. The entry is committed in either case."""
    user = stated.actor.name
    with database.tenant(tenant_id, "app") as connection:
        audit.hold(connection, tenant_id)
        allowed = _permission(connection, tenant_id)
        made = connection.execute(
            "SELECT count(*) FROM hub.audit_log WHERE tenant_id = %s AND action = ANY(%s) AND result = 'ok'"
            " AND actor = %s AND at > clock_timestamp() - interval '1 hour'",
            (tenant_id, list(_SHOWING), user),
        ).fetchone()
        refusal: HubError | None = None
        if user not in allowed.users:
            refusal = HubError("reveal_not_permitted", user=user)
        elif made is not None and made[0] >= allowed.per_hour:
            refusal = HubError("reveal_too_often", limit=allowed.per_hour)
        entered = replace(
            attempt,
            result=refusal.code if refusal else "ok",
            purpose=stated.why,
            count=0 if refusal else 1,
            details={"reference": stated.reference},
        )
        audit.append(connection, tenant_id, entered)
    return refusal


def _permission(connection: Connection, tenant_id: str, *, locked: bool = False) -> Permission:
    """`locked` keeps others from changing it: the row first and the log last, as everywhere, or two would deadlock."""
    found = connection.execute(
        "SELECT settings -> %s FROM hub.tenants WHERE tenant_id = %s"  # noqa: S608 - our own text
        + (" FOR NO KEY UPDATE" if locked else ""),
        (_SETTING, tenant_id),
    ).fetchone()
    if found is None:
        raise HubError("tenant_unknown", tenant=tenant_id)
    chosen: Mapping[str, Any] = found[0] or {}
    return Permission(tuple(chosen.get("users", ())), int(chosen.get("per_hour", PER_HOUR)))


def _change(
    database: Database,
    tenant_id: str,
    actor: Actor,
    action: str,
    user: str,
    per_hour: int | None,
    to: Callable[[set[str]], set[str]],
) -> Permission:
    from psycopg.types.json import Jsonb

    if per_hour is not None and not 1 <= per_hour <= 1_000:
        raise HubError("reveal_limit_out_of_range", least=1, most=1_000)
    with database.tenant(tenant_id, "app") as connection:
        before = _permission(connection, tenant_id, locked=True)
        users = to(set(before.users))
        after = Permission(tuple(sorted(users)), per_hour or before.per_hour)
        connection.execute(
            "UPDATE hub.tenants SET settings = jsonb_set(settings, %s, %s) WHERE tenant_id = %s",
            ([_SETTING], Jsonb({"users": list(after.users), "per_hour": after.per_hour}), tenant_id),
        )
        audit.append(
            connection,
            tenant_id,
            audit.Entry(actor, action, user, count=len(users), details={"per_hour": after.per_hour}),
        )
    return after
