"""What a tenant decides about its messages: the key `messaging` of `hub.tenants.settings`.

Quiet hours hold for commercial messages, by channel, in Istanbul's time. A commercial message must say who sends it and
how to refuse (law 6563 art. 6, kvkk.md section 9): without a title and an opt-out text none is made.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

from connectors.istanbul import ISTANBUL
from hub.errors import HubError
from hub.kvkk import audit
from hub.validation import InvalidInput, Problem

if TYPE_CHECKING:
    from hub.db.database import Connection, Database
    from hub.kvkk.audit import Actor

Channel = Literal["sms", "whatsapp", "email", "call"]
CHANNELS: tuple[Channel, ...] = get_args(Channel)

SETTING = "messaging"
LONGEST_TEXT = 160
"""Characters of the opt-out text and of the title: an SMS is paid for by the part."""

_HOURS = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])")
_MERSIS = re.compile(r"[0-9]{16}")
_TEXTS = ("opt_out_text", "sender_title")
_KEYS = frozenset({"quiet_hours", "mersis", *_TEXTS})


@dataclass(frozen=True)
class QuietHours:
    """From when until when nothing commercial is sent, by Istanbul's clock; `until` before `since` passes midnight."""

    since: time
    until: time

    def __str__(self) -> str:
        return f"{self.since:%H:%M}-{self.until:%H:%M}"


@dataclass(frozen=True)
class MessagingSettings:
    """A tenant's choices, checked."""

    quiet_hours: Mapping[str, QuietHours] = field(default_factory=dict[str, QuietHours])
    opt_out_text: str | None = None
    sender_title: str | None = None
    mersis: str | None = None

    @property
    def closing(self) -> str | None:
        """What ends every commercial message: who sends it and how to refuse; None while one of them is missing."""
        if not self.sender_title or not self.opt_out_text:
            return None
        title = f"{self.sender_title} MERSIS {self.mersis}" if self.mersis else self.sender_title
        return f"{self.opt_out_text} {title}"

    def stored(self) -> dict[str, Any]:
        """As it stands in the tenant's settings."""
        found: dict[str, Any] = {name: getattr(self, name) for name in (*_TEXTS, "mersis")}
        found["quiet_hours"] = {channel: str(hours) for channel, hours in self.quiet_hours.items()}
        return {name: value for name, value in found.items() if value}


def next_allowed(now: datetime, quiet: QuietHours | None) -> datetime:
    """The first moment from `now` on (aware) at which a commercial message may go out; `now` itself outside them."""
    if quiet is None:
        return now
    local = now.astimezone(ISTANBUL)
    moment = local.time()
    if quiet.since < quiet.until:
        inside = quiet.since <= moment < quiet.until
        day = local.date()
    else:
        inside = moment >= quiet.since or moment < quiet.until
        day = local.date() + timedelta(days=1) if moment >= quiet.since else local.date()
    if not inside:
        return now
    return datetime.combine(day, quiet.until, ISTANBUL).astimezone(UTC)


def parsed(given: Mapping[str, Any]) -> MessagingSettings:
    """The settings that these values are; `InvalidInput` names every one that is wrong."""
    problems = [Problem(name, "field_unknown", {"known": ", ".join(sorted(_KEYS))}) for name in given.keys() - _KEYS]
    texts: dict[str, str] = {}
    for name in (*_TEXTS, "mersis"):
        value = given.get(name)
        if not value:
            continue
        if name == "mersis" and not (isinstance(value, str) and _MERSIS.fullmatch(value)):
            problems.append(Problem(name, "field_not_mersis"))
        elif not isinstance(value, str) or len(value) > LONGEST_TEXT or "\n" in value:
            problems.append(Problem(name, "field_too_long", {"max_length": LONGEST_TEXT}))
        else:
            texts[name] = " ".join(value.split())
    quiet = _quiet_hours(given.get("quiet_hours") or {}, problems)
    if problems:
        raise InvalidInput(problems)
    return MessagingSettings(quiet_hours=quiet, **texts)


def read(connection: Connection, tenant_id: str) -> MessagingSettings:
    """A tenant's choices, in a transaction of its scope. HubError `tenant_unknown`, `tenant_setting_wrong`."""
    return _read(connection, tenant_id, locked=False)


def of_tenant(database: Database, tenant_id: str) -> MessagingSettings:
    """The same in a transaction of its own."""
    with database.tenant(tenant_id, "app") as connection:
        return read(connection, tenant_id)


def change(
    database: Database,
    tenant_id: str,
    changes: Mapping[str, Any],
    *,
    actor: Actor = audit.SYSTEM,
    seen: Mapping[str, Any] | None = None,
) -> MessagingSettings:
    """Put these values in the place of what was there; an empty one takes it away. `InvalidInput`.

    Of the quiet hours only the channels named change. `seen` is what the caller read before (`stored`): HubError
    `version_differs` if somebody changed it since.
    """
    from psycopg.types.json import Jsonb

    with database.tenant(tenant_id, "app") as connection:
        before = _read(connection, tenant_id, locked=True).stored()
        if seen is not None and dict(seen) != before:
            raise HubError("version_differs")
        given: dict[str, Any] = {**before, **changes}
        hours = changes.get("quiet_hours")
        if isinstance(hours, Mapping):
            merged: dict[str, Any] = {**before.get("quiet_hours", {}), **cast("Mapping[str, Any]", hours)}
            given["quiet_hours"] = {channel: value for channel, value in merged.items() if value}
        after = parsed(given)
        connection.execute(
            "UPDATE hub.tenants SET settings = jsonb_set(settings, %s, %s) WHERE tenant_id = %s",
            ([SETTING], Jsonb(after.stored()), tenant_id),
        )
        entry = audit.Entry(
            actor, "tenant.messaging_changed", f"tenant:{tenant_id}", details={"fields": sorted(changes)}
        )
        audit.append(connection, tenant_id, entry)
    return after


def _read(connection: Connection, tenant_id: str, *, locked: bool) -> MessagingSettings:
    row = connection.execute(
        "SELECT settings -> %s FROM hub.tenants WHERE tenant_id = %s"  # noqa: S608 - our own text
        + (" FOR NO KEY UPDATE" if locked else ""),
        (SETTING, tenant_id),
    ).fetchone()
    if row is None:
        raise HubError("tenant_unknown", tenant=tenant_id)
    try:
        return parsed(cast("Mapping[str, Any]", row[0] or {}))
    except InvalidInput:
        raise HubError("tenant_setting_wrong", key=SETTING, tenant=tenant_id) from None


def _quiet_hours(given: object, problems: list[Problem]) -> dict[str, QuietHours]:
    found: dict[str, QuietHours] = {}
    for channel, text in (cast("Mapping[str, Any]", given) if isinstance(given, Mapping) else {"": given}).items():
        match = _HOURS.fullmatch(text) if isinstance(text, str) else None
        since, until = (
            (time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4]))) if match else (None,) * 2
        )
        if channel not in CHANNELS:
            problems.append(Problem("quiet_hours", "field_not_a_channel", {"known": ", ".join(CHANNELS)}))
        elif since is None or until is None or since == until:
            problems.append(Problem("quiet_hours", "field_not_hours"))
        else:
            found[channel] = QuietHours(since, until)
    return found
