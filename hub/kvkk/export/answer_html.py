"""The answer letter as one HTML page that needs nothing from anywhere: readable by people and by screen readers."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hub.kvkk.export.answer import Letter, Part, Table

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}"
    "h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}"
    "table{border-collapse:collapse;width:100%}caption{text-align:left;font-weight:600;padding:.25rem 0}"
    "th,td{border:1px solid #767676;padding:.35rem .5rem;text-align:left;vertical-align:top}th{background:#f0f0f0}"
)


def page(letter: Letter) -> str:
    """The page: language, one main heading, headings in order, tables with header cells."""
    parts = "".join(map(_part, letter.parts))
    title = escape(letter.title)
    return (
        f'<!doctype html><html lang="{escape(letter.language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body><main><h1>{title}</h1>{parts}</main></body></html>\n"
    )


def _part(part: Part) -> str:
    paragraphs = "".join(f"<p>{escape(text)}</p>" for text in part.paragraphs)
    table = _table(part.table, part.heading) if part.table else ""
    return f"<section><h2>{escape(part.heading)}</h2>{paragraphs}{table}</section>"


def _table(table: Table, caption: str) -> str:
    head = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in table.headings)
    rows = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in table.rows)
    return f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
