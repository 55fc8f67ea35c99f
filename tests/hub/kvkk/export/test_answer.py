"""The letter as a PDF: every Turkish letter of the catalogue is there, and nothing vanishes."""

from __future__ import annotations

from html import escape

import pytest
from babel.messages.extract import extract_from_dir

from hub.i18n import _, speaking
from hub.kvkk.export.answer import Letter, Part, Table
from hub.kvkk.export.answer_html import page
from hub.kvkk.export.answer_pdf import document, printable
from hub.kvkk.export.own import KIND_NAMES
from hub.kvkk.export.words import period
from kvkk_policies.detect.span import LABELS
from tests.hub.codes import ROOT

HARD = 'Çiğdem\'in "Şişli" <b>& Iğdır</b>'


@pytest.fixture
def letter() -> Letter:
    return Letter("tr", "Başvurunuza yanıt", [Part(HARD, [HARD], Table([HARD], [[HARD]] * 100))])


def test_the_typeface_has_every_letter_of_the_turkish_texts() -> None:
    ours = extract_from_dir(ROOT / "hub" / "kvkk" / "export", keywords={"_": None, "N_": None})
    with speaking("tr"):
        texts = [_(str(message)) for _file, _line, message, *_rest in ours]

    assert len(texts) > 100
    assert [text for text in texts if printable(text) != text] == []


def test_what_the_typeface_does_not_have_is_seen_to_be_missing() -> None:
    assert printable("12 ₺ 😀 ğ") == "12 TL ? ğ"


def test_markup_in_a_value_is_text(letter: Letter) -> None:
    shown = page(letter)

    assert escape(HARD) in shown
    assert "<b>" not in shown


def test_the_pdf_names_its_language_and_title_and_repeats_headings_on_new_pages(letter: Letter) -> None:
    content = document(letter)

    assert b"/Lang (tr)" in content
    assert b"/DisplayDocTitle true" in content
    assert b"/Outlines" in content
    assert content.count(b"/Type /Page\n") + content.count(b"/Type /Page ") >= 3
    assert b"/ToUnicode" in content


def test_everything_that_is_taken_out_of_a_text_has_a_name() -> None:
    assert {label.kind for label in LABELS.values()} <= KIND_NAMES.keys()


@pytest.mark.parametrize(
    ("duration", "words"),
    [("P10Y", "10 year(s)"), ("P1Y6M", "1 year(s), 6 month(s)"), ("P90D", "90 day(s)"), ("odd", "odd")],
)
def test_periods_are_said_in_words(duration: str, words: str) -> None:
    assert period(duration) == words
