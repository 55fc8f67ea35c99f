"""What İYS's refusals mean: an HTTP status, and codes such as H124 in `errors`, whose words are never repeated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from connectors.classify import CREDENTIALS_REJECTED, RATE_LIMITED, Verdict
from connectors.decode import decode_json
from connectors.failure import ProviderFailure
from connectors.iys.wire import safe_code

if TYPE_CHECKING:
    from connectors.http import Answer

CODES: Mapping[str, Verdict] = {"H351": CREDENTIALS_REJECTED, "H124": RATE_LIMITED}
"""A token that is wrong or over; requests by the second."""


def document_of(answer: Answer) -> Any:
    """The document of a successful answer. Raises `ProviderFailure` for every other one."""
    of_status = answer.failure_of_status()
    if of_status is None:
        return decode_json(answer.content)
    raise _by_code(answer, of_status)


def record_or_nothing(answer: Answer) -> Mapping[str, Any] | None:
    """The same where 404 in İYS's own words means "no such record"."""
    if answer.status == 404 and _codes(answer) is not None:
        return None
    document = document_of(answer)
    if not isinstance(document, dict):
        raise ProviderFailure("transient", "answer_malformed", status=answer.status)
    return cast("Mapping[str, Any]", document)


def _by_code(answer: Answer, of_status: ProviderFailure) -> ProviderFailure:
    """A 4xx may name a code; where nobody listed it, the status says what kind of failure it is."""
    code = next(iter(_codes(answer) or ()), None) if 400 <= answer.status < 500 else None
    if code is None:
        return of_status
    verdict = CODES.get(code, Verdict(of_status.kind, of_status.code))
    return ProviderFailure(
        verdict.kind,
        verdict.code,
        status=answer.status,
        provider_code=safe_code(code),
        retry_after=answer.retry_after,
    )


def _codes(answer: Answer) -> list[str] | None:
    """The codes that the body names; None where it is no refusal in İYS's words."""
    try:
        document = decode_json(answer.content)
    except ProviderFailure:
        return None
    errors = cast("dict[str, Any]", document).get("errors") if isinstance(document, dict) else None
    if not isinstance(errors, list):
        return None
    entries = cast("list[Any]", errors)
    return [str(cast("dict[str, Any]", each).get("code", "")) for each in entries if isinstance(each, dict)]
