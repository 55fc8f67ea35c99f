"""How the hub's words and İYS's meet: channels and types, purposes and types, how a permission came and its source.

The permission of law 6563 and the KVKK consent to marketing are two records. Both stand in `hub.consents`: a permission
under one of `PERMISSION_PURPOSES`, a consent under the purpose that the message's template names.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from connectors.iys.register import SOURCES, PermissionStatus, PermissionType
from connectors.iys.wire import EARLIEST

PERMISSION_PURPOSES: Mapping[PermissionType, str] = {
    "MESAJ": "commercial_message",
    "ARAMA": "commercial_call",
    "EPOSTA": "commercial_email",
}
"""Purpose codes of permissions in `hub.consents`."""
TYPES_BY_PURPOSE: Mapping[str, PermissionType] = {purpose: type_ for type_, purpose in PERMISSION_PURPOSES.items()}

TYPES_BY_CHANNEL: Mapping[str, PermissionType] = {
    "sms": "MESAJ",
    "whatsapp": "MESAJ",
    "email": "EPOSTA",
    "call": "ARAMA",
}
"""A message over WhatsApp counts as a message: İYS knows no fourth type."""

KINDS_BY_TYPE: Mapping[PermissionType, str] = {"MESAJ": "phone", "ARAMA": "phone", "EPOSTA": "email"}
"""Kind of identifier that an address of a type is."""

OWN_DECISION = "HS_KARAR"
"""The sender's own decision: a refusal that no person spoke."""

_SOURCES_BY_CHANNEL = {
    "web": "HS_WEB",
    "mobile": "HS_MOBIL",
    "wet_signature": "HS_ISLAK_IMZA",
    "call_centre": "HS_CAGRI_MERKEZI",
    "sms": "HS_MESAJ",
    "whatsapp": "HS_MESAJ",
    "email": "HS_EPOSTA",
    "event": "HS_ETKINLIK",
}
_OTHERWISE: Mapping[PermissionStatus, str] = {"ONAY": "HS_FIZIKSEL_ORTAM", "RET": OWN_DECISION}


def source_of(status: PermissionStatus, *, channel: str | None, stated: str | None, at: datetime) -> str:
    """İYS's source of a permission or refusal: what was stated, if it is one, else what the channel means."""
    if status == "ONAY" and at < EARLIEST:
        return "HS_2015"
    if stated is not None and stated in SOURCES and (status == "RET" or stated != OWN_DECISION):
        return stated
    return _SOURCES_BY_CHANNEL.get(channel or "", _OTHERWISE[status])
