"""What an answer to an act means: done, certainly not done, or nobody knows.

A wrong "certainly not" gives money back twice, a wrong "nobody knows" costs a question. So only what iyzico says in
words, under a code that names a refusal, is one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from connectors.actions import Outcome, Refused, Unclear
from connectors.attempt import refused_or_unclear
from connectors.classify import PROVIDER_ERROR, REQUEST_REFUSED, CodeTable, Verdict
from connectors.failure import ProviderFailure
from connectors.iyzico.failures import (
    BANK_TROUBLE,
    CODES,
    REFUND_LATER,
    TOO_MANY_REQUESTS,
    UNKNOWN_OUTCOME,
    readable_document,
)
from connectors.iyzico.settings import LIMIT_PAUSE, SYSTEM_ERROR_CODES

if TYPE_CHECKING:
    from connectors.http import Answer

_NOBODY_KNOWS = frozenset((*UNKNOWN_OUTCOME, *(set(BANK_TROUBLE) - {REFUND_LATER}), *SYSTEM_ERROR_CODES))
"""General errors, and a bank that did not answer iyzico: the money may have moved all the same."""
_FIRST_BANK_CODE = 10_000
"""From here on codes are a bank's; below, iyzico refused by itself, before any bank was asked."""

Read = Callable[[dict[str, Any]], Outcome]


def judged(answer: Answer, read: Read) -> Outcome:
    """The outcome of one attempt; `read` makes it from the document of a success.

    Raises `ProviderFailure` for an answer that cannot be made out, which leaves the outcome unclear.
    """
    of_status = answer.failure_of_status()
    document = readable_document(answer)
    if of_status is not None and (answer.status >= 500 or answer.status == 408 or 300 <= answer.status < 400):
        # A proxy's words, or an answer that came after the work: iyzico's own code would not tell either.
        return refused_or_unclear(answer) or Unclear(of_status)
    if document is not None and document.get("status") == "failure":
        return _worded(answer, document)
    if answer.status == 429:
        return Refused(_limited(answer))
    if of_status is not None:
        return Refused(of_status)
    if document is not None and document.get("status") == "success":
        return read(document)
    raise ProviderFailure("transient", "answer_malformed", status=answer.status)


def same_conversation(document: dict[str, Any], reference: str) -> None:
    """Raises `ProviderFailure` when an answer belongs to another request."""
    if document.get("conversationId") != reference:
        raise ProviderFailure("transient", "answer_malformed", field="conversationId")


def _worded(answer: Answer, document: dict[str, Any]) -> Outcome:
    code = document.get("errorCode")
    if not isinstance(code, str | int) or isinstance(code, bool):
        return Unclear(ProviderFailure("transient", "provider_error", status=answer.status))
    text = str(code)
    if text == TOO_MANY_REQUESTS or answer.status == 429:
        return Refused(_limited(answer, TOO_MANY_REQUESTS))
    verdict = _refusal(text, retryable=document.get("retryable") is True)
    # A code of unusual shape is not repeated: it might be anybody's data.
    failure = CodeTable({}, default=verdict or PROVIDER_ERROR).failure(
        text, status=answer.status, retry_after=answer.retry_after
    )
    return Unclear(failure) if verdict is None else Refused(failure)


def _refusal(code: str, *, retryable: bool) -> Verdict | None:
    """What a code refuses for; None where it does not say that nothing was done."""
    if code in _NOBODY_KNOWS:
        return None
    if retryable or code == REFUND_LATER:
        return PROVIDER_ERROR
    own = code.isascii() and code.isdigit() and int(code[:9]) < _FIRST_BANK_CODE
    return CODES.entries.get(code, REQUEST_REFUSED if own else None)


def _limited(answer: Answer, code: str | None = None) -> ProviderFailure:
    pause = LIMIT_PAUSE if answer.retry_after is None else answer.retry_after
    return ProviderFailure("transient", "rate_limited", status=answer.status, provider_code=code, retry_after=pause)
