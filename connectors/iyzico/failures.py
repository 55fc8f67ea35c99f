"""What iyzico's answers mean. It says success or failure in the field `status`, often under HTTP 200."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.classify import (
    ACCOUNT_FROZEN,
    CREDENTIALS_REJECTED,
    PROVIDER_ERROR,
    RATE_LIMITED,
    REQUEST_REFUSED,
    CodeTable,
    Verdict,
)
from connectors.decode import decode_json
from connectors.failure import ProviderFailure
from connectors.iyzico.settings import SYSTEM_ERROR_CODES

if TYPE_CHECKING:
    from connectors.http import Answer

_DECLINED = ("10051", "10005", "10012", "10041", "10043", "10054", "10084", "10057", "10058", "10034", "10093")
REFUND_LATER = "10246"
BANK_TROUBLE = ("10214", "10219", "10228", "10240", "10241", "10242", REFUND_LATER)
UNKNOWN_OUTCOME = ("10202", "10204", "10236")
TOO_MANY_REQUESTS = "50000"


def _entries() -> dict[str, Verdict]:
    # Codes below 1000 say that a field of ours is missing or malformed.
    entries = {str(code): REQUEST_REFUSED for code in range(1, 1000)}
    entries |= dict.fromkeys(SYSTEM_ERROR_CODES, PROVIDER_ERROR)
    entries |= dict.fromkeys(("1000", "1001"), CREDENTIALS_REJECTED)
    entries |= dict.fromkeys(("3005", "5062", "5079", "5184", *_DECLINED), REQUEST_REFUSED)
    entries |= dict.fromkeys((*BANK_TROUBLE, *UNKNOWN_OUTCOME), PROVIDER_ERROR)
    return entries | {"9000": ACCOUNT_FROZEN, TOO_MANY_REQUESTS: RATE_LIMITED}


CODES = CodeTable(_entries())


def read_answer(answer: Answer) -> dict[str, Any]:
    """The document of a successful answer. Raises `ProviderFailure` for every other one."""
    of_status = answer.failure_of_status()
    if of_status is not None and (answer.status >= 500 or answer.status == 429 or 300 <= answer.status < 400):
        raise of_status
    document = _document(answer) if of_status is None else readable_document(answer)
    if document is None:
        raise of_status or ProviderFailure("transient", "answer_malformed", status=answer.status)
    status = document.get("status")
    if status == "success":
        return document
    failure = _failure(answer, document) if status == "failure" else None
    raise failure or of_status or ProviderFailure("transient", "answer_malformed", status=answer.status)


def _failure(answer: Answer, document: dict[str, Any]) -> ProviderFailure | None:
    code = document.get("errorCode")
    if isinstance(code, str | int) and not isinstance(code, bool):
        return CODES.failure(str(code), status=answer.status, retry_after=answer.retry_after)
    if answer.status < 400:
        return ProviderFailure("transient", "provider_error", status=answer.status)
    return None


def _document(answer: Answer) -> dict[str, Any] | None:
    document: Any = decode_json(answer.content)
    return document if isinstance(document, dict) else None  # pyright: ignore[reportUnknownVariableType]


def readable_document(answer: Answer) -> dict[str, Any] | None:
    """As `_document`, but a body nobody can read leaves the word to the HTTP status."""
    try:
        return _document(answer)
    except ProviderFailure:
        return None
