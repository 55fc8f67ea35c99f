"""Names of UBL-TR: namespaces, the prefixes people know them by, and which document a root element is."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

from hub.einvoice.xml import Element, etree
from hub.errors import HubError

UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
INVOICE = f"{UBL}Invoice-2"
CAC = f"{UBL}CommonAggregateComponents-2"
CBC = f"{UBL}CommonBasicComponents-2"
EXT = f"{UBL}CommonExtensionComponents-2"
DS = "http://www.w3.org/2000/09/xmldsig#"
DSIG11 = "http://www.w3.org/2009/xmldsig11#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
SBDH = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"
PACKAGE = "http://www.efatura.gov.tr/package-namespace"

PREFIXES = {
    INVOICE: "inv",
    f"{UBL}DespatchAdvice-2": "desp",
    f"{UBL}ReceiptAdvice-2": "recp",
    f"{UBL}ApplicationResponse-2": "apr",
    CAC: "cac",
    CBC: "cbc",
    EXT: "ext",
    DS: "ds",
    DSIG11: "dsig11",
    XADES: "xades",
    SBDH: "sh",
    PACKAGE: "ef",
    "http://www.hr-xml.org/3": "hr",
    "http://www.openapplications.org/oagis/9": "oa",
    "http://www.w3.org/2001/XMLSchema-instance": "xsi",
}
"""As GİB's schematron binds them."""
NAMESPACES = {prefix: namespace for namespace, prefix in PREFIXES.items()}

Kind: TypeAlias = Literal[
    "invoice", "archive-invoice", "despatch-advice", "receipt-advice", "application-response", "envelope"
]
KINDS: tuple[Kind, ...] = get_args(Kind)
ARCHIVE_PROFILE = "EARSIVFATURA"

_ROOTS: dict[str, Kind] = {
    "{" + INVOICE + "}Invoice": "invoice",
    "{" + UBL + "DespatchAdvice-2}DespatchAdvice": "despatch-advice",
    "{" + UBL + "ReceiptAdvice-2}ReceiptAdvice": "receipt-advice",
    "{" + UBL + "ApplicationResponse-2}ApplicationResponse": "application-response",
    "{" + SBDH + "}StandardBusinessDocument": "envelope",
}
_ENCLOSED = etree.XPath("/sh:StandardBusinessDocument/ef:Package/Elements/ElementList/*", namespaces=NAMESPACES)


def kind_of(root: Element) -> Kind:
    """Which document it is; an e-Arşiv invoice is told by its profile. HubError `einvoice_root_unknown`."""
    kind = _ROOTS.get(root.tag)
    if kind is None:
        raise HubError("einvoice_root_unknown")
    if kind == "invoice" and (root.findtext(f"{{{CBC}}}ProfileID") or "").strip() == ARCHIVE_PROFILE:
        return "archive-invoice"
    return kind


def enclosed(envelope: Element) -> list[Element]:
    """The UBL documents in an envelope, in order; account requests (HR-XML) are none."""
    return [element for element in _ENCLOSED(envelope) if element.tag in _ROOTS]


def path_of(element: Element) -> str:
    """An XPath with the usual prefixes, and positions where an element has brothers of its name.

    A name that UBL-TR does not know is written as `*`: it may be anything that somebody typed.
    """
    steps: list[str] = []
    while element is not None:
        parent = element.getparent()
        steps.append(_step(element.tag) + _position(element, parent))
        element = parent
    return "/" + "/".join(reversed(steps))


def _step(tag: object) -> str:
    if not isinstance(tag, str):
        return "node()"
    namespace, _brace, name = tag[1:].rpartition("}") if tag.startswith("{") else ("", "", tag)
    if not namespace:
        return name if name in {"Elements", "ElementType", "ElementCount", "ElementList"} else "*"
    return f"{PREFIXES[namespace]}:{name}" if namespace in PREFIXES else "*"


def _position(element: Element, parent: Element | None) -> str:
    if parent is None:
        return ""
    brothers = [brother for brother in parent if brother.tag == element.tag]
    return f"[{brothers.index(element) + 1}]" if len(brothers) > 1 else ""
