"""Where goods go and on which terms."""

from __future__ import annotations

from datetime import date

from hub.einvoice.invoice.fields import DeliveryTerms, PackageKind, Part, Quantity, ShortText, TransportMode
from hub.einvoice.invoice.party import Address


class Package(Part):
    """What the goods are packed in."""

    kind: PackageKind
    number: ShortText | None = None
    quantity: Quantity | None = None


class Delivery(Part):
    """A delivery. `terms` are INCOTERMS; `transport_mode` 1 sea, 2 rail, 3 road, 4 air, 5 post."""

    address: Address | None = None
    on: date | None = None
    terms: DeliveryTerms | None = None
    transport_mode: TransportMode | None = None
    package: Package | None = None
