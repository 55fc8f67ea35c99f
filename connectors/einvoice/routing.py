"""e-Fatura or e-Arşiv, and to which mailbox: decided when an invoice is issued, from the list as it stands then.

A registered buyer must not be given an e-Arşiv invoice, and nobody else can be given an e-Fatura. Customs takes exports
at mailboxes of its own, one a profile, whatever the list says.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from connectors.einvoice.contract import Kind, Taxpayer

CUSTOMS = "1460415308"
CUSTOMS_MAILBOXES = {
    "IHRACAT": "urn:mail:ihracatpk@gtb.gov.tr",
    "OZELFATURA": "urn:mail:ihracatpk@gtb.gov.tr",
    "YOLCUBERABERFATURA": "urn:mail:yolcuberaberpk@gtb.gov.tr",
}
"""By profile: GİB's rules IhracatYolcuBeraberCheck."""


@dataclass(frozen=True)
class Route:
    """The way an invoice takes."""

    kind: Kind
    alias: str | None = field(default=None, repr=False)
    """The mailbox; None for e-Arşiv."""


@dataclass(frozen=True)
class Undecided:
    """Somebody must say which mailbox: `unchosen` among several; `dead`: the one that was named takes no mail."""

    why: Literal["unchosen", "dead"]
    mailboxes: tuple[str, ...] = field(repr=False)


def route(
    taxpayer: Taxpayer | None, *, at: datetime, chosen: str | None = None, profile: str = "", buyer: str = ""
) -> Route | Undecided:
    """The way of an invoice to a buyer, who is `taxpayer` on the list or not on it.

    `chosen` is the mailbox that the tenant has settled on for this buyer; `profile` and `buyer` (VKN) are needed for
    customs only. Several mailboxes and no choice are undecided: no name of a mailbox is a default.
    """
    if buyer == CUSTOMS and profile in CUSTOMS_MAILBOXES:
        return Route("einvoice", CUSTOMS_MAILBOXES[profile])
    living = () if taxpayer is None else taxpayer.mailboxes(at)
    if not living:
        return Route("earchive")
    if chosen is not None:
        return Route("einvoice", chosen) if chosen in living else Undecided("dead", living)
    return Route("einvoice", living[0]) if len(living) == 1 else Undecided("unchosen", living)
