"""What Meta's error codes mean to a message that may not be sent twice.

Meta asks that callers decide on `error.code`, for titles and HTTP statuses change. A named refusal is certain whatever
the HTTP status; two codes say "unknown", and then nobody knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from connectors.actions import Outcome, Refused, Unclear
from connectors.attempt import refused_or_unclear
from connectors.decode import decode_json
from connectors.failure import FailureCode, ProviderFailure
from connectors.whatsapp.objects import number_in, object_in, record_of
from connectors.whatsapp.settings import MARKETING_PAUSE, PAIR_WAIT

if TYPE_CHECKING:
    from connectors.http import Answer

Standing = Literal["permanent", "transient", "config", "unclear"]
_LONGEST_WAIT = 3600.0


@dataclass(frozen=True)
class Meaning:
    """One code's meaning.

    | `standing` | what it says |
    | --- | --- |
    | `permanent` | this message will never pass |
    | `transient` | it was not sent, and may pass later |
    | `config` | not sent, and no other one of the account will be until a person mends it: the outbox holds them all |
    | `unclear` | whether it was sent is not known |
    """

    standing: Standing
    code: FailureCode
    opted_out: bool = False
    wait: float | None = None
    """Seconds to wait at least; four times as many after each further attempt when `growing`."""
    growing: bool = False
    once: bool = False
    """Tried again once, then given up."""

    def failure(self, number: int, *, status: int | None, attempt: int, asked: float | None = None) -> ProviderFailure:
        """The failure of the attempt with that count; `asked` are the seconds of a `Retry-After`."""
        transient = self.standing in ("transient", "unclear") and not (self.once and attempt > 1)
        wait = self.wait
        if wait is not None and self.growing:
            wait = min(wait * 4 ** max(0, attempt - 1), _LONGEST_WAIT)
        waits = [each for each in (wait, asked) if each is not None]
        return ProviderFailure(
            "transient" if transient else "permanent",
            self.code,
            status=status,
            provider_code=short_code(number),
            retry_after=max(waits, default=None) if transient else None,
        )


_RIGHT = Meaning("config", "not_licensed")
_FROZEN = Meaning("config", "account_frozen")
_BUSY = Meaning("transient", "rate_limited", wait=5.0, growing=True)
_FAULT = Meaning("transient", "provider_error", wait=30.0, growing=True)
_OUR_FAULT = Meaning("permanent", "request_refused")
_UNREACHABLE = Meaning("permanent", "recipient_unreachable")
_TEMPLATE = Meaning("permanent", "template_refused")
_UNKNOWN = Meaning("unclear", "provider_error")

MEANINGS: Mapping[int, Meaning] = {
    **dict.fromkeys(range(200, 300), _RIGHT),
    0: Meaning("config", "credentials_rejected"),
    1: _UNKNOWN,
    2: _FAULT,
    3: _RIGHT,
    4: Meaning("transient", "rate_limited", wait=60.0, growing=True),
    10: _RIGHT,
    100: _OUR_FAULT,
    190: Meaning("config", "credentials_expired"),
    368: _FROZEN,
    80007: Meaning("transient", "rate_limited", wait=60.0, growing=True),
    130429: _BUSY,
    130472: _UNREACHABLE,
    130497: _UNREACHABLE,
    131000: _UNKNOWN,
    131005: _RIGHT,
    131008: _OUR_FAULT,
    131009: _OUR_FAULT,
    131016: _FAULT,
    131021: _UNREACHABLE,
    131026: _UNREACHABLE,
    131030: _UNREACHABLE,
    131031: _FROZEN,
    131037: _RIGHT,
    131042: _FROZEN,
    131045: _RIGHT,
    131047: Meaning("permanent", "window_closed"),
    131048: _FROZEN,
    131049: Meaning("transient", "recipient_spared", wait=MARKETING_PAUSE.total_seconds()),
    131050: Meaning("permanent", "recipient_opted_out", opted_out=True),
    131051: _OUR_FAULT,
    131052: Meaning("transient", "provider_error", wait=5.0, once=True),
    131053: Meaning("transient", "provider_error", wait=5.0, once=True),
    131056: Meaning("transient", "recipient_spared", wait=PAIR_WAIT, growing=True),
    131057: _FAULT,
    131062: _UNREACHABLE,
    131064: _FROZEN,
    **dict.fromkeys((132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016, 132068), _TEMPLATE),
    132069: _BUSY,
    133010: _RIGHT,
    133016: _RIGHT,
    135000: _FAULT,
}
"""Section 4 of the spec sheet.

What concerns one recipient must not hold the account's other messages: 131030 (a test number's list), 130497 (the
recipient's country), 131056 and 131049 (this person has had enough). 131048 and 131064 do: a campaign ends there.
"""


@dataclass(frozen=True)
class MetaError:
    """An `error` object without its words, which may quote anybody."""

    number: int
    is_transient: bool = False


def short_code(number: int) -> str:
    """The code as it may be shown; one of unusual size is not repeated."""
    return str(number) if 0 <= number < 10_000_000 else "unrecognised"


def error_in(document: object) -> MetaError | None:
    """The error of an answer; None when it holds none, or one without a code."""
    error = object_in(record_of(document), "error")
    number = number_in(error, "code")
    return None if number is None else MetaError(number, error.get("is_transient") is True)


def not_taken(answer: Answer, *, attempt: int) -> Outcome | None:
    """Refused or unclear, by Meta's own code or else by the HTTP status; None for an answer that may be a success.

    Raises `ProviderFailure` answer_malformed for a 2xx that nobody can read: that one may well have been sent.
    """
    of_status = refused_or_unclear(answer)
    error = error_in(decode_json(answer.content) if of_status is None else _readable(answer))
    if error is None:
        return of_status
    meaning = MEANINGS.get(error.number)
    if meaning is None:
        return _of_unlisted(error, of_status, answer)
    failure = meaning.failure(error.number, status=answer.status, attempt=attempt, asked=answer.retry_after)
    return Unclear(failure) if meaning.standing == "unclear" else Refused(failure, opted_out=meaning.opted_out)


def document_of(answer: Answer) -> dict[str, Any]:
    """The document of a question that changes nothing. Raises `ProviderFailure` for everything but a success."""
    outcome = not_taken(answer, attempt=1)
    if isinstance(outcome, Refused | Unclear):
        raise outcome.failure
    document: Any = decode_json(answer.content)
    if not isinstance(document, dict):
        raise ProviderFailure("transient", "answer_malformed", status=answer.status)
    return document  # pyright: ignore[reportUnknownVariableType]


def _of_unlisted(error: MetaError, of_status: Outcome | None, answer: Answer) -> Outcome:
    """A code nobody listed: certain under 4xx, as any refusal; under 5xx and 2xx nobody knows."""
    number = short_code(error.number)
    if not isinstance(of_status, Refused):
        return Unclear(ProviderFailure("transient", "provider_error", status=answer.status, provider_code=number))
    known = of_status.failure
    kind = "transient" if error.is_transient else known.kind
    return Refused(
        ProviderFailure(kind, known.code, status=answer.status, provider_code=number, retry_after=answer.retry_after)
    )


def _readable(answer: Answer) -> object:
    """The body of a refusal; one that nobody can read leaves the word to the HTTP status."""
    try:
        return decode_json(answer.content)
    except ProviderFailure:
        return None
