"""Warnings about an invoice that was issued, beside the output: that is the document alone, which programs read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.cli.output import note

if TYPE_CHECKING:
    from hub.einvoice.issue.issuing import Issued


def note_warnings(issued: Issued) -> None:
    """On standard error, each under the document's number."""
    from hub.einvoice.explained import explained

    for each in issued.warnings:
        note(f"{issued.document.number}: {explained(each)}")
