"""Whose card a number is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.sandbox.iyzico.envelope import failure, success

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.sandbox.iyzico.desk import Call, Desk

_BANKS = {"552608": ("MASTER_CARD", "Axess", "Akbank", 46), "554960": ("MASTER_CARD", "Bonus", "Garanti BBVA", 62)}


def bin_check(desk: Desk, call: Call) -> Response:
    """POST /payment/bin/check, with six or eight digits."""
    number = str(call.body.get("binNumber") or "")
    conversation_id = call.body.get("conversationId")
    if not number.isdigit() or len(number) not in (6, 8):
        return failure(desk.world, "11", conversation_id=conversation_id)
    association, family, bank, code = _BANKS.get(number[:6], ("VISA", "Maximum", "İş Bankası", 64))
    content = {
        "binNumber": number[:6],
        "cardType": "CREDIT_CARD",
        "cardAssociation": association,
        "cardFamily": family,
        "bankName": bank,
        "bankCode": code,
        "commercial": 0,
    }
    return success(desk.world, content, conversation_id=conversation_id)
