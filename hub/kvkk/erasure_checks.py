"""When a consent ends, what rested on it alone must go (KVKK art. 7): every ended consent raises a check.

A check is raised with the withdrawal, or by schedule when the time is over, once a consent. It is then examined: which
landed records rested on the consent, and whether the person has another basis for the same purpose. What is left is
open until somebody erased it, or says why it is kept. Loads need none of this: they ask at the moment of loading.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from uuid import UUID

from hub.errors import HubError
from hub.kvkk import audit
from hub.kvkk.audit import Actor, Entry
from hub.kvkk.wording import require_remark

if TYPE_CHECKING:
    from connectors.contract import Provider
    from hub.db.database import Connection, Database

Cause = Literal["consent_expired", "consent_withdrawn"]
State = Literal["raised", "nothing_held", "other_basis", "open", "erased", "kept"]

MOST_AT_ONCE = 1_000

_COLUMNS = "consent_id, cause, state, datasets, raised_at, due_at, examined_at, settled_at, settled_by, settled_reason"
_EXPIRED = """
SELECT c.tenant_id, c.id FROM hub.consents c
LEFT JOIN hub.erasure_checks e ON e.tenant_id = c.tenant_id AND e.consent_id = c.id
WHERE (c.expires_at <= %(now)s AND c.withdrawn_at IS NULL AND e.consent_id IS NULL) OR e.state = 'raised'
ORDER BY c.tenant_id, c.id LIMIT %(most)s
"""


@dataclass(frozen=True)
class Check:
    """One consent's check. `datasets` maps `<provider>.<stream>` to the records that rested on it when examined."""

    consent_id: UUID
    cause: Cause
    state: State
    datasets: Mapping[str, int]
    raised_at: datetime
    due_at: datetime
    """Three months after: By-Law OG 30224 art. 11, for a controller without a retention policy of its own."""
    examined_at: datetime | None
    settled_at: datetime | None
    settled_by: str | None
    settled_reason: str | None


class Swept(NamedTuple):
    """Checks that were raised and examined now, and those for which that failed."""

    examined: int
    failed: int


def raise_check(connection: Connection, tenant_id: str, consent_id: UUID, cause: Cause, *, actor: Actor) -> bool:
    """Raise a consent's check in the caller's transaction; False where it has one already."""
    raised = connection.execute(
        "INSERT INTO hub.erasure_checks (tenant_id, consent_id, cause) VALUES (%s, %s, %s)"
        " ON CONFLICT DO NOTHING RETURNING consent_id",
        (tenant_id, consent_id, cause),
    ).fetchone()
    if raised is not None:
        details = {"cause": cause}
        entry = Entry(actor, "erasure_check.raised", f"consent:{consent_id}", purpose="destruction", details=details)
        audit.append(connection, tenant_id, entry)
    return raised is not None


def pending(database: Database, now: datetime | None = None) -> list[tuple[str, UUID]]:
    """Tenants' consents that ended and whose check was not made yet, as the crossing `janitor` may see them."""
    with database.crossing("janitor") as connection:
        moment = _clock(connection, now)
        return [
            (row[0], row[1]) for row in connection.execute(_EXPIRED, {"now": moment, "most": MOST_AT_ONCE}).fetchall()
        ]


def sweep(database: Database, providers: Mapping[str, Provider], now: datetime | None = None) -> Swept:
    """Raise and examine every check that is due. One tenant's trouble keeps no other from it."""
    examined = failed = 0
    for tenant_id, consent_id in pending(database, now):
        try:
            with database.tenant(tenant_id, "app") as connection:
                raise_check(connection, tenant_id, consent_id, "consent_expired", actor=audit.SYSTEM)
            examine(database, providers, tenant_id, consent_id, now=now)
            examined += 1
        except HubError:
            failed += 1
    return Swept(examined, failed)


def examine(
    database: Database,
    providers: Mapping[str, Provider],
    tenant_id: str,
    consent_id: UUID,
    *,
    actor: Actor = audit.SYSTEM,
    now: datetime | None = None,
) -> Check:
    """See what rests on the consent, once; a check that was examined is left as it is. HubError `check_unknown`."""
    from hub.control.standing import standing

    with database.tenant(tenant_id, "app") as connection:
        check = _read(connection, tenant_id, consent_id)
        row = connection.execute(
            "SELECT data_subject, purpose FROM hub.consents WHERE tenant_id = %s AND id = %s", (tenant_id, consent_id)
        ).fetchone()
        moment = _clock(connection, now)
    if check.state != "raised" or row is None:
        return check
    subject, purpose = str(row[0]), str(row[1])
    resting: dict[str, int] = {}
    held = 0
    for name, rule, count in records(database, providers, tenant_id, subject, purpose):
        held += count
        stands = standing(database, tenant_id, [subject], purpose=purpose, categories=rule, at=moment)
        if count and subject not in stands.active:
            resting[name] = count
    state: State = "open" if resting else "other_basis" if held else "nothing_held"
    return _note(database, tenant_id, consent_id, state, resting, actor)


