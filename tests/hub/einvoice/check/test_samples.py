"""The verdicts that are known of public samples; and our faster form of the rules beside the package's own run."""

from __future__ import annotations

import pytest
from efatura_kontrol.kontrol import kontrol_et

from hub.einvoice.check.checker import warm_checker
from hub.einvoice.names import kind_of
from hub.einvoice.xml import parse
from tests.support.ubl_samples import SHARED, draft, sample

SHELL = {f"gib:XadesSignatureCheckForInvoice-{number}" for number in (1, 2, 4, 7)}
ADDRESS = {f"gib:DespatchAddressCheck-{number}" for number in (1, 2, 3, 4)}
VALID: set[str] = set()
VERDICTS = {
    "gib-ubltr-1.2.1/TicariFaturaOrnegi.xml": VALID,
    "gib-ubltr-1.2.1/IDIS_Fatura.xml": VALID,
    "gib-ubltr-1.2.1/SARJ.xml": VALID,
    "gib-ubltr-1.2.1/YTB_Istisna_Efatura.xml": VALID,
    "gib-ubltr-1.2.1/YTB_Satıs_EArşiv.xml": VALID,
    "gib-ubltr-1.2.1/IHRACAT_GTB_UygulamaYaniti_KABUL.xml": VALID,
    "gib-ubltr-1.2.1/IHRACAT_GTB_UygulamaYaniti_RED.xml": VALID,
    "gib-ubltr-1.2.1/YOLCUBERABER_UygulamaYaniti.xml": VALID,
    "gib-ubltr-1.2.1/IDIS_Irsaliye.xml": VALID,
    "gib-ubltr-1.2.1/IrsaliyeYaniti-Ornek1.xml": VALID,
    "gib-ubltr-1.2.1/IrsaliyeYaniti-Ornek2.xml": VALID,
    "gib-ubltr-1.2.1/IrsaliyeYaniti-Ornek4.xml": VALID,
    "gib-ubltr-1.2.1/TemelFaturaOrnegi.xml": {"gib:InvoiceIDCheck-1", "gib:PartyIdentificationTCKNVKNCheck-2"},
    "gib-ubltr-1.2.1/HASTANE.xml": {"gib:InvoicedQuantityCheck-1"},
    "gib-ubltr-1.2.1/ISTISNA-1.xml": {
        "gib:CurrencyCodeCheck-6",
        "gib:InvoicedQuantityCheck-1",
        "gib:PartyIdentificationTCKNVKNCheck-1",
        "gib:PartyIdentificationPartyNamePersonCheck-1",
        "gib:PartyIdentificationSchemeIDCheck-1",
    },
    "gib-ubltr-1.2.1/IadeFaturasiOrnegi.xml": {"gib:InvoiceTypeCodeCheck-2", "gib:IADEInvioceCheck-1"},
    "gib-ubltr-1.2.1/IHRACAT.xml": SHELL,
    "gib-ubltr-1.2.1/YOLCUBERABER.xml": SHELL,
    "gib-ubltr-1.2.1/HKS-Ornek1.xml": {"xsd_children_missing"},
    "gib-ubltr-1.2.1/KabulUygulamaYanitiOrnegi.xml": {
        "gib:ApplicationResponseProfileIDCheck-3",
        "gib:ARSignatureCheck-1",
    },
    "gib-ubltr-1.2.1/IadeUygulamaYanitiOrnegi.xml": {
        "gib:ApplicationResponseProfileIDCheck-3",
        "gib:ARSignatureCheck-1",
    },
    "gib-ubltr-1.2.1/Irsaliye-Matbudan.xml": ADDRESS,
    "gib-ubltr-1.2.1/Irsaliye-Ornek1.xml": ADDRESS,
    "gib-ubltr-1.2.1/Irsaliye-Ornek2.xml": ADDRESS,
    "gib-ubltr-1.2.1/Irsaliye-Ornek3.xml": ADDRESS,
    "thirdparty/Good_TemelFatura.xml": VALID,
    "thirdparty/Good_TemelFatura_Zarf.xml": VALID,
    "made-here/temelfatura_signed.xml": VALID,
    "made-here/temelfatura_envelope.xml": VALID,
}
FILES = sorted(str(path.relative_to(SHARED)) for path in SHARED.glob("*/*.xml"))


@pytest.mark.parametrize("path", VERDICTS)
def test_a_sample_gets_the_verdict_that_is_known_of_it(path: str) -> None:
    found = warm_checker().check(sample(path))

    assert {each.code for each in found if each.severity == "error"} == VERDICTS[path]


def test_the_verdicts_are_of_all_samples_that_are_no_drafts() -> None:
    if not FILES:
        pytest.skip("the reference folder ../shared with UBL-TR samples is not here")

    assert {path for path in FILES if "j2u_" not in path and "legacy" not in path} == set(VERDICTS)


def agree(document: bytes) -> None:
    ours = [each.code for each in warm_checker().check(document) if each.code.startswith("gib:")]
    theirs = [each.kod for each in kontrol_et(document).bulgular if each.kaynak == "sematron"]

    assert sorted(code.removeprefix("gib:") for code in ours) == sorted(code.removeprefix("sch-") for code in theirs)


@pytest.mark.parametrize("path", FILES or ["thirdparty/Good_TemelFatura.xml"])
def test_the_faster_rules_say_what_the_packages_own_run_says(path: str) -> None:
    agree(sample(path))


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        (b'currencyID="TRY"', b'currencyID="TRY,USD"'),
        (b'currencyID="TRY"', b'currencyID=""'),
        (b'currencyID="TRY"', b'currencyID="TL"'),
        (b'unitCode="C62"', b'unitCode="ADET"'),
        (b'unitCode="C62"', b'unitCode="05,06"'),
        (b'unitCode="C62"', b'unitCode=" C62"'),
        (b">0015<", b">9999<"),
        (b"<cbc:Name>T\xc3\xbcrkiye", b"<cbc:IdentificationCode>XX</cbc:IdentificationCode><cbc:Name>T"),
        (b">2026-11-20<", b">2026-02-30<"),
        (b">2026-11-20<", b">2004-12-31<"),
        (b">2.1<", b">2.0<"),
        (b">100.00<", b">100.001<"),
    ],
)
def test_the_faster_rules_say_so_of_wrong_values_too(written: bytes, instead: bytes) -> None:
    assert written in draft(lines=2)
    agree(draft(lines=2).replace(written, instead))


def test_an_archive_invoice_is_recognised_by_its_profile() -> None:
    document = draft(profile="EARSIVFATURA")

    assert kind_of(parse(document)) == "archive-invoice"
    assert "gib:ProfileIDCheck-1" not in {each.code for each in warm_checker().check(document)}
