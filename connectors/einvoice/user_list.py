"""GİB's list of registered users, hundreds of megabytes of XML in a zip: read as a stream, one taxpayer at a time.

Shape: GİB, UserList Kılavuzu v1.0 (April 2026). Integrators may fetch it once an hour at most.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from connectors.einvoice.contract import Alias, Taxpayer
from connectors.failure import ProviderFailure
from connectors.istanbul import ISTANBUL

_etree: Any = import_module("lxml.etree")
_LONGEST_LIST = 4 * 1024 * 1024 * 1024
"""Bytes after unpacking: several times what the list has."""
LIST_TIMEOUT_SECONDS = 600.0
LONGEST_PACKED_LIST = 512 * 1024 * 1024
"""Bytes of an answer that holds the list, packed and as base64."""


def read_user_list(zipped: bytes, *, document: str = "Invoice") -> Iterator[Taxpayer]:
    """Every user with an alias for that kind of document, living or dead. Raises `ProviderFailure` answer_malformed."""
    malformed = ProviderFailure("transient", "answer_malformed")
    try:
        with zipfile.ZipFile(io.BytesIO(zipped)) as archive:
            (member,) = archive.infolist()
            if member.file_size > _LONGEST_LIST:
                raise malformed
            with archive.open(member) as content:
                yield from _users(content, document)
    except (zipfile.BadZipFile, zlib.error, ValueError, EOFError, RuntimeError, _etree.XMLSyntaxError):
        broken = True
    else:
        broken = False
    # Outside of the handler: a syntax error quotes the document.
    if broken:
        raise malformed


def _users(content: Any, document: str) -> Iterator[Taxpayer]:
    reading = _etree.iterparse(
        content, events=("end",), tag="User", resolve_entities=False, no_network=True, load_dtd=False
    )
    for _event, user in reading:
        aliases = tuple(
            _alias(alias, name.text.strip())
            for each in user.iterfind("Documents/Document")
            if each.get("type") == document
            for alias in each.iterfind("Alias")
            for name in alias.iterfind("Name")
            if name.text
        )
        if aliases:
            number, title = user.findtext("Identifier") or "", user.findtext("Title") or ""
            yield Taxpayer(number.strip(), title.strip(), aliases)
        # What was read stays in the tree otherwise, all of it.
        user.clear()
        while user.getprevious() is not None:
            del user.getparent()[0]


def _alias(alias: Any, name: str) -> Alias:
    return Alias(name, moment(alias.findtext("CreationTime")), moment(alias.findtext("DeletionTime")))


def moment(text: str | None) -> datetime | None:
    """A time as GİB and integrators write it, with or without offset (then Istanbul's); None when unreadable."""
    if not text or not text.strip():
        return None
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return (found.replace(tzinfo=ISTANBUL) if found.tzinfo is None else found).astimezone(UTC)
