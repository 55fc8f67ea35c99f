"""A CSV opens in the reader's spreadsheet by a double click, runs nothing there, and comes back as it was."""

from __future__ import annotations

import ast
import csv
import io
from decimal import Decimal
from pathlib import Path

import pytest

from hub.i18n import Language, speaking
from hub.spreadsheet import guarded, read_sheet, sheet

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("language", "line"), [("tr", "Şişli;-12,50;7;"), ("en", "Şişli,-12.50,7,")])
def test_cells_and_decimals_are_split_as_the_language_does_and_the_mark_says_utf8(
    language: Language, line: str
) -> None:
    with speaking(language):
        content = sheet(["a", "b", "c", "d"], [["Şişli", Decimal("-12.50"), 7, None]])

    assert content.startswith(b"\xef\xbb\xbfa")
    assert content.decode("utf-8-sig").split("\r\n")[1] == line


@pytest.mark.parametrize("text", ["=1+1", "+905320001122", "-3", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1"])
@pytest.mark.parametrize("language", ["tr", "en"])
def test_a_text_that_a_spreadsheet_would_run_begins_with_an_apostrophe(language: Language, text: str) -> None:
    assert guarded(text) == f"'{text}"
    with speaking(language):
        content = sheet([text], [[text]])
    splits = {"tr": ";", "en": ","}[language]
    assert (
        list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=splits)) == [[f"'{text}"]] * 2
    )


@pytest.mark.parametrize("splits", [",", ";"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_what_a_spreadsheet_of_either_language_saved_is_read(splits: str, mark: str) -> None:
    saved = f'{mark}id{splits}ref\r\n1{splits}"a;b,c"\r\n'

    assert list(read_sheet(io.StringIO(saved, newline=""))) == [{"id": "1", "ref": "a;b,c"}]


def test_no_other_module_writes_csv_for_people() -> None:
    writers = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "hub").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("csv.writer", "csv.DictWriter")
    }

    assert writers == {"hub/spreadsheet.py"}
