"""Every provider that calls us, by name. Adding one is a line."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from connectors.webhooks import WebhookSource

_MODULES: tuple[str, ...] = (
    # A line each: a module with its source in `WEBHOOKS`.
    "connectors.bulutfon.webhooks",
    "connectors.findeks.webhooks",
    "connectors.iyzico.webhooks",
    "connectors.netgsm.webhooks",
    "connectors.nilvera.webhooks",
    "connectors.uyumsoft.webhooks",
    "connectors.whatsapp.calls",
)


@cache
def sources() -> dict[str, WebhookSource]:
    """The sources by provider, read on first use."""
    found: list[WebhookSource] = [import_module(name).WEBHOOKS for name in _MODULES]
    return {source.provider: source for source in found}


def source_named(provider: str) -> WebhookSource | None:
    """How that provider calls; None for one that never does."""
    return sources().get(provider)
