"""The zip that an envelope travels in: one XML, both named as the envelope, with an MD5 that GİB checks.

Source: GİB, Ek-3 Yazılım Standartları v1.4. What is wrong with a zip that comes in is told by GİB's own code, for that
code is what the sender must be answered with (Ek-2).
"""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from dataclasses import dataclass, field
from datetime import datetime

from connectors.istanbul import ISTANBUL
from hub.einvoice.xml import MAX_BYTES
from hub.errors import HubError

NOT_A_ZIP, WRONG_LENGTH, NOT_OPENED, NOT_ONE_FILE, NOT_XML, XML_NAME, ZIP_NAME = (
    *(1110, 1111, 1130, 1131, 1132, 1133, 1142),
)
_GUID_LENGTH = 36


@dataclass(frozen=True)
class Package:
    """What `sendDocument` takes. Its `repr` shows no content."""

    file_name: str
    content: bytes = field(repr=False)
    hash: str
    """MD5 of the zip, 32 hexadecimal digits."""


def pack(envelope_id: str, xml: bytes, *, at: datetime) -> Package:
    """The zip of an envelope; the same envelope at the same moment gives the same bytes."""
    packed = io.BytesIO()
    stamp = at.astimezone(ISTANBUL).timetuple()[:6]
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        entry = zipfile.ZipInfo(f"{envelope_id}.xml", (stamp[0], stamp[1], stamp[2], stamp[3], stamp[4], stamp[5]))
        entry.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(entry, xml)
    content = packed.getvalue()
    return Package(f"{envelope_id}.zip", content, md5(content))


def unpack(file_name: str, content: bytes) -> bytes:
    """The XML of a zip. Raises HubError `envelope_package_refused` with GİB's code."""
    name, dot, ending = file_name.rpartition(".")
    if not dot or ending.lower() != "zip":
        raise _refused(NOT_A_ZIP)
    if len(name) != _GUID_LENGTH:
        raise _refused(WRONG_LENGTH)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            code = _problem(members, name)
            xml = b"" if code else archive.read(members[0])
    except zipfile.BadZipFile:
        code, xml = NOT_A_ZIP, b""
    except (zlib.error, EOFError, NotImplementedError, RuntimeError, OSError):
        code, xml = NOT_OPENED, b""
    if code:
        raise _refused(code)
    if not xml.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise _refused(NOT_XML)
    return xml


def require_named(envelope_id: str, file_name: str) -> None:
    """That an envelope's own id is its zip's name. Raises HubError `envelope_package_refused`."""
    if f"{envelope_id}.zip".lower() != file_name.lower():
        raise _refused(ZIP_NAME)


def md5(content: bytes) -> str:
    """The hash that GİB asks for: against damage on the way, not against people."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _problem(members: list[zipfile.ZipInfo], name: str) -> int | None:
    if len(members) != 1:
        return NOT_ONE_FILE
    if members[0].file_size > MAX_BYTES:
        return NOT_OPENED
    stem, _dot, ending = members[0].filename.rpartition(".")
    if ending.lower() != "xml":
        return NOT_XML
    return None if stem.lower() == name.lower() else XML_NAME


def _refused(code: int) -> HubError:
    return HubError("envelope_package_refused", gib_code=code)
