from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

import pytest
from lxml import etree

from hub.einvoice.invoice.party import Address
from hub.einvoice.names import NAMESPACES
from hub.einvoice.seal.sign import sign
from hub.einvoice.seal.verify import verify
from hub.einvoice.ubl.document import build
from hub.einvoice.ubl.signatory import Signatory, signature_id
from hub.errors import HubError
from tests.hub.einvoice.judges import SecondRun, package, second_run, shared, signer
from tests.hub.einvoice.samples import ETTN, SUPPLIER_VKN, built, invoice, issue_day, line, number


def text(root: Any, path: str) -> str | None:
    return root.findtext(path, None, NAMESPACES)


def tree(**changes: Any) -> Any:
    return etree.fromstring(built(invoice(**changes)))


def test_the_draft_is_complete_but_for_the_signature() -> None:
    root = tree()

    assert len(root.find("ext:UBLExtensions/ext:UBLExtension/ext:ExtensionContent", NAMESPACES)) == 0
    assert text(root, "cbc:ID") == number()
    assert text(root, "cbc:UUID") == str(ETTN).upper()
    assert text(root, "cac:Signature/cac:SignatoryParty/cac:PartyIdentification/cbc:ID") == SUPPLIER_VKN
    uri = text(root, "cac:Signature/cac:DigitalSignatureAttachment/cac:ExternalReference/cbc:URI")
    assert uri == f"#{signature_id(number())}"
    assert root.nsmap["ds"] == NAMESPACES["ds"]
    assert root.nsmap["xades"] == NAMESPACES["xades"]


def test_a_sealed_draft_is_valid_and_its_seal_holds() -> None:
    sealed = sign(built(invoice()), signer(), now=datetime.now(UTC))

    from efatura_kontrol.kontrol import kontrol_et

    assert kontrol_et(sealed).gecerli
    assert all(one.holds for one in verify(sealed))


def test_an_integrator_may_seal_in_the_suppliers_place() -> None:
    integrator = Signatory("3900383669", Address(district="Şişli", city="İstanbul"))
    draft = built(invoice(), sealed_by=integrator)

    assert text(etree.fromstring(draft), "cac:Signature/cbc:ID") == "3900383669"
    assert package().errors(draft) == []


def test_the_same_invoice_is_built_to_the_same_bytes() -> None:
    assert built(invoice()) == built(invoice())


@pytest.mark.parametrize("wrong", ["KPR1999000000001", "kpr2026000000001", "KPR202600000001", "KPR20260000000012"])
def test_a_number_of_another_form_or_year_is_refused(wrong: str) -> None:
    with pytest.raises(HubError, match="einvoice_number_wrong"):
        build(invoice(), number=wrong, ettn=ETTN)


def test_the_amount_stands_in_words_unless_it_is_not_wanted() -> None:
    lira = "YALNIZ : ÜÇ YÜZ ELLİ DOKUZ TL DOKSAN ALTI KRŞ"

    assert [note.text for note in tree(notes=["Teşekkürler"]).findall("cbc:Note", NAMESPACES)] == [lira, "Teşekkürler"]
    assert text(tree(amount_in_words=False), "cbc:Note") is None


def test_a_foreign_currency_carries_its_rate_to_lira() -> None:
    root = tree(currency="USD", exchange_rate="41.250000")
    rate = root.find("cac:PricingExchangeRate", NAMESPACES)

    assert [child.text for child in rate] == ["USD", "TRY", "41.25", issue_day().isoformat()]
    assert {element.get("currencyID") for element in root.iter() if element.get("currencyID")} == {"USD"}


def test_percentages_are_written_as_the_rules_look_them_up() -> None:
    held = line(vat_rate="20.00", withholding={"code": "603", "percent": 70})
    root = etree.fromstring(built(invoice("TEMELFATURA", "TEVKIFAT", lines=[held])))

    assert [one.text for one in root.iter("{*}Percent")] == ["20", "70", "20", "70"]


def test_markup_in_a_name_stays_a_name() -> None:
    name = '</cbc:Name><x a="1">&amp;'

    draft = built(invoice(lines=[line(name=name)]))

    assert text(etree.fromstring(draft), "cac:InvoiceLine/cac:Item/cbc:Name") == name
    assert package().errors(draft) == []


def test_a_stylesheet_is_carried_along() -> None:
    draft = built(invoice(), stylesheet=b"<xsl:stylesheet/>")
    embedded = etree.fromstring(draft).find(".//cbc:EmbeddedDocumentBinaryObject", NAMESPACES)

    assert base64.b64decode(embedded.text) == b"<xsl:stylesheet/>"
    assert embedded.get("filename") == f"{number()}.xslt"
    assert package().errors(draft) == []
    assert second_run().errors(draft) == []


class TestSecondRun:
    def test_it_finds_what_the_package_finds_in_the_samples(self) -> None:
        from efatura_kontrol.kontrol import kontrol_et

        compared = 0
        for path in sorted((shared() / "samples").glob("*/*.xml")):
            document = path.read_bytes()
            root = etree.fromstring(document)
            if (
                not str(root.tag).endswith("}Invoice")
                or not root.find(".//ext:ExtensionContent", NAMESPACES) is not None
            ):
                continue
            package_ids = {one.kod for one in kontrol_et(document).bulgular if one.kaynak == "sematron"}
            assert {f"sch-{one}" for one in rules_broken(second_run(), document)} == package_ids, path.name
            compared += 1
        assert compared >= 10

    def test_it_is_no_judge_that_takes_everything(self) -> None:
        broken = built(invoice()).replace(b"<cbc:CopyIndicator>false", b"<cbc:CopyIndicator>true")

        assert [error.split(":")[0] for error in second_run().errors(broken)] == ["CopyIndicatorCheck-1"]


def rules_broken(judge: SecondRun, document: bytes) -> set[str]:
    return {error.split(":")[0] for error in judge.judged(document)}
