"""The gateway's call that a report is ready. Everything here is the hub's own assumption (the sheet, section 4.1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from connectors.actions import Found
from connectors.webhook_bodies import first_of, object_of, signed
from connectors.webhooks import (
    Account,
    AskAbout,
    Call,
    CallMalformed,
    Meaning,
    ReadAgain,
    Standing,
    StateHeard,
    Verdict,
    WebhookEvent,
    WebhookSource,
    kind_of,
)

HEADER = "x-signature"
KEY = "client_secret"
"""Assumed: the sheet names the method and no key, and the account has no other secret."""
SENT_WITHIN = timedelta(days=2)
"""Assumed: it tries for 24 hours; the rest is for clocks that are wrong by hours, zones forgotten and the like."""
_STATES: dict[str, Literal["accepted", "delivered", "failed"]] = {
    "PENDING": "accepted",
    "READY": "delivered",
    "NO_RECORD": "failed",
    "REJECTED": "failed",
}
_MOST_OF_A_REFERENCE = 40
"""Of ours: letters and digits. A longer or another one is the tenant's own."""


def verify(call: Call, account: Account) -> Verdict:
    """HMAC-SHA256 of the body in hex, with or without `sha256=` before it."""
    given = call.headers.get(HEADER, "").strip().removeprefix("sha256=")
    if not given:
        return "missing"
    return "verified" if signed(account.credentials.get(KEY), call.body, given) else "wrong"


def events(call: Call) -> Sequence[WebhookEvent]:
    """One a call, by its eventId."""
    fields = object_of(call.body)
    identity = first_of(fields, "eventId")
    if not identity or not first_of(fields, "reportId"):
        raise CallMalformed("no report")
    return [WebhookEvent(identity, kind_of(first_of(fields, "event", "type") or "findeks.report.ready"), call.body)]


def meanings(event: WebhookEvent, standing: Standing) -> Sequence[Meaning]:
    """What became of the order, and that there is a report to read."""
    fields = object_of(event.body)
    report, status = first_of(fields, "reportId"), first_of(fields, "status")
    named = first_of(fields, "customerRef")
    ours = named if named.isascii() and named.isalnum() and len(named) <= _MOST_OF_A_REFERENCE else None
    state = _STATES.get(status)
    if state is None or not standing.verified:
        return [AskAbout(ours, report), ReadAgain()]
    return [StateHeard(Found(state, report, status if state == "failed" else None), ours), ReadAgain()]


def said_at(body: bytes) -> datetime | None:
    """`occurredAt`; None where there is none with a zone."""
    try:
        at = datetime.fromisoformat(first_of(object_of(body), "occurredAt"))
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


WEBHOOKS = WebhookSource(
    provider="findeks", verify=verify, events=events, meanings=meanings, said_at=said_at, sent_within=SENT_WITHIN
)
