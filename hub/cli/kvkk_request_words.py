"""Words, dates, amounts and texts as the commands of `hub kvkk requests` are given them."""

from __future__ import annotations

import sys
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, TypeVar

from connectors.secret import Secret
from hub.cli import entering
from hub.errors import HubError

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from hub.kvkk.requests.answering import Refusal

Word = TypeVar("Word", bound=str)


def refusal_given(ground: str, article: str | None, destruction_due: str | None) -> Refusal:
    """A ground with what it needs; HubErrors as `Refusal` says."""
    from hub.kvkk.requests.answering import Refusal

    return Refusal(ground, article=article, destruction_due=date_given(destruction_due) if destruction_due else None)


def text_given(path: Path) -> Secret:
    """The text of a file, or of standard input. HubError `file_unreadable`."""
    try:
        return Secret(sys.stdin.read() if path == entering.STANDARD_INPUT else path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        raise HubError("file_unreadable", path=str(path)) from None


def word_given(given: str, known: tuple[Word, ...], field: str) -> Word:
    """One of the known words. HubError `request_word_unknown`."""
    for each in known:
        if each == given:
            return each
    raise HubError("request_word_unknown", field=field, known=", ".join(known))


def code_given(given: str, field: str) -> str:
    """A word of small letters, digits and underscores: a sentence could name somebody, and it reaches the audit log."""
    from hub.kvkk.wording import is_code

    if not is_code(given):
        raise HubError("request_code_malformed", field=field)
    return given


def date_given(given: str) -> date:
    """A calendar day. HubError `request_date_malformed`."""
    try:
        return datetime.strptime(given, "%Y-%m-%d").date()  # noqa: DTZ007 - a date has no zone
    except ValueError:
        raise HubError("request_date_malformed") from None


def lira_given(given: str) -> Decimal:
    """An amount, with a point or a comma. HubError `fee_figures_wrong`."""
    try:
        return Decimal(given.replace(",", "."))
    except InvalidOperation:
        raise HubError("fee_figures_wrong") from None
