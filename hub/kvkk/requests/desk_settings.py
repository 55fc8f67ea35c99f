"""What a tenant decides about its desk: keys of `hub.tenants.settings`, each with the law's default.

`request_answer_days` (1 to 30: a tenant may promise less time, never take more), `request_clock_starts` (`receipt` or
`identity`), `dpo_email` (where warnings go; a mailbox of the office rather than a person's).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, cast, get_args

from hub.errors import HubError
from hub.i18n import parse_language
from hub.kvkk import audit
from hub.kvkk.clocks import ANSWER_CLOCK_STARTS, ANSWER_DAYS, ClockStart
from hub.validation import InvalidInput, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hub.db.database import Connection, Database
    from hub.i18n import Language
    from hub.kvkk.audit import Actor

LONGEST_ADDRESS = 254
"""Characters of an address in an SMTP command (RFC 5321, section 4.5.3.1.3, without its brackets)."""


@dataclass(frozen=True)
class DeskSettings:
    """A tenant's choices, checked; an address only where a mail is sent: no application waits for a mailbox."""

    answer_days: int
    clock_starts: ClockStart
    dpo_email: str | None
    language: Language
    tenant_name: str


@dataclass(frozen=True)
class DeskChoices:
    """What a tenant may choose, by the keys under which it stands; the law's default where it chose nothing."""

    request_answer_days: int = ANSWER_DAYS
    request_clock_starts: ClockStart = ANSWER_CLOCK_STARTS
    dpo_email: str | None = None

    def fields(self) -> dict[str, Any]:
        """By name, for `If-Match`."""
        return asdict(self)


_DEFAULTS = DeskChoices().fields()


def read_settings(connection: Connection, tenant_id: str) -> DeskSettings:
    """From the tenant's row, in a transaction of its scope. HubError `tenant_setting_wrong`, naming the key."""
    row = connection.execute(
        "SELECT settings, language, name FROM hub.tenants WHERE tenant_id = %s", (tenant_id,)
    ).fetchone()
    if row is None:
        raise HubError("tenant_unknown", tenant=tenant_id)
    chosen = _chosen(tenant_id, cast("Mapping[str, Any]", row[0]))
    return DeskSettings(
        chosen.request_answer_days,
        chosen.request_clock_starts,
        chosen.dpo_email,
        parse_language(str(row[1])) or "tr",
        str(row[2]),
    )


def of_tenant(database: Database, tenant_id: str) -> DeskChoices:
    """What a tenant chose. HubError `tenant_unknown`, `tenant_setting_wrong`."""
    with database.tenant(tenant_id, "app") as connection:
        return _chosen(tenant_id, _stored(connection, tenant_id))


def change(
    database: Database,
    tenant_id: str,
    changes: Mapping[str, Any],
    *,
    actor: Actor,
    seen: Mapping[str, Any] | None = None,
) -> DeskChoices:
    """Put these values in the place of what was chosen; None takes a choice back, what is not named stays.

    `seen` is what the caller read before (`fields`): HubError `version_differs` if somebody changed it since.
    `InvalidInput` names every value that is wrong; HubError `tenant_unknown`. The days hold for applications that come
    in from then on. The log gets the names of what changed: an address may name a person.
    """
    from psycopg.types.json import Jsonb

    problems = [
        Problem(name, "field_unknown", {"known": ", ".join(_DEFAULTS)}) for name in changes if name not in _DEFAULTS
    ]
    given = {name: value for name, value in changes.items() if value is not None}
    if email := given.get("dpo_email"):
        given["dpo_email"] = email.strip() if isinstance(email, str) else email
    problems += _problems(given)
    if problems:
        raise InvalidInput(problems)
    with database.tenant(tenant_id, "app") as connection:
        before = _stored(connection, tenant_id, locked=True)
        if seen is not None and dict(seen) != _chosen(tenant_id, before).fields():
            raise HubError("version_differs")
        after = {name: value for name, value in before.items() if name not in changes} | given
        changed = sorted(name for name in changes if before.get(name) != after.get(name))
        if changed:
            connection.execute(
                "UPDATE hub.tenants SET settings = (settings - %s::text[]) || %s WHERE tenant_id = %s",
                (list(_DEFAULTS), Jsonb({name: after[name] for name in _DEFAULTS if name in after}), tenant_id),
            )
            entry = audit.Entry(actor, "tenant.desk_changed", f"tenant:{tenant_id}", details={"fields": changed})
            audit.append(connection, tenant_id, entry)
        return _chosen(tenant_id, after)


def _stored(connection: Connection, tenant_id: str, *, locked: bool = False) -> dict[str, Any]:
    row = connection.execute(
        "SELECT settings FROM hub.tenants WHERE tenant_id = %s" + (" FOR NO KEY UPDATE" if locked else ""),  # noqa: S608 - our own text
        (tenant_id,),
    ).fetchone()
    if row is None:
        raise HubError("tenant_unknown", tenant=tenant_id)
    return dict(row[0])


def _chosen(tenant_id: str, stored: Mapping[str, Any]) -> DeskChoices:
    """What stands there. An address of any form: whoever mails looks at it, and no application waits for it."""
    for problem in _problems({name: value for name, value in stored.items() if name != "dpo_email"}):
        raise HubError("tenant_setting_wrong", key=problem.field, tenant=tenant_id)
    email = stored.get("dpo_email")
    return DeskChoices(
        stored.get("request_answer_days", ANSWER_DAYS),
        stored.get("request_clock_starts", ANSWER_CLOCK_STARTS),
        None if email is None else str(email),
    )


def _problems(given: Mapping[str, Any]) -> list[Problem]:
    from hub.mail.server import is_address

    found: list[Problem] = []
    days = given.get("request_answer_days", ANSWER_DAYS)
    if not isinstance(days, int) or isinstance(days, bool) or not 1 <= days <= ANSWER_DAYS:
        found.append(Problem("request_answer_days", "field_between", {"least": 1, "most": ANSWER_DAYS}))
    words = get_args(ClockStart)
    if given.get("request_clock_starts", ANSWER_CLOCK_STARTS) not in words:
        found.append(Problem("request_clock_starts", "field_not_in_list", {"expected": ", ".join(words)}))
    if "dpo_email" in given:
        email = given["dpo_email"]
        if not isinstance(email, str) or len(email) > LONGEST_ADDRESS or not is_address(email):
            found.append(Problem("dpo_email", "mail_address_malformed"))
    return found
