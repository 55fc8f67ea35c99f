"""What the hub can do on WhatsApp. A template may open a conversation; everything else needs an open one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.actions import ActionKind, Cost, Payload
from connectors.whatsapp.foreseeing import foresee
from connectors.whatsapp.messages import interactive, media, template, text
from connectors.whatsapp.performer import opens, with_upload, worded
from connectors.whatsapp.recipients import recipient_of
from connectors.whatsapp.settings import STATUS_DEADLINE, WINDOW, Prices


def cost_of_template(payload: Payload, settings: Mapping[str, Any]) -> Cost:
    """One message of the template's category; of an unknown one, the dearest. Raises settings_invalid."""
    prices = Prices.of(settings)
    return Cost(1, prices.of_category(payload.get("category")), prices.currency)


def cost_of_answer(_payload: Payload, settings: Mapping[str, Any]) -> Cost:
    """One message within the window."""
    prices = Prices.of(settings)
    return Cost(1, prices.of_category("service"), prices.currency)


TEMPLATE = ActionKind(
    name="whatsapp.template",
    provider="whatsapp",
    title="WhatsApp message by template",
    check=template.check,
    open=opens(template.check, worded(template.document)),
    asking="by_webhook",
    gives_up_after=STATUS_DEADLINE,
    recipient=recipient_of,
    is_message=True,
    cost=cost_of_template,
    costs=True,
    summary=template.summary,
    foresee=foresee,
    says_commercial=template.is_marketing,
)

TEXT = ActionKind(
    name="whatsapp.text",
    provider="whatsapp",
    title="WhatsApp text",
    check=text.check,
    open=opens(text.check, worded(text.document)),
    asking="by_webhook",
    gives_up_after=STATUS_DEADLINE,
    recipient=recipient_of,
    is_message=True,
    needs_window=WINDOW,
    cost=cost_of_answer,
    costs=True,
    summary=text.summary,
)

MEDIA = ActionKind(
    name="whatsapp.media",
    provider="whatsapp",
    title="WhatsApp picture, sound, film or file",
    check=media.check,
    open=opens(media.check, with_upload),
    asking="by_webhook",
    gives_up_after=STATUS_DEADLINE,
    recipient=recipient_of,
    is_message=True,
    needs_window=WINDOW,
    cost=cost_of_answer,
    costs=True,
    summary=media.summary,
)

INTERACTIVE = ActionKind(
    name="whatsapp.interactive",
    provider="whatsapp",
    title="WhatsApp text with buttons, a list or a link",
    check=interactive.check,
    open=opens(interactive.check, worded(interactive.document)),
    asking="by_webhook",
    gives_up_after=STATUS_DEADLINE,
    recipient=recipient_of,
    is_message=True,
    needs_window=WINDOW,
    cost=cost_of_answer,
    costs=True,
    summary=interactive.summary,
)

KINDS = (TEMPLATE, TEXT, MEDIA, INTERACTIVE)
