from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import efatura_kontrol
import pytest
from lxml import etree

from hub.einvoice.check import faster, rules
from hub.einvoice.check.checker import RulesChecker, warm_checker
from hub.einvoice.explained import explained
from hub.einvoice.finding import Finding
from hub.einvoice.seal.sign import sign
from hub.einvoice.seal.signer import KeySigner
from hub.errors import HubError
from hub.i18n import speaking
from hub.message_texts import TEXTS
from tests.support.seals import NOW
from tests.support.ubl_samples import draft, sample

Signed = Callable[..., bytes]
SECRET = "GizliKisi"


@pytest.fixture
def signed(signer: KeySigner) -> Signed:
    def make(**parts: Any) -> bytes:
        return sign(draft(**parts), signer, now=NOW)

    return make


def findings(document: bytes, **options: Any) -> list[Finding]:
    return warm_checker().check(document, **options)


class TestFindings:
    def test_each_names_its_element_with_path_and_line(self, signed: Signed) -> None:
        (wrong,) = findings(signed(lines=2).replace(b'unitCode="C62"', b'unitCode="ADET"', 1))

        assert wrong.code == "gib:GeneralUnitCodeCheck-1"
        assert wrong.path == "/inv:Invoice/cac:InvoiceLine[1]/cbc:InvoicedQuantity/@unitCode"
        assert int(wrong.params["line"]) > 1

    def test_what_the_schema_misses_is_named_from_the_schema(self, signed: Signed) -> None:
        (wrong,) = findings(signed().replace(b"<cbc:LineCountNumeric>1</cbc:LineCountNumeric>", b""))

        assert (wrong.code, wrong.path) == ("xsd_element_unexpected", "/inv:Invoice/cac:Signature")
        assert "cbc:LineCountNumeric" in wrong.params["expected"]

    @pytest.mark.parametrize(
        ("written", "instead", "code"),
        [
            (b">false<", b">perhaps<", "xsd_value"),
            (b'schemeID="VKN">1234567808', b'schemeID="VKN" own="1">1234567808', "xsd_attribute_unknown"),
            (b' currencyID="TRY">50<', b">50<", "xsd_attribute_missing"),
            (b"<cbc:CityName>Ankara", b"<cbc:CityName>Ankara<cbc:CityName/>", "xsd_content"),
            (b"<cbc:CityName>Ankara</cbc:CityName>", b"", "xsd_element_unexpected"),
        ],
    )
    def test_the_schemas_words_become_codes(self, written: bytes, instead: bytes, code: str, signed: Signed) -> None:
        document = signed()
        assert written in document

        assert code in {each.code for each in findings(document.replace(written, instead))}

    def test_sums_are_checked_which_no_rule_of_gibs_does(self, signed: Signed) -> None:
        (wrong,) = findings(signed().replace(b">120.00</cbc:PayableAmount>", b">121.00</cbc:PayableAmount>"))

        assert wrong.code == "arithmetic_payable"
        assert int(wrong.params["line"]) > 1

    def test_a_draft_is_told_that_it_is_not_signed(self) -> None:
        assert [(each.code, each.severity) for each in findings(draft())] == [
            ("xsd_element_unexpected", "error"),
            ("einvoice_unsigned", "warning"),
        ]

    def test_what_else_is_wrong_with_a_draft_is_found_at_once(self) -> None:
        wrong = draft().replace(b">false<", b">perhaps<").replace(b"<cbc:CityName>Ankara</cbc:CityName>", b"", 1)
        found = [(each.code, each.path) for each in findings(wrong) if each.code.startswith("xsd_")]

        party = "/inv:Invoice/cac:AccountingSupplierParty/cac:Party/cac:PostalAddress"
        assert ("xsd_element_unexpected", "/inv:Invoice/cbc:UBLVersionID") in found
        assert ("xsd_value", "/inv:Invoice/cbc:CopyIndicator") in found
        assert ("xsd_element_unexpected", f"{party}/cac:Country") in found

    def test_no_value_of_the_document_is_in_a_finding(self, signed: Signed) -> None:
        document = signed(item=SECRET).replace(b"<cbc:CopyIndicator>false", f"<cbc:CopyIndicator>{SECRET}".encode())
        broken = document.replace(b'unitCode="C62"', f'unitCode="{SECRET}"'.encode())
        foreign = broken.replace(b"<cac:Item>", f'<own:{SECRET} xmlns:own="urn:{SECRET}"/><cac:Item>'.encode())

        found = findings(foreign)
        assert len(found) > 2
        assert SECRET not in str(found)

    def test_gibs_own_words_are_told_apart_from_the_finding(self, signed: Signed) -> None:
        (told,) = warm_checker().tell(signed().replace(b'unitCode="C62"', f'unitCode="{SECRET}"'.encode()))

        assert SECRET in told.words
        assert SECRET not in str(told.finding)


