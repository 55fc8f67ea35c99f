"""English texts by code, a module an area. `hub.messages` speaks them in the reader's language."""

from __future__ import annotations

from hub.message_texts import (
    audit,
    backups,
    breaches,
    clocks,
    consents,
    database,
    destruction,
    discovery,
    engine,
    exports,
    fields,
    installation,
    integrations,
    inventory,
    mail,
    outbox,
    policies,
    providers,
    requests,
    reveal,
    subjects,
    tenants,
    whatsapp,
)

_AREAS = (
    audit,
    backups,
    breaches,
    clocks,
    consents,
    database,
    destruction,
    discovery,
    engine,
    exports,
    fields,
    installation,
    integrations,
    inventory,
    mail,
    outbox,
    policies,
    providers,
    requests,
    reveal,
    subjects,
    tenants,
    whatsapp,
)

TEXTS: dict[str, str] = {code: text for area in _AREAS for code, text in area.TEXTS.items()}
