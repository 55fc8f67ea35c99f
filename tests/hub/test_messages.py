from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from connectors.failure import ProviderFailure
from hub.errors import HubError
from hub.i18n import LOCALE_DIRECTORY, Language, _, catalogue, language_of, parse_language, speaking
from hub.message_texts import TEXTS
from hub.messages import explain, failure_text, text_of
from hub.validation import InvalidInput, Problem
from kvkk_policies.problems import PolicyError
from kvkk_policies.problems import Problem as PolicyProblem
from tests.hub.codes import ROOT, raised_codes

KEYWORDS = {"_": None, "N_": None}
CATALOGUE = LOCALE_DIRECTORY / "tr" / "LC_MESSAGES" / "hub.po"


def placeholders(text: str) -> set[str]:
    return {name for _literal, name, _spec, _conversion in Formatter().parse(text) if name is not None}


@cache
def extracted() -> set[str]:
    return {message for _file, _line, message, *_rest in extract_from_dir(ROOT / "hub", keywords=KEYWORDS) if message}


@cache
def marked() -> set[str]:
    """Texts in calls of `_` and `N_`, those within f-strings too, which pybabel passes over before Python 3.12."""
    return {
        text.value
        for path in (ROOT / "hub").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KEYWORDS
        for text in node.args
        if isinstance(text, ast.Constant) and text.value
    }


def turkish() -> dict[str, str]:
    with CATALOGUE.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id and not message.fuzzy}


def test_every_code_that_is_raised_has_a_text() -> None:
    without = {code: place for code, place in raised_codes().items() if code not in TEXTS}

    assert without == {}


def test_the_search_for_codes_sees_the_ones_it_must() -> None:
    found = raised_codes()

    assert {"tenant_unknown", "credentials_expired", "field_not_a_dns_label", "policy_key_destroyed"} <= set(found)


def test_every_text_has_a_turkish_one_and_no_turkish_one_is_left_over() -> None:
    translated = {message for message, text in turkish().items() if text}

    assert (extracted() | marked()) - translated == set()
    assert translated - extracted() == set()


def test_no_text_stands_within_an_f_string_where_it_is_not_found() -> None:
    """Before Python 3.12 an f-string is one token to whoever looks for texts."""
    suspects = [file for file in (ROOT / "hub").rglob("*.py") if re.search(r"""f["'].*\bN_\(""", file.read_text())]
    within = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for file in suspects
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.JoinedStr)
        and any(isinstance(part, ast.Name) and part.id == "N_" for part in ast.walk(node))
    ]
    assert within == []


def test_turkish_help_says_what_a_command_does_and_gives_no_orders() -> None:
    help_texts = {
        message
        for _file, _line, message, *_rest in extract_from_dir(ROOT / "hub" / "cli", keywords={"N_": None})
        if isinstance(message, str)
    }
    order = re.compile(r"\b(sil|say|koy|et|erdir|listele|kaydet|sorma|göster|yaz|oku|gönder|boşalt|kapat)[.,:;]")

    texts = turkish()
    assert {text for text in help_texts if order.search(texts[text])} == set()


def test_turkish_texts_fill_in_the_same_things() -> None:
    differing = {message for message, text in turkish().items() if placeholders(message) != placeholders(text)}

    assert differing == set()


def test_the_compiled_catalogue_is_the_one_that_stands_in_the_source(tmp_path: Path) -> None:
    with CATALOGUE.open("rb") as source, (tmp_path / "hub.mo").open("wb") as target:
        write_mo(target, read_po(source))

    assert CATALOGUE.with_suffix(".mo").read_bytes() == (tmp_path / "hub.mo").read_bytes()


def test_no_code_has_two_texts() -> None:
    keys = [
        key.value
        for path in sorted((ROOT / "hub" / "message_texts").glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant)
    ]

    assert len(keys) == len(set(keys)) == len(TEXTS)


@pytest.mark.parametrize("language", ["en", "tr"])
def test_every_code_has_words_in_both_languages(language: Language) -> None:
    with speaking(language):
        shown = {code: text_of(code) for code in TEXTS}

    assert all(text and not text.startswith(("Code ", "Kod ")) for text in shown.values())


def test_a_failure_is_explained_with_what_identifies_its_cause() -> None:
    with speaking("tr"):
        text = failure_text("wrong_type", status=200, field="tutar")

    assert text.endswith("(alan tutar, HTTP durumu 200)")


def test_a_wrong_setting_of_an_account_is_not_taken_for_one_of_the_hub() -> None:
    assert "account" in explain(ProviderFailure("permanent", "settings_invalid", field="settlement_directory"))
    assert "HUB_HOME" in explain(HubError("settings_invalid", names="HUB_HOME"))


def test_an_error_is_explained_in_the_readers_language() -> None:
    error = HubError("subdomain_taken", subdomain="deneme")

    with speaking("tr"):
        assert explain(error) == "deneme alt alan adı başka bir kiracının; başka bir ad seçin."
    assert explain(error) == "The subdomain deneme belongs to another tenant; choose another one."
    assert "expired" in explain(ProviderFailure("permanent", "credentials_expired"))


def test_every_wrong_field_has_a_line_of_its_own() -> None:
    error = InvalidInput([Problem("name", "field_empty"), Problem("currency", "field_not_a_currency")])

    assert [line.strip().split(":")[0] for line in explain(error).splitlines()[1:]] == ["name", "currency"]


def test_every_wrong_line_of_a_policy_is_shown_with_file_and_line() -> None:
    file = Path("kvkk_policies/iyzico.yaml")
    error = PolicyError([PolicyProblem(file, 7, "policy_unknown_category", "payments.note", "MONEY")])

    assert explain(error).splitlines()[1].strip() == (
        "kvkk_policies/iyzico.yaml:7: payments.note: MONEY is not a data category."
    )


def test_a_code_without_a_text_is_shown_and_not_swallowed() -> None:
    assert text_of("brand_new", count=3) == "Code brand_new count=3"


def test_a_text_never_fails_for_what_its_error_does_not_carry() -> None:
    assert "?" in explain(HubError("tenant_unknown"))


class TestLanguage:
    @pytest.mark.parametrize(
        ("environment", "language"),
        [
            ({}, "en"),
            ({"LANG": "tr_TR.UTF-8"}, "tr"),
            ({"LANG": "C.UTF-8"}, "en"),
            ({"LC_ALL": "C", "LANG": "tr_TR.UTF-8"}, "en"),
            ({"LC_MESSAGES": "tr_TR", "LANG": "en_US.UTF-8"}, "tr"),
            ({"HUB_LANGUAGE": "tr", "LC_ALL": "en_US.UTF-8"}, "tr"),
            ({"HUB_LANGUAGE": "klingon", "LANG": "tr_TR"}, "tr"),
        ],
    )
    def test_the_hubs_setting_comes_before_the_terminals(self, environment: dict[str, str], language: Language) -> None:
        assert language_of(environment) == language

    def test_a_language_is_known_by_its_tag_in_any_spelling(self) -> None:
        assert [parse_language(tag) for tag in ("tr", "TR", "tr-TR", "tr_TR.UTF-8", "en_GB", "de")] == [
            "tr",
            "tr",
            "tr",
            "tr",
            "en",
            None,
        ]

    def test_speaking_a_language_ends_with_the_block(self) -> None:
        with speaking("tr"):
            assert _("Tenant") == "Kiracı"
        assert _("Tenant") == "Tenant"

    def test_turkish_without_its_catalogue_is_an_error_and_not_silent_english(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setattr("hub.i18n.LOCALE_DIRECTORY", tmp_path)
        catalogue.cache_clear()
        try:
            with pytest.raises(FileNotFoundError):
                catalogue("tr")
        finally:
            catalogue.cache_clear()
