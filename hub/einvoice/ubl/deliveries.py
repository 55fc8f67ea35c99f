"""Deliveries: address, terms, transport, packages and the customs data of goods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.einvoice.ubl.parties import add_address
from hub.einvoice.ubl.xml import group, leaf, moment, plain
from hub.einvoice.xml import Element

if TYPE_CHECKING:
    from hub.einvoice.invoice.delivery import Delivery, Package
    from hub.einvoice.invoice.line import Line
    from hub.einvoice.invoice.party import Address


def add_document_delivery(parent: Element, delivery: Delivery) -> None:
    """The delivery of the whole invoice."""
    _add(parent, delivery, customs_code=None, permit_line=None, issuer=None)


def add_line_delivery(parent: Element, line: Line, customer: Address) -> None:
    """A line's own delivery, which also carries its customs code. Nothing when the line has neither.

    `customer` is the address of the holder of an inward processing permit: the schema wants one.
    """
    if line.delivery is not None or line.customs_code is not None or line.permit_line is not None:
        _add(parent, line.delivery, customs_code=line.customs_code, permit_line=line.permit_line, issuer=customer)


def _add(
    parent: Element,
    delivery: Delivery | None,
    *,
    customs_code: str | None,
    permit_line: str | None,
    issuer: Address | None,
) -> None:
    element = group(parent, "Delivery")
    mode = package = None
    if delivery is not None:
        leaf(element, "ActualDeliveryDate", moment(delivery.on))
        if delivery.address is not None:
            add_address(element, "DeliveryAddress", delivery.address)
        if delivery.terms is not None:
            leaf(group(element, "DeliveryTerms"), "ID", delivery.terms, schemeID="INCOTERMS")
        mode, package = delivery.transport_mode, delivery.package
    if not (mode or package or customs_code or permit_line):
        return
    shipment = group(element, "Shipment")
    leaf(shipment, "ID", "")
    if customs_code is not None:
        leaf(group(shipment, "GoodsItem"), "RequiredCustomsID", customs_code)
    if mode is not None:
        leaf(group(shipment, "ShipmentStage"), "TransportModeCode", mode)
    if package is not None or permit_line is not None:
        unit = group(shipment, "TransportHandlingUnit")
        if package is not None:
            _package(unit, package)
        if permit_line is not None and issuer is not None:
            _permit(unit, permit_line, issuer)


def _package(parent: Element, package: Package) -> None:
    element = group(parent, "ActualPackage")
    leaf(element, "ID", package.number)
    leaf(element, "Quantity", plain(package.quantity) if package.quantity is not None else None)
    leaf(element, "PackagingTypeCode", package.kind)


def _permit(parent: Element, permit_line: str, issuer: Address) -> None:
    element = group(parent, "CustomsDeclaration")
    leaf(element, "ID", "")
    party = group(element, "IssuerParty")
    leaf(group(party, "PartyIdentification"), "ID", permit_line, schemeID="ALICIDIBSATIRKOD")
    add_address(party, "PostalAddress", issuer)
