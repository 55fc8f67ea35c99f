"""What a tenant decides about its desk: keys of `hub.tenants.settings`, each with the law's default.

`request_answer_days` (1 to 30: a tenant may promise less time, never take more), `request_clock_starts` (`receipt` or
`identity`), `dpo_email` (where warnings go; a mailbox of the office rather than a person's).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast, get_args

from hub.errors import HubError
from hub.i18n import parse_language
from hub.kvkk.clocks import ANSWER_CLOCK_STARTS, ANSWER_DAYS, ClockStart

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hub.db.database import Connection
    from hub.i18n import Language


@dataclass(frozen=True)
class DeskSettings:
    """A tenant's choices, checked; an address only where a mail is sent: no application waits for a mailbox."""

    answer_days: int
    clock_starts: ClockStart
    dpo_email: str | None
    language: Language
    tenant_name: str


def read_settings(connection: Connection, tenant_id: str) -> DeskSettings:
    """From the tenant's row, in a transaction of its scope. HubError `tenant_setting_wrong`, naming the key."""
    row = connection.execute(
        "SELECT settings, language, name FROM hub.tenants WHERE tenant_id = %s", (tenant_id,)
    ).fetchone()
    if row is None:
        raise HubError("tenant_unknown", tenant=tenant_id)
    chosen = cast("Mapping[str, Any]", row[0])
    days = chosen.get("request_answer_days", ANSWER_DAYS)
    if not isinstance(days, int) or isinstance(days, bool) or not 1 <= days <= ANSWER_DAYS:
        raise HubError("tenant_setting_wrong", key="request_answer_days", tenant=tenant_id)
    starts = chosen.get("request_clock_starts", ANSWER_CLOCK_STARTS)
    if starts not in get_args(ClockStart):
        raise HubError("tenant_setting_wrong", key="request_clock_starts", tenant=tenant_id)
    email = chosen.get("dpo_email")
    return DeskSettings(
        days,
        cast("ClockStart", starts),
        None if email is None else str(email),
        parse_language(str(row[1])) or "tr",
        str(row[2]),
    )
