from __future__ import annotations

from typing import Any

import pytest

from connectors.actions import Problem, Recipient
from connectors.netgsm.actions import KINDS, OTP, SMS, WHATSAPP_OTP
from connectors.netgsm.payloads import iys_filter, recipient, segments
from tests.connectors.netgsm.acting import TO, sms


def found(problems: Any) -> list[tuple[str, str]]:
    return [(problem.path, problem.code) for problem in problems]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"to": None}, ("to", "field_missing")),
        ({"to": "+902121234567"}, ("to", "sms_phone_not_mobile")),
        ({"to": "+4915112345678"}, ("to", "sms_phone_not_mobile")),
        ({"to": 905321234567890}, ("to", "sms_phone_not_mobile")),
        ({"text": None}, ("text", "field_missing")),
        ({"text": "  \n"}, ("text", "field_empty")),
        ({"text": 7}, ("text", "field_wrong")),
        ({"text": "\ud800"}, ("text", "field_wrong")),
        ({"text": "a" * 913}, ("text", "sms_text_too_long")),
        ({"text": "ş" * 442}, ("text", "sms_text_too_long")),
        ({"text": "😀", "encoding": "TR"}, ("text", "sms_letters_outside")),
        ({"encoding": "tr"}, ("encoding", "field_not_in_list")),
        ({"commercial": "no"}, ("commercial", "field_not_in_list")),
        ({"commercial": True}, ("recipient_type", "field_missing")),
        ({"commercial": True, "recipient_type": "SAHIS"}, ("recipient_type", "field_not_in_list")),
        ({"header": "AB"}, ("header", "sms_header_malformed")),
        ({"header": "TWELVELETTERS"}, ("header", "sms_header_malformed")),
        ({"header": "ŞİRKET"}, ("header", "sms_header_malformed")),
        ({"start": "yarın"}, ("start", "field_not_a_date")),
        ({"start": "2026-11-20T10:00:00"}, ("start", "field_not_a_date")),
        ({"stop": "2026-11-20T10:00:00+03:00"}, ("start", "field_missing")),
        (
            {"start": "2026-11-20T10:00:00+03:00", "stop": "2026-11-20T10:30:00+03:00"},
            ("stop", "sms_schedule_gap"),
        ),
        (
            {"start": "2026-11-20T10:00:00+03:00", "stop": "2026-11-21T07:00:01+03:00"},
            ("stop", "sms_schedule_gap"),
        ),
        (
            {"start": "2026-11-20T10:00:00+03:00", "commercial": True, "recipient_type": "TACIR"},
            ("start", "sms_commercial_scheduled"),
        ),
        ({"comercial": True}, ("comercial", "field_unknown")),
        ({"0532 123 45 67": True}, ("?", "field_unknown")),
        ({"template": 7}, ("template", "field_wrong")),
    ],
)
def test_each_wrong_field_of_an_sms_is_named(change: dict[str, Any], problem: tuple[str, str]) -> None:
    assert found(SMS.check(sms(**change))) == [problem]


@pytest.mark.parametrize(
    "payload",
    [
        sms(),
        sms("0532 123 45 67"),
        {"to": TO, "text": "Merhaba"},
        sms(text="a" * 912),
        sms(text="Kâğıt", encoding="GSM"),
        sms(text="😀" * 195),
        sms(commercial=True, recipient_type="TACIR", header="8503030303", template="kampanya"),
        sms(start="2026-11-20T10:00:00+03:00", stop="2026-11-21T07:00:00+03:00"),
    ],
)
def test_a_right_sms_has_no_problems(payload: dict[str, Any]) -> None:
    assert SMS.check(payload) == []


