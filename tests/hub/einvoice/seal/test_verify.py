from __future__ import annotations

import base64
import hashlib
import string
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from hub.einvoice.names import NAMESPACES
from hub.einvoice.seal.sign import sign
from hub.einvoice.seal.signer import KeySigner
from hub.einvoice.seal.verify import verify
from hub.errors import HubError
from tests.support.seals import NOW, Seal, make_seal
from tests.support.ubl_samples import draft, sample

DS = f"{{{NAMESPACES['ds']}}}"
LETTERS = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"
ENVELOPE = b"""<sh:StandardBusinessDocument xmlns:sh="%s" xmlns:ef="%s" xmlns:leaked="urn:leaked">\
<ef:Package><Elements>\
<ElementType>INVOICE</ElementType><ElementCount>%d</ElementCount><ElementList>%s</ElementList></Elements></ef:Package>\
</sh:StandardBusinessDocument>"""


@pytest.fixture
def signed(signer: KeySigner) -> bytes:
    return sign(draft(), signer, now=NOW)


def codes(document: bytes) -> list[str]:
    return [finding.code for finding in verify(document)[0].findings]


def changed(document: bytes, path: str, change: Callable[[Any], object]) -> bytes:
    """The document with the first element of a path changed, and nothing written anew around it."""
    root = etree.fromstring(document)
    change(root.xpath(path, namespaces=NAMESPACES)[0])
    return etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8")


def in_envelope(*documents: bytes) -> bytes:
    """The documents' bytes, as they are, in an envelope that declares prefixes of its own."""
    bare = [document.partition(b"?>")[2].strip() for document in documents]
    return ENVELOPE % (NAMESPACES["sh"].encode(), NAMESPACES["ef"].encode(), len(bare), b"".join(bare))


def resigned(document: bytes, seal: Seal) -> bytes:
    """A signature that is good again over what was changed in its own parts."""
    root = etree.fromstring(document)
    signed_info = root.find(f".//{DS}SignedInfo")
    value = KeySigner(seal.key, [seal.certificate]).sign(etree.tostring(signed_info, method="c14n"))
    root.find(f".//{DS}SignatureValue").text = base64.b64encode(value).decode()
    return etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8")


def with_digest(document: bytes, seal: Seal) -> bytes:
    """The same over what was changed in the signed properties."""
    properties = etree.tostring(etree.fromstring(document).find(".//{*}SignedProperties"), method="c14n")

    def renew(reference: Any) -> None:
        reference.find(f"{DS}DigestValue").text = base64.b64encode(hashlib.sha256(properties).digest()).decode()

    return resigned(changed(document, "//ds:Reference[2]", renew), seal)


class TestWhatHolds:
    def test_a_document_as_it_was_signed(self, signed: bytes, seal: Seal) -> None:
        (verification,) = verify(signed)

        assert verification.holds
        assert verification.findings == ()
        assert verification.certificate == seal.certificate
        assert verification.signed_at == NOW

    def test_a_document_in_an_envelope_whose_prefixes_would_leak(self, signed: bytes) -> None:
        verifications = verify(in_envelope(signed, signed))

        assert [each.holds for each in verifications] == [True, True]
        assert verifications[1].path.endswith("/ElementList/inv:Invoice[2]")

    def test_documents_that_were_signed_elsewhere(self) -> None:
        assert verify(sample("made-here/temelfatura_signed.xml"))[0].holds
        assert verify(sample("made-here/temelfatura_envelope.xml"))[0].holds

    def test_another_spelling_of_the_owners_name(self, signed: bytes) -> None:
        spelled = b'C = TR, OID.2.5.4.5=1234567808, CN="Deneme Sat\xc4\xb1c\xc4\xb1 A.\xc5\x9e."'
        begin, end = signed.index(b"<ds:X509SubjectName>") + 20, signed.index(b"</ds:X509SubjectName>")

        assert verify(signed[:begin] + spelled + signed[end:])[0].holds

    def test_white_space_between_the_parts_of_a_signature(self, signed: bytes) -> None:
        assert verify(signed.replace(b"<ds:KeyInfo>", b"\n  <ds:KeyInfo>\n").replace(b"<ds:Object>", b"\n<ds:Object>"))[
            0
        ].holds


