"""Remarks about an invoice as the API says them: those of the check and those of issuing have one form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from hub.api.models import Answer

if TYPE_CHECKING:
    from hub.einvoice.finding import Finding


class FindingShown(Answer):
    """One remark: what, where, and in the reader's language what to do."""

    code: str = Field(examples=["gib:InvoiceIDCheck"])
    severity: Literal["error", "warning"]
    path: str = Field(examples=["/Invoice/cbc:ID"])
    line: int | None
    message: str


def finding_shown(found: Finding) -> FindingShown:
    """In the reader's language."""
    from hub.einvoice.explained import explained

    return FindingShown(
        code=found.code,
        severity=found.severity,
        path=found.path,
        line=int(found.params.get("line", "0")) or None,
        message=explained(found),
    )