def records(
    database: Database, providers: Mapping[str, Provider], tenant_id: str, subject: str, purpose: str
) -> list[tuple[str, tuple[str, ...], int]]:
    """What landed about a pseudonym on the ground of a purpose: stream, its categories, number of rows."""
    from psycopg import sql

    found: list[tuple[str, tuple[str, ...], int]] = []
    with database.tenant(tenant_id, "loader") as connection:
        for provider in providers.values():
            for stream in provider.streams:
                rule = stream.admission
                if rule is None or rule.purpose != purpose:
                    continue
                table = sql.Identifier("landing", f"{provider.name}_{stream.name}")
                own = sql.SQL("{} = %(subject)s AND tenant_id = %(tenant)s").format(sql.Identifier(rule.subject))
                children = [each for each in provider.streams if each.parent == stream.name]
                for each in (stream, *children):
                    of = sql.Identifier("landing", f"{provider.name}_{each.name}")
                    condition = (
                        own
                        if each is stream
                        else sql.SQL(
                            "tenant_id = %(tenant)s AND {key} IN (SELECT {key} FROM {parent} WHERE {own})"
                        ).format(key=sql.Identifier(rule.record), parent=table, own=own)
                    )
                    row = connection.execute(
                        sql.SQL("SELECT count(*) FROM {} WHERE {}").format(of, condition),
                        {"subject": subject, "tenant": tenant_id},
                    ).fetchone()
                    found.append((f"{provider.name}.{each.name}", rule.categories, int(row[0]) if row else 0))
    return found


def listed(
    database: Database,
    tenant_id: str,
    *,
    everything: bool = False,
    after: tuple[datetime, UUID] | None = None,
    limit: int | None = None,
) -> list[Check]:
    """A tenant's checks, the most pressing first; those that are settled or found nothing only with `everything`.

    At most `limit`, behind the check that is due at `after`.
    """
    moment, consent_id = after or (None, None)
    with database.tenant(tenant_id, "app") as connection:
        rows = connection.execute(
            f"SELECT {_COLUMNS} FROM hub.erasure_checks WHERE tenant_id = %(tenant)s"  # noqa: S608 - our own text
            " AND (%(everything)s OR state IN ('raised', 'open'))"
            " AND (%(moment)s::timestamptz IS NULL OR (due_at, consent_id) > (%(moment)s, %(consent)s::uuid))"
            " ORDER BY due_at, consent_id LIMIT %(limit)s",
            {
                "tenant": tenant_id,
                "everything": everything,
                "moment": moment,
                "consent": consent_id,
                "limit": limit,
            },
        ).fetchall()
    return [Check(*row) for row in rows]


def get(database: Database, tenant_id: str, consent_id: UUID) -> Check:
    """One consent's check. HubError `check_unknown`: the consent goes on, or there is none."""
    with database.tenant(tenant_id, "app") as connection:
        return _read(connection, tenant_id, consent_id)


def settle(
    database: Database,
    providers: Mapping[str, Provider],
    tenant_id: str,
    consent_id: UUID,
    *,
    outcome: Literal["erased", "kept"],
    reason: str | None,
    actor: Actor,
) -> Check:
    """Close an open check: the data was erased, which is looked at again, or is kept for a reason that is recorded.

    The reason is a remark (an article, a file number). `InvalidInput`; HubError `check_unknown`, `check_not_examined`,
    `check_not_open`, `check_reason_missing`, `check_data_left`.
    """
    if reason is not None:
        require_remark("reason", reason)
    with database.tenant(tenant_id, "app") as connection:
        check = _read(connection, tenant_id, consent_id)
        row = connection.execute(
            "SELECT data_subject, purpose FROM hub.consents WHERE tenant_id = %s AND id = %s", (tenant_id, consent_id)
        ).fetchone()
    if check.state == "raised":
        raise HubError("check_not_examined", consent=str(consent_id))
    if check.state != "open" or row is None:
        raise HubError("check_not_open", consent=str(consent_id))
    if outcome == "kept" and not reason:
        raise HubError("check_reason_missing")
    if outcome == "erased":
        left = sum(count for _, _, count in records(database, providers, tenant_id, str(row[0]), str(row[1])))
        if left:
            raise HubError("check_data_left", count=left)
    with database.tenant(tenant_id, "app") as connection:
        done = connection.execute(
            "UPDATE hub.erasure_checks SET state = %s, settled_at = now(), settled_by = %s, settled_reason = %s"
            " WHERE tenant_id = %s AND consent_id = %s AND state = 'open' RETURNING consent_id",
            (outcome, actor.name, reason, tenant_id, consent_id),
        ).fetchone()
        if done is None:
            raise HubError("check_not_open", consent=str(consent_id))
        details = {"outcome": outcome, "reason": reason}
        entry = Entry(actor, "erasure_check.settled", f"consent:{consent_id}", purpose="destruction", details=details)
        audit.append(connection, tenant_id, entry)
        return _read(connection, tenant_id, consent_id)


def _note(
    database: Database, tenant_id: str, consent_id: UUID, state: State, resting: Mapping[str, int], actor: Actor
) -> Check:
    from psycopg.types.json import Jsonb

    with database.tenant(tenant_id, "app") as connection:
        noted = connection.execute(
            "UPDATE hub.erasure_checks SET state = %s, datasets = %s, examined_at = now()"
            " WHERE tenant_id = %s AND consent_id = %s AND state = 'raised' RETURNING consent_id",
            (state, Jsonb(dict(resting)), tenant_id, consent_id),
        ).fetchone()
        if noted is not None:
            entry = Entry(
                actor,
                "erasure_check.examined",
                f"consent:{consent_id}",
                purpose="destruction",
                count=sum(resting.values()),
                details={"state": state, "datasets": sorted(resting)},
            )
            audit.append(connection, tenant_id, entry)
        return _read(connection, tenant_id, consent_id)


def _read(connection: Connection, tenant_id: str, consent_id: UUID) -> Check:
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM hub.erasure_checks WHERE tenant_id = %s AND consent_id = %s",  # noqa: S608 - our own text
        (tenant_id, consent_id),
    ).fetchone()
    if row is None:
        raise HubError("check_unknown", consent=str(consent_id))
    return Check(*row)


def _clock(connection: Connection, now: datetime | None) -> datetime:
    row: Any = None if now is not None else connection.execute("SELECT now()").fetchone()
    return now if now is not None else row[0]
