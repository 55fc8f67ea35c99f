"""UBL-TR documents for tests: one that stands here, and the reference folder's, where there is one."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).parents[3] / "shared" / "ubl-tr" / "samples"
LINE = """<cac:InvoiceLine><cbc:ID>{number}</cbc:ID><cbc:InvoicedQuantity unitCode="C62">2</cbc:InvoicedQuantity>\
<cbc:LineExtensionAmount currencyID="TRY">100.00</cbc:LineExtensionAmount>\
<cac:TaxTotal><cbc:TaxAmount currencyID="TRY">20.00</cbc:TaxAmount><cac:TaxSubtotal>\
<cbc:TaxableAmount currencyID="TRY">100.00</cbc:TaxableAmount><cbc:TaxAmount currencyID="TRY">20.00</cbc:TaxAmount>\
<cbc:Percent>20</cbc:Percent><cac:TaxCategory><cac:TaxScheme><cbc:Name>KDV</cbc:Name>\
<cbc:TaxTypeCode>0015</cbc:TaxTypeCode></cac:TaxScheme></cac:TaxCategory></cac:TaxSubtotal></cac:TaxTotal>\
<cac:Item><cbc:Name>{name}</cbc:Name></cac:Item>\
<cac:Price><cbc:PriceAmount currencyID="TRY">50</cbc:PriceAmount></cac:Price></cac:InvoiceLine>"""
PARTY = """<cac:Party><cac:PartyIdentification><cbc:ID schemeID="VKN">{vkn}</cbc:ID></cac:PartyIdentification>\
<cac:PartyName><cbc:Name>{name}</cbc:Name></cac:PartyName><cac:PostalAddress>\
<cbc:CitySubdivisionName>Çankaya</cbc:CitySubdivisionName><cbc:CityName>Ankara</cbc:CityName>\
<cac:Country><cbc:Name>Türkiye</cbc:Name></cac:Country></cac:PostalAddress></cac:Party>"""


def draft(*, lines: int = 1, item: str = "Defter", note: str = "Teşekkürler", profile: str = "TEMELFATURA") -> bytes:
    """An unsigned invoice without UBLExtensions and cac:Signature: right apart from that."""
    net, tax = f"{100 * lines}.00", f"{20 * lines}.00"
    total = f"{120 * lines}.00"
    made = f"""<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2" \
xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" \
xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2" \
xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <cbc:UBLVersionID>2.1</cbc:UBLVersionID><cbc:CustomizationID>TR1.2</cbc:CustomizationID>
  <cbc:ProfileID>{profile}</cbc:ProfileID><cbc:ID>ABC2026000000007</cbc:ID><cbc:CopyIndicator>false</cbc:CopyIndicator>
  <cbc:UUID>f0e3846e-dcf4-43a5-b9ee-309d5c84038a</cbc:UUID><cbc:IssueDate>2026-11-20</cbc:IssueDate>
  <cbc:InvoiceTypeCode>SATIS</cbc:InvoiceTypeCode><cbc:Note>{note}</cbc:Note>
  <cbc:DocumentCurrencyCode>TRY</cbc:DocumentCurrencyCode><cbc:LineCountNumeric>{lines}</cbc:LineCountNumeric>
  <cac:AccountingSupplierParty>{PARTY.format(vkn="1234567808", name="Deneme Satıcı A.Ş.")}</cac:AccountingSupplierParty>
  <cac:AccountingCustomerParty>{PARTY.format(vkn="9205121120", name="Deneme Alıcı A.Ş.")}</cac:AccountingCustomerParty>
  <cac:TaxTotal><cbc:TaxAmount currencyID="TRY">{tax}</cbc:TaxAmount><cac:TaxSubtotal>\
<cbc:TaxableAmount currencyID="TRY">{net}</cbc:TaxableAmount><cbc:TaxAmount currencyID="TRY">{tax}</cbc:TaxAmount>\
<cbc:Percent>20</cbc:Percent><cac:TaxCategory><cac:TaxScheme><cbc:Name>KDV</cbc:Name>\
<cbc:TaxTypeCode>0015</cbc:TaxTypeCode></cac:TaxScheme></cac:TaxCategory></cac:TaxSubtotal></cac:TaxTotal>
  <cac:LegalMonetaryTotal><cbc:LineExtensionAmount currencyID="TRY">{net}</cbc:LineExtensionAmount>\
<cbc:TaxExclusiveAmount currencyID="TRY">{net}</cbc:TaxExclusiveAmount>\
<cbc:TaxInclusiveAmount currencyID="TRY">{total}</cbc:TaxInclusiveAmount>\
<cbc:PayableAmount currencyID="TRY">{total}</cbc:PayableAmount></cac:LegalMonetaryTotal>
  {"".join(LINE.format(number=number, name=item) for number in range(1, lines + 1))}
</Invoice>"""
    return made.encode()


def sample(path: str) -> bytes:
    """A document of the reference folder; skips where the folder is not there."""
    file = SHARED / path
    if not file.exists():
        pytest.skip("the reference folder ../shared with UBL-TR samples is not here")
    return file.read_bytes()
