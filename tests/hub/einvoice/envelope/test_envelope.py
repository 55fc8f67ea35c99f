from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from hub.einvoice.check.checker import RulesChecker
from hub.einvoice.envelope.model import CARRIES, MOST_INVOICES, Address, Enclosed, Envelope
from hub.einvoice.envelope.read import read
from hub.einvoice.envelope.spans import document_spans, root_span
from hub.einvoice.envelope.write import enclosed, write
from hub.einvoice.seal.sign import sign
from hub.einvoice.seal.signer import KeySigner
from hub.einvoice.seal.verify import verify
from hub.errors import HubError
from tests.support.seals import NOW
from tests.support.ubl_samples import draft, sample

ID = "af978ba9-fa2f-4da8-a9d8-a695381d66d1"
SENDER = Address("urn:mail:defaultgb@deneme.com.tr", "1234567808", "Deneme & Oğulları A.Ş.")
RECEIVER = Address("urn:mail:defaultpk@alici.com.tr", "9205121120")


def envelope(*documents: bytes, **changes: object) -> Envelope:
    made = Envelope(ID, "SENDERENVELOPE", SENDER, RECEIVER, NOW, tuple(enclosed(each) for each in documents))
    return replace(made, **changes)  # type: ignore[arg-type]


def refused(made: Envelope) -> tuple[str, dict[str, object]]:
    with pytest.raises(HubError) as caught:
        write(made)
    return caught.value.code, dict(caught.value.params)


class TestBytes:
    def test_a_signed_document_goes_in_and_comes_out_byte_for_byte_and_its_signature_stands(
        self, signer: KeySigner
    ) -> None:
        documents = [sign(draft(note=f"<![CDATA[a > b]]> {number}"), signer, now=NOW) for number in range(3)]
        found = read(write(envelope(*documents)))
        assert [each.content for each in found.documents] == [
            document[document.index(b"<Invoice") :].rstrip() for document in documents
        ]
        for each in found.documents:
            assert each.whole
            (verification,) = verify(each.content)
            assert verification.holds

    @settings(max_examples=15, deadline=None)
    @given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Co", "Cn"])), max_size=4))
    def test_whatever_stands_in_documents_they_come_out_as_they_went_in(self, notes: list[str]) -> None:
        documents = [draft(note=f"{escape(note)}<!--{len(note)}-->") for note in ["", *notes]]
        found = read(write(envelope(*documents)))
        assert [each.content for each in found.documents] == [each[each.index(b"<Invoice") :] for each in documents]

    def test_the_signature_in_the_reference_envelope_stands_once_its_invoice_is_cut_out(self) -> None:
        (document,) = read(sample("made-here/temelfatura_envelope.xml")).documents
        assert document.whole
        assert verify(document.content)[0].holds

    def test_the_reference_envelope_is_made_again_from_its_parts(self) -> None:
        found = read(sample("made-here/temelfatura_envelope.xml"))
        again = read(write(found))
        assert again == found

    def test_declarations_byte_order_marks_and_comments_around_a_document_stay_outside(self) -> None:
        body = draft()[draft().index(b"<Invoice") :]
        around = b"\xef\xbb\xbf<?xml version='1.0'?><!-- <Invoice> --><!-- b -->" + body + b"\n<!-- c -->\n"
        assert enclosed(around).content == body

    def test_an_instruction_outside_the_root_is_refused_for_a_signature_covers_it(self) -> None:
        for document in (b"<?xml-stylesheet href='a'?>" + draft()[draft().index(b"<Invoice") :], draft() + b"<?a b?>"):
            with pytest.raises(HubError) as caught:
                enclosed(document)
            assert caught.value.code == "envelope_instruction"

    def test_another_encoding_is_refused(self) -> None:
        latin = draft().decode().replace("UTF-8", "ISO-8859-9").encode("iso-8859-9")
        with pytest.raises(HubError) as caught:
            enclosed(latin)
        assert caught.value.code == "envelope_not_utf8"

    @pytest.mark.parametrize(
        ("content", "expected"),
        [
            (b"<a/>", b"<a/>"),
            (b"<a b='>' c=\"'>\"/>", b"<a b='>' c=\"'>\"/>"),
            (b"<a><b/></a >", b"<a><b/></a >"),
            ("<a>ğüş</a>".encode(), "<a>ğüş</a>".encode()),
        ],
    )
    def test_a_root_is_cut_at_its_last_byte(self, content: bytes, expected: bytes) -> None:
        span = root_span(b"<!-- x -->" + content + b"\n\n")
        assert (b"<!-- x -->" + content)[span.start : span.end] == expected

    def test_a_document_that_leans_on_the_envelope_for_a_prefix_is_completed_and_told_apart(self) -> None:
        whole = write(envelope(draft()))
        declared = b' xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"'
        root = b"<sh:StandardBusinessDocument "
        hoisted = whole.replace(declared, b"", 1).replace(root, root[:-1] + declared + b" ", 1)
        (document,) = read(hoisted).documents
        assert not document.whole
        cut = etree.fromstring(document.content)
        assert cut.findtext("{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}UUID")
        assert b"xmlns:ef" not in document.content


