"""An action as a person reads it: its state, why it stands there, what it costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.message_texts import TEXTS
from hub.messages import failure_text

if TYPE_CHECKING:
    from hub.outbox.listing import Listed


def told(found: Listed) -> str:
    """State and reason in a few words."""
    why = reason(found)
    return found.state if why == "–" else f"{found.state} ({why})"


def reason(found: Listed) -> str:
    """A code in the reader's words, with the provider's own code behind it."""
    if found.reason is None:
        return "–"
    text = failure_text(found.reason) if found.reason in TEXTS else found.reason
    return f"{text} [{found.failure_provider_code}]" if found.failure_provider_code else text


def money(found: Listed) -> str:
    """What it costs, as the reader writes money; a dash for nothing."""
    from babel.numbers import format_currency

    from hub.i18n import language_in_use

    return format_currency(found.amount, found.currency, locale=language_in_use()) if found.amount else "–"
