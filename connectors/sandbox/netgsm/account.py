"""The account: sender names, balance, incoming SMS, and where pushes go."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from connectors.istanbul import ISTANBUL
from connectors.sandbox.netgsm.desk import headers_of
from connectors.sandbox.netgsm.envelope import dump, refusal, success
from connectors.sandbox.netgsm.pushes import address_name
from connectors.sandbox.netgsm.reporting import local

if TYPE_CHECKING:
    from connectors.sandbox.netgsm.desk import Call, Desk

_LONGEST_INBOX = timedelta(days=30)
_SMS_BOUGHT = 100_000


def headers(desk: Desk, call: Call) -> Response:
    """GET /sms/rest/v2/msgheader."""
    return success({"msgheaders": headers_of(desk.world, call.company)})


def balance(desk: Desk, call: Call) -> Response:
    """POST /balance: credit with a decimal comma and a code, packages without one; amounts as numbers or texts."""
    what = str(call.body.get("stip"))
    if what == "2":
        return success({"balance": "2,7"})
    if what not in ("1", "3"):
        return refusal("70")
    used = sum(message.parts for message in desk.of_company(call.company) if message.kind == "sms")
    packages: list[dict[str, Any]] = [
        {"amount": _SMS_BOUGHT - used, "balance_name": "Adet SMS"},
        {"amount": "1000", "balance_name": "Adet OTP Sms"},
    ]
    return _plain({"balance": packages})


def inbox(desk: Desk, call: Call) -> Response:
    """GET /sms/rest/v2/inbox: with dates as often as one likes, without them once and never again."""
    start, stop = call.query.get("startdate"), call.query.get("stopdate")
    now = desk.world.clock.now()
    with desk.lock:
        found = [each for each in desk.incoming(call.company) if each.at <= now]
        if start is None and stop is None:
            for each in found:
                each.gone = True
        else:
            first, last = _time(start), _time(stop)
            if first is None or last is None or not first <= last <= first + _LONGEST_INBOX:
                return refusal("70")
            found = [each for each in found if first <= each.at <= last]
    if not found:
        return refusal("40")
    receiver = headers_of(desk.world, call.company)[-1]
    rows = [
        {"message": each.text, "sender": f"90{each.sender}", "receiver": receiver, "datetime": local(each.at)}
        for each in found
    ]
    return success({"messages": rows})


def hook(what: str) -> Callable[[Desk, Call], Response]:
    """POST /sms/rest/v2/inboxwebhook and /reportwebhook."""

    def register(desk: Desk, call: Call) -> Response:
        url = call.body.get("webhookUrl")
        if not isinstance(url, str) or not url.startswith(("https://", "http://127.0.0.1:")):
            return refusal("70")
        desk.hooked.add((call.company, what))
        desk.world.hooks.subscribe(address_name(what, own=True), call.company, url)
        return success({"description": "success"})

    return register


def unhook(what: str) -> Callable[[Desk, Call], Response]:
    """DELETE of the same."""

    def remove(desk: Desk, call: Call) -> Response:
        if (call.company, what) not in desk.hooked:
            return refusal("60")
        desk.hooked.discard((call.company, what))
        return success({"description": "success"})

    return remove


def _plain(document: dict[str, Any]) -> Response:
    return Response(dump(document), media_type="application/json")


def _time(value: str | None) -> datetime | None:
    """`ddMMyyyyHHmmss` or `ddMMyyyyHHmm`."""
    if value is None or not re.fullmatch(r"[0-9]{12}([0-9]{2})?", value):
        return None
    form = "%d%m%Y%H%M%S" if len(value) == 14 else "%d%m%Y%H%M"
    try:
        return datetime.strptime(value, form).replace(tzinfo=ISTANBUL).astimezone(UTC)
    except ValueError:
        return None
