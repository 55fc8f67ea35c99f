"""What integrators make of an invoice for people: a page and a PDF, both as small as they can be."""

from __future__ import annotations

from html import escape


def as_html(number: str, ettn: str) -> bytes:
    """A page that names the document."""
    return f"<!doctype html><html><body><h1>{escape(number)}</h1><p>{escape(ettn)}</p></body></html>".encode()


def as_pdf(number: str) -> bytes:
    """A PDF with one empty page, whose title is the number."""
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
        f"<</Title({number})>>".encode(),
    ]
    body, places = b"%PDF-1.4\n", list[int]()
    for index, part in enumerate(parts, start=1):
        places.append(len(body))
        body += f"{index} 0 obj".encode() + part + b"endobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    trailer = f"trailer<</Size 5/Root 1 0 R/Info 4 0 R>>\nstartxref\n{len(body)}\n%%EOF"
    return body + f"xref\n0 5\n0000000000 65535 f \n{table}{trailer}".encode()
