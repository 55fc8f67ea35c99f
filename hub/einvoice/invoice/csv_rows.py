"""Invoices from a spreadsheet: one row a line, rows of one invoice next to each other with the same `invoice`.

Headings are paths of the JSON form: `customer.address.city`, `payments.0.iban`; those of a line begin with `line.`
(`line.quantity`, `line.discounts.0.percent`). What belongs to the whole invoice may stand in each of its rows or in
the first alone. With a semicolon between columns, as Turkish spreadsheets save, a comma may be the decimal mark.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.einvoice.invoice.invoice import Invoice
from hub.einvoice.invoice.reading import parsed
from hub.errors import HubError
from hub.validation import InvalidInput, Problem

KEY = "invoice"
_LINE = "line."
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")
_LIST_INDEX_DIGITS = 5


@dataclass(frozen=True)
class Row:
    """A row with its number in the file (the heading is 1) and what stands in its filled cells."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Group:
    """One invoice's rows: what they say as the JSON form has it, and which of them do not fit together."""

    name: str
    values: Mapping[str, Any] = field(repr=False)
    rows: tuple[Row, ...] = field(repr=False)
    misplaced: tuple[Problem, ...]

    def in_file(self, problem: Problem) -> Problem:
        """A problem of the JSON form, named by row and heading."""
        return Problem(_in_file(problem.field, self.rows), problem.code, problem.params)


def read_csv(content: bytes, *, defaults: Mapping[str, Any] | None = None) -> dict[str, Invoice]:
    """Invoices by the name that the column `invoice` gives them. Nothing is returned when one of them is wrong.

    HubError as `read_groups`, InvalidInput names each field behind its row: `4:line.quantity`.
    """
    found, wrong = read_groups(content)
    invoices: dict[str, Invoice] = {}
    for group in found:
        wrong += group.misplaced
        if group.misplaced:
            continue
        invoice, problems = parsed({**(defaults or {}), **group.values})
        wrong += [group.in_file(problem) for problem in problems]
        if invoice is not None:
            invoices[group.name] = invoice
    if wrong:
        raise InvalidInput(wrong)
    return invoices


def read_groups(content: bytes) -> tuple[list[Group], list[Problem]]:
    """What each invoice's rows say, unread, and the rows of which nobody can say to which invoice they belong.

    HubError `einvoice_csv_encoding`, `einvoice_csv_without_key`, `einvoice_csv_empty`.
    """
    wrong: list[Problem] = []
    apart: dict[str, list[Problem]] = {}
    found: list[Group] = []
    for name, rows in _grouped(_rows(content), wrong, apart).items():
        values, misplaced = _values(rows)
        found.append(Group(name, values, tuple(rows), (*apart.get(name, ()), *misplaced)))
    if not found and not wrong:
        raise HubError("einvoice_csv_empty")
    return found, wrong


def _rows(content: bytes) -> Iterator[Row]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = None
    if text is None:
        raise HubError("einvoice_csv_encoding")
    heading = text.split("\n", 1)[0]
    separator = ";" if heading.count(";") > heading.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    first = next(reader, list[str]())
    names = [name.strip() for name in first]
    if KEY not in names:
        raise HubError("einvoice_csv_without_key", key=KEY)
    for cells in reader:
        filled = {
            name: _plain(cell.strip(), separator) for name, cell in zip(names, cells, strict=False) if cell.strip()
        }
        if filled:
            yield Row(reader.line_num, filled)


def _plain(cell: str, separator: str) -> str:
    if separator == ";" and _DECIMAL_COMMA.fullmatch(cell):
        return cell.replace(",", ".")
    return cell


def _grouped(rows: Iterator[Row], wrong: list[Problem], apart: dict[str, list[Problem]]) -> dict[str, list[Row]]:
    grouped: dict[str, list[Row]] = {}
    last = None
    for row in rows:
        name = row.cells.get(KEY)
        if name is None:
            wrong.append(Problem(f"{row.number}:{KEY}", "field_missing"))
            continue
        if name != last and name in grouped:
            # Two invoices of one name would become one with the lines of both.
            apart.setdefault(name, []).append(Problem(f"{row.number}:{KEY}", "field_rows_apart"))
            continue
        grouped.setdefault(name, []).append(row)
        last = name
    return grouped


def _values(rows: list[Row]) -> tuple[dict[str, Any], list[Problem]]:
    """The nested form of an invoice's rows."""
    flat: dict[str, str] = {}
    lines: list[dict[str, Any]] = []
    wrong: list[Problem] = []
    for row in rows:
        line: dict[str, str] = {}
        for name, cell in row.cells.items():
            if name.startswith(_LINE):
                line[name.removeprefix(_LINE)] = cell
            elif name != KEY and flat.setdefault(name, cell) != cell:
                wrong.append(Problem(f"{row.number}:{name}", "field_rows_differ"))
        lines.append(_nested(line))
    return {**_nested(flat), "lines": lines}, wrong


def _nested(flat: Mapping[str, str]) -> dict[str, Any]:
    """`{"a.b": "1", "c.0": "2"}` as `{"a": {"b": "1"}, "c": ["2"]}`."""
    tree: dict[str, Any] = {}
    groups: dict[str, dict[str, str]] = {}
    for name, cell in flat.items():
        head, dot, rest = name.partition(".")
        if dot:
            groups.setdefault(head, {})[rest] = cell
        else:
            tree[head] = cell
    for head, inner in groups.items():
        tree[head] = _listed(_nested(inner))
    return tree


def _listed(group: dict[str, Any]) -> dict[str, Any] | list[Any]:
    """A group whose names are all numbers is a list, in their order."""
    if all(name.isdigit() and name.isascii() and len(name) < _LIST_INDEX_DIGITS for name in group):
        return [group[name] for name in sorted(group, key=int)]
    return group


def _in_file(field: str, rows: Sequence[Row]) -> str:
    """Where in the file a field of the JSON form stands."""
    inside = re.fullmatch(r"lines\[(\d+)\]\.?(.*)", field)
    if inside:
        return f"{rows[int(inside[1])].number}:{_LINE}{_dotted(inside[2])}"
    return f"{rows[0].number}:{_dotted(field)}"


def _dotted(field: str) -> str:
    return re.sub(r"\[(\d+)\]", r".\1", field)
