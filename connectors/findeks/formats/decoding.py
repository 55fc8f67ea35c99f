"""Bytes to documents: JSON or XML, UTF-8 or windows-1254, told apart by what the bytes say and not by a name."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import Any

from connectors.decode import decode_json
from connectors.failure import ProviderFailure
from connectors.findeks.formats.xml import document_in_xml
from connectors.findeks.settings import Format
from connectors.nested import record_in


def text_in(content: bytes) -> str:
    """The text. UTF-8 goes first whatever a declaration says: Turkish text in windows-1254 is hardly ever valid UTF-8.

    Raises `ProviderFailure` answer_malformed.
    """
    for encoding in (
        ("utf-16",)
        if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        else (
            "utf-8-sig",
            "cp1254",
        )
    ):
        text = _decoded(content, encoding)
        if text is not None:
            return text
    raise ProviderFailure("transient", "answer_malformed")


def format_of(text: str) -> Format:
    """What a text is written in."""
    return "xml" if text.lstrip().startswith("<") else "json"


def documents_in(text: str) -> Iterator[dict[str, Any]]:
    """The reports of a text: one, a list of them, or a list under `items`. Raises `ProviderFailure`."""
    if format_of(text) == "xml":
        yield document_in_xml(text)
        return
    content: Any = decode_json(text.encode("utf-8", "surrogatepass"))
    if isinstance(content, dict) and isinstance(content.get("items"), list):  # pyright: ignore[reportUnknownMemberType]
        content = content["items"]  # pyright: ignore[reportUnknownVariableType]
    for each in content if isinstance(content, list) else [content]:  # pyright: ignore[reportUnknownVariableType]
        yield record_in(each)  # pyright: ignore[reportUnknownArgumentType]


def _decoded(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None
