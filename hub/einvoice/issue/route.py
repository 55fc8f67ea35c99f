"""Whether an invoice is an e-Fatura or an e-Arşiv, and to which mailbox it goes: decided when it is issued.

A registered buyer must not get an e-Arşiv invoice, and somebody without a live mailbox cannot get an e-Fatura. So the
list is asked at issue time, and what it said stands with the document.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from hub.einvoice.identity import CUSTOMS, is_filler
from hub.errors import HubError

if TYPE_CHECKING:
    from connectors.einvoice.contract import Integrator
    from hub.einvoice.issue.profile import IssuerProfile

Kind = Literal["einvoice", "earchive"]
ARCHIVE = "EARSIVFATURA"
_CUSTOMS_MAILBOXES = {
    "IHRACAT": "urn:mail:ihracatpk@gtb.gov.tr",
    "OZELFATURA": "urn:mail:ihracatpk@gtb.gov.tr",
    "YOLCUBERABERFATURA": "urn:mail:yolcuberaberpk@gtb.gov.tr",
}
"""Where customs (VKN 1460415308) takes these scenarios (schematron 20260701)."""
_BASIC_ONLY = ("IADE", "TEVKIFATIADE")
"""Returns go with TEMELFATURA: a commercial invoice may be rejected, a return may not."""


@dataclass(frozen=True)
class Route:
    """The way of an invoice. `alias` is the receiver's mailbox; none for e-Arşiv."""

    kind: Kind
    profile: str
    alias: str | None
    looked_up_at: datetime | None


async def route(
    integrator: Integrator, profile: IssuerProfile, values: Mapping[str, Any], *, alias: str | None, now: datetime
) -> Route:
    """The way of an invoice as its caller gave it, with or without a `profile`.

    HubError `einvoice_buyer_missing`, `einvoice_buyer_registered`, `einvoice_buyer_not_registered`,
    `einvoice_alias_unknown`, `einvoice_alias_ambiguous`; `ProviderFailure` when the list cannot be asked.
    """
    wanted = values.get("profile")
    if wanted in _CUSTOMS_MAILBOXES and _identity(values) == CUSTOMS:
        return Route("einvoice", str(wanted), _CUSTOMS_MAILBOXES[str(wanted)], None)
    number = _identity(values)
    found = None if is_filler(number) else await integrator.lookup(number)
    mailboxes = found.mailboxes(now) if found is not None else ()
    if not mailboxes:
        if wanted not in (None, ARCHIVE):
            raise HubError("einvoice_buyer_not_registered", profile=str(wanted))
        return Route("earchive", ARCHIVE, None, now)
    if wanted == ARCHIVE:
        raise HubError("einvoice_buyer_registered")
    return Route("einvoice", str(wanted or _chosen(profile, values)), _mailbox(mailboxes, alias), now)


def _identity(values: Mapping[str, Any]) -> str:
    customer = values.get("customer")
    number = customer.get("identity") if isinstance(customer, Mapping) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    if not isinstance(number, str) or not number:
        raise HubError("einvoice_buyer_missing")
    return number


def _chosen(profile: IssuerProfile, values: Mapping[str, Any]) -> str:
    basic = not profile.commercial or values.get("type") in _BASIC_ONLY
    return "TEMELFATURA" if basic else "TICARIFATURA"


def _mailbox(mailboxes: tuple[str, ...], alias: str | None) -> str:
    if alias is not None:
        if alias not in mailboxes:
            raise HubError("einvoice_alias_unknown", count=len(mailboxes))
        return alias
    if len(mailboxes) > 1:
        raise HubError("einvoice_alias_ambiguous", count=len(mailboxes))
    return next(iter(mailboxes))
