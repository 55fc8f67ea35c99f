"""Nilvera's answers about a document as the neutral status."""

from __future__ import annotations

from typing import Any

from connectors.einvoice.contract import Answered, State, Status
from connectors.einvoice.gib import standing
from connectors.nilvera.client import record

_WORDS: dict[str, State] = {"waiting": "pending", "succeed": "delivered", "error": "failed", "unknown": "pending"}
_ANSWERS: dict[str, Answered] = {
    "unknown": "none",
    "waitingForApproval": "waiting",
    "approved": "accepted",
    "rejected": "rejected",
    "documentAnsweredAutomatically": "implied",
}
_ANSWERABLE = ("TICARIFATURA", "IHRACAT")


def of_einvoice(document: Any) -> Status:
    """From `GET /einvoice/Sale/{UUID}/Status`. Raises `ProviderFailure` answer_malformed."""
    found = record(document)
    word = str(record(found.get("InvoiceStatus") or {}).get("Code") or "unknown")
    code = gib_code(record(found.get("EnvelopeInfo") or {}).get("GIBCode"))
    answer = answered(found)
    return Status(_state(word, code), gib_code=code, code=word.upper(), answer=answer)


def of_earchive(document: Any) -> Status:
    """From `GET /earchive/Invoices/{UUID}/Status`. Raises `ProviderFailure` answer_malformed."""
    found = record(document)
    word = str(found.get("StatusCode") or "unknown")
    return Status(
        _WORDS.get(word, "pending"),
        code=word.upper(),
        reported=found.get("ReportStatus") == "Reported",
        cancelled=found.get("CancelStatus") is True,
    )


def answered(document: Any) -> Answered:
    """What a document was answered with; a profile that knows no answers has `none`."""
    found = record(document)
    said = _ANSWERS.get(str(record(found.get("Answer") or {}).get("AnswerCode") or "unknown"), "none")
    if said == "waiting" and found.get("InvoiceProfile") not in _ANSWERABLE:
        return "none"
    return said


def answer_code(value: object) -> Answered:
    """The same from a row of a list, where the code stands alone."""
    return _ANSWERS.get(str(value), "none")


def gib_code(value: object) -> int | None:
    """GİB's code: a number in some answers, text in others; None before there is an envelope."""
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return int(text) if text.isdecimal() and int(text) > 0 else None


def _state(word: str, code: int | None) -> State:
    """The integrator says what failed, GİB's code what is done.

    An envelope that failed for good may be sent anew by the integrator: until it says "error", nothing failed.
    """
    meaning = None if code is None else standing(code)
    if meaning == "already_there":
        return "pending"
    if meaning == "done":
        return "delivered"
    said = _WORDS.get(word, "pending")
    return "pending" if said == "delivered" and meaning is not None else said
