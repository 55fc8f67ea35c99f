"""What the gateway's answers mean: an integrator's published codes, and those assumed for consent and PIN."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.classify import (
    CREDENTIALS_REJECTED,
    NOT_LICENSED,
    PROVIDER_ERROR,
    REQUEST_REFUSED,
    CodeTable,
    Verdict,
)
from connectors.decode import decode_json
from connectors.failure import ProviderFailure

if TYPE_CHECKING:
    from connectors.http import Answer

_BASIS_MISSING = Verdict("permanent", "basis_missing")

CODES = CodeTable(
    {
        # Documented by an integrator.
        **dict.fromkeys(("1001", "1002", "1003"), REQUEST_REFUSED),
        "2001": CREDENTIALS_REJECTED,
        "2002": NOT_LICENSED,
        "5001": NOT_LICENSED,
        # Assumed.
        "6001": _BASIS_MISSING,
        **dict.fromkeys(("6002", "6003", "6004", "6005"), REQUEST_REFUSED),
        "6006": PROVIDER_ERROR,
    }
)
_OAUTH: dict[str, Verdict] = dict.fromkeys(
    ("invalid_client", "unauthorized_client", "invalid_grant", "access_denied"), CREDENTIALS_REJECTED
)
"""Words of RFC 6749 section 5.2, which come under HTTP 400 as well as 401."""


def content_of(answer: Answer) -> bytes:
    """The body of a successful answer. Raises `ProviderFailure` for every other one."""
    of_status = answer.failure_of_status()
    if of_status is None:
        return answer.content
    if answer.status == 429 or 300 <= answer.status < 400:
        raise of_status
    raise _worded(answer) or of_status


def _worded(answer: Answer) -> ProviderFailure | None:
    document = _readable(answer)
    code = document.get("code")
    if isinstance(code, int | str) and not isinstance(code, bool) and str(code) in CODES.entries:
        return CODES.failure(str(code), status=answer.status, retry_after=answer.retry_after)
    verdict = _OAUTH.get(str(document.get("error")))
    return ProviderFailure(verdict.kind, verdict.code, status=answer.status) if verdict else None


def _readable(answer: Answer) -> dict[str, Any]:
    try:
        document: Any = decode_json(answer.content)
    except ProviderFailure:
        return {}
    return document if isinstance(document, dict) else {}  # pyright: ignore[reportUnknownVariableType]
