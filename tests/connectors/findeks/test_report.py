"""The sheet's examples and traps: what a report's fields become, in JSON and in XML."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Row
from connectors.failure import ProviderFailure
from connectors.findeks.formats.decoding import documents_in
from connectors.findeks.formats.turkish import amount, day, folded, moment, turkish_amount
from connectors.findeks.report import Taken, take_apart
from connectors.findeks.streams.reports import band_of, subject_type
from tests.connectors.findeks.bureau import TCKN, VKN

REPORT: dict[str, Any] = {
    "reportId": "rpt_20260601_000042",
    "referenceNo": "FK2606010000042",
    "reportType": "RISK",
    "status": "READY",
    "queriedAt": "2026-06-01T10:15:30+03:00",
    "consentId": "cns_7f2a",
    "customerRef": "CRM-10042",
    "subject": {
        "type": "INDIVIDUAL",
        "identityType": "TCKN",
        "identityNumber": TCKN,
        "fullName": "AYŞE ÖRNEK",
        "birthDate": "1990-01-15",
    },
    "score": {
        "value": 1443,
        "min": 1,
        "max": 1900,
        "band": "LOW_RISK",
        "model": "BKN",
        "noScoreReason": None,
        "reasonCodes": ["05", "12", "31", None],
        "trend": "UP",
    },
    "summary": {"totalLimit": "185000.00", "totalDebt": "64250.75", "accountCount": 2, "lastCreditDate": "2025-11-03"},
    "accounts": [
        {
            "seq": 1,
            "institutionCode": "A",
            "creditType": "CREDIT_CARD",
            "currency": "TRY",
            "openedOn": "2019-03-12",
            "limitOrAmount": "75000.00",
            "balance": "21250.75",
            "paymentHistory36": "000000000001000000000000000000000000",
        }
    ],
    "enquiries": {
        "last1Month": 1,
        "older": 3,
        "items": [{"date": "2026-05-20", "creditType": "CREDIT_CARD", "amount": "50000.00", "result": "PENDING"}],
    },
    "cheques": None,
}
XML = """<?xml version="1.0" encoding="UTF-8"?>
<RiskRaporu xmlns="urn:assumed:findeks:risk:1" referansNo="FK2606010000042" raporTarihi="01.06.2026 10:15:30">
  <Kisi kimlikTuru="TCKN" kimlikNo="10000000146"><AdSoyad>AYŞE ÖRNEK</AdSoyad></Kisi>
  <KrediNotu><Deger>1443</Deger><SebepKodu>05</SebepKodu><SebepKodu>12</SebepKodu></KrediNotu>
  <Ozet><ToplamLimit>185.000,00</ToplamLimit><ToplamRisk>64.250,75</ToplamRisk>
    <GecikmedekiHesapSayisi>1</GecikmedekiHesapSayisi><GecikmedekiBakiye>1.250,00</GecikmedekiBakiye></Ozet>
  <Hesaplar><Hesap siraNo="1" kurumRumuzu="A"><KrediTuru>KREDİ KARTI</KrediTuru><AcilisTarihi>12.03.2019</AcilisTarihi>
    <Limit>75.000,00</Limit><Bakiye>-</Bakiye>
    <OdemeTarihcesi>000000000001000000000000000000000000</OdemeTarihcesi></Hesap></Hesaplar>
