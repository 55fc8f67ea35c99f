"""English texts by code, a module an area. `hub.messages` speaks them in the reader's language."""

from __future__ import annotations

from hub.message_texts import (
    audit,
    breaches,
    consents,
    database,
    discovery,
    engine,
    fields,
    installation,
    integrations,
    inventory,
    policies,
    providers,
    tenants,
)

_AREAS = (
    audit,
    breaches,
    consents,
    database,
    discovery,
    engine,
    fields,
    installation,
    integrations,
    inventory,
    policies,
    providers,
    tenants,
)

TEXTS: dict[str, str] = {code: text for area in _AREAS for code, text in area.TEXTS.items()}
