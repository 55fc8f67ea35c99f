"""The register's acts: a breach is registered, its form filled in, the Board told in stages, the matter closed.

Each act holds the breach's row, adds to its timeline and stands in the audit log, in one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from hub.errors import HubError
from hub.kvkk.breach import record
from hub.kvkk.breach.form import Form, merged
from hub.kvkk.wording import require_reference
from hub.validation import InvalidInput, Problem

if TYPE_CHECKING:
    from datetime import datetime

    from hub.db.database import Connection, Database
    from hub.keys.keyring import Keyring
    from hub.kvkk.audit import Actor
    from hub.kvkk.breach.record import Breach
    from hub.kvkk.breach.vocabulary import Stage

TIMES = ("began_at", "ended_at")
"""What may be filled in later and stands beside the form."""
WHAT_HAPPENED = ("source_details", "sources", "affected", "detected_how")
"""Without one of these nobody could tell later what was registered: it would be a clock without a breach."""


def register(
    database: Database,
    keyring: Keyring,
    tenant_id: str,
    *,
    learned_at: datetime | None,
    fields: Mapping[str, Any],
    actor: Actor,
    now: datetime | None = None,
) -> Breach:
    """Start the 72 hours, which run from `learned_at`: that is the controller's to say, so it is never assumed.

    The tenant's name stands in the form unless `fields` says another. `InvalidInput` for wrong fields, for no
    `learned_at` and for nothing of what happened; HubError `breach_learned_in_the_future`, `breach_times_wrong`.
    """
    from hub.control import tenants

    learned = _least(learned_at, fields)
    keys = keyring.tenant(tenant_id)
    times, rest = _apart(fields)
    form = merged(Form(controller_name=tenants.get(database, tenant_id).name), rest)
    breach_id = uuid4()
    with database.tenant(tenant_id, "app") as connection:
        moment = record.clock(connection, now)
        if learned > moment:
            raise HubError("breach_learned_in_the_future")
        _check_times(times.get("began_at"), times.get("ended_at"), learned)
        connection.execute(
            "INSERT INTO hub.breaches (tenant_id, breach_id, learned_at, board_due_at, began_at, ended_at,"
            " form_cipher, registered_by) VALUES (%(tenant)s, %(breach)s, %(learned)s, %(learned)s + %(within)s,"
            " %(began)s, %(ended)s, %(form)s, %(by)s)",
            {
                "tenant": tenant_id,
                "breach": breach_id,
                "learned": learned,
                "within": record.BOARD_WITHIN,
                "began": times.get("began_at"),
                "ended": times.get("ended_at"),
                "form": record.sealed(keys, breach_id, form),
                "by": actor.name,
            },
        )
        record.enter(connection, tenant_id, breach_id, "registered", actor=actor, details={"fields": sorted(fields)})
        return record.read(connection, tenant_id, breach_id)


def update(
    database: Database,
    keyring: Keyring,
    tenant_id: str,
    breach_id: UUID,
    *,
    fields: Mapping[str, Any],
    actor: Actor,
    version: int | None = None,
) -> Breach:
    """Fill in fields of the form, `began_at` and `ended_at`; null takes one back.

    `version` is the one that the caller saw: HubError `version_differs` if anything was done since. HubError
    `breach_unknown`, `breach_closed`, `breach_times_wrong`; `InvalidInput`.
    """
    keys = keyring.tenant(tenant_id)
    times, rest = _apart(fields)
    with database.tenant(tenant_id, "app") as connection:
        breach = _open(connection, tenant_id, breach_id)
        if version is not None and version != breach.version:
            raise HubError("version_differs")
        form = merged(record.read_form(connection, keys, breach_id), rest)
        began, ended = times.get("began_at", breach.began_at), times.get("ended_at", breach.ended_at)
        _check_times(began, ended, breach.learned_at)
        connection.execute(
            "UPDATE hub.breaches SET form_cipher = %s, began_at = %s, ended_at = %s"
            " WHERE tenant_id = %s AND breach_id = %s",
            (record.sealed(keys, breach_id, form), began, ended, tenant_id, breach_id),
        )
        record.enter(connection, tenant_id, breach_id, "updated", actor=actor, details={"fields": sorted(fields)})
        return record.read(connection, tenant_id, breach_id)


def tell_board(
    database: Database,
    keyring: Keyring,
    tenant_id: str,
    breach_id: UUID,
    *,
    stage: Stage,
    at: datetime | None,
    evidence_ref: str,
    actor: Actor,
    now: datetime | None = None,
) -> Breach:
    """Note that the Board was told. The first time stops the clock; what was missing follows in further notices.

    `evidence_ref` is a reference. `InvalidInput`; HubError `breach_unknown`, `breach_closed`, `breach_told_already`,
    `breach_not_told`, `breach_told_when_wrong`, `breach_delay_unexplained`.
    """
    require_reference("evidence_ref", evidence_ref)
    keys = keyring.tenant(tenant_id)
    with database.tenant(tenant_id, "app") as connection:
        breach = _open(connection, tenant_id, breach_id)
        moment = record.clock(connection, now)
        told = at or moment
        if (stage == "initial") != (breach.state == "open"):
            raise HubError("breach_told_already" if stage == "initial" else "breach_not_told", breach=str(breach_id))
        if not (breach.board_notified_at or breach.learned_at) <= told <= moment:
            raise HubError("breach_told_when_wrong")
        form = record.read_form(connection, keys, breach_id)
        late = stage == "initial" and told > breach.board_due_at
        if late and form.delay_reason is None:
            raise HubError("breach_delay_unexplained", breach=str(breach_id))
        connection.execute(
            "UPDATE hub.breaches SET state = %s, board_notified_at = coalesce(board_notified_at, %s)"
            " WHERE tenant_id = %s AND breach_id = %s",
            ("notified" if stage == "initial" else "followed_up", told, tenant_id, breach_id),
        )
        noted = record.read(connection, tenant_id, breach_id)
        details = {
            "stage": stage,
            "told_at": told.isoformat(),
            "evidence_ref": evidence_ref,
            "late": late,
            "missing": list(noted.missing(form, moment)),
        }
        record.enter(connection, tenant_id, breach_id, "board_told", actor=actor, details=details)
        return noted


def close(
    database: Database,
    tenant_id: str,
    breach_id: UUID,
    *,
    false_alarm: bool,
    actor: Actor,
    now: datetime | None = None,
) -> Breach:
    """Close the matter: the Board and every person concerned were told, or it turned out to be no breach at all.

    HubError `breach_unknown`, `breach_closed`, `breach_board_not_told`, `breach_persons_not_told`,
    `breach_no_false_alarm` when the Board was told of it.
    """
    with database.tenant(tenant_id, "app") as connection:
        breach = _open(connection, tenant_id, breach_id)
        if false_alarm and breach.state != "open":
            raise HubError("breach_no_false_alarm", breach=str(breach_id))
        if not false_alarm:
            _require_told(connection, tenant_id, breach)
        connection.execute(
            "UPDATE hub.breaches SET state = 'closed', closed_at = %s WHERE tenant_id = %s AND breach_id = %s",
            (record.clock(connection, now), tenant_id, breach_id),
        )
        record.enter(connection, tenant_id, breach_id, "closed", actor=actor, details={"false_alarm": false_alarm})
        return record.read(connection, tenant_id, breach_id)


def _require_told(connection: Connection, tenant_id: str, breach: Breach) -> None:
    if breach.state == "open":
        raise HubError("breach_board_not_told", breach=str(breach.breach_id))
    row = connection.execute(
        "SELECT count(*) FROM hub.breach_subjects WHERE tenant_id = %s AND breach_id = %s AND told_at IS NULL",
        (tenant_id, breach.breach_id),
    ).fetchone()
    waiting = int(row[0]) if row else 0
    if waiting or breach.persons_notified_at is None:
        raise HubError("breach_persons_not_told", breach=str(breach.breach_id), count=waiting)


def _open(connection: Connection, tenant_id: str, breach_id: UUID) -> Breach:
    breach = record.read(connection, tenant_id, breach_id, locked=True)
    if breach.state == "closed":
        raise HubError("breach_closed", breach=str(breach_id))
    return breach


def _least(learned_at: datetime | None, fields: Mapping[str, Any]) -> datetime:
    """When the controller learned of it. `InvalidInput` where that is missing, or every word on what happened."""
    problems: list[Problem] = []
    if learned_at is None:
        problems.append(Problem("learned_at", "field_missing"))
    if not any(fields.get(name) for name in WHAT_HAPPENED):
        problems.append(Problem(WHAT_HAPPENED[0], "field_one_at_least", {"fields": ", ".join(WHAT_HAPPENED)}))
    if learned_at is None or problems:
        raise InvalidInput(problems)
    return learned_at


def _apart(fields: Mapping[str, Any]) -> tuple[dict[str, datetime | None], dict[str, Any]]:
    """The times, read, and the form's fields. `InvalidInput` for a time that is none."""
    from hub.kvkk.breach.times import Times
    from hub.validation import checked

    stated = {name: value for name, value in fields.items() if name in TIMES}
    read = checked(Times, {name: value for name, value in stated.items() if value is not None})
    times: dict[str, datetime | None] = {name: getattr(read, name) for name in stated}
    return times, {name: value for name, value in fields.items() if name not in TIMES}


def _check_times(began: datetime | None, ended: datetime | None, learned: datetime) -> None:
    if began is not None and (began > learned or (ended is not None and ended < began)):
        raise HubError("breach_times_wrong")