</RiskRaporu>"""


def taken(document: dict[str, Any]) -> Taken:
    found = Taken()
    take_apart(document, found, source="file")
    return found


def row(**changes: Any) -> Row:
    return taken(deepcopy(REPORT) | changes).reports[0]


def in_xml(text: str) -> Taken:
    (document,) = documents_in(text)
    return taken(document)


class TestTheExamples:
    def test_in_json(self) -> None:
        found = taken(deepcopy(REPORT))
        report = found.reports[0]
        assert report["queried_at"] == datetime(2026, 6, 1, 7, 15, 30, tzinfo=UTC)
        assert (report["score"], report["score_band"], report["score_reason_codes"]) == (1443, "LOW_RISK", "05,12,31")
        assert (report["total_debt"], report["birth_date"]) == (Decimal("64250.75"), date(1990, 1, 15))
        assert (report["subject_type"], report["identity_number"]) == ("INDIVIDUAL", TCKN)
        assert found.children["accounts"][0]["payment_history_36"] == "000000000001000000000000000000000000"
        assert found.children["enquiries"][0] | {"member_name": None} == {
            "reference_no": "FK2606010000042",
            "enquired_on": date(2026, 5, 20),
            "seq": 1,
            "member_name": None,
            "credit_type": "CREDIT_CARD",
            "amount": Decimal("50000.00"),
            "result": "PENDING",
        }

    def test_in_xml(self) -> None:
        found = in_xml(XML)
        report = found.reports[0]
        assert report["queried_at"] == datetime(2026, 6, 1, 7, 15, 30, tzinfo=UTC), "Turkish local time"
        assert (report["score"], report["score_band"]) == (1443, "LOW_RISK")
        assert (report["total_limit"], report["delinquent_balance"]) == (Decimal("185000.00"), Decimal("1250.00"))
        assert report["full_name"] == "AYŞE ÖRNEK"
        account = found.children["accounts"][0]
        assert (account["credit_type"], account["opened_on"]) == ("CREDIT_CARD", date(2019, 3, 12))
        assert (account["limit_or_amount"], account["balance"]) == (Decimal("75000.00"), None)

    def test_an_element_nobody_knows_travels_on_for_the_gate_to_name(self) -> None:
        text = XML.replace("</Kisi>", "<CepTelefonu>05321234567</CepTelefonu></Kisi>").replace(
            "</RiskRaporu>", "<Isveren>X</Isveren></RiskRaporu>"
        )
        report = in_xml(text).reports[0]
        assert (report["subject_cep_telefonu"], report["isveren"]) == ("05321234567", "X")

    def test_a_cheque_report(self) -> None:
        cheques = {
            "chequeIndex": 640,
            "windowMonths": 36,
            "periods": [
                {"period": "1M", "paidOnPresentation": {"count": 3, "amount": "75000.00"}, "bouncedUnpaid": None}
            ],
            "futureDated": {"count": 2, "amount": "1.000,50"},
            "flags": {"chequeBan": False, "injunction": None, "bankruptcy": True},
            "banks": ["Örnek Bankası", "Deneme Bank"],
            "bouncedList": [
                {"bank": "Örnek Bankası", "presentedOn": "2026-05-01", "amount": "5.000,00", "paidLaterOn": "-"}
            ],
        }
        found = taken(deepcopy(REPORT) | {"reportType": "CHEQUE", "score": None, "summary": None, "cheques": cheques})
        report = found.reports[0]
        assert (report["cheque_index"], report["score"], report["bankruptcy"]) == (640, None, True)
        assert report["future_cheque_amount"] == Decimal("1000.50")
        period = found.children["cheque_periods"][0]
        assert (period["paid_count"], period["paid_amount"], period["unpaid_count"]) == (3, Decimal("75000.00"), None)
        bounced = found.children["bounced_cheques"][0]
        assert (bounced["seq"], bounced["amount"], bounced["paid_later_on"]) == (1, Decimal("5000.00"), None)

    def test_everything_as_text_as_upstream_sends_it(self) -> None:
        score = REPORT["score"] | {"value": "1443"}
        report = row(score=score, summary={"accountCount": "2", "totalDebt": "64.250,75 TL"})
        assert (report["score"], report["account_count"], report["total_debt"]) == (1443, 2, Decimal("64250.75"))


class TestTheScore:
    @pytest.mark.parametrize("none", [0, "0", "", "-", None])
    def test_zero_is_no_score(self, none: Any) -> None:
        report = row(score={"value": none, "model": "BKN", "noScoreReason": "02"})
        assert (report["score"], report["score_band"], report["no_score_reason"]) == (None, None, "02")

    def test_zero_in_xml_is_no_score_either(self) -> None:
        report = in_xml(XML.replace("<Deger>1443</Deger>", "<Deger>0</Deger>")).reports[0]
        assert (report["score"], report["score_band"]) == (None, None)

    @pytest.mark.parametrize(
        ("score", "band"),
        [
            (1, "VERY_RISKY"),
            (699, "VERY_RISKY"),
            (700, "MEDIUM_RISK"),
            (1099, "MEDIUM_RISK"),
            (1100, "LOW_RISK"),
            (1499, "LOW_RISK"),
            (1500, "GOOD"),
            (1699, "GOOD"),
            (1700, "VERY_GOOD"),
            (1900, "VERY_GOOD"),
            (1901, None),
            (None, None),
        ],
    )
    def test_bands_have_the_documented_edges(self, score: int | None, band: str | None) -> None:
        assert band_of(score, "BKN") == band

    def test_a_model_whose_scale_nobody_knows_has_no_band_of_ours(self) -> None:
        assert row(score={"value": 1443, "model": "TKN"})["score_band"] is None
        assert row(score={"value": 1443, "model": "TKN", "band": "GOOD"})["score_band"] == "GOOD"


class TestWhomItIsAbout:
    @pytest.mark.parametrize(
        ("told", "identity_type", "number", "expected"),
        [
            ("COMPANY", "VKN", VKN, "COMPANY"),
            (None, "VKN", VKN, "COMPANY"),
            ("INDIVIDUAL", "VKN", VKN, "INDIVIDUAL"),
            ("SOLE_TRADER", "VKN", VKN, "INDIVIDUAL"),
            ("COMPANY", "TCKN", VKN, "INDIVIDUAL"),
            ("COMPANY", None, VKN, "INDIVIDUAL"),
            ("COMPANY", "VKN", TCKN, "INDIVIDUAL"),
            ("COMPANY", "VKN", None, "INDIVIDUAL"),
            (None, None, None, "INDIVIDUAL"),
        ],
    )
    def test_only_what_is_a_company_by_every_sign_is_one(
        self, told: Any, identity_type: Any, number: Any, expected: str
    ) -> None:
        assert subject_type(told, identity_type, number) == expected


class TestTheReference:
    @pytest.mark.parametrize("reference", [None, "", TCKN, VKN, "Ayşe Örnek", "a b c d", "x" * 65, 12])
    def test_one_that_may_be_personal_is_refused(self, reference: Any) -> None:
        with pytest.raises(ProviderFailure, match="wrong_type field=reference_no"):
            row(referenceNo=reference, reportId=None)

    @pytest.mark.parametrize("said", [TCKN, VKN, "Ayşe Örnek", "x" * 65, ""])
    def test_other_ids_that_may_be_personal_are_left_out(self, said: str) -> None:
        found = row(reportId=said, consentId=said)
        assert (found["reference_no"], found["report_id"], found["consent_id"]) == ("FK2606010000042", None, None)

    def test_a_query_without_one_goes_by_the_gateways_id(self) -> None:
        assert row(referenceNo=None)["reference_no"] == "rpt_20260601_000042"

    def test_a_report_that_fails_adds_nothing(self) -> None:
        found = Taken()
        with pytest.raises(ProviderFailure):
            take_apart(deepcopy(REPORT) | {"accounts": [{"seq": None}]}, found, source="file")
        assert (found.reports, found.children) == ([], {})


lira = st.decimals(min_value=-(10**12), max_value=10**12, places=2)


class TestTurkishSpelling:
    @given(lira)
    def test_an_amount_is_read_as_it_was_printed(self, value: Decimal) -> None:
        printed = f"{value:,.2f}".translate(str.maketrans(",.", ".,"))
        for text in (printed, f"{printed} TL", f" {printed}\u00a0₺"):
            assert turkish_amount(text) == value
            assert amount(text) == value
        assert amount(f"{value:.2f}") == value

    @pytest.mark.parametrize(
        "text", ["1.23,45", "12.34.567", "1,234.56", "1.234.56", "elli", "1e5", "NaN", "--", "1 TL 2"]
    )
    def test_what_is_no_turkish_amount_is_not_guessed(self, text: str) -> None:
        with pytest.raises(ValueError):  # noqa: PT011 - it carries nothing
            turkish_amount(text)

    @pytest.mark.parametrize("text", ["185.000", "-1.250"])
    def test_an_amount_of_two_meanings_is_not_guessed(self, text: str) -> None:
        assert turkish_amount(text) == Decimal(text.replace(".", ""))
        with pytest.raises(ValueError):  # noqa: PT011 - it carries nothing
            amount(text)

    @given(st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1)))  # noqa: DTZ001 - a wall clock
    def test_a_time_is_turkish_local_time(self, wall: datetime) -> None:
        wall = wall.replace(microsecond=0)
        read = moment(wall.strftime("%d.%m.%Y %H:%M:%S"))
        assert read is not None
        assert read == moment(wall.isoformat())
        assert day(wall.strftime("%d.%m.%Y")) == wall.date()

    @pytest.mark.parametrize("text", ["32.01.2026", "01.13.2026", "1.1.2026", "dün"])
    def test_what_is_no_date_is_not_guessed(self, text: str) -> None:
        with pytest.raises(ValueError):  # noqa: PT011 - it carries nothing
            day(text)

    def test_words_are_compared_whatever_their_case(self) -> None:
        assert folded("KREDİ KARTI") == folded("Kredi Kartı") == folded("kredi  kartı ") == "kredi karti"
