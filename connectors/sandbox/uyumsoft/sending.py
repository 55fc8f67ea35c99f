"""`SendInvoice`: invoices come in as UBL elements, and are GİB's business from then on."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from connectors.sandbox.gib.invoices import Invoice, Unfit, read_element
from connectors.sandbox.uyumsoft.desk import PROVIDER, Desk
from connectors.sandbox.uyumsoft.render import attributes, good, refused
from connectors.sandbox.uyumsoft.requests import NAMESPACE, Invocation

_etree: Any = import_module("lxml.etree")
_T = f"{{{NAMESPACE}}}"
_INVOICE = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
_ORDER = ("Invoice", "TargetCustomer", "EArchiveInvoiceInfo", "Scenario", "Notification", "CreateDateUtc")
_OBLIGATORY = ("Invoice", "Scenario", "CreateDateUtc")
_SCENARIOS = {"eInvoice": "einvoice", "eArchive": "earchive"}
_WORDS = {
    "supplier": "Gönderici vergi numarası hesaba ait değil.",
    "kind": "Fatura senaryosu uyumsuz.",
    "registered": "Alıcı e-fatura kapsamında.",
    "not_registered": "Alıcı e-fatura kapsamında değil.",
    "alias": "Alıcı etiketi geçersiz.",
    "several": "Alıcının birden çok etiketi var.",
}


def send(desk: Desk, company: str, called: Invocation) -> bytes:
    """All of a call's invoices, or none."""
    infos = list(called.call.iterfind(f"{_T}invoices/{_T}InvoiceInfo"))
    taken: list[tuple[Invoice, str]] = []
    for info in infos:
        try:
            invoice, alias = _read(info)
        except Unfit as unfit:
            return refused(called.operation, f"Şema hatası: {unfit}")
        why = _refusal(desk, company, info, invoice, alias)
        if why is not None:
            return refused(called.operation, why)
        taken.append((invoice, alias))
    if not taken:
        return refused(called.operation, "Fatura yok.")
    values: list[str] = []
    for invoice, alias in taken:
        desk.office.take(PROVIDER, company, invoice, alias)
        scenario = "eArchive" if invoice.kind == "earchive" else "eInvoice"
        shown = attributes(Id=invoice.ettn, Number=invoice.number, InvoiceScenario=scenario)
        values.append(f"<Value{shown} />")
    return good(called.operation, "".join(values))


def _read(info: Any) -> tuple[Invoice, str]:
    names = [_etree.QName(each).localname for each in info]
    if names != [name for name in _ORDER if name in names] or not {"Invoice", "Scenario", "CreateDateUtc"} <= set(
        names
    ):
        raise Unfit("InvoiceInfo")
    element = info.find(f"{_T}Invoice")
    # Uyumsoft keeps and signs a document of its own making: the same elements under UBL's root.
    root = _etree.Element(f"{{{_INVOICE}}}Invoice", nsmap={None: _INVOICE, **_prefixes(element)})
    root.extend([_copied(each) for each in element])
    _etree.cleanup_namespaces(root)
    xml = _etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    customer = info.find(f"{_T}TargetCustomer")
    return read_element(root, xml), "" if customer is None else customer.get("Alias", "")


def _refusal(desk: Desk, company: str, info: Any, invoice: Invoice, alias: str) -> str | None:
    if desk.office.find(PROVIDER, company, invoice.ettn) is not None:
        return f"{invoice.number} numaralı fatura daha önce gönderilmiş."
    if desk.office.number_taken(PROVIDER, company, invoice):
        return f"{invoice.number} fatura numarası daha önce kullanılmış."
    kind = _SCENARIOS.get(info.findtext(f"{_T}Scenario") or "")
    if kind is None:
        kind = invoice.kind
    why = desk.office.refusal(company, invoice, "einvoice" if kind == "einvoice" else "earchive", alias)
    return None if why is None else _WORDS[why]


def _prefixes(element: Any) -> dict[str, str]:
    return {prefix: uri for prefix, uri in element.nsmap.items() if prefix and "ubl:schema" in uri}


def _copied(element: Any) -> Any:
    return _etree.fromstring(_etree.tostring(element, with_tail=False))
