"""What Arvento's refusals mean. It writes them as text in the place of a result, mostly under HTTP 200."""

from __future__ import annotations

import re

from connectors.arvento.settings import ADDRESS_WORDS, REST_WRONG_REQUEST
from connectors.classify import (
    ADDRESS_REFUSED,
    CREDENTIALS_REJECTED,
    NOT_LICENSED,
    PROVIDER_ERROR,
    REQUEST_REFUSED,
    CodeTable,
)
from connectors.failure import ProviderFailure

CODES = CodeTable(
    {
        "ACCESS_DENIED": CREDENTIALS_REJECTED,
        "ADDRESS_DENIED": ADDRESS_REFUSED,
        "NOT_AUTHORIZED": NOT_LICENSED,
        "CLIENT_FAULT": REQUEST_REFUSED,
        "SERVER_FAULT": PROVIDER_ERROR,
        "ERROR": PROVIDER_ERROR,
        **dict.fromkeys(REST_WRONG_REQUEST, REQUEST_REFUSED),
    }
)
"""Arvento gives no codes: these words are ours, so that a person sees which refusal it was."""

_LETTERS = str.maketrans("ıİIçÇğĞöÖşŞüÜ", "iiiccggoossuu")
_WORDS = re.compile(r"[a-z0-9]+")
_LONGEST_REFUSAL = 500
_DENIED = "access denied"
_UNAUTHORISED = "not authorized"


def refusal(text: str, *, status: int, in_row: bool = False) -> ProviderFailure | None:
    """The failure that a text means; None for any other text.

    `in_row` texts are values of a row, where only a value that is nothing else than the refusal counts: somebody's
    place may be called anything.
    """
    if len(text) > _LONGEST_REFUSAL:
        return None
    words = _WORDS.findall(text.translate(_LETTERS).lower())
    said = " ".join(words)
    if said.startswith(_DENIED) or (not in_row and _DENIED in said):
        code = "ADDRESS_DENIED" if set(words) & set(ADDRESS_WORDS) else "ACCESS_DENIED"
        return CODES.failure(code, status=status)
    whole = said.startswith(f"you are {_UNAUTHORISED}") or said.endswith("yetkiniz yoktur")
    if whole or (not in_row and (_UNAUTHORISED in said or "yetkiniz yok" in said)):
        return CODES.failure("NOT_AUTHORIZED", status=status)
    return None
