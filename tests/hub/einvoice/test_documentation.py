"""The examples of docs/invoices.md are read and built, and its table is the one in force."""

from __future__ import annotations

import re
from pathlib import Path

from hub.einvoice.invoice.csv_rows import read_csv
from hub.einvoice.invoice.pairs import PAIRS
from hub.einvoice.invoice.reading import read_json
from tests.hub.einvoice.judges import package
from tests.hub.einvoice.samples import built, issue_day, supplier

TEXT = (Path(__file__).parents[3] / "docs" / "invoices.md").read_text(encoding="utf-8")


def example(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)
    assert found is not None
    return found[1].replace("2026-03-31", issue_day().isoformat())


def test_the_json_of_the_page_is_an_invoice() -> None:
    invoice = read_json(example("json"), defaults={"supplier": supplier()})

    assert invoice.lines[0].withholding is not None
    assert package().errors(built(invoice)) == []


def test_the_csv_of_the_page_is_two_invoices() -> None:
    found = read_csv(example("csv").encode(), defaults={"supplier": supplier()})

    assert {name: len(invoice.lines) for name, invoice in found.items()} == {"A-1": 2, "A-2": 1}
    assert [package().errors(built(invoice)) for invoice in found.values()] == [[], []]


def test_the_table_of_the_page_is_the_one_in_force() -> None:
    rows = re.findall(r"^\| ([A-Z_]+) \| ([A-Z, ]+) \|$", TEXT, re.MULTILINE)

    assert {profile: tuple(types.split(", ")) for profile, types in rows} == PAIRS
