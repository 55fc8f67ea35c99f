"""The one place where a code of Netgsm gets its meaning, by what was asked: for good, for now, or nobody knows.

Netgsm says success by HTTP 200 and code 00, and a refusal by HTTP 406 and another code; the code counts, the status
only where there is none. A refusal is certain. A system error is not: it may come after the message was queued, so
nothing is sent again before the report has been asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from connectors.actions import Outcome, Refused, Taken, Unclear
from connectors.attempt import refused_or_unclear
from connectors.classify import (
    CREDENTIALS_REJECTED,
    PROVIDER_ERROR,
    RATE_LIMITED,
    REQUEST_REFUSED,
    CodeTable,
    Verdict,
)
from connectors.decode import decode_json
from connectors.failure import ProviderFailure
from connectors.netgsm.settings import FLOOD_PAUSE

if TYPE_CHECKING:
    from connectors.http import Answer

ACCEPTED = frozenset({"00", "01", "02"})
"""00, and 00 with a start (01) or stop (02) date that Netgsm replaced."""
SYSTEM_ERRORS = frozenset({"100", "101", "110"})
NOTHING_THERE = "60"
"""Of a report: no rows. Of a cancellation: no such job."""
EMPTY_INBOX = "40"
_FLOODED = "85"
OF_ONE_MESSAGE = frozenset({"20", "70", _FLOODED})
"""Refusals of a whole call for the sake of one message in it: its text, a parameter, a number with too many."""

# Of the action and not of the account: one wrong sender name must not keep back the tenant's other messages.
_SENDER = Verdict("permanent", "sender_refused")
_IYS = Verdict("permanent", "iys_not_set_up")
_PACKAGE = Verdict("permanent", "package_missing")
_NUMBER = Verdict("transient", "recipient_flooded")

_COMMON: Mapping[str, Verdict] = {
    "20": REQUEST_REFUSED,
    # Wrong password, a user without the right to the API, or an address that is not on the account's list: one code.
    "30": CREDENTIALS_REJECTED,
    "70": REQUEST_REFUSED,
    "80": RATE_LIMITED,
    **dict.fromkeys(SYSTEM_ERRORS, PROVIDER_ERROR),
}
SEND = CodeTable(
    # The account may not send what IYS must check (50), or has no brand there (51).
    {**_COMMON, "40": _SENDER, "50": _IYS, "51": _IYS, _FLOODED: _NUMBER},
)
OTP = CodeTable(
    # 40 and 41 speak of the sender name, 50 to 52 of the number, 60 of the package that must be bought.
    {
        **_COMMON,
        **dict.fromkeys(("40", "41"), _SENDER),
        **dict.fromkeys(("50", "51", "52"), REQUEST_REFUSED),
        "60": _PACKAGE,
        _FLOODED: _NUMBER,
    },
)
READ = CodeTable({**_COMMON, **dict.fromkeys(("40", "60"), REQUEST_REFUSED)})


def sent(answer: Answer, table: CodeTable) -> Outcome:
    """What an answer to a send means; its `provider_reference` is the job.

    Raises `ProviderFailure` answer_malformed for 2xx without readable words.
    """
    document = _document(answer)
    code = _code(document)
    if code is None:
        told = refused_or_unclear(answer)
        if told is None:
            raise ProviderFailure("transient", "answer_malformed", status=answer.status)
        return told
    certain = answer.status < 500
    if code in ACCEPTED:
        if not 200 <= answer.status < 300:
            return Unclear(ProviderFailure("transient", "provider_error", status=answer.status, provider_code=code))
        return Taken(_job(document), facts={"code": code})
    failure = table.failure(code, status=answer.status, retry_after=_pause(code, answer.retry_after))
    if code in SYSTEM_ERRORS:
        return Unclear(failure)
    if code in table.entries:
        return Refused(failure)
    # A code that no list has: HTTP 406 calls it a refusal, anything else says nothing.
    return Refused(failure) if certain and answer.status >= 400 else Unclear(failure)


def said(answer: Answer, *, empty: str | None = None) -> dict[str, Any] | None:
    """The document of a successful answer to a question; None for the code that means "nothing there".

    Raises `ProviderFailure` for every other one. `/balance` has no code when all is well.
    """
    document = _document(answer)
    code = _code(document)
    if code is not None and code == empty:
        return None
    if code is not None and code not in ACCEPTED:
        raise READ.failure(code, status=answer.status, retry_after=_pause(code, answer.retry_after))
    failure = answer.failure_of_status()
    if failure is not None:
        raise failure
    if document is None:
        raise ProviderFailure("transient", "answer_malformed", status=answer.status)
    if code is None and "code" in document:
        raise ProviderFailure("transient", "wrong_type", status=answer.status, field="code")
    return document


def _pause(code: str, asked: float | None) -> float | None:
    return max(FLOOD_PAUSE, asked or 0.0) if code == _FLOODED else asked


def _document(answer: Answer) -> dict[str, Any] | None:
    document: object = None
    with suppress(ProviderFailure):
        document = decode_json(answer.content)
    return cast("dict[str, Any]", document) if isinstance(document, dict) else None


def _code(document: Mapping[str, Any] | None) -> str | None:
    """The code; older services and IYS write some as numbers."""
    code = None if document is None else document.get("code")
    if isinstance(code, int) and not isinstance(code, bool):
        return f"{code:02d}"
    return code.strip() if isinstance(code, str) and code.strip() else None


def _job(document: Mapping[str, Any] | None) -> str | None:
    """The job's number, text of 26 digits and more; `jobId` in the vendor's types for one-time passwords."""
    for name in ("jobid", "jobId"):
        job = None if document is None else document.get(name)
        if isinstance(job, int) and not isinstance(job, bool):
            return str(job)
        if isinstance(job, str) and job:
            return job
    return None
