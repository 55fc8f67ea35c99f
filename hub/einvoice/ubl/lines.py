"""InvoiceLine: what was sold, with its own discounts, taxes and numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.einvoice.ubl.deliveries import add_line_delivery
from hub.einvoice.ubl.taxes import add_adjustments, add_tax_total, add_withholding
from hub.einvoice.ubl.xml import amount, group, leaf, plain
from hub.einvoice.xml import Element

if TYPE_CHECKING:
    from hub.einvoice.arithmetic.totals import LineSums
    from hub.einvoice.invoice.invoice import Invoice
    from hub.einvoice.invoice.line import Line


def add_line(parent: Element, number: int, line: Line, sums: LineSums, invoice: Invoice) -> None:
    """One line, numbered from one."""
    currency = invoice.currency
    element = group(parent, "InvoiceLine")
    leaf(element, "ID", str(number))
    leaf(element, "Note", line.note)
    leaf(element, "InvoicedQuantity", plain(line.quantity), unitCode=line.unit)
    amount(element, "LineExtensionAmount", sums.net, currency)
    add_line_delivery(element, line, invoice.customer.address)
    add_adjustments(element, line.discounts, sums.discounts, sums.gross, currency, surcharge=False)
    add_adjustments(element, line.surcharges, sums.surcharges, sums.gross, currency, surcharge=True)
    add_tax_total(element, sums.tax_total, sums.taxes, currency)
    if sums.withheld is not None:
        add_withholding(element, (sums.withheld,), sums.withheld.amount, currency)
    _item(element, line)
    leaf(group(element, "Price"), "PriceAmount", plain(line.price), currencyID=currency)


def _item(parent: Element, line: Line) -> None:
    element = group(parent, "Item")
    leaf(element, "Description", line.description)
    leaf(element, "Name", line.name)
    leaf(element, "BrandName", line.brand)
    leaf(element, "ModelName", line.model)
    for name, code in (
        ("BuyersItemIdentification", line.buyers_code),
        ("SellersItemIdentification", line.sellers_code),
        ("ManufacturersItemIdentification", line.manufacturers_code),
    ):
        if code is not None:
            leaf(group(element, name), "ID", code)
    for number in line.item_numbers:
        leaf(group(element, "AdditionalItemIdentification"), "ID", number.value, schemeID=number.scheme)
    if line.origin is not None:
        origin = group(element, "OriginCountry")
        leaf(origin, "IdentificationCode", line.origin)
        leaf(origin, "Name", line.origin)
    if line.spending is not None:
        leaf(group(element, "CommodityClassification"), "ItemClassificationCode", line.spending)
    if line.machine is not None:
        machine = group(element, "ItemInstance")
        leaf(machine, "ProductTraceID", line.machine.list_number)
        leaf(machine, "SerialID", line.machine.serial_number)
