from __future__ import annotations

import inspect
import re
from typing import Any

import pytest

from hub.discovery import judgement, keys, meanings, proposal
from hub.discovery.judgement import Finding, judge, judge_table
from hub.discovery.sample import sample_of
from hub.message_texts import TEXTS
from tests.hub.discovery.people import phones, tckns


def judged(heading: str, values: list[Any]) -> Finding:
    sample = sample_of("t", ({heading: value} for value in values), columns=[heading])
    return judge(sample.columns[heading], sample.rows)


def reasons(finding: Finding) -> list[str]:
    return [reason.code for reason in finding.reasons]


NAMES = ["Ayşe Yılmaz", "Mehmet Demir", "Fatma Kaya", "Ali Veli Çelik"] * 5
IBAN = "TR330006100519786457841326"


class TestIdentifiers:
    @pytest.mark.parametrize(
        ("heading", "values", "meaning", "confidence", "reason"),
        [
            ("tckn", tckns(20), "tckn", "high", "scan_values_agree"),
            ("tckn", [int(number) for number in tckns(20)], "tckn", "high", "scan_values_agree"),
            ("xyz", tckns(20), "tckn", "high", "scan_values_alone"),
            ("tckn", [*tckns(10), *(["yok bilgi"] * 10)], "tckn", "medium", "scan_values_partly"),
            ("tckn", ["bilinmiyor"] * 20, "tckn", "low", "scan_values_deny"),
            ("vergi_no", ["4540536920", "1234567890"] * 10, "vkn", "high", "scan_values_agree"),
            ("telefon", phones(20), "phone", "high", "scan_values_agree"),
            ("tckn", phones(20), "phone", "low", "scan_values_say_otherwise"),
            ("not_alani", phones(20), "phone", "high", "scan_values_alone"),
            ("eposta", ["a@ornek.com.tr"] * 20, "email", "high", "scan_values_agree"),
            ("hesap", [IBAN] * 20, "iban", "low", "scan_values_say_otherwise"),
            ("plaka", ["34 ABC 123", "06 A 1234"] * 10, "plate", "high", "scan_values_agree"),
            ("ad_soyad", NAMES, "name", "high", "scan_values_agree"),
            ("soyad", ["Xyzwq", "Qwertp"] * 10, "name", "high", "scan_values_agree"),
            ("soyad", ["xyzwq", "qwertp"] * 10, "name", "medium", "scan_names_by_form"),
            ("sasi_no", ["WVWZZZ1JZXW000001", "NM0AXXTTGA1234567"] * 10, "vin", "high", "scan_values_agree"),
            ("pasaport_no", ["U12345678", "S01234567"] * 10, "passport", "high", "scan_values_agree"),
            ("mac", ["00:1A:2B:3C:4D:5E", "7C-B2-1B-0E-44-9A"] * 10, "device", "high", "scan_values_agree"),
            ("xyz", ["41.0082, 28.9784", "39.9334, 32.8597"] * 10, "position", "high", "scan_values_alone"),
            ("dogum_tarihi", ["15.03.1985", "1.2.1990"] * 10, "birth_date", "high", "scan_values_agree"),
            ("ip_adresi", ["88.1.2.3", "2a02:e0::1"] * 10, "ip", "high", "scan_values_agree"),
            ("enlem", [41.0082, 39.92] * 10, "latitude", "high", "scan_values_agree"),
        ],
    )
    def test_values_confirm_or_contradict_the_heading(
        self, heading: str, values: list[Any], meaning: str, confidence: str, reason: str
    ) -> None:
        finding = judged(heading, values)

        assert (finding.meaning, finding.confidence, reason in reasons(finding)) == (meaning, confidence, True)
        assert bool(finding.review) is (reason not in ("scan_values_agree", "scan_names_by_form"))

    def test_shares_are_of_the_values_that_are_there(self) -> None:
        finding = judged("xyz", [*tckns(9), "serbest", None, "", "NULL", "-"])

        assert finding.evidence.labels["TR_TCKN"] == 0.9
        assert finding.evidence.filled == pytest.approx(10 / 14)

    def test_chance_is_not_taken_for_proof(self) -> None:
        finding = judged("siparis_no", [str(10_000_000_000 + 7 * number) for number in range(500)])

        assert finding.evidence.labels.get("TR_TCKN", 0) < 0.05
        assert finding.meaning in ("id", "reference")
        assert finding.meaning == "id" or finding.review

    def test_a_tenth_of_all_numbers_passes_for_a_tax_number_and_is_not_one(self) -> None:
        finding = judged("kayit_no", [str(1_000_000_007 + 13 * number) for number in range(500)])

        assert "TR_VKN" not in finding.evidence.labels
        assert (finding.meaning, finding.kind) == ("id", "code")