class TestRules:
    def test_gib_finds_nothing_wrong_with_an_envelope_of_ours(self, signer: KeySigner) -> None:
        checker = RulesChecker(today=NOW.date)
        findings = checker.check(write(envelope(sign(draft(), signer, now=NOW))), kind="envelope")
        assert [finding.code for finding in findings if finding.severity == "error"] == []

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"id": "1234"}, "envelope_id_malformed"),
            ({"sender": replace(SENDER, alias=" ")}, "envelope_address_incomplete"),
            ({"receiver": replace(RECEIVER, number="123")}, "envelope_address_incomplete"),
            ({"sender": replace(SENDER, number="1288331521")}, "envelope_party_differs"),
            ({"receiver": replace(RECEIVER, number="1288331521")}, "envelope_party_differs"),
            ({"documents": ()}, "envelope_empty"),
            ({"type": "POSTBOXENVELOPE"}, "envelope_carries_wrong"),
            ({"type": "SYSTEMENVELOPE"}, "envelope_carries_wrong"),
            ({"type": "USERENVELOPE"}, "envelope_user_receiver"),
        ],
    )
    def test_what_gib_would_refuse_is_not_written(self, changes: dict[str, object], code: str) -> None:
        assert refused(envelope(draft(), **changes))[0] == code

    def test_the_archive_of_public_bodies_takes_documents_for_others(self) -> None:
        assert write(envelope(draft(), receiver=Address("urn:mail:pk@a.gov.tr", "3900892152")))

    def test_an_envelope_has_room_for_a_hundred_invoices(self) -> None:
        full = (enclosed(draft()),) * MOST_INVOICES
        assert len(read(write(envelope(documents=full))).documents) == MOST_INVOICES
        assert refused(envelope(documents=(*full, full[0]))) == (
            "envelope_too_many_invoices",
            {"limit": MOST_INVOICES},
        )

    @pytest.mark.parametrize("profile", ["IHRACAT", "YOLCUBERABERFATURA"])
    def test_an_export_travels_alone(self, profile: str) -> None:
        document = draft(profile=profile)
        assert write(envelope(document))
        assert refused(envelope(document, document)) == ("envelope_export_alone", {"profile": profile})

    def test_a_document_is_what_its_root_says_and_not_what_somebody_calls_it(self) -> None:
        renamed = Enclosed("CREDITNOTE", enclosed(draft()).content)
        assert refused(envelope(documents=(renamed,)))[0] == "envelope_carries_wrong"
        with pytest.raises(HubError) as caught:
            enclosed(b"<Order/>")
        assert caught.value.code == "envelope_carries_wrong"

    def test_every_kind_of_envelope_carries_something(self) -> None:
        assert all(CARRIES.values())


class TestReading:
    @pytest.mark.parametrize(
        ("name", "kind", "types"),
        [
            ("gib-envelope-legacy/1_TEMEL_FATURA_ZARF.xml", "SENDERENVELOPE", {"INVOICE"}),
            ("gib-envelope-legacy/1_SISTEM_YANITI_MERKEZ.xml", "SYSTEMENVELOPE", {"APPLICATIONRESPONSE"}),
            ("gib-envelope-legacy/2_UYGULAMA_YANITI_KABUL_ZARF.xml", "POSTBOXENVELOPE", {"APPLICATIONRESPONSE"}),
            ("gib-envelope-legacy/3_UYGULAMA_YANITI_RED_ZARF.xml", "POSTBOXENVELOPE", {"APPLICATIONRESPONSE"}),
            ("thirdparty/Good_TemelFatura_Zarf.xml", "SENDERENVELOPE", {"INVOICE"}),
        ],
    )
    def test_envelopes_of_others_are_read(self, name: str, kind: str, types: set[str]) -> None:
        content = sample(name)
        found = read(content)
        assert (found.type, {document.type for document in found.documents}) == (kind, types)
        assert found.sender.alias
        assert len(found.sender.number) in (10, 11)
        assert len(found.id) == 36
        for document, span in zip(found.documents, document_spans(content), strict=True):
            assert document.content == content[span.start : span.end]
            assert etree.fromstring(document.content) is not None

    def test_a_time_without_offset_is_istanbuls(self) -> None:
        assert read(write(envelope(draft()))).created == datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

    def test_the_title_of_a_party_is_kept_and_nobody_is_printed(self) -> None:
        found = read(write(envelope(draft())))
        assert found.sender == SENDER
        for value in (SENDER.alias, SENDER.number, SENDER.title, RECEIVER.number):
            assert value not in repr(found)

    @pytest.mark.parametrize(
        ("old", "new", "code"),
        [
            (b"<ElementCount>1<", b"<ElementCount>2<", "envelope_count_differs"),
            (b"<ElementType>INVOICE<", b"<ElementType>CREDITNOTE<", "envelope_carries_wrong"),
            (b"<sh:Type>SENDERENVELOPE<", b"<sh:Type>LETTER<", "envelope_incomplete"),
            (b"<sh:CreationDateAndTime>2026", b"<sh:CreationDateAndTime>soon", "envelope_incomplete"),
            (b"StandardBusinessDocumentHeader>", b"Header>", "envelope_incomplete"),
            (b"</ef:Package>", b"", "xml_malformed"),
        ],
    )
    def test_a_broken_envelope_says_what_is_wrong(self, old: bytes, new: bytes, code: str) -> None:
        with pytest.raises(HubError) as caught:
            read(write(envelope(draft())).replace(old, new))
        assert caught.value.code == code

    def test_ten_groups_are_the_most(self) -> None:
        whole = write(envelope(draft()))
        start, end = whole.index(b"<Elements>"), whole.index(b"</Elements>") + len(b"</Elements>")
        group = whole[start:end]
        assert len(read(whole[:start] + group * 10 + whole[end:]).documents) == 10
        with pytest.raises(HubError) as caught:
            read(whole[:start] + group * 11 + whole[end:])
        assert caught.value.code == "envelope_too_many_groups"

    def test_an_invoice_by_itself_is_no_envelope(self) -> None:
        with pytest.raises(HubError) as caught:
            read(draft())
        assert caught.value.code == "envelope_root_unknown"
