"""The answer letter as a PDF whose text can be searched and copied, in a typeface that has the Turkish letters.

The typeface is Bitstream Vera, which comes with reportlab under a licence that allows embedding it. It has no lira
sign; TL stands in its place.
"""

from __future__ import annotations

import io
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hub.kvkk.export.answer import Letter, Part, Table

_TEXT, _BOLD = "Vera", "VeraBd"


def document(letter: Letter) -> bytes:
    """The PDF: language, title and outline set, header rows repeated on every page."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.units import mm
    from reportlab.platypus import Paragraph, SimpleDocTemplate

    _register()
    heading, body = _style(_BOLD, 14), _style(_TEXT, 9)
    story: list[Any] = [Paragraph(_markup(letter.title), heading)]
    for part in letter.parts:
        story += _part(part, body)
    target = io.BytesIO()
    made = SimpleDocTemplate(
        target,
        pagesize=A4,
        leftMargin=18 * mm,
        rightMargin=18 * mm,
        topMargin=18 * mm,
        bottomMargin=18 * mm,
        title=letter.title,
        author="Köprü",
        lang=letter.language,
        displayDocTitle=1,
    )
    made.build(story, onFirstPage=_numbered, onLaterPages=_numbered)
    return target.getvalue()


def _part(part: Part, body: Any) -> list[Any]:
    from reportlab.platypus import Paragraph, Spacer

    flow: list[Any] = [_Heading(part.heading, _style(_BOLD, 11))]
    flow += [Paragraph(_markup(text), body) for text in part.paragraphs]
    if part.table:
        flow += [Spacer(1, 4), _table(part.table)]
    return flow


def _table(table: Table) -> Any:
    from reportlab.lib import colors
    from reportlab.platypus import LongTable, Paragraph, TableStyle

    head, cell = _style(_BOLD, 8), _style(_TEXT, 8)
    rows = [[Paragraph(_markup(text), head) for text in table.headings]]
    rows += [[Paragraph(_markup(text), cell) for text in row] for row in table.rows]
    made = LongTable(rows, repeatRows=1)
    made.setStyle(
        TableStyle(
            [
                ("GRID", (0, 0), (-1, -1), 0.4, colors.HexColor("#767676")),
                ("BACKGROUND", (0, 0), (-1, 0), colors.HexColor("#f0f0f0")),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ]
        )
    )
    return made


def _Heading(text: str, style: Any) -> Any:  # noqa: N802 - stands among reportlab's classes
    """A heading that is also an entry of the document's outline."""
    from reportlab.platypus import Paragraph

    class Heading(Paragraph):
        def draw(self) -> None:
            key = f"h-{id(self)}"
            self.canv.bookmarkPage(key)
            self.canv.addOutlineEntry(text, key, level=0)
            super().draw()

    return Heading(_markup(text), style)


def _style(font: str, size: int) -> Any:
    from reportlab.lib.styles import ParagraphStyle

    space = size if font == _BOLD and size > 8 else 2
    return ParagraphStyle(f"{font}{size}", fontName=font, fontSize=size, leading=size * 1.35, spaceBefore=space)


def _numbered(canvas: Any, made: Any) -> None:
    canvas.saveState()
    canvas.setFont(_TEXT, 8)
    canvas.drawRightString(made.pagesize[0] - made.rightMargin, made.bottomMargin / 2, str(made.page))
    canvas.restoreState()


def _markup(text: str) -> str:
    return escape(printable(text))


def printable(text: str) -> str:
    """The text with a question mark for what the typeface does not have, where reportlab would print nothing at all."""
    _register()
    known = _glyphs()
    return "".join(char if ord(char) in known or char.isspace() else "?" for char in text.replace("₺", "TL"))


@cache
def _glyphs() -> frozenset[int]:
    from reportlab.pdfbase import pdfmetrics

    face: Any = pdfmetrics.getFont(_TEXT)
    return frozenset(face.face.charToGlyph)


@cache
def _register() -> None:
    import reportlab
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    fonts = Path(reportlab.__file__).parent / "fonts"
    for name in (_TEXT, _BOLD):
        pdfmetrics.registerFont(TTFont(name, fonts / f"{name}.ttf"))