class TestSpecialCategories:
    @pytest.mark.parametrize("values", [["A Rh+", "0 Rh-"], [True, False], ["1", "0"], ["E", "H"]])
    def test_a_heading_that_names_one_decides_whatever_the_values_are(self, values: list[Any]) -> None:
        assert judged("Kan Grubu", values * 5).meaning == "health"
        assert judged("engelli_mi", values * 5).meaning == "health"

    def test_texts_that_speak_of_one_are_marked(self) -> None:
        some = judged("aciklama", ["hastaneye yatırıldı", "teslim edildi", "iade geldi"] * 5)
        most = judged("xyz", ["kemoterapi görüyor", "sendika üyesi", "teslim edildi"] * 5)

        assert (some.meaning, [reason.code for reason in some.review]) == ("free_text", ["scan_special_inside"])
        assert most.meaning == "special_text"

    def test_a_yes_or_no_about_a_person_is_no_harmless_flag(self) -> None:
        assert judged("cinsiyet", ["1", "0"] * 5).meaning == "personal_detail"
        assert judged("hediye", ["1", "0"] * 5).meaning == "flag"


class TestOrdinaryColumns:
    @pytest.mark.parametrize(
        ("heading", "values", "kind", "meaning"),
        [
            ("tutar", ["1.234,50", "12,00"] * 9, "amount", "amount"),
            ("tutar", ["sorunuz"] * 9, "code", "unknown_text"),
            ("siparis_tarihi", ["2026-01-02", "2026-03-04"] * 9, "date", "date"),
            ("tarih", ["1961-01-02", "1975-03-04"] * 9, "date", "birth_date"),
            ("gelis", ["2026-01-02", "2026-03-04"] * 9, "date", "unknown_date"),
            ("durum", ["AÇIK", "KAPALI"] * 9, "code", "code"),
            ("aciklama", ["tamam", "0532 000 00 01 aranacak"] * 9, "free_text", "free_text"),
            ("urun_adi", ["Çelik tencere", "Ahşap masa"] * 9, "code", "thing_name"),
            ("il", ["İzmir", "Ankara"] * 9, "code", "region"),
            ("xyz", list(range(20)), "code", "unknown"),
            ("xyz", [b"\x00\x01"] * 9, "binary", "binary"),
            ("xyz", [None] * 9, "empty", "unknown"),
        ],
    )
    def test_kind_and_meaning_are_guessed(self, heading: str, values: list[Any], kind: str, meaning: str) -> None:
        finding = judged(heading, values)

        assert (finding.kind, finding.meaning) == (kind, meaning)

    def test_what_nobody_knows_is_for_a_person_to_decide(self) -> None:
        for values in (list(range(20)), ["kelime", "sözcük"] * 9, ["2026-01-02"] * 9, [1.5, 2.5]):
            finding = judged("xyz", values)
            assert (finding.confidence, [each.code for each in finding.review]) == ("low", ["scan_unknown_header"])

    def test_a_note_that_mentions_phones_is_not_taken_for_a_phone(self) -> None:
        finding = judged("xyz", [f"müşteri {phone} numarasından aradı" for phone in phones(9)])

        assert (finding.meaning, "scan_found_inside" in reasons(finding)) == ("unknown_text", True)


class TestKeys:
    @staticmethod
    def keys(rows: list[dict[str, Any]], declared: tuple[str, ...] = ()) -> tuple[list[str], list[str]]:
        sample = sample_of("siparisler", rows, columns=list(rows[0]), key=declared)
        found = judge_table(sample)
        return [each.column for each in found if each.key], [each.column for each in found if each.cursor]

    def test_the_sources_own_key_is_believed(self) -> None:
        rows = [{"id": number, "a": 1, "b": number} for number in range(9)]

        assert self.keys(rows, ("a", "b")) == (["a", "b"], [])

    @pytest.mark.parametrize(
        ("columns", "key"),
        [
            (("tutar", "musteri_no", "siparis_no"), "siparis_no"),
            (("musteri_no", "id"), "id"),
            (("aciklama", "fatura_no"), "fatura_no"),
            (("tutar", "aciklama"), None),
        ],
    )
    def test_a_different_number_in_every_row_is_proposed(self, columns: tuple[str, ...], key: str | None) -> None:
        rows = [{column: number * 3 + place for place, column in enumerate(columns)} for number in range(9)]

        assert self.keys(rows)[0] == ([key] if key else [])

    def test_a_number_that_comes_twice_or_is_missing_is_no_key(self) -> None:
        rows: list[dict[str, Any]] = [{"id": number // 2, "fatura_no": number or None} for number in range(9)]

        assert self.keys(rows)[0] == []

    def test_the_time_of_the_last_change_is_the_cursor(self) -> None:
        rows = [
            {"id": n, "created_at": f"2026-01-0{n}T10:00:01", "updated_at": f"2026-02-0{n}T10:01:00"}
            for n in range(1, 9)
        ]

        assert self.keys(rows) == (["id"], ["updated_at"])


def test_every_reason_has_words() -> None:
    modules = (judgement, keys, meanings, proposal)
    told = {code for module in modules for code in re.findall(r'"(scan_[a-z_]+)"', inspect.getsource(module))}

    assert len(told) > 20
    assert told - TEXTS.keys() == set()