class TestKinds:
    def test_a_document_of_another_kind_than_meant_is_an_error(self, signed: Signed) -> None:
        codes = {each.code for each in findings(signed(), kind="archive-invoice")}

        assert codes == {"einvoice_kind_differs", "gib:ProfileIDCheck-2"}

    def test_a_document_of_the_kind_that_was_meant(self, signed: Signed) -> None:
        assert findings(signed(profile="EARSIVFATURA"), kind="archive-invoice") == []

    def test_the_documents_in_an_envelope_are_checked_with_their_places(self) -> None:
        envelope = sample("made-here/temelfatura_envelope.xml")
        wrong = envelope.replace(b"</cbc:PayableAmount>", b"1</cbc:PayableAmount>")

        invoice = "/sh:StandardBusinessDocument/ef:Package/Elements/ElementList/inv:Invoice"
        assert {each.path for each in findings(wrong)} == {f"{invoice}/cac:LegalMonetaryTotal/cbc:PayableAmount"}


class TestToday:
    def test_today_is_turkeys_and_not_the_machines(self, signed: Signed) -> None:
        on_the_day = RulesChecker(today=lambda: date(2026, 11, 20))
        the_day_before = RulesChecker(today=lambda: date(2026, 11, 19))

        assert on_the_day.check(signed()) == []
        assert [each.code for each in the_day_before.check(signed())] == ["gib:TimeCheck-1"]


def test_starting_the_rules_leaves_the_locale_as_it_is() -> None:
    program = (
        "import locale, os; from hub.einvoice.check.schematron import schematron;"
        "[os.environ.pop(name, None) for name in ('LANG', 'LC_ALL', 'LC_CTYPE')];"
        "before = locale.setlocale(locale.LC_ALL); schematron(); print(before == locale.setlocale(locale.LC_ALL))"
    )
    shown = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert shown.stdout == "True\n"


class TestOddDocuments:
    def test_another_encoding_and_a_byte_order_mark(self, signed: Signed) -> None:
        text = signed().decode()
        latin5 = text.replace("encoding='UTF-8'", "encoding='ISO-8859-9'").encode("iso-8859-9")

        assert findings(latin5) == []
        assert findings(b"\xef\xbb\xbf" + signed()) == []

    @pytest.mark.parametrize(
        ("document", "code"),
        [
            (b"", "xml_malformed"),
            (b"%PDF-1.7", "xml_malformed"),
            (b"<a/>", "einvoice_root_unknown"),
            (b"<!DOCTYPE a><a/>", "xml_with_doctype"),
            (b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>', "xml_with_doctype"),
            (b"<a>" * 150 + b"</a>" * 150, "xml_too_deep"),
            (b"<a>" * 5000 + b"</a>" * 5000, "xml_malformed"),
        ],
    )
    def test_what_is_no_document_is_a_clear_error(self, document: bytes, code: str) -> None:
        with pytest.raises(HubError) as refusal:
            findings(document)
        assert refusal.value.code == code

    def test_a_document_without_end_is_refused_by_its_size(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("hub.einvoice.xml.MAX_BYTES", 100)

        with pytest.raises(HubError, match="xml_too_large"):
            findings(draft())


class TestPinnedRules:
    @pytest.fixture
    def copied(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """The package's files where they may be changed."""
        folder = tmp_path / "ekler"
        shutil.copytree(Path(efatura_kontrol.__file__).parent / "ekler", folder)
        monkeypatch.setattr(efatura_kontrol, "__file__", str(tmp_path / "__init__.py"))
        rules._schemas.cache_clear()
        yield folder
        rules._schemas.cache_clear()

    def test_the_rules_that_are_there_are_those_that_were_looked_at(self) -> None:
        assert rules.stylesheet()
        assert rules.schema_file("envelope").exists()

    def test_another_schematron_is_refused(self, copied: Path) -> None:
        file = copied / "sematron" / "efatura.xsl"
        file.write_bytes(file.read_bytes() + b"\n")

        with pytest.raises(HubError, match="einvoice_rules_changed"):
            rules.stylesheet()

    def test_another_schema_is_refused_whichever_of_them(self, copied: Path) -> None:
        (copied / "xsd" / "common" / "new.xsd").write_bytes(b"<a/>")

        with pytest.raises(HubError, match="einvoice_rules_changed"):
            rules.schema_file("invoice")

    def test_rules_that_are_not_there_are_missed_by_name(self, copied: Path) -> None:
        (copied / "sematron" / "efatura.xsl").unlink()

        with pytest.raises(HubError, match=r"einvoice_rules_missing file=efatura\.xsl"):
            rules.stylesheet()

    def test_the_rewrites_are_of_this_stylesheet_only(self) -> None:
        with pytest.raises(HubError, match="einvoice_rules_changed"):
            faster.faster(b'<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0"/>')


class TestExplanations:
    def test_every_rule_of_gibs_is_explained_in_both_languages(self) -> None:
        stylesheet = etree.fromstring(rules.stylesheet(), etree.XMLParser(huge_tree=True))
        names = {each.get("id") for each in stylesheet.iter("{http://purl.oclc.org/dsdl/svrl}failed-assert")}
        assert len(names) > 250
        for name in sorted(names):
            finding = Finding(f"gib:{name}", "/", "error")
            with speaking("en"):
                english = explained(finding)
            with speaking("tr"):
                turkish = explained(finding)
            assert english != TEXTS["gib:*"], name
            assert english != turkish, name

    def test_a_rule_that_is_new_is_explained_by_what_gib_says(self) -> None:
        assert explained(Finding("gib:BrandNewCheck-1", "/", "error")) == TEXTS["gib:*"]
