"""A finding in words, in the reader's language. GİB's own words, which may quote the document, are not among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.message_texts import TEXTS
from hub.messages import text_of

if TYPE_CHECKING:
    from hub.einvoice.finding import Finding

_RULE = "gib:"


def explained(finding: Finding) -> str:
    """What is wrong and, where it can be said, what to do."""
    return text_of(_text_code(finding.code), **finding.params)


def _text_code(code: str) -> str:
    """A rule of GİB's has a text of its own, or shares its family's: `gib:InvoiceIDCheck-1`, `gib:InvoiceIDCheck`."""
    if not code.startswith(_RULE):
        return code
    family = code.rpartition("-")[0]
    return next((known for known in (code, family) if known in TEXTS), f"{_RULE}*")
