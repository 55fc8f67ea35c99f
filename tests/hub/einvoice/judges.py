"""Whether the tax office would take a document: the package's checks, and a second run of the rules made here.

The second run is independent: the flat schematron is compiled by the few lines below into XSLT 2.0 (the package's own
stylesheet is made by SchXslt and runs in 1.0 compatibility), and SaxonC evaluates it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from hub.einvoice.seal.signer import KeySigner

SHARED = Path(__file__).parents[4] / "shared" / "ubl-tr"
RULES = SHARED / "schematron" / "flat-20260701" / "efatura.sch"
SCH = "{http://purl.oclc.org/dsdl/schematron}"
XSL = "http://www.w3.org/1999/XSL/Transform"
EMPTY = b"<ext:ExtensionContent/>"


def shared() -> Path:
    if not RULES.exists():
        pytest.skip("the reference data in ../shared is not here")
    return SHARED


@cache
def signer() -> KeySigner:
    """A throwaway seal, the same for the whole run."""
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.x509.oid import NameOID

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Deneme Mühür")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now - timedelta(days=1))
    certificate = builder.not_valid_after(now + timedelta(days=30)).sign(key, hashes.SHA256())
    return KeySigner(key, [certificate])


@cache
def _signature() -> bytes:
    """A signature that has the right form: the rules do not verify it, so one serves every draft."""
    from datetime import UTC, datetime

    from hub.einvoice.seal.sign import sign
    from tests.hub.einvoice.samples import built, invoice

    signed = etree.fromstring(sign(built(invoice()), signer(), now=datetime.now(UTC)))
    return etree.tostring(next(signed.iter("{http://www.w3.org/2000/09/xmldsig#}Signature")))


def filled(draft: bytes) -> bytes:
    """A draft with something of a signature's form in its place."""
    assert EMPTY in draft
    return draft.replace(EMPTY, b"<ext:ExtensionContent>" + _signature() + b"</ext:ExtensionContent>")


class Package:
    """`efatura-kontrol`: XSD, its compiled schematron, its own sums."""

    def errors(self, draft: bytes) -> list[str]:
        from efatura_kontrol.kontrol import kontrol_et

        return [f"{one.kod}: {one.mesaj}" for one in kontrol_et(filled(draft)).bulgular if one.seviye == "hata"]

    def sums(self, draft: bytes) -> list[str]:
        from efatura_kontrol.kontrol import kontrol_et

        return [f"{one.kod}: {one.mesaj}" for one in kontrol_et(filled(draft)).bulgular if one.kaynak == "hesap"]


class SecondRun:
    """The rules of ../shared, compiled here."""

    def __init__(self) -> None:
        from saxonche import PySaxonProcessor

        self._processor = PySaxonProcessor(license=False)
        xslt = self._processor.new_xslt30_processor()
        self._sheet: Any = xslt.compile_stylesheet(stylesheet_text=_stylesheet(RULES))

    def errors(self, draft: bytes) -> list[str]:
        return self.judged(filled(draft))

    def judged(self, document: bytes) -> list[str]:
        kind = "earchive" if b"<cbc:ProfileID>EARSIVFATURA<" in document else "efatura"
        self._sheet.set_parameter("type", self._processor.make_string_value(kind))
        node = self._processor.parse_xml(xml_text=document.decode())
        found = etree.fromstring(self._sheet.transform_to_string(xdm_node=node).encode())
        return [f"{one.get('id')}: {one.text}" for one in found]


def _stylesheet(rules: Path) -> str:
    """Schematron to XSLT: a mode a pattern, a template a rule (the first that matches wins), an `if` an assert."""
    schema = etree.parse(str(rules)).getroot()
    prefixes = {one.get("prefix"): one.get("uri") for one in schema.findall(f"{SCH}ns")}
    sheet = etree.Element(f"{{{XSL}}}stylesheet", {"version": "2.0"}, nsmap={"xsl": XSL, **prefixes})
    for let in schema.findall(f"{SCH}let"):
        is_type = let.get("name") == "type"
        # Schematron's values are XPath; this one is a bare word, and set from outside.
        select = "'efatura'" if is_type else let.get("value")
        _add(sheet, "param" if is_type else "variable", name=let.get("name"), select=select)
    patterns = schema.findall(f"{SCH}pattern")
    start = _add(_add(sheet, "template", match="/"), "element", name="findings")
    for number, pattern in enumerate(patterns):
        mode = f"p{number}"
        # Attributes are contexts of some rules too (currencyID, unitCode, mimeCode).
        _add(start, "apply-templates", select="/", mode=mode)
        _add(
            _add(sheet, "template", match="*|/", mode=mode, priority="-1"), "apply-templates", select="@*|*", mode=mode
        )
        _add(sheet, "template", match="@*|text()", mode=mode, priority="-2")
        for order, rule in enumerate(pattern.findall(f"{SCH}rule")):
            template = _add(sheet, "template", match=rule.get("context"), mode=mode, priority=str(1000 - order))
            for let in rule.findall(f"{SCH}let"):
                _add(template, "variable", name=let.get("name"), select=let.get("value"))
            for check in rule.findall(f"{SCH}assert"):
                failed = _add(template, "if", test=f"not({check.get('test')})")
                finding = _add(failed, "element", name="finding")
                _add(finding, "attribute", name="id").text = check.get("id")
                _add(finding, "value-of", select="name()")
            _add(template, "apply-templates", select="@*|*", mode=mode)
    return etree.tostring(sheet, encoding="unicode")


def _add(parent: etree._Element, element: str, /, **attributes: str | None) -> etree._Element:
    given = {key: value for key, value in attributes.items() if value is not None}
    return etree.SubElement(parent, f"{{{XSL}}}{element}", given)


@cache
def package() -> Package:
    """Warm for the whole run: stylesheet and schemas take a second to load."""
    return Package()


@cache
def second_run() -> SecondRun:
    """Warm for the whole run. Skips where the reference data is missing."""
    shared()
    return SecondRun()
