"""The fields of a permission as İYS and the gateways before it write them, both ways."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from connectors.failure import ProviderFailure
from connectors.istanbul import ISTANBUL
from connectors.iys.register import (
    PERMISSION_STATUSES,
    PERMISSION_TYPES,
    RECIPIENT_TYPES,
    SOURCES,
    Address,
    Permission,
    PermissionType,
    RecipientType,
)

T = TypeVar("T", bound=str)

DATE_FORMAT = "%Y-%m-%d %H:%M:%S"
EARLIEST = datetime(2015, 5, 1, tzinfo=ISTANBUL)
"""Permissions from before this day have the source HS_2015."""

_MOBILE = re.compile(r"\+905[0-9]{9}")
_EMAIL = re.compile(r"(?=.{6,265}\Z)[!-?A-~]+@[!-?A-~]+\.[!-?A-~]{2,}")
_SOURCE = re.compile(r"(HS|IYS)_[A-Z0-9_]{1,40}")
_CODE = re.compile(r"[A-Z]?[0-9]{1,5}")


def fits(address: Address) -> bool:
    """Whether the register can have such an address: a Turkish mobile number, or an e-mail address in ASCII."""
    pattern = _EMAIL if address.type == "EPOSTA" else _MOBILE
    return pattern.fullmatch(address.recipient) is not None


def problem_of(permission: Permission, now: datetime) -> str | None:
    """Why the register would refuse it, as a code: `recipient`, `source` or `date`; None where it would not."""
    if not fits(permission.address):
        return "recipient"
    if permission.source not in SOURCES or (permission.source == "HS_KARAR" and permission.status == "ONAY"):
        return "source"
    early = permission.consent_date < EARLIEST and permission.source != "HS_2015"
    return "date" if early or permission.consent_date > now else None


def address_fields(address: Address) -> dict[str, str]:
    """As a question names an address."""
    return {"recipient": address.recipient, "recipientType": address.recipient_type, "type": address.type}


def permission_fields(permission: Permission) -> dict[str, str]:
    """As a permission is brought in: the date in Turkey's time."""
    return {
        "consentDate": permission.consent_date.astimezone(ISTANBUL).strftime(DATE_FORMAT),
        "source": permission.source,
        "status": permission.status,
        **address_fields(permission.address),
    }


def permission_of(fields: Mapping[str, Any]) -> Permission:
    """A permission as it is told. `ProviderFailure` wrong_type names the field that is none."""
    return Permission(
        Address(_text(fields, "recipient"), _type(fields), _recipient_type(fields)),
        _among(fields, "status", PERMISSION_STATUSES),
        source_of(fields) or "",
        date_of(fields),
    )


def date_of(fields: Mapping[str, Any]) -> datetime:
    """`consentDate`, in Turkey's time, as aware UTC."""
    try:
        moment = datetime.strptime(_text(fields, "consentDate"), DATE_FORMAT)  # noqa: DTZ007 - the zone follows
    except ValueError:
        moment = None
    if moment is None:
        raise wrong("consentDate")
    return moment.replace(tzinfo=ISTANBUL).astimezone(UTC)


def source_of(fields: Mapping[str, Any]) -> str | None:
    """The source's code; None for one of unusual shape, which is not repeated."""
    source = fields.get("source")
    return source if isinstance(source, str) and _SOURCE.fullmatch(source) else None


def safe_code(code: object) -> str:
    """A refusal's code; what does not look like one is not repeated."""
    text = str(code)
    return text if _CODE.fullmatch(text) else "unrecognised"


def wrong(name: str) -> ProviderFailure:
    """A field of an answer is not what it should be."""
    return ProviderFailure("transient", "wrong_type", field=name)


def _type(fields: Mapping[str, Any]) -> PermissionType:
    return _among(fields, "type", PERMISSION_TYPES)


def _recipient_type(fields: Mapping[str, Any]) -> RecipientType:
    return _among({"recipientType": "BIREYSEL", **fields}, "recipientType", RECIPIENT_TYPES)


def _among(fields: Mapping[str, Any], name: str, allowed: tuple[T, ...]) -> T:
    value = fields.get(name)
    for each in allowed:
        if each == value:
            return each
    raise wrong(name)


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise wrong(name)
    return value
