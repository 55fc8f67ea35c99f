"""Legal holds (kvkk.md, section 6): what a lawsuit, an audit or an authority needs is not destroyed while it is held.

A hold blocks destruction of everything in its scope, on request and by age. It names its ground and never a person: a
subject is meant by its id.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, get_args
from uuid import UUID, uuid4

from hub.errors import HubError
from hub.kvkk import audit
from hub.kvkk.hold_targets import one_form, require_there
from hub.kvkk.person import find_person
from hub.kvkk.wording import require_remark
from kvkk_policies.vocabulary import CATEGORIES

if TYPE_CHECKING:
    from datetime import datetime

    from hub.db.database import Connection, Database
    from hub.keys.keyring import Keyring
    from hub.kvkk.audit import Actor
    from hub.kvkk.person import Pair

Scope = Literal["subject", "dataset", "category", "tenant"]
Reason = Literal["statutory_retention", "litigation", "audit", "authority_request"]

_COLUMNS = "hold_id, scope, target, reason, legal_ref, held_from, held_until, placed_by, placed_at, released_at"
_DATASET = re.compile(r"(landing|marts|hub|vault)\.[a-z0-9_]{1,63}")
_IN_FORCE = (
    "released_at IS NULL AND held_from <= coalesce(%(at)s, now())"
    " AND (held_until IS NULL OR held_until > coalesce(%(at)s, now()))"
)


@dataclass(frozen=True)
class Hold:
    """One hold. `target` is a subject id, a dataset (`landing.iyzico_settlement_files`), a category, or `*`."""

    hold_id: UUID
    scope: Scope
    target: str
    reason: Reason
    legal_ref: str
    held_from: datetime
    held_until: datetime | None
    placed_by: str
    placed_at: datetime
    released_at: datetime | None


@dataclass(frozen=True)
class NewHold:
    """What a hold is placed with. A subject's id is taken with dashes too."""

    scope: Scope
    target: str
    reason: Reason
    legal_ref: str
    held_until: datetime | None = None


@dataclass(frozen=True)
class Reach:
    """What would be destroyed, as far as holds ask: subject ids, and the datasets and categories of their data."""

    subjects: Collection[str]
    datasets: Collection[str]
    categories: Collection[str]


def place(database: Database, tenant_id: str, new: NewHold, *, actor: Actor) -> Hold:
    """Place a hold from now on. Its ground is a remark.

    `InvalidInput`; HubError `hold_malformed`, `hold_target_malformed`, `hold_over_already`, and for a target that there
    is not `hold_target_unknown`, `hold_target_nobody`: whoever mistyped would believe the data safe.
    """
    if new.scope == "subject":
        new = replace(new, target=one_form(new.target))
    _require_target(new)
    require_there(database, tenant_id, new.scope, new.target)
    return _placed(database, tenant_id, [new], actor)[0]


def place_on_person(
    database: Database, keyring: Keyring, tenant_id: str, pair: Pair, new: NewHold, *, actor: Actor
) -> list[Hold]:
    """Hold every subject of the person whom an identifier names, and the identifier's own: all of them or none.

    `new.target` says nothing here. Raises what `place` does.
    """
    person = find_person(database, keyring, tenant_id, [pair])
    subjects = sorted({*person.subjects, keyring.tenant(tenant_id).subject_id(*pair)})
    return _placed(database, tenant_id, [replace(new, scope="subject", target=each) for each in subjects], actor)


def _placed(database: Database, tenant_id: str, wanted: Sequence[NewHold], actor: Actor) -> list[Hold]:
    for new in wanted:
        _require_target(new)
        require_remark("legal_ref", new.legal_ref)
    with database.tenant(tenant_id, "app") as connection:
        return [_place(connection, tenant_id, new, actor) for new in wanted]


def _place(connection: Connection, tenant_id: str, new: NewHold, actor: Actor) -> Hold:
    hold_id = uuid4()
    ends = connection.execute("SELECT %s::timestamptz <= now()", (new.held_until,)).fetchone()
    if ends is not None and ends[0]:
        raise HubError("hold_over_already")
    connection.execute(
        "INSERT INTO hub.legal_holds (tenant_id, hold_id, scope, target, reason, legal_ref, held_from, held_until,"
        " placed_by) VALUES (%s, %s, %s, %s, %s, %s, now(), %s, %s)",
        (tenant_id, hold_id, new.scope, new.target, new.reason, new.legal_ref, new.held_until, actor.name),
    )
    details = {"scope": new.scope, "reason": new.reason}
    entry = audit.Entry(actor, "hold_placed", f"hub.legal_holds/{hold_id}", details=details)
    audit.append(connection, tenant_id, entry)
    return _read(connection, tenant_id, hold_id)


