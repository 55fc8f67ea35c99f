from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import xmlsec
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1, SECP521R1, EllipticCurve
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from signxml.xades import XAdESSignatureConfiguration, XAdESVerifier

from hub.einvoice.check.checker import warm_checker
from hub.einvoice.names import NAMESPACES
from hub.einvoice.seal.sign import names_another, sign
from hub.einvoice.seal.signer import KeySigner
from hub.einvoice.seal.verify import verify
from hub.errors import HubError
from tests.support.seals import NOW, Seal, make_seal
from tests.support.ubl_samples import SHARED, draft, sample

THIRD_PARTY = sorted(path.name for path in SHARED.glob("thirdparty/*.xml") if "Zarf" not in path.name)
SHELL = (
    b'<ext:UBLExtensions xmlns:ext="urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2">'
    b"<ext:UBLExtension><ext:ExtensionContent>%s</ext:ExtensionContent></ext:UBLExtension></ext:UBLExtensions>"
)


def with_extensions(document: bytes, content: bytes) -> bytes:
    return document.replace(b"  <cbc:UBLVersionID>", SHELL % content + b"<cbc:UBLVersionID>", 1)


def found(document: bytes, path: str) -> Any:
    return etree.fromstring(document).xpath(path, namespaces=NAMESPACES)


def holds_for_xmlsec(document: bytes, seal: Seal) -> None:
    """Raises xmlsec.Error unless libxmlsec finds the signature good with this certificate's key."""
    root = etree.fromstring(document)
    xmlsec.tree.add_ids(root, ["Id"])
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(
        seal.certificate.public_bytes(Encoding.PEM), xmlsec.constants.KeyDataFormatCertPem
    )
    context.verify(xmlsec.tree.find_node(root, "Signature"))


class TestOthersAgree:
    def test_xmlsec_finds_the_signature_good(self, signer: KeySigner, seal: Seal) -> None:
        holds_for_xmlsec(sign(draft(), signer, now=NOW), seal)

    def test_signxml_finds_the_signature_good_as_xades(self, signer: KeySigner, seal: Seal) -> None:
        results = XAdESVerifier().verify(
            sign(draft(), signer, now=NOW),
            x509_cert=seal.certificate,
            expect_references=2,
            expect_config=XAdESSignatureConfiguration(require_x509=True),
        )

        assert len(results) == 2

    def test_the_signed_draft_passes_xsd_and_schematron(self, signer: KeySigner) -> None:
        assert warm_checker().check(sign(draft(), signer, now=NOW)) == []

    @pytest.mark.parametrize("name", THIRD_PARTY or ["Good_TemelFatura.xml"])
    def test_unsigned_documents_of_other_makers_are_valid_once_signed(
        self, name: str, signer: KeySigner, seal: Seal
    ) -> None:
        signed = sign(sample(f"thirdparty/{name}"), signer, now=NOW)

        assert [each for each in warm_checker().check(signed) if each.severity == "error"] == []
        holds_for_xmlsec(signed, seal)


@pytest.mark.parametrize("curve", [SECP256R1(), SECP384R1(), SECP521R1()], ids=lambda curve: curve.name)
def test_a_seal_on_a_curve_signs_what_others_find_good(curve: EllipticCurve) -> None:
    seal = make_seal(curve=curve)
    signed = sign(draft(), KeySigner(seal.key, [seal.certificate]), now=NOW)

    holds_for_xmlsec(signed, seal)
    XAdESVerifier().verify(
        signed,
        x509_cert=seal.certificate,
        expect_references=2,
        expect_config=XAdESSignatureConfiguration(require_x509=True),
    )
    assert warm_checker().check(signed) == []
    assert verify(signed)[0].findings == ()


def test_a_changed_point_or_curve_is_found() -> None:
    seal = make_seal(curve=SECP384R1())
    signed = sign(draft(), KeySigner(seal.key, [seal.certificate]), now=NOW)
    begin = signed.index(b"<dsig11:PublicKey>") + 30

    for wrong in (
        signed.replace(b"urn:oid:1.3.132.0.34", b"urn:oid:1.3.132.0.35"),
        signed[:begin] + (b"A" if signed[begin : begin + 1] != b"A" else b"B") + signed[begin + 1 :],
    ):
        assert [each.code for each in verify(wrong)[0].findings] == ["signature_key_differs"]


