"""What a response says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from connectors.einvoice.gib import Standing, standing

Verdict = Literal["accepted", "rejected", "returned", "customs"]
"""KABUL, RED, IADE, and GUMRUKONAY: customs has let an export leave."""
VERDICTS: Mapping[str, Verdict] = {"KABUL": "accepted", "RED": "rejected", "IADE": "returned", "GUMRUKONAY": "customs"}
SYSTEM = "S_APR"
"""Code of a system's answer about an envelope."""


@dataclass(frozen=True)
class SystemResponse:
    """What GİB's centre, or a receiver's system, says of an envelope."""

    uuid: str
    envelope_id: str
    """Of the envelope that is answered."""
    envelope_type: str
    code: int
    issued: date
    sender: str = field(repr=False)
    """VKN or TCKN."""

    @property
    def standing(self) -> Standing:
        """What the code means for the documents in the envelope."""
        return standing(self.code)


@dataclass(frozen=True)
class ApplicationResponse:
    """What a buyer, or customs, says of an invoice."""

    uuid: str
    number: str
    profile: str
    verdict: Verdict
    document: str
    """What the response calls the invoice: its ETTN, or in older ones its number."""
    issued: date
    sender: str = field(repr=False)
    receiver: str = field(repr=False)
    note: str = field(default="", repr=False)
    """Why; somebody's own words."""
    customs: Mapping[str, str] = field(default_factory=dict[str, str])
    """Numbers of an export by their scheme: GTB_REFNO, GTB_GCB_TESCILNO, GTB_FIILI_IHRACAT_TARIHI."""


Response = SystemResponse | ApplicationResponse