def release(database: Database, tenant_id: str, hold_id: UUID, *, actor: Actor) -> Hold:
    """End a hold from now on. HubError `hold_unknown` where none is in force by that id."""
    with database.tenant(tenant_id, "app") as connection:
        count = connection.execute(
            "UPDATE hub.legal_holds SET released_at = now(), released_by = %s"
            " WHERE tenant_id = %s AND hold_id = %s AND released_at IS NULL",
            (actor.name, tenant_id, hold_id),
        ).rowcount
        if not count:
            raise HubError("hold_unknown", hold=str(hold_id))
        audit.append(connection, tenant_id, audit.Entry(actor, "hold_released", f"hub.legal_holds/{hold_id}"))
        return _read(connection, tenant_id, hold_id)


def listed(
    database: Database,
    tenant_id: str,
    *,
    in_force: bool = False,
    after: tuple[datetime, UUID] | None = None,
    limit: int | None = None,
) -> list[Hold]:
    """A tenant's holds, newest first; those in force now if asked. At most `limit`, behind the hold at `after`."""
    condition = f" AND {_IN_FORCE}" if in_force else ""
    moment, hold_id = after or (None, None)
    with database.tenant(tenant_id, "app") as connection:
        rows = connection.execute(
            f"SELECT {_COLUMNS} FROM hub.legal_holds WHERE tenant_id = %(tenant)s{condition}"  # noqa: S608 - our own names
            " AND (%(moment)s::timestamptz IS NULL OR (placed_at, hold_id) < (%(moment)s, %(hold)s::uuid))"
            " ORDER BY placed_at DESC, hold_id DESC LIMIT %(limit)s",
            {"tenant": tenant_id, "at": None, "moment": moment, "hold": hold_id, "limit": limit},
        ).fetchall()
    return [Hold(*row) for row in rows]


def get(database: Database, tenant_id: str, hold_id: UUID) -> Hold:
    """One hold, released or not. HubError `hold_unknown`."""
    with database.tenant(tenant_id, "app") as connection:
        return _read(connection, tenant_id, hold_id)


def in_force(connection: Connection, tenant_id: str) -> list[Hold]:
    """A tenant's holds in force now, in a transaction of the tenant's scope."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM hub.legal_holds WHERE tenant_id = %(tenant)s AND {_IN_FORCE} ORDER BY placed_at DESC",  # noqa: S608 - our own names
        {"tenant": tenant_id, "at": None},
    ).fetchall()
    return [Hold(*row) for row in rows]


def blocking(database: Database, tenant_id: str, reach: Reach, *, at: datetime | None = None) -> Sequence[Hold]:
    """Holds in whose scope something of it lies; in force now, or at the given time."""
    with database.tenant(tenant_id, "app") as connection:
        rows = connection.execute(
            f"SELECT {_COLUMNS} FROM hub.legal_holds WHERE tenant_id = %(tenant)s AND {_IN_FORCE} ORDER BY placed_at",  # noqa: S608 - our own names
            {"tenant": tenant_id, "at": at},
        ).fetchall()
    return [hold for hold in (Hold(*row) for row in rows) if _blocks(hold, reach)]


def _blocks(hold: Hold, reach: Reach) -> bool:
    within: dict[Scope, Collection[str]] = {
        "subject": reach.subjects,
        "dataset": reach.datasets,
        "category": reach.categories,
        "tenant": (hold.target,),
    }
    return hold.target in within[hold.scope]


def _require_target(new: NewHold) -> None:
    if new.scope not in get_args(Scope) or new.reason not in get_args(Reason) or not new.legal_ref.strip():
        raise HubError("hold_malformed", scopes=", ".join(get_args(Scope)), reasons=", ".join(get_args(Reason)))
    fits = {
        "subject": len(new.target) == 32 and set(new.target) <= set("0123456789abcdef"),
        "dataset": _DATASET.fullmatch(new.target) is not None,
        "category": new.target in CATEGORIES,
        "tenant": new.target == "*",
    }
    if not fits[new.scope]:
        raise HubError("hold_target_malformed", scope=new.scope)


def _read(connection: Connection, tenant_id: str, hold_id: UUID) -> Hold:
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM hub.legal_holds WHERE tenant_id = %s AND hold_id = %s",  # noqa: S608 - our own names
        (tenant_id, hold_id),
    ).fetchone()
    if row is None:
        raise HubError("hold_unknown", hold=str(hold_id))
    return Hold(*row)
