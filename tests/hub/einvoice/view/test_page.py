from __future__ import annotations

import base64
import json
import re

import pytest
from lxml import html

from hub.einvoice.seal.sign import sign
from hub.einvoice.seal.signer import KeySigner
from hub.einvoice.view.embedded import embedded_stylesheet, transformed
from hub.einvoice.view.inert import POLICY, inert
from hub.einvoice.view.page import page
from hub.einvoice.view.qr import qr_content
from hub.einvoice.xml import parse
from hub.errors import HubError
from tests.support.seals import NOW
from tests.support.ubl_samples import draft, sample

STYLESHEET = """<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:exsl="http://exslt.org/common" extension-element-prefixes="exsl"><xsl:output method="html"/>
    <xsl:template match="/">%s</xsl:template>%s</xsl:stylesheet>"""
CALL = '<xsl:call-template name="a"/>'
CARRIER = """<cac:AdditionalDocumentReference><cbc:ID>1</cbc:ID><cbc:DocumentType>XSLT</cbc:DocumentType>\
<cac:Attachment><cbc:EmbeddedDocumentBinaryObject mimeCode="application/xml">%s</cbc:EmbeddedDocumentBinaryObject>\
</cac:Attachment></cac:AdditionalDocumentReference>"""


def stylesheet(template: str, more: str = "") -> bytes:
    return (STYLESHEET % (template, more)).encode()


def carrying(program: bytes) -> bytes:
    carrier = CARRIER % base64.b64encode(program).decode()
    return draft().replace(b"  <cac:AccountingSupplierParty>", carrier.encode() + b"<cac:AccountingSupplierParty>")


def refused(document: bytes, *, embedded: bool = True) -> str:
    with pytest.raises(HubError) as refusal:
        page(document, embedded=embedded)
    return refusal.value.code


class TestOurs:
    def test_it_shows_parties_lines_taxes_totals_notes_and_the_number(self) -> None:
        text = html.fromstring(page(draft(lines=3, item="Kalem & <Defter>".replace("&", "&amp;").replace("<", "&lt;"))))
        shown = " ".join(text.text_content().split())

        for part in (
            "Deneme Satıcı A.Ş.",
            "VKN: 9205121120",
            "Kalem & <Defter>",
            "2 adet",
            "KDV %20",
            "Vergiler dahil tutar360,00 TRY",
            "Ödenecek tutar360,00 TRY",
            "Teşekkürler",
            "f0e3846e-dcf4-43a5-b9ee-309d5c84038a",
        ):
            assert part.replace(" ", "") in shown.replace(" ", "")

    def test_it_reads_a_signed_invoice_and_one_of_e_arsiv(self, signer: KeySigner) -> None:
        signed = sign(draft(profile="EARSIVFATURA"), signer, now=NOW)

        assert "e-Arşiv Fatura" in page(signed).decode()

    def test_nothing_of_the_document_becomes_markup(self) -> None:
        evil = "&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;"
        made = html.fromstring(page(draft(item=evil, note=evil)))

        assert not made.xpath("//script | //@onerror | //*[@href]")
        assert [image.get("src", "")[:5] for image in made.xpath("//img")] == ["data:"]
        assert made.xpath("//meta[@http-equiv='Content-Security-Policy']/@content") == [POLICY]

    def test_a_value_that_is_no_number_is_shown_as_it_is(self) -> None:
        assert (
            "yüz" in page(draft().replace(b">120.00</cbc:PayableAmount>", ">yüz</cbc:PayableAmount>".encode())).decode()
        )

    def test_what_is_no_invoice_has_no_page(self) -> None:
        assert refused(sample("made-here/temelfatura_envelope.xml"), embedded=False) == "view_kind"


def test_the_qr_code_says_what_gibs_standard_wants() -> None:
    assert json.loads(qr_content(parse(draft(lines=2)))) == {
        "vkntckn": "1234567808",
        "avkntckn": "9205121120",
        "senaryo": "TEMELFATURA",
        "tip": "SATIS",
        "tarih": "2026-11-20",
        "no": "ABC2026000000007",
        "ettn": "f0e3846e-dcf4-43a5-b9ee-309d5c84038a",
        "parabirimi": "TRY",
        "malhizmettoplam": "200.00",
        "kdvmatrah(20)": "200.00",
        "hesaplanankdv(20)": "40.00",
        "vergidahil": "240.00",
        "odenecek": "240.00",
    }


class TestTheDocumentsOwn:
    def test_it_runs_and_comes_out_inert(self) -> None:
        made = page(
            carrying(stylesheet("<html><body onload='x()'><b>own</b><script>x()</script></body></html>")), embedded=True
        ).decode()

        assert "<b>own</b>" in made
        assert "x()" not in made
        assert POLICY in made

    def test_gibs_sample_with_its_own_stylesheet(self) -> None:
        assert "IDIS" in page(sample("gib-ubltr-1.2.1/IDIS_Fatura.xml"), embedded=True).decode()

    def test_a_document_without_one_says_so(self) -> None:
        assert refused(draft()) == "view_no_stylesheet"

    @pytest.mark.parametrize(
        "program",
        [
            stylesheet('<p><xsl:value-of select="document(\'/etc/passwd\')"/></p>'),
            stylesheet('<p><xsl:copy-of select="document(\'http://127.0.0.1:9/\')"/></p>'),
            stylesheet('<exsl:document href="/tmp/seal-view-test">x</exsl:document><p/>'),
            stylesheet("<p/>").replace(b"<xsl:output", b'<xsl:include href="/etc/hostname"/><xsl:output'),
            stylesheet(CALL, f'<xsl:template name="a">{CALL}</xsl:template>'),
            b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + stylesheet("<p>&e;</p>"),
            b"no stylesheet",
        ],
        ids=["reads a file", "fetches", "writes a file", "includes a file", "never ends", "expands", "is none"],
    )  # fmt: skip
    def test_what_reaches_out_gets_nothing(self, program: bytes) -> None:
        assert refused(carrying(program)) == "view_stylesheet_failed"

    def test_a_page_without_end_is_given_up(self, monkeypatch: pytest.MonkeyPatch) -> None:
        program = embedded_stylesheet(parse(carrying(stylesheet("<p>long</p>"))))
        monkeypatch.setattr("hub.einvoice.view.embedded.MAX_PAGE_BYTES", 3)

        with pytest.raises(HubError, match="view_too_large"):
            transformed(program, draft())


class TestInert:
    @pytest.mark.parametrize(
        "markup",
        [
            '<a href="javascript:bad()">text</a>',
            '<img src="http://bad/">text',
            '<img src="data:text/html,bad">text',
            '<p onclick="bad()">text</p>',
            "<svg onload=bad()><text>bad</text></svg>text",
            '<iframe src="bad"></iframe>text',
            '<meta http-equiv="refresh" content="0;url=bad">text',
            '<link rel="stylesheet" href="bad">text',
            '<base href="bad">text',
            '<form action="bad"><input name="bad"></form>text',
            "<script>bad()</script>text",
            "<!-- bad -->text",
            '<object data="bad"></object>text',
        ],
    )
    def test_what_could_run_or_fetch_goes_and_the_text_stays(self, markup: str) -> None:
        made = inert(f"<html><body>{markup}</body></html>".encode()).decode()

        assert "text" in made
        assert "bad" not in made

    def test_how_a_page_looks_stays(self) -> None:
        made = inert(
            b'<html><head><style>p { color: red }</style></head><body><p style="color: red">x</p></body></html>'
        )

        assert re.search(r"<style>p \{ color: red \}</style>", made.decode())
        assert '<p style="color: red">' in made.decode()
