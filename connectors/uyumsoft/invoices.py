"""An invoice as Uyumsoft wants it: the UBL elements inside of an `InvoiceInfo`, with what UBL has no place for."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from connectors.einvoice.contract import Document
from connectors.einvoice.ubl import Head, read_head
from connectors.uyumsoft.envelope import element, tagged
from connectors.uyumsoft.settings import LEFT_TO_UYUMSOFT, NAMESPACE

_etree: Any = import_module("lxml.etree")
_SCENARIOS = {"einvoice": "eInvoice", "earchive": "eArchive"}
_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_PREFIXES = {
    None: NAMESPACE,
    "cac": f"{_UBL}CommonAggregateComponents-2",
    "cbc": f"{_UBL}CommonBasicComponents-2",
}


def invoice_info(document: Document, *, now: datetime) -> Any:
    """The `InvoiceInfo` of a document. Raises `ProviderFailure` request_refused for what is no invoice.

    `Scenario` is named, so that Uyumsoft refuses a document of the wrong kind instead of turning it into the other one;
    `LocalDocumentId` is the ETTN, which Uyumsoft takes once where a company has it guarded.
    """
    head = read_head(document.ubl)
    info = element("InvoiceInfo", LocalDocumentId=document.ettn)
    info.append(_invoice(document.ubl))
    if document.kind == "einvoice":
        info.append(_customer(head, document.alias))
    else:
        info.append(element("EArchiveInvoiceInfo", DeliveryType=document.delivery.capitalize()))
    info.append(element("Scenario", _SCENARIOS[document.kind]))
    info.append(element("CreateDateUtc", now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")))
    return info


def _invoice(ubl: bytes) -> Any:
    parser = _etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    root = _etree.fromstring(ubl, parser)
    wrapped = _etree.Element(tagged("Invoice"), nsmap=_PREFIXES)
    for each in root:
        if isinstance(each.tag, str) and _etree.QName(each).localname not in LEFT_TO_UYUMSOFT:
            wrapped.append(each)
    return wrapped


def _customer(head: Head, alias: str | None) -> Any:
    known = {"VknTckn": head.customer, "Alias": alias or "", "Title": head.customer_name}
    return element("TargetCustomer", **{name: value for name, value in known.items() if value})