@pytest.mark.parametrize(
    ("payload", "problems"),
    [
        ({"to": TO, "text": "Kod 1234"}, []),
        ({"to": TO, "text": "a" * 155}, []),
        ({"to": TO, "text": "a" * 156}, [("text", "sms_otp_too_long")]),
        ({"to": TO, "text": "Şifreniz 1234"}, [("text", "sms_otp_turkish")]),
        ({"to": TO, "text": "Sifre: ü"}, [("text", "sms_otp_turkish")]),
        ({"to": TO, "text": "Kod “1234”"}, [("text", "sms_letters_outside")]),
        ({"to": "+902121234567"}, [("to", "sms_phone_not_mobile"), ("text", "field_missing")]),
        ({"to": TO, "text": "Kod", "start": "2026-11-20T10:00:00+03:00"}, [("start", "field_unknown")]),
    ],
)
def test_a_one_time_password_is_one_part_of_plain_letters(
    payload: dict[str, Any], problems: list[tuple[str, str]]
) -> None:
    assert found(OTP.check(payload)) == problems


@pytest.mark.parametrize(
    ("payload", "problems"),
    [
        ({"to": TO, "code": "123456"}, []),
        ({"to": TO}, [("code", "field_missing")]),
        ({"to": TO, "code": "12"}, [("code", "sms_code_malformed")]),
        ({"to": TO, "code": 123456}, [("code", "sms_code_malformed")]),
        ({"code": "123456"}, [("to", "field_missing")]),
    ],
)
def test_a_whatsapp_password_is_a_number_and_a_code(payload: dict[str, Any], problems: list[tuple[str, str]]) -> None:
    assert found(WHATSAPP_OTP.check(payload)) == problems


def test_no_problem_repeats_a_value() -> None:
    problems: list[Problem] = [
        *SMS.check(sms("+90532000", "gizli 😀" * 200, encoding="TR", recipient_type="gizli", start="gizli")),
        *SMS.check({"gizli alan": "gizli"}),
    ]
    assert len(problems) > 6
    assert not any("gizli" in repr(problem) or "532000" in repr(problem) for problem in problems)


def test_a_merchant_and_an_individual_have_filters_of_their_own() -> None:
    kinds = [
        {"to": TO, "text": "x"},
        sms(),
        sms(commercial=True, recipient_type="BIREYSEL"),
        sms(commercial=True, recipient_type="TACIR"),
    ]
    assert [iys_filter(each) for each in kinds] == ["0", "0", "11", "12"]


@pytest.mark.parametrize("to", ["+905321234567", "05321234567", "5321234567", "0 (532) 123 45 67", "905321234567"])
def test_the_recipient_is_canonical_in_any_spelling(to: str) -> None:
    assert recipient({"to": to}) == Recipient("phone", TO)


def test_a_cost_is_parts_times_the_price_of_a_part() -> None:
    cost = SMS.cost(sms(text="ş" * 100), {"sms_part_price": "0,25"})
    assert (cost.units, str(cost.amount), cost.currency) == (2, "0.50", "TRY")
    assert SMS.cost(sms(), {}).amount == 0
    assert str(OTP.cost({"to": TO, "text": "1"}, {"otp_price": 0.3}).amount) == "0.3"
    assert str(WHATSAPP_OTP.cost({"to": TO, "code": "1234"}, {"whatsapp_otp_price": "1.5"}).amount) == "1.5"


def test_a_summary_says_nothing_of_text_or_recipient() -> None:
    shown = SMS.summary(sms(text="Ayşe Hanım", template="teslimat"))
    assert shown == {
        "parts": 1,
        "characters": 12,
        "encoding": "TR",
        "purpose": "informational",
        "template": "teslimat",
    }
    assert OTP.summary({"to": TO, "text": "Kod 1234"}) == {}


def test_the_text_that_is_sent_is_the_one_that_was_counted() -> None:
    assert segments(sms(text="Kâğıt", encoding="GSM")).text == "Kagit"
    assert segments(sms(text="Kâğıt")).encoding == "UNICODE"


def test_what_cannot_wait_expires_when_netgsm_gives_it_up() -> None:
    urgent = [kind for kind in KINDS if kind.urgent]
    assert {kind.name for kind in urgent} == {"netgsm.otp", "netgsm.whatsapp_otp"}
    for kind in urgent:
        assert kind.expires_after is not None
        assert kind.expires_after.total_seconds() == 180
        assert kind.asking == "never"
