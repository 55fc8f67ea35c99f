"""Whom a message goes to: a telephone number, or Meta's user id where the person hides the number.

Since April 2026 people with a user name may be known by `user_id` alone (BSUID: country, dot, letters and digits).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from connectors.actions import Payload, Recipient
from kvkk_policies.phone import canonical_phone

if TYPE_CHECKING:
    from connectors.whatsapp.checks import Reading

RECIPIENT_FIELDS = ("to", "user_id")
USER_ID = re.compile(r"[A-Z]{2}\.[A-Za-z0-9]{1,128}")


def check_recipient(reading: Reading) -> None:
    """Exactly one of `to` (a number in any spelling) and `user_id`."""
    match reading.one_of(*RECIPIENT_FIELDS):
        case "to":
            number = reading.text("to", most=40)
            if number is not None and canonical_phone(number) is None:
                reading.say("to", "whatsapp_phone")
        case "user_id":
            reading.matching("user_id", USER_ID, code="whatsapp_user_id")
        case _:
            pass


def recipient_of(payload: Payload) -> Recipient | None:
    """The recipient in its canonical form; None when the payload names none."""
    number, user_id = payload.get("to"), payload.get("user_id")
    if isinstance(number, str):
        canonical = canonical_phone(number)
        return None if canonical is None else Recipient("phone", canonical)
    return Recipient("whatsapp_user", user_id) if isinstance(user_id, str) else None


def addressed(payload: Payload) -> dict[str, Any]:
    """How Meta wants the recipient: `to` as digits without the plus, or `recipient` with the user id."""
    recipient = recipient_of(payload)
    if recipient is None:
        return {}
    if recipient.kind == "phone":
        return {"to": recipient.value.removeprefix("+")}
    return {"recipient": recipient.value}