class TestWhatIsAdded:
    def test_the_signature_stands_in_the_extension_and_cac_signature_points_to_it(self, signer: KeySigner) -> None:
        signed = sign(draft(), signer, now=NOW)

        assert found(signed, "/inv:Invoice/*[1]/ext:UBLExtension/ext:ExtensionContent/ds:Signature/@Id") == [
            "Signature_ABC2026000000007"
        ]
        assert found(signed, "string(//cac:Signature//cbc:URI)") == "#Signature_ABC2026000000007"
        assert found(signed, "name(//cac:Signature/following-sibling::*[1])") == "cac:AccountingSupplierParty"
        assert found(signed, "string(//cac:SignatoryParty//cbc:ID[@schemeID='VKN'])") == "1234567808"

    def test_one_transform_and_no_sha1_as_the_rules_want_it(self, signer: KeySigner) -> None:
        signed = sign(draft(), signer, now=NOW)

        assert len(found(signed, "//ds:Transform")) == 1
        assert not [each for each in found(signed, "//@Algorithm") if "sha1" in each]
        assert len(found(signed, "//xades:SigningCertificate")) == 1
        assert found(signed, "string(//xades:SigningTime)") == "2026-11-20T12:00:00+03:00"

    def test_an_empty_place_that_was_kept_for_the_signature_is_used(self, signer: KeySigner) -> None:
        shell = (
            b'<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#" Id="x"><ds:SignatureValue/></ds:Signature>'
        )
        signed = sign(with_extensions(draft(), shell), signer, now=NOW)

        assert len(found(signed, "//ext:UBLExtension")) == 1
        assert len(found(signed, "//ds:Signature")) == 1

    def test_an_extension_of_another_maker_stays(self, signer: KeySigner) -> None:
        signed = sign(with_extensions(draft(), b'<own xmlns="urn:maker">kept</own>'), signer, now=NOW)

        assert found(signed, "string(//*[local-name() = 'own'])") == "kept"
        assert verify(signed)[0].holds

    def test_the_name_that_cac_signature_gives_already_is_taken(self, signer: KeySigner) -> None:
        once = sign(draft(), signer, now=NOW)
        renamed = once.replace(b"Signature_ABC2026000000007</cbc:URI>", b"Imza-1</cbc:URI>")
        signed = sign(renamed, signer, now=NOW, again=True)

        assert found(signed, "string(//ds:Signature/@Id)") == "Imza-1"
        assert len(found(signed, "//cac:Signature")) == 1

    def test_comments_are_left_out_since_no_signature_covers_them(self, signer: KeySigner) -> None:
        commented = draft().replace(b"<cbc:Note>", b"<!-- unsigned --><cbc:Note>") + b"<!-- after -->"
        signed = sign(commented, signer, now=NOW)

        assert b"<!--" not in signed
        assert verify(signed)[0].findings == ()

    def test_nothing_else_of_the_document_changes(self, signer: KeySigner) -> None:
        signed = sign(draft(note="Ş & <ğ>".replace("&", "&amp;").replace("<", "&lt;")), signer, now=NOW)
        root = etree.fromstring(signed)
        for added in root.xpath("ext:UBLExtensions | cac:Signature", namespaces=NAMESPACES):
            root.remove(added)

        assert [element.text for element in root.iter()] == [
            element.text for element in etree.fromstring(draft(note="Ş &amp; &lt;ğ>")).iter()
        ]


class TestRefusals:
    def refused(self, document: bytes, signer: KeySigner, **options: Any) -> str:
        with pytest.raises(HubError) as refusal:
            sign(document, signer, **{"now": NOW, **options})
        return refusal.value.code

    def test_a_signed_document_is_not_signed_again_unless_asked(self, signer: KeySigner) -> None:
        signed = sign(draft(), signer, now=NOW)

        assert self.refused(signed, signer) == "seal_already_signed"
        assert verify(sign(signed, signer, now=NOW, again=True))[0].holds

    def test_an_envelope_is_not_signed(self, signer: KeySigner) -> None:
        envelope = (
            b'<sh:StandardBusinessDocument xmlns:sh="http://www.unece.org/cefact/namespaces/'
            b'StandardBusinessDocumentHeader"/>'
        )
        assert self.refused(envelope, signer) == "seal_envelope"

    def test_another_document_is_not_signed(self, signer: KeySigner) -> None:
        assert self.refused(b"<a/>", signer) == "einvoice_root_unknown"

    def test_a_certificate_that_is_not_valid_signs_nothing(self, signer: KeySigner) -> None:
        late, early = NOW + timedelta(days=400), NOW - timedelta(days=400)

        assert self.refused(draft(), signer, now=late) == "seal_certificate_expired"
        assert self.refused(draft(), signer, now=early) == "seal_certificate_not_yet_valid"

    @pytest.mark.parametrize(
        ("written", "instead", "code"),
        [
            (b'schemeID="VKN">1234567808', b'schemeID="MERSISNO">1234567808', "seal_party_without_identity"),
            (b"cac:PostalAddress", b"cac:Address", "seal_party_without_address"),
            (b"cac:AccountingSupplierParty", b"cac:SellerSupplierParty", "seal_party_missing"),
        ],
    )
    def test_a_signatory_that_cannot_be_named_is_an_error(
        self, written: bytes, instead: bytes, code: str, signer: KeySigner
    ) -> None:
        assert self.refused(draft().replace(written, instead), signer) == code

    def test_a_token_that_signs_something_else_is_found_out(self, seal: Seal) -> None:
        class Liar(KeySigner):
            def sign(self, content: bytes) -> bytes:
                return super().sign(content + b" ")

        assert self.refused(draft(), Liar(seal.key, [seal.certificate])) == "seal_self_check_failed"


def test_a_certificate_of_another_taxpayer_is_noticed(signer: KeySigner) -> None:
    other = make_seal(identity="9205121120")

    assert names_another(draft(), KeySigner(other.key, [other.certificate]))
    assert not names_another(draft(), signer)
