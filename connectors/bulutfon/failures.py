"""What Bulutfon's answers mean. It says what is wrong by HTTP status, and in words under the key `error`.

The words are compared with those we know and never repeated: what reaches a person is a short code of ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.classify import CREDENTIALS_EXPIRED, CREDENTIALS_REJECTED, NOT_LICENSED, CodeTable, of_status
from connectors.decode import decode_json
from connectors.failure import ProviderFailure

if TYPE_CHECKING:
    from connectors.bulutfon.settings import Generation
    from connectors.http import Answer

WORDS = {
    "token expired": "TOKEN_EXPIRED",
    "invalid token": "INVALID_TOKEN",
    "wrong token": "WRONG_TOKEN",
    "hatalı token": "WRONG_TOKEN",
}
"""The first is documented. A key of the other generation is refused with a wrong-token error, whose text is not."""

CODES = CodeTable(
    {
        "TOKEN_EXPIRED": CREDENTIALS_EXPIRED,
        "INVALID_TOKEN": CREDENTIALS_REJECTED,
        "WRONG_TOKEN": CREDENTIALS_REJECTED,
        "NO_RIGHT": NOT_LICENSED,
    }
)


def read_answer(answer: Answer, *, generation: Generation) -> dict[str, Any]:
    """The document of a successful answer. Raises `ProviderFailure` for every other one."""
    failure = answer.failure_of_status()
    if failure is None:
        document = decode_json(answer.content)
        if not isinstance(document, dict):
            raise ProviderFailure("transient", "answer_malformed", status=answer.status)
        failure = _disguised(answer, document)  # pyright: ignore[reportUnknownArgumentType]
        if failure is None:
            return document  # pyright: ignore[reportUnknownVariableType]
    elif 400 <= answer.status < 500 and answer.status != 429:
        failure = _worded(answer, _readable(answer)) or _without_right(answer, generation) or failure
    raise failure


def _disguised(answer: Answer, document: dict[str, Any]) -> ProviderFailure | None:
    """A failure under HTTP 200: `error`, with or without the `code` that the status should have been."""
    if "error" not in document:
        return None
    worded = _worded(answer, document)
    if worded is not None:
        return worded
    code = document.get("code")
    if isinstance(code, int) and not isinstance(code, bool) and code >= 400:
        return of_status(code, retry_after=answer.retry_after)
    return ProviderFailure("transient", "provider_error", status=answer.status)


def _worded(answer: Answer, document: dict[str, Any]) -> ProviderFailure | None:
    words = document.get("error")
    code = WORDS.get(words.strip().rstrip(".").casefold()) if isinstance(words, str) else None
    return None if code is None else CODES.failure(code, status=answer.status)


def _without_right(answer: Answer, generation: Generation) -> ProviderFailure | None:
    """The second generation's keys have rights by endpoint: one that works elsewhere may be refused here."""
    if generation == "v2" and answer.status == 403:
        return CODES.failure("NO_RIGHT", status=answer.status)
    return None


def _readable(answer: Answer) -> dict[str, Any]:
    """The error's document; empty where nobody can read it, which leaves the word to the status."""
    try:
        document: Any = decode_json(answer.content)
    except ProviderFailure:
        return {}
    return document if isinstance(document, dict) else {}  # pyright: ignore[reportUnknownVariableType]
