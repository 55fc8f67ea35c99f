"""What the stand-ins did to their world, for good: the proof against which "nothing twice, nothing lost" is counted.

An entry is written when the provider would have acted (an SMS goes out, an invoice reaches the tax office, money goes
back), before it answers. Whether the answer ever arrives is another matter.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import datetime
from threading import Lock
from typing import Any


@dataclass(frozen=True)
class Deed:
    """One thing done. `reference` is what the hub called it; `number` what the provider called it."""

    provider: str
    company: str
    what: str
    reference: str
    number: str
    at: datetime


class Ledger:
    """Deeds in order. Safe to read while the server runs in another thread."""

    def __init__(self) -> None:
        self._deeds: list[Deed] = []
        self._lock = Lock()

    def enter(self, deed: Deed) -> None:
        """Write a deed down."""
        with self._lock:
            self._deeds.append(deed)

    def deeds(self, *, provider: str = "", company: str = "", what: str = "") -> list[Deed]:
        """Those that fit; empty means any."""
        with self._lock:
            return [
                deed
                for deed in self._deeds
                if provider in ("", deed.provider) and company in ("", deed.company) and what in ("", deed.what)
            ]

    def counts(self, *, provider: str = "", company: str = "", what: str = "") -> Counter[str]:
        """How often each reference was acted on."""
        return Counter(deed.reference for deed in self.deeds(provider=provider, company=company, what=what))

    def as_json(self) -> list[dict[str, Any]]:
        """All deeds."""
        return [{**asdict(deed), "at": deed.at.isoformat()} for deed in self.deeds()]
