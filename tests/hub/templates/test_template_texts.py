"""What a template may hold and how its values are written; nothing here needs a database."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.control.messaging import MessagingSettings
from hub.templates.new_template import NewTemplate, checked_template
from hub.templates.rendering import render
from hub.templates.sandbox import LONGEST_OUTPUT, LONGEST_SOURCE, problems_of
from hub.templates.store import Template
from hub.templates.variables import TYPES, converted
from hub.validation import InvalidInput

CLOSED = MessagingSettings(opt_out_text="RET yazıp 3333'e gönderin.", sender_title="Deneme Ltd.", mersis="1" * 16)
VARIABLES = {"ad": "text", "tutar": "money", "son_gun": "date", "an": "datetime", "kalemler": "list", "adet": "number"}


def template(text: str, variables: dict[str, str], **changes: Any) -> Template:
    from datetime import UTC, datetime

    new = checked_template(
        {"name": "deneme", "channel": "sms", "kind": "transactional", "text": text, "variables": variables, **changes}
    )
    now = datetime(2026, 1, 5, tzinfo=UTC)
    return Template(
        new.name, new.language, 1, new.channel, new.kind, new.purpose, new.text, new.variables, "test", now, None
    )


def filled(text: str, types: dict[str, str], values: dict[str, Any], **changes: Any) -> str:
    return render(template(text, types, **changes), values, CLOSED).text


def problems(text: str, variables: dict[str, str] | None = None, **changes: Any) -> set[str]:
    with pytest.raises(InvalidInput) as refused:
        template(text, variables or {}, **changes)
    return {problem.code for problem in refused.value.problems}


class TestWriting:
    @pytest.mark.parametrize(
        ("place", "type_", "value", "text"),
        [
            ("{{ v }}", "money", "1234.5", "1.234,50 TL"),
            ("{{ v }}", "money", 12, "12,00 TL"),
            ("{{ v }}", "money", 0.1, "0,10 TL"),
            ("{{ v }}", "money", {"amount": "1000000", "currency": "EUR"}, "1.000.000,00 EUR"),
            ("{{ v|money('USD') }}", "number", "2.345", "2,35 USD"),
            ("{{ v }}", "number", "1234.5", "1.234,5"),
            ("{{ v|number(2) }}", "number", 3, "3,00"),
            ("{{ v }}", "date", "2026-12-31", "31.12.2026"),
            ("{{ v }}", "datetime", "2026-12-31T21:30:00Z", "01.01.2027 00:30"),
            ("{{ v|date }}", "datetime", "2026-12-31T21:30:00Z", "01.01.2027"),
            ("{{ v|time }}", "datetime", "2026-12-31T21:30:00Z", "00:30"),
            ("{{ v }}", "phone", "+90 (532) 000-00-01", "0532 000 00 01"),
            ("{{ v }}", "phone", "+442079460000", "+442079460000"),
            ("{{ v|upper }}", "text", "ılık ikindi", "ILIK İKİNDİ"),
            ("{{ v|lower }}", "text", "ILIK İKİNDİ", "ılık ikindi"),
            ("{{ v|title }}", "text", "iĞDIR ISPARTA", "İğdır Isparta"),
            ("{{ v }}", "bool", True, "evet"),
            ("{{ v }}", "list", ["elma", "armut"], "elma, armut"),
            ("{% for e in v %}{{ e|upper }};{% endfor %}", "list", ["elma", "incir"], "ELMA;İNCİR;"),
            ("{% if v %}var{% else %}yok{% endif %}", "bool", False, "yok"),
            ("Sayın {{ v|default('müşterimiz') }}", "text?", None, "Sayın müşterimiz"),
        ],
    )
    def test_values_are_written_as_turkish_has_them(self, place: str, type_: str, value: Any, text: str) -> None:
        assert filled(place, {"v": type_}, {} if value is None else {"v": value}) == text

    def test_english_has_its_own_marks(self) -> None:
        assert filled("{{ v }} {{ b }}", {"v": "money", "b": "bool"}, {"v": "1234.5", "b": False}, language="en") == (
            "TRY 1,234.50 no"
        )

    def test_what_somebody_writes_into_a_value_is_no_template(self) -> None:
        assert filled("{{ v }}", {"v": "text"}, {"v": "{{ 7*7 }}{% raw %}"}) == "{{ 7*7 }}{% raw %}"

    def test_a_commercial_text_ends_with_how_to_refuse_and_who_sends_it(self) -> None:
        text = filled("İndirim!", {}, {}, kind="commercial", purpose="marketing")
        assert text == f"İndirim!\nRET yazıp 3333'e gönderin. Deneme Ltd. MERSIS {'1' * 16}"
        assert filled("Siparişiniz yolda.", {}, {}) == "Siparişiniz yolda."

    def test_nothing_commercial_is_made_without_them(self) -> None:
        mixed = template("İndirim!", {}, kind="mixed", purpose="marketing")
        assert mixed.kind == "commercial"
        for lacking in (MessagingSettings(opt_out_text="RET"), MessagingSettings(sender_title="Deneme")):
            with pytest.raises(InvalidInput) as refused:
                render(mixed, {}, lacking)
            assert [problem.code for problem in refused.value.problems] == ["messaging_closing_missing"]


class TestEscapes:
    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("{{ ''.__class__.__mro__ }}", "template_not_allowed"),
            ("{{ ad.__class__ }}", "template_not_allowed"),
            ("{{ ad['__class__'] }}", "template_not_allowed"),
            ("{{ ad|attr('__class__') }}", "template_filter_unknown"),
            ("{{ ad|map('upper') }}", "template_filter_unknown"),
            ("{{ ad|upper(x=1) }}", "template_filter_unknown"),
            ("{{ range(10**9) }}", "template_not_allowed"),
            ("{% for x in range(9) %}{% endfor %}", "template_not_allowed"),
            ("{{ 'a' * 10**9 }}", "template_not_allowed"),
            ("{{ '%1000000000d' % 1 }}", "template_not_allowed"),
            ("{{ ad ~ ad }}", "template_not_allowed"),
            ("{{ cycler }}", "template_variable_undeclared"),
            ("{{ self }}", "template_not_allowed"),
            ("{{ self._TemplateReference__context }}", "template_not_allowed"),
            ("{{ loop }}", "template_not_allowed"),
            ("{% set x = 1 %}", "template_not_allowed"),
            ("{% macro m() %}{% endmacro %}", "template_not_allowed"),
            ("{% include 'x' %}", "template_not_allowed"),
            ("{% import 'os' as os %}", "template_not_allowed"),
            ("{% block b %}{% endblock %}", "template_not_allowed"),
            ("{% filter upper %}x{% endfilter %}", "template_not_allowed"),
            ("{% for x in kalemler %}{% for y in kalemler %}{% endfor %}{% endfor %}", "template_loop_wrong"),
            ("{% for x in kalemler %}{% if x %}{% for y in kalemler %}{% endfor %}{% endif %}{% endfor %}",
             "template_loop_wrong"),
            ("{% for x in ad %}{% endfor %}", "template_loop_wrong"),
            ("{% for ad in kalemler %}{% endfor %}", "template_loop_wrong"),
            ("{% for x in kalemler recursive %}{% endfor %}", "template_loop_wrong"),
            ("{{ " + "(" * 1500 + "ad" + ")" * 1500 + " }}", "template_syntax"),
            ("{{ ad", "template_syntax"),
            ("{% if ad %}", "template_syntax"),
            ("x" * (LONGEST_SOURCE + 1), "field_too_long"),
        ],
    )  # fmt: skip
    def test_what_a_message_does_not_need_is_refused_when_it_is_saved(self, text: str, code: str) -> None:
        found = {problem.code for problem in problems_of(text, {"ad": "text", "kalemler": "list"}, "tr")}
        assert code in found

    @pytest.mark.parametrize("place", ["{{ ad|money }}", "{{ ad|number('x') }}", "{{ ad|number(9) }}", "{{ ad|join }}"])
    def test_a_filter_is_tried_on_the_declared_type(self, place: str) -> None:
        assert problems(place, {"ad": "text"}) == {"template_filter_wrong"}

    def test_a_filter_that_does_not_take_what_may_be_absent_is_found(self) -> None:
        assert problems("{{ gun|date }}", {"gun": "date?"}) == {"template_filter_wrong"}
        assert filled("{% if gun %}{{ gun|date }}{% endif %}.", {"gun": "date?"}, {}) == "."

    def test_the_length_of_what_comes_out_is_bounded(self) -> None:
        types = {"kalemler": "list"}
        long = template("{% for x in kalemler %}{{ x }}{% endfor %}", types)
        with pytest.raises(InvalidInput) as refused:
            render(long, {"kalemler": ["x" * 400] * (LONGEST_OUTPUT // 400 + 1)}, CLOSED)
        assert [problem.code for problem in refused.value.problems] == ["template_too_long"]

    @given(text=st.text(alphabet="{}%|.'()[] \nadxforin_0*~+", max_size=60))
    @settings(max_examples=150, deadline=None)
    def test_no_text_breaks_the_check_or_gets_past_it_and_then_breaks(self, text: str) -> None:
        if not text.strip() or problems_of(text, {"ad": "text?"}, "tr"):
            return
        new = NewTemplate("a", "sms", "transactional", text, variables={"ad": "text?"})
        codes: set[str] = set()
        try:
            assert len(filled(new.text, {"ad": "text?"}, {"ad": "Ali"})) <= LONGEST_OUTPUT
        except InvalidInput as refused:
            codes = {problem.code for problem in refused.problems}
        assert codes <= {"template_empty"}


class TestDeclarations:
    @pytest.mark.parametrize(
        ("variables", "code"),
        [
            ({"Ad": "text"}, "template_name_wrong"),
            ({"loop": "list"}, "template_name_wrong"),
            ({"ad": "string"}, "template_type_unknown"),
            ({"ad": 1}, "template_type_unknown"),
            ({"ad": "text", "fazla": "text"}, "template_variable_unused"),
            ({}, "template_variable_undeclared"),
        ],
    )
    def test_every_variable_is_declared_with_a_type_and_used(self, variables: dict[str, Any], code: str) -> None:
        assert code in problems("{{ ad }}", variables)

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"kind": "commercial"}, "template_purpose_missing"),
            ({"kind": "promo"}, "field_not_in_list"),
            ({"channel": "pigeon"}, "field_not_in_list"),
            ({"language": "de"}, "field_not_in_list"),
            ({"name": "Büyük Ad"}, "field_not_a_code"),
            ({"purpose": "Pazarlama!"}, "field_not_a_purpose"),
            ({"extra": 1}, "field_unknown"),
        ],
    )
    def test_a_wrong_field_is_named(self, changes: dict[str, Any], code: str) -> None:
        assert code in problems("Merhaba", {}, **changes)

    @pytest.mark.parametrize(
        ("values", "found"),
        [
            ({}, {"variables.ad": "field_missing"}),
            ({"ad": None}, {"variables.ad": "field_missing"}),
            ({"ad": 5}, {"variables.ad": "template_value_wrong"}),
            ({"ad": "x" * 501}, {"variables.ad": "template_value_wrong"}),
            ({"ad": "a\x00b"}, {"variables.ad": "template_value_wrong"}),
            ({"ad": "Ali", "soyad": "Ak"}, {"variables": "template_variable_unknown"}),
        ],
    )
    def test_a_request_is_held_against_them_before_it_is_queued(
        self, values: dict[str, Any], found: dict[str, str]
    ) -> None:
        with pytest.raises(InvalidInput) as refused:
            render(template("Sayın {{ ad }}", {"ad": "text"}), values, CLOSED)
        assert {problem.field: problem.code for problem in refused.value.problems} == found
        assert "Ali" not in str(refused.value)
        assert "soyad" not in str([problem.params for problem in refused.value.problems])

    @pytest.mark.parametrize("type_", TYPES)
    def test_a_value_of_another_type_is_told_how_to_write_it(self, type_: str) -> None:
        _, (problem,) = converted({"ad": type_}, {"ad": object()})

        assert converted({"ad": type_}, {"ad": json.loads(str(problem.params["example"]))})[1] == []

    @pytest.mark.parametrize(
        ("type_", "wrong"),
        [
            ("money", ["on lira", True, float("nan"), "1e30", {"amount": 1, "currency": "lira"}, {"tutar": 1}]),
            ("date", ["31.12.2026", 20261231, "2026-02-30"]),
            ("datetime", ["2026-01-01T10:00:00", "dün"]),
            ("phone", ["123", 5320000001]),
            ("bool", ["evet", 1]),
            ("list", ["elma", [1], ["x"] * 51]),
            ("number", ["bir", None, "inf"]),
        ],
    )
    def test_a_value_of_another_type_is_refused(self, type_: str, wrong: list[Any]) -> None:
        for value in wrong:
            with pytest.raises(InvalidInput):
                filled("{{ v }}", {"v": type_}, {"v": value})
