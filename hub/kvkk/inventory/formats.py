"""The inventory as a file: CSV, XLSX, HTML or JSON. What stands in a cell is text and never a formula."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal

from hub.i18n import _, language_in_use
from hub.kvkk.html_page import page, table
from hub.kvkk.inventory.measures import MEASURES
from hub.kvkk.inventory.sheet import Sheet, inventory_sheet, measures_sheet
from hub.spreadsheet import sheet

if TYPE_CHECKING:
    from hub.kvkk.inventory.read import Inventory

Format = Literal["csv", "xlsx", "html", "json"]

_WIDEST_COLUMN = 60


def csv_bytes(inventory: Inventory, *, everything: bool) -> bytes:
    """What a spreadsheet in the inventory's language opens."""
    found = inventory_sheet(inventory, everything=everything)
    return sheet(found.headings, found.lines)


def xlsx_bytes(inventory: Inventory, *, everything: bool) -> bytes:
    """Two sheets: the inventory and the measures. Cells are written as texts."""
    import xlsxwriter

    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        book.set_properties({"title": inventory_sheet(inventory).title, "created": _naive(inventory)})
        heading = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "border": 1, "bg_color": "#E8EEF4"}
        )
        cell = book.add_format({"text_wrap": True, "valign": "top", "border": 1})
        for name, its in (
            (_("Inventory"), inventory_sheet(inventory, everything=everything)),
            (_("Measures"), measures_sheet()),
        ):
            page_of_book = book.add_worksheet(name)
            page_of_book.freeze_panes(1, 0)
            page_of_book.set_landscape()
            page_of_book.set_paper(9)  # A4
            page_of_book.fit_to_pages(1, 0)
            page_of_book.repeat_rows(0)
            for column, text in enumerate(its.headings):
                page_of_book.write_string(0, column, text, heading)
                widest = max((len(line[column]) for line in its.lines), default=0)
                page_of_book.set_column(column, column, min(max(widest, len(text)), _WIDEST_COLUMN))
            for row, line in enumerate(its.lines, start=1):
                for column, text in enumerate(line):
                    page_of_book.write_string(row, column, text, cell)
            page_of_book.autofilter(0, 0, max(len(its.lines), 1), len(its.headings) - 1)
    return content.getvalue()


def html_bytes(inventory: Inventory, *, everything: bool) -> bytes:
    """One page that needs nothing from anywhere, to be read or printed."""
    rows, measures = inventory_sheet(inventory, everything=everything), measures_sheet()
    body = _html_table(rows) + _html_table(measures)
    return page(rows.title, body, language=language_in_use(), made_at=inventory.generated_at, wide=True).encode()


def json_bytes(inventory: Inventory, *, everything: bool) -> bytes:
    """The rows with their codes, as machines want them."""
    rows = [_plain(asdict(row)) for row in inventory.rows if everything or row.personal]
    content = {
        "generated_at": inventory.generated_at.isoformat(),
        "controller": inventory.owner,
        "rows": rows,
        "measures": [asdict(each) | {"text": _(each.text)} for each in MEASURES],
    }
    return json.dumps(content, ensure_ascii=False, indent=2, default=str).encode() + b"\n"


WRITERS: dict[Format, Callable[..., bytes]] = {
    "csv": csv_bytes,
    "xlsx": xlsx_bytes,
    "html": html_bytes,
    "json": json_bytes,
}


def _html_table(its: Sheet) -> str:
    return table(its.title, its.headings, its.lines)


def _naive(inventory: Inventory) -> Any:
    return inventory.generated_at.replace(tzinfo=None)


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Without the places in policy files, which say nothing outside the repository."""
    for listed in (row["changes"], row["transfers"] or ()):
        for each in listed:
            each.pop("line", None)
    return row
