"""What GİB's system-response codes mean for an invoice: wait, done, repair, or send the same number once more.

Getting one of them wrong doubles an invoice or loses one. A document that was once taken is never renumbered: 1163
("the invoice is registered already") says that it is there, not that it failed. Source: GİB, Ek-2 Sistem Yanıtı v1.5.
"""

from __future__ import annotations

from typing import Literal

Standing = Literal["pending", "done", "already_there", "repair", "again", "same_number", "person"]
"""
| standing | what it means for the document |
| --- | --- |
| `pending` | on its way; sending it again would only bring 1163 |
| `done` | with the receiver, for good |
| `already_there` | GİB holds this invoice: reconcile by ETTN, never renumber |
| `repair` | this envelope is dead: put right what is wrong, send in a new envelope, same number and ETTN |
| `again` | GİB's own fault: the same envelope may be sent again |
| `same_number` | delivery was given up: the same invoice, same number, may be sent again |
| `person` | nothing that a program may decide |
"""

Resend = Literal["no", "after_repair", "again", "same_number"]

DONE = 1300
ALREADY_THERE = (1163, 1164)
PENDING = (1000, 1100, 1200, 1210, 1220)
AGAIN = (1190, 1191, 1195)
"""1191 stands in the schematron's list and in no text; it is taken for its neighbours' kind."""
SAME_NUMBER = (1215, 1230)
REPAIR = (
    *(1110, 1111, 1120, 1130, 1131, 1132, 1133, 1140, 1141, 1142, 1143, 1150, 1160, 1161, 1162),
    *(1170, 1171, 1172, 1175, 1176, 1177, 1180, 1181, 1182, 1183),
)
UNDER_CANCELLATION = 1235

_STANDINGS: dict[int, Standing] = {
    DONE: "done",
    UNDER_CANCELLATION: "person",
    **dict.fromkeys(ALREADY_THERE, "already_there"),
    **dict.fromkeys(PENDING, "pending"),
    **dict.fromkeys(REPAIR, "repair"),
    **dict.fromkeys(AGAIN, "again"),
    **dict.fromkeys(SAME_NUMBER, "same_number"),
}
CODES = tuple(sorted(_STANDINGS))

_RESEND: dict[Standing, Resend] = {"repair": "after_repair", "again": "again", "same_number": "same_number"}


def standing(code: int) -> Standing:
    """What a code means. One that nobody listed is waited out: failing a document unread could double it."""
    return _STANDINGS.get(code, "pending")


def resend(code: int) -> Resend:
    """Whether the document may be sent again under its number, and when."""
    return _RESEND.get(standing(code), "no")