class TestWhatDoesNot:
    def test_a_document_without_a_signature(self) -> None:
        assert codes(draft()) == ["signature_missing"]

    def test_a_changed_amount_is_found_in_the_document(self, signed: bytes) -> None:
        (verification,) = verify(signed.replace(b">120.00<", b">121.00<"))

        assert [finding.code for finding in verification.findings] == ["signature_document_changed"]
        assert verification.findings[0].path.endswith("ds:SignedInfo/ds:Reference[1]")

    def test_a_changed_document_in_an_envelope(self, signed: bytes) -> None:
        good, bad = verify(in_envelope(signed, signed.replace(b">120.00<", b">121.00<")))

        assert (good.holds, bad.holds) == (True, False)
        assert bad.findings[0].path.startswith(f"{bad.path}/ext:UBLExtensions/")

    def test_a_changed_time_of_signing(self, signed: bytes) -> None:
        assert codes(signed.replace(b"T12:00:00+03:00", b"T13:00:00+03:00")) == ["signature_properties_changed"]

    def test_a_certificate_put_in_the_place_of_the_signers(self, signed: bytes, seal: Seal) -> None:
        other = make_seal()

        def write(certificate: Seal) -> bytes:
            return base64.b64encode(certificate.certificate.public_bytes(Encoding.DER))

        found = codes(signed.replace(write(seal), write(other)))
        assert {"signature_value_wrong", "signature_certificate_differs", "signature_key_differs"} <= set(found)

    def test_a_name_put_beside_the_certificate(self, signed: bytes) -> None:
        begin = signed.index(b"CN=", signed.index(b"<ds:X509SubjectName>"))

        assert codes(signed[:begin] + b"CN=X" + signed[begin + 3 :]) == ["signature_subject_differs"]

    def test_a_second_signature(self, signed: bytes) -> None:
        twice = changed(
            signed, "//cac:AccountingCustomerParty", lambda party: party.append(etree.Element(f"{DS}Signature"))
        )

        assert codes(twice) == ["signature_several"]

    def test_a_signature_that_was_moved(self, signed: bytes) -> None:
        moved = changed(signed, "//ds:Signature", lambda signature: signature.getroottree().getroot().append(signature))

        assert codes(moved) == ["signature_misplaced"]

    def test_a_part_that_does_not_belong_into_a_signature(self, signed: bytes) -> None:
        added = changed(signed, "//ds:KeyInfo", lambda info: info.append(etree.Element(f"{DS}KeyName")))

        assert codes(added) == ["signature_shape"]

    def test_an_id_that_two_elements_share(self, signed: bytes) -> None:
        identity = b'Id="SignedProperties_Signature_ABC2026000000007"'
        assert "signature_references" in codes(signed.replace(b"<cbc:Note>", b"<cbc:Note " + identity + b">"))

    def test_two_transforms_even_if_the_digest_is_right(self, signed: bytes, seal: Seal) -> None:
        def add(transforms: Any) -> None:
            etree.SubElement(transforms, f"{DS}Transform", Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315")

        assert codes(resigned(changed(signed, "//ds:Transforms", add), seal)) == ["signature_transforms"]

    def test_sha1_even_if_the_digest_is_right(self, signed: bytes, seal: Seal) -> None:
        root = etree.fromstring(signed)
        properties = etree.tostring(root.find(".//{*}SignedProperties"), method="c14n")
        sha1 = base64.b64encode(hashlib.sha1(properties, usedforsecurity=False).digest()).decode()

        def weaken(reference: Any) -> None:
            reference.find(f"{DS}DigestMethod").set("Algorithm", "http://www.w3.org/2000/09/xmldsig#sha1")
            reference.find(f"{DS}DigestValue").text = sha1

        assert codes(resigned(changed(signed, "//ds:Reference[2]", weaken), seal)) == ["signature_sha1"]

    def test_a_reference_to_nothing_but_the_properties(self, signed: bytes, seal: Seal) -> None:
        without = changed(signed, "//ds:Reference[1]", lambda reference: reference.getparent().remove(reference))

        assert codes(resigned(without, seal)) == ["signature_references"]

    def test_a_certificate_that_was_not_valid_then(self, seal: Seal, signed: bytes) -> None:
        late = signed.replace(b"2026-11-20T12:00:00", b"2028-11-20T12:00:00")

        assert codes(with_digest(late, seal)) == ["signature_certificate_out_of_time"]

    @pytest.mark.parametrize("part", ["SignatureValue", "Modulus", "X509Certificate"])
    def test_another_spelling_of_the_same_bytes(self, signed: bytes, part: str) -> None:
        """The last letter of base64 has bits that decoders do not look at."""

        def respell(element: Any) -> None:
            bare = element.text.rstrip("=")
            last = LETTERS.index(bare[-1])
            if bare == element.text:
                element.text += "===="  # no unused bits: padding that means nothing
            else:
                element.text = bare[:-1] + LETTERS[last ^ 1] + "=" * (len(element.text) - len(bare))

        assert codes(changed(signed, f"//ds:{part}", respell)) in (
            ["signature_shape"],
            ["signature_key_differs"],
            ["signature_certificate_unread"],
        )

    def test_a_serial_number_that_was_signed_wrongly(self, signed: bytes, seal: Seal) -> None:
        wrong = changed(signed, "//ds:X509SerialNumber", lambda number: setattr(number, "text", "1"))

        assert codes(with_digest(wrong, seal)) == ["signature_issuer_differs"]


class TestWhatIsNoticed:
    def test_comments_are_counted(self, signed: bytes) -> None:
        (verification,) = verify(signed.replace(b"<cbc:Note>", b"<!-- paid --><cbc:Note>"))

        assert verification.holds
        assert [(each.code, each.params["count"]) for each in verification.findings] == [("signature_comments", "1")]

    def test_the_certificate_of_somebody_else(self) -> None:
        other = make_seal(identity="9205121120")
        (verification,) = verify(sign(draft(), KeySigner(other.key, [other.certificate]), now=NOW))

        assert verification.holds
        assert [each.code for each in verification.findings] == ["signature_identity_differs"]

    def test_a_certificate_without_a_number(self) -> None:
        other = make_seal(identity=None)

        assert codes(sign(draft(), KeySigner(other.key, [other.certificate]), now=NOW)) == ["signature_identity_unread"]


def test_an_envelope_without_documents_has_nothing_to_verify() -> None:
    with pytest.raises(HubError, match="envelope_empty"):
        verify(in_envelope())
