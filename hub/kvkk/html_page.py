"""Pages for the Board and for people: one file that needs nothing from anywhere, accessible and printable."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from hub.i18n import _

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from hub.i18n import Language

_ISTANBUL = ZoneInfo("Europe/Istanbul")
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}"
    "body.wide{max-width:none}"
    "h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}"
    "table{border-collapse:collapse;width:100%;margin:1rem 0}"
    "caption{text-align:left;font-weight:600;padding:.25rem 0}"
    "th,td{border:1px solid #767676;padding:.35rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}"
    "th{background:#f0f0f0}tr{break-inside:avoid}thead{display:table-header-group}"
    ".scroll{overflow-x:auto}.wide table{font-size:.8rem}.wide th{min-width:6rem}"
    ".missing{font-weight:700;color:#8a1c00;background:#fff3ef}"
    "@media print{@page{size:A4;margin:15mm}body{margin:0;padding:0;max-width:none;font-size:11pt}"
    ".wide table{font-size:5pt}.wide th{min-width:0}.scroll{overflow:visible}.missing{border-left:3pt solid #8a1c00}}"
)


def page(title: str, body: str, *, language: Language, made_at: datetime, wide: bool = False) -> str:
    """A page with one main heading over `body`, which is HTML already. The title is text."""
    made = _("Made on {time} (Istanbul)").format(time=f"{made_at.astimezone(_ISTANBUL):%d.%m.%Y %H:%M}")
    size = "<style>@media print{@page{size:A3 landscape}}</style>" if wide else ""
    return (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style>{size}</head>"
        f"<body{' class=wide' if wide else ''}><main><h1>{escape(title)}</h1><p>{escape(made)}</p>{body}</main>"
        "</body></html>\n"
    )


def table(caption: str, headings: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """A table of texts with header cells; it can be scrolled by keyboard where it is too wide."""
    head = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in headings)
    rows = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in line) + "</tr>" for line in lines)
    return (
        f'<div class="scroll" role="region" aria-label="{escape(caption)}" tabindex="0"><table>'
        f"<caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )
