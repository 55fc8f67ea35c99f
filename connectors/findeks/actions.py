"""What the hub does at a Findeks gateway: it orders a report, after the conversation in ordering.py.

The payload names the gateway's consent and no person: neither identity number nor PIN is kept anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from connectors.actions import ActionKind, Cost, Problem
from connectors.findeks.orders import open_orders
from connectors.findeks.settings import (
    ORDER_ASKING,
    ORDER_POLLS_AFTER,
    ORDER_SETTLES_AFTER,
    ORDERABLE,
    REPORT_CURRENCY,
    FindeksSettings,
)

if TYPE_CHECKING:
    from connectors.actions import Payload

_FIELDS = ("consent_id", "report_type")
_CONSENT = re.compile(r"[A-Za-z0-9_.-]{1,64}")


def _check(payload: Payload) -> Sequence[Problem]:
    problems = [
        Problem(name, "field_unknown", {"known": ", ".join(_FIELDS)}) for name in payload if name not in _FIELDS
    ]
    problems += [Problem(name, "field_missing") for name in _FIELDS if payload.get(name) is None]
    consent, report = (payload.get(name) for name in _FIELDS)
    if consent is not None and not (isinstance(consent, str) and _CONSENT.fullmatch(consent)):
        problems.append(Problem("consent_id", "field_wrong"))
    if report is not None and report not in ORDERABLE:
        problems.append(Problem("report_type", "field_not_in_list", {"expected": ", ".join(ORDERABLE)}))
    return problems


def _cost(_payload: Payload, settings: Mapping[str, Any]) -> Cost:
    return Cost(units=1, amount=FindeksSettings.of(settings).report_price, currency=REPORT_CURRENCY)


REPORT = ActionKind(
    name="findeks.report",
    provider="findeks",
    title="Findeks report",
    check=_check,
    open=open_orders,
    asking=ORDER_ASKING,
    settles_after=ORDER_SETTLES_AFTER,
    polls_after=ORDER_POLLS_AFTER,
    cost=_cost,
    costs=True,
    summary=lambda payload: {"report_type": payload["report_type"]},
)

KINDS: tuple[ActionKind, ...] = (REPORT,)
