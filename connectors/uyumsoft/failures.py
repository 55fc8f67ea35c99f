"""What Uyumsoft's refusals mean. It gives no codes: a fault has a code of SOAP, a refusal only a message in Turkish."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.classify import CREDENTIALS_REJECTED, PROVIDER_ERROR, REQUEST_REFUSED, CodeTable
from connectors.failure import ProviderFailure
from connectors.uyumsoft.envelope import Fault, result
from connectors.uyumsoft.settings import CREDENTIAL_FAULTS, CREDENTIAL_WORDS, NOT_FOUND_WORDS, TEMPORARY_WORDS

if TYPE_CHECKING:
    from connectors.http import Answer
    from connectors.xml import Element

CODES = CodeTable(
    {
        "ACCESS_DENIED": CREDENTIALS_REJECTED,
        "CLIENT_FAULT": REQUEST_REFUSED,
        "SERVER_FAULT": PROVIDER_ERROR,
        "NOT_FOUND": REQUEST_REFUSED,
        "REFUSED": REQUEST_REFUSED,
        "TEMPORARY": PROVIDER_ERROR,
    }
)
"""These words are ours, so that a person sees which refusal it was; Uyumsoft's own words may name the buyer."""

_LETTERS = str.maketrans("İI", "iı")


@dataclass(frozen=True)
class Said:
    """What an answer says: the good result, or why there is none."""

    result: Element | None
    failure: ProviderFailure | None = None
    certain: bool = True
    """Whether a failure says for sure that nothing was done."""


def read(answer: Answer, operation: str) -> Said:
    """Judge an answer. Raises `ProviderFailure` answer_malformed for what nobody can read."""
    of_status = answer.failure_of_status()
    if of_status is not None and answer.status != 500:
        return Said(None, of_status, certain=300 <= answer.status < 500 and answer.status != 408)
    try:
        found = result(answer.content, operation)
    except ProviderFailure:
        if of_status is None:
            raise
        return Said(None, of_status, certain=False)
    if isinstance(found, Fault):
        code = _of_fault(found)
        return Said(None, CODES.failure(code, status=answer.status), certain=code != "SERVER_FAULT")
    if found.attrib.get("IsSucceded") == "true":
        return Said(found)
    return Said(None, CODES.failure(_of_message(found.attrib.get("Message", "")), status=answer.status))


def _of_fault(fault: Fault) -> str:
    if fault.code in CREDENTIAL_FAULTS or _mentions(fault.text, CREDENTIAL_WORDS):
        return "ACCESS_DENIED"
    return "CLIENT_FAULT" if fault.code in ("Client", "Sender") else "SERVER_FAULT"


def _of_message(message: str) -> str:
    if _mentions(message, CREDENTIAL_WORDS):
        return "ACCESS_DENIED"
    if _mentions(message, TEMPORARY_WORDS):
        return "TEMPORARY"
    return "NOT_FOUND" if _mentions(message, NOT_FOUND_WORDS) else "REFUSED"


def _mentions(text: str, words: tuple[str, ...]) -> bool:
    turkish, plain = text.translate(_LETTERS).lower(), text.lower()
    return any(word in turkish or word in plain for word in words)
