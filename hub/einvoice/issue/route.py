"""Whether an invoice is an e-Fatura or an e-Arşiv, and to which mailbox it goes: decided when it is issued.

connectors/einvoice/routing.py decides from the list; here its answer is held against what the caller asked for, and
when the list was asked stands with the document.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from connectors.einvoice import routing
from hub.einvoice.identity import CUSTOMS, is_filler
from hub.einvoice.invoice.customs import with_customs
from hub.errors import HubError

if TYPE_CHECKING:
    from connectors.einvoice.contract import Integrator, Kind
    from hub.einvoice.issue.profile import IssuerProfile

ARCHIVE = "EARSIVFATURA"
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
    wanted = str(values.get("profile") or "")
    number = _identity(with_customs(values))
    asked = not is_filler(number) and number != CUSTOMS
    taxpayer = await integrator.lookup(number) if asked else None
    way = routing.route(taxpayer, at=now, chosen=alias, profile=wanted, buyer=number)
    if isinstance(way, routing.Undecided):
        code = "einvoice_alias_ambiguous" if way.why == "unchosen" else "einvoice_alias_unknown"
        raise HubError(code, count=len(way.mailboxes))
    if way.kind == "earchive" and wanted not in ("", ARCHIVE):
        raise HubError("einvoice_buyer_not_registered", profile=wanted)
    if way.kind == "einvoice" and wanted == ARCHIVE:
        raise HubError("einvoice_buyer_registered")
    chosen = ARCHIVE if way.kind == "earchive" else wanted or _chosen(profile, values)
    return Route(way.kind, chosen, way.alias, now if asked else None)


def _identity(values: Mapping[str, Any]) -> str:
    customer = values.get("customer")
    number = customer.get("identity") if isinstance(customer, Mapping) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    if not isinstance(number, str) or not number:
        raise HubError("einvoice_buyer_missing")
    return number


def _chosen(profile: IssuerProfile, values: Mapping[str, Any]) -> str:
    basic = not profile.commercial or values.get("type") in _BASIC_ONLY
    return "TEMELFATURA" if basic else "TICARIFATURA"
